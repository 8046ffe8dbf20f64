//! Parts of docs/ are made from the program itself, and links lead somewhere; this checks both.
//!
//! `UPDATE_DOCS=1 cargo test --test docs` writes the made parts anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{collections::BTreeSet, fmt::Write as _, fs, path::PathBuf};

use clap::CommandFactory as _;
use mineclifford::{
    cli::args::Cli,
    minecraft::{
        explain::{Cause, End, explain},
        log::Problem,
    },
    model::State,
    tui::{
        action::{ALL, Place},
        input::{Keymap, keymap},
        theme,
    },
};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A file, the name of a part of it, and what that part must be.
type Made = (&'static str, &'static str, String);

fn made() -> Vec<Made> {
    vec![
        ("docs/keys.md", "keys", keys()),
        ("docs/command-line.md", "commands", commands()),
        ("docs/configuration.md", "settings", settings()),
        ("docs/configuration.md", "themes", names(theme::SHIPPED)),
        ("docs/configuration.md", "keymaps", names(keymap::SHIPPED)),
        ("docs/troubleshooting.md", "explanations", explanations()),
    ]
}

#[test]
fn made_parts_are_current() {
    let update = std::env::var_os("UPDATE_DOCS").is_some();
    let mut stale = Vec::new();
    for (file, part, wanted) in made() {
        let path = root().join(file);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
        let begin = format!("<!-- made: {part} -->\n");
        let end = format!("<!-- end: {part} -->");
        let from = text.find(&begin).unwrap_or_else(|| panic!("{file} has no {begin:?}")) + begin.len();
        let to = from + text[from..].find(&end).unwrap_or_else(|| panic!("{file} has no {end:?}"));
        let wanted = format!("\n{}\n\n", wanted.trim());
        if text[from..to] == wanted {
            continue;
        }
        if update {
            fs::write(&path, format!("{}{wanted}{}", &text[..from], &text[to..])).unwrap();
        } else {
            stale.push(format!("{file} ({part})"));
        }
    }
    assert!(
        stale.is_empty(),
        "no longer as the program is: {}; UPDATE_DOCS=1 cargo test --test docs writes them anew",
        stale.join(", ")
    );
}

/// Text that can stand in a table's cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;").replace('\n', " ")
}

fn keys() -> String {
    let (keymap, problems) = Keymap::load(None, None);
    assert!(problems.is_empty(), "{problems:?}");
    let mut out = String::new();
    for place in Place::ALL {
        let mut rows = String::new();
        for info in ALL {
            let keys: Vec<String> = keymap
                .bindings()
                .iter()
                .filter(|binding| binding.when.place == *place && binding.action == info.action)
                .map(|binding| format!("`{}`", cell(&binding.label())))
                .collect();
            if !keys.is_empty() {
                let _ = writeln!(rows, "| {} | {} | `{}` |", keys.join(" "), cell(info.about), info.id);
            }
        }
        if !rows.is_empty() {
            let _ = writeln!(
                out,
                "## {}\n\n| Keys | What it does | Name in keymaps |\n|---|---|---|\n{rows}",
                place.heading()
            );
        }
    }
    out
}

fn commands() -> String {
    let mut program = Cli::command();
    program.build();
    let mut out = String::new();
    describe(&program, "mineclifford", &mut out);
    out
}

fn describe(command: &clap::Command, name: &str, out: &mut String) {
    let heading = if name.contains(' ') { "###" } else { "##" };
    let mut command = command.clone().term_width(100).bin_name(name);
    let help = command.render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    let _ = writeln!(out, "{heading} `{name}`\n\n```text\n{}\n```\n", help.join("\n").trim_end());
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help") {
        describe(sub, &format!("{name} {}", sub.get_name()), out);
    }
}

fn settings() -> String {
    let text = fs::read_to_string(root().join("config.example.toml")).unwrap();
    format!("```toml\n{}\n```", text.trim_end())
}

fn names(shipped: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (name, text) in shipped {
        let about = text.lines().find_map(|line| line.strip_prefix("about = ")).expect("it says what it is");
        let _ = writeln!(out, "- `{name}`: {}", about.trim_matches('"'));
    }
    out
}

/// An end that is explained by each cause.
fn end_of(cause: Cause) -> (Option<i64>, bool, Vec<Problem>, Option<std::time::Duration>) {
    let of = |code, problem| (Some(code), false, vec![problem], None);
    match cause {
        Cause::Eula => of(1, Problem::EulaMissing),
        Cause::OomContainer => (Some(137), true, Vec::new(), None),
        Cause::OomHeap => of(0, Problem::OutOfMemoryHeap),
        Cause::OomHost => of(1, Problem::OutOfMemoryHost),
        Cause::Port => of(0, Problem::PortBind),
        Cause::Java => of(1, Problem::WrongJava { needs: 21 }),
        Cause::Disk => of(1, Problem::DiskFull),
        Cause::Locked => of(1, Problem::SessionLocked),
        Cause::Permission => of(2, Problem::PermissionDenied),
        Cause::Download => of(1, Problem::DownloadFailed { code: None }),
        Cause::Crash => of(0, Problem::ServerCrashed),
        Cause::Watchdog => of(1, Problem::Watchdog { seconds: 60 }),
        Cause::Killed => (Some(137), false, Vec::new(), None),
        Cause::ShortGrace => (Some(137), false, Vec::new(), Some(std::time::Duration::from_secs(75))),
        Cause::CleanExit => (Some(0), false, Vec::new(), None),
        Cause::Unknown => (Some(1), false, Vec::new(), None),
    }
}

