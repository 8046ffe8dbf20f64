//! What is refused, with which code, and in which words. Nothing is made then.

use crate::{
    program::{IMAGE, Program},
    support::{docker, port},
};

#[test]
fn a_value_that_breaks_a_rule_is_refused_by_the_name_of_its_field() {
    let program = Program::new("rule");
    let name = program.name("a");
    let refused = |line: &[&str], field: &str| {
        let mut all = vec!["server", "create", "--eula", "--json"];
        all.extend(line);
        let ran = program.run(&all).ends(2);
        let fault = ran.fault();
        assert_eq!(fault["kind"], "invalid", "{ran:#?}");
        assert_eq!(fault["field"], *field, "{ran:#?}");
        assert!(!ran.err.contains('\u{1b}'), "{ran:#?}");
        let people: Vec<_> = all.into_iter().filter(|word| *word != "--json").collect();
        let ran = program.run(&people).ends(2);
        assert!(ran.err.starts_with(&format!("error: {field}: ")) && !ran.err.contains('\u{1b}'), "{ran:#?}");
    };
    for bad in
        ["\u{1b}[31mred", "a\nb", "a b", "", "-", "../up", "\u{202e}evil", "é", &"x".repeat(64), "a\u{9b}m"]
    {
        refused(&["--", bad], "name");
    }
    for (option, bad, field) in [
        ("--motd", "a\u{1b}]0;title\u{7}", "motd"),
        ("--version", "1.21.4\u{1b}[2J", "version"),
        ("--image", "\u{1b}[31m", "image"),
        ("--image", "UPPER/case", "image"),
        ("--memory", "1M", "memory"),
        ("--cpus", "-1", "cpus"),
        ("--cpus", "NaN", "cpus"),
        ("--max-players", "0", "max_players"),
        ("--view-distance", "99", "view_distance"),
        ("--ops", "not a player", "ops"),
        ("--whitelist", "x;y", "whitelist"),
        ("--time-zone", "../etc/passwd", "time_zone"),
        ("--env", "A B=c", "env"),
        ("--env", "RCON_PASSWORD=mine", "env"),
    ] {
        refused(&[&format!("{option}={bad}"), &name], field);
    }
    assert_eq!(docker(&["ps", "-aq", "--filter", &format!("name={}", program.prefix)]), "");
    assert_eq!(docker(&["volume", "ls", "-q", "--filter", &format!("name={}", program.prefix)]), "");
}

#[test]
fn usage_is_code_2() {
    let program = Program::at("usage", "unix:///nowhere");
    for line in [
        &["nonsense"][..],
        &["server"],
        &["server", "create"],
        &["server", "start"],
        &["server", "create", "x", "--memory", "lots"],
        &["server", "create", "x", "--type", "nonsense"],
        &["server", "create", "x", "--port", "70000"],
        &["server", "create", "x", "--env", "NOTHING"],
        &["logs", "x", "--tail", "-1"],
        &["--docker"],
    ] {
        let ran = program.run(line).ends(2);
        assert!(ran.err.starts_with("error: ") || ran.err.contains("Usage:"), "{ran:#?}");
        let mut json = vec!["--json"];
        json.extend(line);
        let ran = program.run(&json).ends(2);
        assert!(line == ["server"] || ran.fault()["kind"] == "invalid", "{ran:#?}");
    }
}

#[test]
fn the_eula_is_never_accepted_for_somebody() {
    let program = Program::new("eula");
    let ran = program.run(&["server", "create", &program.name("a"), "--image", IMAGE]).ends(2);
    assert!(ran.err.contains("eula") && ran.err.contains("EULA"), "{ran:#?}");
    assert!(program.listed(&program.name("a")).is_none());
}

