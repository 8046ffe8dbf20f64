//! The arrows between the rooms of src/ point one way, and each file keeps the rules of the house. ARCHITECTURE.md
//! has the picture.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rules;
mod source;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use rules::{File, LINES, MAY, breaches};

fn sources() -> Vec<(String, String)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    collect(&root, &root, &mut found);
    found.sort();
    found
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn the_house_keeps_its_rules() {
    let sources = sources();
    assert!(sources.len() > 100, "only {} files were found", sources.len());
    let found: Vec<String> = sources.iter().flat_map(|(path, text)| breaches(&File { path, text })).collect();
    assert!(found.is_empty(), "{} breaches:\n{}", found.len(), found.join("\n"));
}

#[test]
fn every_room_has_a_rule_and_every_rule_a_room() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src");
    let rooms: BTreeSet<String> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !matches!(name.as_str(), "lib.rs" | "main.rs"))
        .map(|name| name.trim_end_matches(".rs").to_owned())
        .collect();
    let ruled: BTreeSet<String> = MAY.iter().map(|(room, _)| (*room).to_owned()).collect();
    assert_eq!(rooms, ruled);
}

#[test]
fn no_two_rooms_know_each_other() {
    // With this there is an order of the rooms in which every arrow points down.
    let mut left: Vec<_> = MAY.to_vec();
    while !left.is_empty() {
        let names: Vec<&str> = left.iter().map(|(room, _)| *room).collect();
        let before = left.len();
        left.retain(|(_, may)| {
            may.iter().any(|free| names.contains(&free.split("::").next().unwrap_or(free)))
        });
        assert!(left.len() < before, "these rooms know each other in a ring: {names:?}");
    }
}

fn found_in(path: &str, text: &str) -> Vec<String> {
    breaches(&File { path, text })
}

#[test]
fn an_arrow_that_turns_round_is_found_however_it_is_written() {
    let bad = [
        ("model/server.rs", "use crate::docker::Docker;"),
        ("model/server.rs", "use crate::{model::Spec, engine::Handle};"),
        ("model/server.rs", "use super::super::engine;"),
        ("model/mod.rs", "//! x\npub use super::store::Store as Keep;"),
        ("docker/pull.rs", "fn f() { let x = crate::engine::Handle::new(); }"),
        ("docker/pull.rs", "fn f(x: &crate::store::Store) {}"),
        ("store/mod.rs", "//! x\nuse crate::{\n    model::{Spec, Server},\n    minecraft::{self},\n};"),
        ("tui/app/view.rs", "mod inner { use super::super::super::super::docker::Error; }"),
        ("tui/app/view.rs", "use crate::engine::core;"),
        ("demo/http.rs", "use crate::docker::transport::send;"),
        ("minecraft/rcon/client.rs", "use crate::docker::*;"),
        ("minecraft/rcon/client.rs", "use mineclifford::docker::Docker;"),
        ("cli/io.rs", "use crate::store::Store;"),
        ("tui/tests.rs", "use crate::docker::Docker;"),
        ("tui/workers.rs", "use crate::engine::HandleOther;"),
    ];
    for (path, text) in bad {
        let found = found_in(path, text);
        assert_eq!(found.len(), 1, "{path}: {text}: {found:?}");
        assert!(found[0].contains("against the arrows"), "{found:?}");
    }
}

#[test]
fn a_second_owner_of_a_crate_is_found() {
    let bad = [
        ("engine/core/mod.rs", "//! x\nuse bollard::Docker;"),
        ("engine/handle.rs", "fn f() -> redb::Database { todo() }"),
        ("cli/io.rs", "use ::crossterm::event;"),
        ("model/stats.rs", "use ratatui::style::Color;"),
        ("tui/run.rs", "use axum::Router;"),
    ];
    for (path, text) in bad {
        let found = found_in(path, text);
        assert_eq!(found.len(), 1, "{path}: {text}: {found:?}");
        assert!(found[0].contains("only"), "{found:?}");
    }
}

#[test]
fn bad_shapes_are_found() {
    let long = "fn f() {}\n".repeat(LINES + 1);
    let bad = [
        ("docker/pull.rs", long.as_str()),
        ("docker/mod.rs", "use std::io;"),
        ("docker/pull.rs", "fn f() { g().unwrap(); }"),
        ("docker/pull.rs", "fn f() { g().expect(\"it\"); }"),
        ("docker/pull.rs", "fn f() { panic!(\"no\") }"),
        ("docker/tests.rs", "fn f() { unsafe { g() } }"),
    ];
    for (path, text) in bad {
        assert_eq!(found_in(path, text).len(), 1, "{path}: {:.40}", text);
    }
}

#[test]
fn what_is_right_is_no_breach() {
    let good = [
        (
            "engine/core/mod.rs",
            "//! x\nuse crate::{docker::Docker, model, store::Store};\nuse super::hosts::Task;",
        ),
        (
            "model/server.rs",
            "// use crate::docker::Docker;\n/* bollard::Docker /* redb::x */ */\nconst A: &str = \"use redb::Database;\";",
        ),
        (
            "model/server.rs",
            "const A: &str = r#\"a \" crate::docker::Docker .unwrap()\"#; const B: char = '\"'; use std::io;",
        ),
        ("model/server.rs", "fn f<'a>(x: &'a str) -> &'a str { x }"),
        (
            "docker/pull.rs",
            "fn f() { g().unwrap_or(1); }\n#[cfg(test)]\nmod tests { fn f() { g().unwrap(); } }",
        ),
        ("docker/tests.rs", "fn f() { g().unwrap(); }"),
        ("tui/app/view.rs", "mod inner { use super::super::panels::jobs; use super::App; }"),
        ("demo/http.rs", "use crate::docker::{Connector, Duplex};"),
        ("demo/tests/mod.rs", "use crate::docker::{Docker, Plan};"),
    ];
    for (path, text) in good {
        assert_eq!(found_in(path, text), Vec::<String>::new(), "{path}: {text}");
    }
}