fn explanations() -> String {
    let mut out = String::from("| Code | What happened | What it means | What to do |\n|---|---|---|---|\n");
    for cause in Cause::ALL {
        let (exit_code, oom_killed, problems, stop_asked) = end_of(*cause);
        let told = explain(&End { exit_code, oom_killed, problems: &problems, stop_asked, ..End::default() });
        assert_eq!(told.code, cause.code());
        let [what, means, next] = [told.what, told.means, told.next].map(|text| cell(&text));
        let _ = writeln!(out, "| `{}` | {what} | {means} | {next} |", told.code);
    }
    out
}

/// Every page for people, with its text.
fn pages() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for folder in [root(), root().join("docs")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "md") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(found.len() >= 10, "only {} pages were found", found.len());
    found
}

/// The targets of a page's links and pictures, without those that lead out.
fn links(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("](") {
        let target = &text[at + 2..];
        found.extend(target.find(')').map(|end| &target[..end]));
    }
    for (at, mark) in text.match_indices("src=\"").chain(text.match_indices("href=\"")) {
        let target = &text[at + mark.len()..];
        found.extend(target.find('"').map(|end| &target[..end]));
    }
    found.retain(|link| !link.contains("://"));
    found
}

/// How a page names a heading in its links.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase().replace(' ', "-");
    kept.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect()
}

#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    let mut seen = 0;
    for (path, text) in pages() {
        for link in links(&text) {
            seen += 1;
            let (file, part) = link.split_once('#').map_or((link, None), |(file, part)| (file, Some(part)));
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            if !target.exists() {
                broken.push(format!("{}: {link}", path.display()));
            } else if let Some(part) = part {
                let text = fs::read_to_string(&target).unwrap();
                let mut headings = text.lines().filter(|line| line.starts_with('#'));
                if !headings.any(|line| anchor(line.trim_start_matches('#')) == part) {
                    broken.push(format!("{}: {link}: no such heading", path.display()));
                }
            }
        }
    }
    assert!(seen > 20, "only {seen} links were found");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn links_are_found_and_headings_named() {
    let text = "a [b](docs/x.md) ![p](s/o.svg) <img src=\"s/p.svg\"> [out](https://example.com) [c](#d-e)";
    assert_eq!(links(text), ["docs/x.md", "s/o.svg", "#d-e", "s/p.svg"]);
    assert_eq!(anchor(" What it `never` does"), "what-it-never-does");
}

#[test]
fn every_page_can_be_reached_from_the_readme() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let linked: BTreeSet<String> = links(&readme).iter().map(|link| (*link).to_owned()).collect();
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(linked.contains(&format!("docs/{name}")), "README.md does not lead to docs/{name}");
    }
}

#[test]
fn every_state_is_explained() {
    let text = fs::read_to_string(root().join("docs/dashboard.md")).unwrap();
    for state in [
        State::Pulling,
        State::Creating,
        State::Starting,
        State::Loading(None),
        State::Ready,
        State::Stopping,
        State::Stopped,
        State::Crashed,
        State::Looping,
        State::Unhealthy,
        State::Paused,
        State::Missing,
        State::Unknown,
    ] {
        let word = state.word();
        assert!(text.contains(&format!("| `{word}` |")), "docs/dashboard.md does not explain {word}");
    }
}

/// The words of a line as a shell reads them: what is in single quotes is one.
fn words_of(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in line.split('\'').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[test]
fn every_command_that_the_pages_show_is_one() {
    let mut checked = 0;
    for (path, text) in pages() {
        if path.ends_with("command-line.md") {
            continue;
        }
        let mut shown = false;
        for line in text.lines() {
            if line.starts_with("```") {
                shown = line == "```sh" || line == "```bash";
                continue;
            }
            let words = line
                .split(" #")
                .next()
                .unwrap_or_default()
                .split([';', '|', '>', '<'])
                .next()
                .unwrap_or_default();
            let words = words_of(words);
            if shown && words.first().is_some_and(|word| word == "mineclifford") {
                Cli::command().try_get_matches_from(&words).unwrap_or_else(|error| {
                    panic!("{}: {line}: {error}", path.display());
                });
                checked += 1;
            }
        }
    }
    assert!(checked > 15, "only {checked} commands were found");
}
