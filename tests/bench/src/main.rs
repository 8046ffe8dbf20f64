//! Measures mineclifford on a terminal of 200x50, and oxker beside it. Prints a table; judges nothing by its exit code.
//!
//! `measure MINECLIFFORD OXKER [SECTION…]`; OXKER may be `-`. Sections: start idle still budget keys console typed order fleet flood backup, and
//! of a service scrape cycle resident viewers soak.

mod backups;
mod budget;
mod console;
mod figures;
mod ground;
mod lists;
mod memory;
mod program;
mod service;
mod socket;
mod viewers;

use std::{env, ffi::OsString, path::PathBuf};

use anyhow::{Context, Result};

/// What every measurement needs.
pub struct Bench {
    /// The program that is measured.
    pub ours: PathBuf,
    /// The one beside it, where it is there.
    pub theirs: Option<PathBuf>,
    /// A folder that is removed at the end.
    pub folder: tempfile::TempDir,
    /// What was measured.
    pub table: figures::Table,
}

impl Bench {
    /// Arguments of the dashboard with a database of its own, on this Docker engine or the usual one.
    pub fn arguments(&self, database: &str, docker: Option<&str>) -> Vec<OsString> {
        let mut arguments = vec!["--data-dir".into(), self.folder.path().join(database).into_os_string()];
        if let Some(docker) = docker {
            arguments.extend(["--docker".into(), docker.into()]);
        }
        arguments
    }
}

type Section = fn(&mut Bench) -> Result<()>;

const SECTIONS: &[(&str, Section)] = &[
    ("start", lists::start),
    ("idle", lists::idle),
    ("still", lists::still),
    ("budget", budget::all),
    ("keys", lists::keys),
    ("console", console::latency),
    ("typed", console::typed),
    ("order", console::order),
    ("fleet", memory::fleet),
    ("flood", memory::flood),
    ("scrape", service::scrape),
    ("cycle", service::cycle),
    ("resident", service::resident),
    ("viewers", viewers::viewers),
    ("soak", service::soak),
    ("backup", backups::run),
];

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let ours = arguments.next().context("usage: measure MINECLIFFORD OXKER [SECTION…]")?;
    let theirs = arguments.next().filter(|path| path != "-");
    let wanted: Vec<_> = arguments.collect();
    let mut bench = Bench {
        ours: ours.into(),
        theirs: theirs.map(PathBuf::from),
        folder: tempfile::tempdir()?,
        table: figures::Table::default(),
    };
    for (name, section) in SECTIONS {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            eprintln!("{name}");
            // What cannot be measured is said, and the rest goes on.
            if let Err(error) = section(&mut bench) {
                let text = format!("not measured: {error:#}");
                let first = text.lines().next().unwrap_or_default().to_owned();
                eprintln!("  {text}");
                bench.table.add(name, "", figures::Figure::words(first, None), None);
            }
        }
    }
    bench.table.print();
    Ok(())
}
