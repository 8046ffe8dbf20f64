//! Commands that ask and listen on a terminal, without the dashboard.

use crate::{
    program::Program,
    screen::{Screen, Setting},
    support::docker,
};

#[test]
fn the_console_command_has_a_line_to_type_in_and_gives_the_terminal_back() {
    let program = Program::new("line");
    let name = program.create("a", &[]);
    let mut screen = Screen::open(&program, &["console", &name], &Setting::default());
    screen.shows("Done (");
    screen.press("say first\r");
    screen.shows("[Server] first");
    screen.press("sax\x7fy second\r");
    screen.shows("[Server] second");
    // The last command comes back.
    screen.press("\x1b[A\r");
    screen.waits("the command again", |seen| {
        seen.parser.screen().contents().matches("[Server] second").count() == 2
    });
    screen.press("\x04");
    assert!(screen.ended().success());
    screen.is_given_back();

    for (keys, code) in [("\x03", 130), ("\x03\x03", 130)] {
        let mut screen = Screen::open(&program, &["console", &name], &Setting::default());
        screen.shows("Done (");
        screen.press(keys);
        assert_eq!(screen.ended().exit_code(), code);
        screen.is_given_back();
    }
}

#[test]
fn a_world_is_deleted_only_when_the_name_was_typed() {
    let program = Program::new("typed");
    let name = program.create("a", &[]);
    let volumes = || docker(&["volume", "ls", "-q", "--filter", &format!("name={}", program.prefix)]);
    let delete = |typed: &str| {
        let mut screen = Screen::open(&program, &["server", "delete", &name, "--data"], &Setting::default());
        screen.shows("cannot be undone");
        screen.press(typed);
        let code = screen.ended().exit_code();
        screen.is_given_back();
        code
    };
    assert_eq!(delete(&format!("{name}x\n")), 1);
    assert_eq!(delete("\n"), 1);
    assert_eq!(delete("\x03"), 130);
    assert_eq!(volumes().lines().count(), 1);
    assert_eq!(program.server(&name)["state"], "ready");
    assert_eq!(delete(&format!("{name}\n")), 0);
    assert_eq!(volumes(), "");
}

#[test]
fn progress_is_one_line_that_goes_away() {
    let program = Program::new("meter");
    let name = program.name("a");
    let port = crate::support::port().to_string();
    let line = [
        "server",
        "create",
        &name,
        "--eula",
        "--image",
        crate::program::IMAGE,
        "--memory",
        "256M",
        "--port",
        &port,
        "--wait",
    ];
    let mut screen = Screen::open(&program, &line, &Setting::sized(60, 20));
    assert_eq!(screen.ended().exit_code(), 0);
    screen.shows("created, ready");
    assert_eq!(screen.text().trim().lines().count(), 1, "{}", screen.text());
    let written = String::from_utf8_lossy(&screen.bytes()).into_owned();
    assert!(written.contains("\r\x1b[K") && !written.contains("\x1b[?1049h"), "{written:?}");
}
