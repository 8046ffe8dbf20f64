//! Backups by the dashboard alone: made, proven, restored, looked into, removed.

use std::fs;

use crate::{
    life::fill,
    program::Program,
    screen::{Screen, Setting},
    support::{docker, port},
};

const CTRL_S: &str = "\x13";
const CTRL_U: &str = "\x15";
const ESC: &str = "\x1b";
const END: &str = "\x1b[F";

/// Makes a backup of the chosen server, tries it, restores it, takes a file out of it, and removes it. Ends in the list of
/// servers.
fn journey(screen: &mut Screen, program: &Program, name: &str) {
    screen.press(ESC);
    screen.press("1");
    screen.press("b");
    screen.shows("Back up");
    screen.press("before the end\r");
    screen.shows(&format!("Backups of {name} (1"));
    screen.shows("before the end");
    screen.shows("never proven");

    screen.press("ty");
    screen.shows("last proven: ");

    screen.press("r");
    screen.shows("Where to");
    screen.press(CTRL_S);
    screen.shows(&format!("A safety backup of {name} is made."));
    screen.press(&format!("{name}\r"));
    screen.hides("Where to");
    // The safety backup is among them, and the server is back.
    screen.press("7");
    screen.shows(&format!("Backups of {name} (2"));
    screen.press("5");
    // The column cuts long names.
    let begin: String = name.chars().take(8).collect();
    screen.waits("the restore's end", |seen| {
        let contents = seen.parser.screen().contents();
        contents.lines().any(|line| line.contains(&format!("✔ restore {begin}")) && line.contains("done"))
    });

    screen.press("7");
    screen.press(END);
    screen.press("f");
    screen.shows("Files of");
    screen.shows("world/");
    screen.press(END);
    let out = program.folder.path().join("out");
    fs::create_dir(&out).unwrap();
    screen.press("x");
    screen.shows("Into which folder");
    screen.press(&format!("{CTRL_U}{}\r", out.display()));
    screen.shows("Extracted");
    let taken: Vec<_> = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [file] = taken.as_slice() else { panic!("{taken:?}") };
    assert!(fs::metadata(file).unwrap().len() > 0, "{file:?}");
    screen.press(ESC);
    screen.hides("Files of");

    screen.press("d");
    // Where lines are cut depends on the folder's name; words are not cut.
    screen.shows("undone.");
    screen.shows("to confirm:");
    screen.press(&format!("{name}\r"));
    screen.shows(&format!("Backups of {name} (1"));
    screen.hides("before the end");
    screen.press("1");
}

#[test]
fn a_backup_is_made_proven_restored_and_removed_on_a_real_docker() {
    let program = Program::new("dashback");
    let (name, port) = (program.name("a"), port().to_string());
    let mut screen = Screen::open(&program, &[], &Setting::default());
    fill(&mut screen, &name, &port);
    screen.press(CTRL_S);
    screen.hides("New server");
    screen.shows("Done (");
    journey(&mut screen, &program, &name);
    screen.press("D");
    screen.shows("elete");
    screen.press(&format!("{name}\r"));
    crate::program::until("the container to be gone", || {
        docker(&["ps", "-aq", "--filter", &format!("name={name}")]).is_empty()
    });
    screen.press("q");
    assert!(screen.ended().success());
    screen.is_given_back();
}

#[test]
fn a_backup_is_made_proven_restored_and_removed_in_the_demo() {
    let program = Program::new("demoback");
    let mut screen = Screen::open(&program, &["demo"], &Setting::default());
    fill(&mut screen, "my-first", "25999");
    screen.press(CTRL_S);
    screen.hides("New server");
    screen.shows("Done (");
    journey(&mut screen, &program, "my-first");
    screen.press("q");
    assert!(screen.ended().success());
    screen.is_given_back();
    assert!(!program.folder.path().join("data").exists(), "the demo leaves nothing behind");
}
