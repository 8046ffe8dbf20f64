//! The files of a backup: looked at, found, taken out, restored.

use super::*;
use crate::model::backup::{BackupFile, FilePage, FileQuery, Opened};

fn file(path: &str, folder: bool, size: u64) -> BackupFile {
    BackupFile {
        path: path.into(),
        folder,
        size,
        modified: Some(later(-500)),
        torn: path.ends_with("r.0.0.mca"),
    }
}

fn page(files: Vec<BackupFile>) -> FilePage {
    FilePage { total: files.len(), files }
}

/// What the browser asks for.
fn query(rig: &mut Rig) -> FileQuery {
    match rig.effects.pop() {
        Some(Effect::Files { backup, query }) if backup == id(2) => query,
        other => panic!("{other:?}: {}", rig.screen()),
    }
}

/// The same, where no name is looked for.
fn wants(rig: &mut Rig) -> (String, usize) {
    let query = query(rig);
    assert_eq!(query.name, "");
    (query.folder, query.from)
}

fn gives(rig: &mut Rig, folder: &str, from: usize, page: FilePage) {
    let query = FileQuery { folder: folder.into(), from, ..FileQuery::default() };
    rig.give(What::Files { backup: id(2), query, page: Ok(page) });
}

#[test]
fn the_files_of_one_are_looked_at_and_one_is_taken_out() {
    for (name, keys) in [("browse", "down"), ("extract", "down x")] {
        picture(name, |width, height| {
            let mut rig = rig(width, height);
            rig.keys("down f");
            let inside = vec![file("region", true, 900 << 20), file("r.0.0.mca", false, 5 << 20)];
            gives(&mut rig, "", 0, page(inside));
            rig.keys(keys);
            rig
        });
    }
    for (width, height) in SIZES {
        let mut rig = rig(width, height);
        rig.keys("down f");
        assert_eq!(wants(&mut rig), (String::new(), 0));
        let top = vec![file("world", true, 900 << 20), file("ops.json", false, 100)];
        gives(&mut rig, "", 0, page(top.clone()));
        rig.keys("enter");
        assert_eq!(wants(&mut rig), ("world".into(), 0));
        // What comes late, of where one is no longer, is passed over.
        gives(&mut rig, "", 0, page(top.clone()));
        assert!(rig.screen().contains("It is being read."), "{}", rig.screen());
        gives(
            &mut rig,
            "world",
            0,
            page(vec![file("world/region", true, 5), file("world/r.0.0.mca", false, 5 << 20)]),
        );
        rig.keys("down");
        rig.keys("left");
        assert_eq!(wants(&mut rig), (String::new(), 0));
        gives(&mut rig, "", 0, page(top));
        rig.keys("down x ctrl-u").text("/tmp/out").keys("enter");
        let extract = Effect::Extract { backup: id(2), path: "ops.json".into(), folder: "/tmp/out".into() };
        assert_eq!(rig.effects.pop(), Some(extract));
        rig.give(What::Extracted("/tmp/out".into(), Ok(Opened { stream: 1, files: 1, bytes: 100 })));
        assert!(rig.screen().contains("Extracted 1 file (100 B)"), "{}", rig.screen());
        rig.keys("r");
        let paths = vec!["ops.json".to_owned()];
        assert_eq!(rig.effects.pop(), Some(Effect::Contents { backup: id(2), paths: paths.clone() }));
        rig.give(What::Contents(id(2), paths.clone(), Ok(inside())));
        assert_eq!(asked(&mut rig).scope, Scope::Paths(paths));
    }
}

#[test]
fn a_folder_of_many_files_is_read_in_parts() {
    let mut rig = rig(80, 24);
    rig.keys("down f");
    wants(&mut rig);
    let part = |from: usize| {
        let files = (from..from + 500).map(|n| file(&format!("{n:06}"), false, 1)).collect();
        FilePage { files, total: 100_000 }
    };
    gives(&mut rig, "", 0, part(0));
    rig.keys("end");
    assert_eq!(wants(&mut rig), (String::new(), 99_999 - 250));
    gives(&mut rig, "", 99_500, part(99_500));
    assert!(rig.screen().contains("099999") && rig.screen().contains("100000 of 100000"), "{}", rig.screen());
    rig.keys("home");
    assert_eq!(wants(&mut rig), (String::new(), 0));
    rig.give(What::Files { backup: id(2), query: FileQuery::default(), page: Err(broken()) });
    assert!(rig.screen().contains("The server ended before it was ready."), "{}", rig.screen());
}

#[test]
fn a_file_is_found_by_a_part_of_its_name() {
    picture("find", |width, height| {
        let mut rig = rig(width, height);
        rig.keys("down f /").text("r.0");
        let query = query(&mut rig);
        let found = vec![
            file("world/region/r.0.0.mca", false, 5 << 20),
            file("world/DIM-1/region/r.0.1.mca", false, 9),
        ];
        rig.give(What::Files { backup: id(2), query, page: Ok(page(found)) });
        rig
    });
    let mut rig = rig(80, 24);
    rig.keys("down f");
    assert_eq!(wants(&mut rig), (String::new(), 0));
    gives(&mut rig, "", 0, page(vec![file("world", true, 900 << 20)]));
    rig.keys("enter");
    wants(&mut rig);
    // Letters that do something else are typed, and each asks anew.
    rig.keys("/").text("Jx");
    let asked = query(&mut rig);
    assert_eq!((&*asked.folder, &*asked.name), ("world", "Jx"));
    // What was asked for before is late.
    gives(&mut rig, "world", 0, page(vec![file("world/late", false, 1)]));
    assert!(rig.screen().contains("It is being read."), "{}", rig.screen());
    let found = page(vec![file("world/a/jx.dat", false, 1)]);
    rig.give(What::Files { backup: id(2), query: asked, page: Ok(found) });
    assert!(rig.screen().contains("a/jx.dat"), "{}", rig.screen());
    rig.keys("enter x ctrl-u").text("/tmp/out").keys("enter");
    let extract = Effect::Extract { backup: id(2), path: "world/a/jx.dat".into(), folder: "/tmp/out".into() };
    assert_eq!(rig.effects.pop(), Some(extract));
    // The first escape shows the folder again, the second closes.
    rig.keys("esc");
    assert_eq!(wants(&mut rig), ("world".into(), 0));
    rig.keys("/");
    rig.give(What::Paste("nothing like it".into()));
    let asked = query(&mut rig);
    assert_eq!(asked.name, "nothing like it");
    rig.give(What::Files { backup: id(2), query: asked, page: Ok(FilePage::default()) });
    assert!(rig.screen().contains("Nothing below has this in its name."), "{}", rig.screen());
    rig.keys("esc esc");
    assert!(!rig.screen().contains("/ find"), "{}", rig.screen());
}
