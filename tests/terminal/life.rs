//! A server's life by the dashboard alone.

use crate::{
    program::{IMAGE, Program},
    screen::{Screen, Setting},
    support::{docker, port},
};

const TAB: &str = "\t";
const CTRL_S: &str = "\x13";
const ESC: &str = "\x1b";
const CTRL_U: &str = "\x15";

/// Moves to the field with this label: the one whose help or cursor tells is not needed, each field has its place.
fn tabs(screen: &mut Screen, count: usize) {
    screen.press(&TAB.repeat(count));
}

/// Fills in the form: name, EULA, memory, port, image.
pub fn fill(screen: &mut Screen, name: &str, port: &str) {
    screen.press("n");
    screen.shows("New server");
    screen.press(name);
    screen.shows(name);
    // Name, type, version, EULA.
    tabs(screen, 3);
    screen.press(" ");
    screen.shows("[✔]");
    // Message, mode, difficulty, seed, view distance, most players, operators, whitelist, memory.
    tabs(screen, 9);
    screen.press(&format!("{CTRL_U}256M"));
    screen.shows("256M");
    // CPU cores, processes, port.
    tabs(screen, 3);
    screen.press(&format!("{CTRL_U}{port}"));
    screen.shows(port);
    // Address, time zone, image.
    tabs(screen, 3);
    screen.press(&format!("{CTRL_U}{IMAGE}"));
    screen.shows(IMAGE);
}

#[test]
fn a_server_is_created_used_and_deleted_on_a_real_docker() {
    let program = Program::new("dash");
    let (name, port) = (program.name("a"), port().to_string());
    let mut screen = Screen::open(&program, &[], &Setting::default());
    screen.is_taken();
    fill(&mut screen, &name, &port);
    screen.press(CTRL_S);
    screen.hides("New server");
    // Its console opens by itself, and it can be typed into.
    screen.shows("Done (");
    screen.press("say hello\r");
    screen.shows("[Server] hello");
    let logged = docker(&["logs", &name]);
    assert!(logged.contains("[Server] hello"), "it came back from the server itself: {logged}");

    screen.press(ESC);
    screen.press("1");
    screen.press("t");
    screen.shows("stopped");
    assert_eq!(docker(&["inspect", "-f", "{{.State.Status}}", &name]), "exited");
    let volume = docker(&["inspect", "-f", "{{range .Mounts}}{{.Name}}{{end}}", &name]);
    screen.press("D");
    screen.shows("elete");
    screen.press(&name[..name.len() - 1]);
    screen.press("\r");
    assert_eq!(docker(&["volume", "ls", "-q", "--filter", &format!("name={volume}")]), volume);
    screen.press(&name[name.len() - 1..]);
    screen.press("\r");
    crate::program::until("the world to be gone", || {
        docker(&["volume", "ls", "-q", "--filter", &format!("name={volume}")]).is_empty()
    });
    assert_eq!(docker(&["ps", "-aq", "--filter", &format!("name={name}")]), "");
    screen.press("q");
    assert!(screen.ended().success());
    screen.is_given_back();
}

#[test]
fn a_server_is_created_used_and_deleted_in_the_demo() {
    let program = Program::new("demo");
    let mut screen = Screen::open(&program, &["demo"], &Setting::default());
    screen.is_taken();
    fill(&mut screen, "my-first", "25999");
    screen.press(CTRL_S);
    screen.hides("New server");
    screen.shows("Done (");
    screen.press("say hello\r");
    screen.shows("[Server] hello");
    screen.press(ESC);
    screen.press("1");
    screen.press("t");
    screen.shows("stopped");
    screen.press("D");
    screen.shows("elete");
    screen.press("my-first\r");
    screen.waits("the row to go", |seen| {
        !seen.parser.screen().contents().lines().any(|line| line.contains("25999"))
    });
    screen.press("q");
    assert!(screen.ended().success());
    screen.is_given_back();
    assert!(!program.folder.path().join("data").exists(), "the demo leaves nothing behind");
}