#[test]
fn clashes_are_told_before_anything_is_made() {
    let program = Program::new("clash");
    let (name, port) = (program.name("a"), port().to_string());
    program.create("a", &["--port", &port]);
    let create = |name: &str, more: &[&str]| {
        let mut line = vec!["server", "create", name, "--eula", "--image", IMAGE, "--memory", "256M"];
        line.extend(more);
        program.run(&line)
    };
    let ran = create(&name, &["--port", "0"]).ends(4);
    assert!(ran.err.contains("name: "), "{ran:#?}");
    let ran = create(&program.name("b"), &["--port", &port]).ends(4);
    assert!(ran.err.contains("port: ") && ran.err.contains(&port), "{ran:#?}");
    let listener = std::net::TcpListener::bind("0.0.0.0:0").expect("a port");
    let taken = listener.local_addr().expect("an address").port().to_string();
    let ran = create(&program.name("c"), &["--port", &taken]).ends(4);
    assert!(ran.err.contains(&taken), "{ran:#?}");
    let ran = program
        .run(&["server", "create", &program.name("d"), "--eula", "--port", "0", "--memory", "900G"])
        .ends(2);
    assert!(ran.err.contains("memory: "), "{ran:#?}");
    let ran = create(&program.name("e"), &["--port", "0", "--image", "localhost:1/there/is:none"]).ends(1);
    assert!(ran.err.contains("localhost:1/there/is"), "{ran:#?}");
    let ran = create(&program.name("f"), &["--port", "0", "--volume", "there-is-no-such-volume"]).ends(2);
    assert!(ran.err.contains("volume: "), "{ran:#?}");
    let there =
        docker(&["ps", "-a", "--filter", &format!("name={}", program.prefix), "--format", "{{.Names}}"]);
    assert_eq!(there, name);
    let there = docker(&["volume", "ls", "-q", "--filter", &format!("name={}", program.prefix)]);
    assert_eq!(there.lines().count(), 1);
}

#[test]
fn docker_that_does_not_answer_is_code_5() {
    let program = Program::new("down");
    let nobody = program.name("a");
    for line in [
        &["server", "list"][..],
        &["server", "show", &nobody],
        &["server", "create", &nobody, "--eula"],
        &["server", "start", &nobody],
        &["server", "stop", &nobody],
        &["server", "restart", &nobody],
        &["server", "kill", &nobody],
        &["server", "edit", &nobody, "--motd", "x"],
        &["server", "delete", &nobody],
        &["server", "adopt", &nobody],
        &["logs", &nobody],
        &["console", &nobody, "list"],
        &["stats"],
    ] {
        let mut all = vec!["--docker", "unix:///nowhere"];
        all.extend(line);
        let ran = program.run(&all).ends(5);
        assert!(ran.err.contains("unix:///nowhere") && ran.err.contains("mineclifford demo"), "{ran:#?}");
    }
    let ran = program.run(&["--docker", "banana://x", "server", "list"]).ends(2);
    assert!(ran.err.contains("banana"), "{ran:#?}");
    let mut command = program.command(&["server", "list", "--json"]);
    command.env("DOCKER_HOST", "unix:///nowhere");
    let ran = crate::program::finish(command, "").ends(5);
    assert_eq!((ran.out.trim(), ran.fault()["kind"].as_str()), ("[]", Some("unreachable")));
}

#[test]
fn settings_that_are_wrong_are_told_with_their_place() {
    let program = Program::new("config");
    let file = program.folder.path().join("my.toml");
    let path = file.to_str().expect("a path");
    let write = |text: &str| std::fs::write(&file, text).expect("written");
    write("# mine\nframe_rate = \"fast\"\n");
    let ran = program.run(&["--config", path, "server", "list"]).ends(2);
    assert!(ran.err.contains("my.toml:2:"), "{ran:#?}");
    write("this is = not [ toml");
    let ran = program.run(&["--config", path, "server", "list", "--json"]).ends(2);
    assert!(ran.fault()["what"].as_str().expect("words").contains("my.toml:1:"), "{ran:#?}");
    write("read_onyl = true\n");
    let ran = program.run(&["--config", path, "server", "list"]).ends(0);
    assert!(ran.err.contains("read_onyl") && ran.err.contains("read_only"), "{ran:#?}");
    write("read_only = true\n");
    let mut command = program.command(&["server", "create", &program.name("a"), "--eula", "--image", IMAGE]);
    command.env("MINECLIFFORD_CONFIG", path);
    let ran = crate::program::finish(command, "").ends(1);
    assert!(ran.err.contains("read-only"), "{ran:#?}");
    program.run(&["--config", "/nowhere.toml", "server", "list"]).ends(2);
    assert!(program.listed(&program.name("a")).is_none());
}

#[test]
fn a_database_that_another_run_holds_is_said_and_left_alone() {
    let program = Program::new("locked");
    let name = program.create("a", &[]);
    let going = program.start(&["logs", "-f", &name]);
    going.says("Done (");
    let ran = program.run(&["server", "list"]);
    assert!(matches!(ran.code, Some(1 | 4)), "{ran:#?}");
    assert!(ran.err.contains("another"), "{ran:#?}");
    going.signal("TERM");
    assert_eq!(going.ended().code, Some(143));
    let database = program.folder.path().join("data/mineclifford.redb");
    std::fs::write(&database, "this is no database").expect("written");
    let ran = program.run(&["server", "list"]).ends(1);
    assert!(ran.err.contains("mineclifford.redb"), "{ran:#?}");
    assert_eq!(std::fs::read(&database).expect("read"), b"this is no database");
}
