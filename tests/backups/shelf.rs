//! Backups as the command line has them.

use std::path::Path;

use serde_json::Value;

use crate::program::Program;

/// All backups, newest first.
#[track_caller]
pub fn list(program: &Program) -> Vec<Value> {
    let all = program.run(&["backup", "list", "--json"]).ends(0).json();
    all.as_array().expect("an array").clone()
}

/// One of them.
#[track_caller]
pub fn show(program: &Program, id: &str) -> Value {
    let found = list(program).into_iter().find(|one| one["id"] == id);
    found.unwrap_or_else(|| panic!("{id} is not listed"))
}

/// Backs a server up; the new backup's id.
#[track_caller]
pub fn back_up(program: &Program, server: &str) -> String {
    let before = list(program);
    program.run(&["backup", "create", server]).ends(0);
    let new: Vec<_> =
        list(program).into_iter().filter(|one| before.iter().all(|old| old["id"] != one["id"])).collect();
    assert_eq!(new.len(), 1, "{new:?}");
    assert_eq!(new[0]["state"], "good");
    id(&new[0])
}

pub fn id(backup: &Value) -> String {
    backup["id"].as_str().expect("an id").to_owned()
}

/// What a restore of everything prints, with its exit code.
#[track_caller]
pub fn restore(program: &Program, backup: &str, more: &[&str]) -> Value {
    let line = [&["backup", "restore", backup, "--yes", "--json"], more].concat();
    program.run(&line).ends(0).json()
}

/// What lies beside whole archives in a folder: what is not finished, or has lost its other half.
pub fn litter(folder: &Path) -> Vec<String> {
    let Ok(listed) = std::fs::read_dir(folder) else { return Vec::new() };
    let names: Vec<String> =
        listed.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    let whole = |name: &String| match name.strip_suffix(".json") {
        Some(archive) => names.iter().any(|other| other == archive),
        None => names.contains(&format!("{name}.json")),
    };
    names.iter().filter(|name| !whole(name)).cloned().collect()
}
