//! `console` and `logs`.

use crate::{program::Program, support::docker};

#[test]
fn one_command_is_sent_and_its_reply_printed() {
    let program = Program::new("once");
    let name = program.create("a", &["--max-players", "5"]);
    for _ in 0..5 {
        // Each run is a new engine, which must know the server before it can be told anything.
        let ran = program.run(&["console", &name, "list"]).ends(0);
        assert_eq!(ran.out, "There are 0 of a max of 5 players online:\n", "{ran:#?}");
    }
    let told = program.run(&["console", "--json", &name, "list"]).ends(0).json();
    assert_eq!(told["via"], "rcon");
    assert!(told["reply"].as_str().expect("a reply").starts_with("There are 0"));
    let ran = program.run(&["--quiet", "console", &name, "list"]).ends(0);
    assert_eq!(ran.err, "");
    program.run(&["console", &name, "--", "a\nb"]).ends(2);
    program.run(&["console", &program.name("nobody"), "list"]).ends(3);
    program.run(&["server", "stop", &name]).ends(0);
    let ran = program.run(&["console", &name, "list"]).ends(4);
    assert!(ran.err.contains("not running"), "{ran:#?}");
}

#[test]
fn the_interactive_console_answers_a_pipe() {
    let program = Program::new("pipe");
    let name = program.create("a", &[]);
    let mut going = program.start(&["console", &name]);
    going.says("Done (");
    going.write("say hello\n");
    going.says("[Server] hello");
    going.write("say more\n");
    going.says("[Server] more");
    going.close_input();
    assert_eq!(going.ended().code, Some(0));

    let ran = program.feed(&["console", &name], "say one\nsay two").ends(0);
    let at = |text: &str| ran.out.find(text).unwrap_or_else(|| panic!("{text} is not in {ran:#?}"));
    assert!(at("[Server] one") < at("[Server] two"));
    let ran = program.feed(&["console", &name], &format!("{}\nsay after\n", "x".repeat(100_000))).ends(0);
    assert!(
        ran.err.contains("command: must have at most") && ran.out.contains("[Server] after"),
        "{}",
        ran.err
    );
}

#[test]
fn a_log_is_printed_followed_and_bounded() {
    let program = Program::new("logs");
    let name = program.create("a", &[]);
    let whole = program.run(&["logs", &name]).ends(0).out;
    let there = docker(&["logs", &name]);
    let lines: Vec<_> = whole.lines().take(there.lines().count()).collect();
    assert_eq!(lines, there.lines().collect::<Vec<_>>(), "what docker has, in its order");
    let tail = program.run(&["logs", &name, "--tail", "2"]).ends(0).out;
    assert_eq!(tail.lines().collect::<Vec<_>>(), lines[lines.len() - 2..]);
    assert_eq!(program.run(&["logs", &name, "--tail", "0"]).ends(0).out, "");

    let json = program.run(&["logs", &name, "--json", "--tail", "1"]).ends(0).out;
    let line: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    for field in ["seq", "at", "level", "kind", "text"] {
        assert!(line.get(field).is_some(), "{field} is not in {line}");
    }

    let going = program.start(&["logs", "-f", &name]);
    going.says("Done (");
    docker(&["exec", &name, "rcon-cli", "say", "followed"]);
    going.says("followed");
    // A restart of the container does not end it.
    docker(&["restart", &name]);
    going.says("Done (");
    going.signal("INT");
    assert_eq!(going.ended().code, Some(130));
    program.run(&["logs", &program.name("nobody")]).ends(3);
}

#[test]
fn what_a_server_says_cannot_act_on_the_terminal() {
    let program = Program::new("hostile");
    let name = program.create("a", &["--env", "PRACTICE_HOSTILE=true"]);
    for line in [&["logs", &name][..], &["logs", "--json", &name]] {
        let out = program.run(line).ends(0).out;
        let bad = out.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t'));
        assert_eq!(bad, None, "{line:?}");
    }
}
