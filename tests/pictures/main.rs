//! The pictures in screenshots/ are made by the dashboard itself, and this checks that they are current.
//!
//! `UPDATE_PICTURES=1 cargo test --test pictures` draws them anew; `cargo run -p raster` then makes the PNGs beside them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod backups;
mod scenes;
mod strokes;
mod svg;

use std::{fs, path::PathBuf};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("screenshots")
}

#[test]
fn pictures_are_current() {
    let update = std::env::var_os("UPDATE_PICTURES").is_some();
    let mut stale = Vec::new();
    for picture in scenes::all() {
        let drawn = svg::draw(&picture);
        let path = folder().join(format!("{}.svg", picture.name));
        if update {
            fs::create_dir_all(folder()).unwrap();
            fs::write(&path, &drawn).unwrap();
        } else if fs::read_to_string(&path).ok().as_ref() != Some(&drawn) {
            stale.push(picture.name);
        }
    }
    assert!(
        stale.is_empty(),
        "the dashboard no longer looks as in screenshots/: {}; UPDATE_PICTURES=1 cargo test --test pictures draws \
         them anew, then look at them",
        stale.join(", ")
    );
}

#[test]
fn every_file_in_the_folder_is_one_of_the_pictures() {
    let known: Vec<String> = scenes::all().iter().map(|picture| format!("{}.svg", picture.name)).collect();
    for entry in fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        // Made of those by tests/raster, which says when they are old.
        let name = name.replace(".png", ".svg");
        assert!(known.contains(&name), "nothing draws screenshots/{name}");
    }
}

#[test]
fn pictures_show_what_they_are_about() {
    let wanted = [
        ("overview", "survival"),
        ("create", "New server"),
        ("crash", "memory"),
        ("help", "Everywhere"),
        ("light", "survival"),
        ("console", "only info"),
        ("charts", "Gauges, 5m"),
        ("palette", "Stop the selected server in peace and start it again"),
        ("narrow", "survival"),
        ("themes", "deuteranopia"),
        ("backups", "locked"),
        ("restore", "A safety backup of survival is made."),
        ("schedules", "in Europe/Berlin"),
    ];
    let pictures = scenes::all();
    assert_eq!(pictures.len(), wanted.len());
    for (name, words) in wanted {
        let picture = pictures.iter().find(|picture| picture.name == name).expect(name);
        assert!(picture.text().contains(words), "{name} does not show {words:?}:\n{}", picture.text());
    }
}
