//! Settings that cannot be taken, and how that is told.

use super::*;

#[test]
fn a_target_that_makes_no_sense_is_pointed_at() {
    let bad = [
        ("[notices]\ntargets = 1", "notices.targets must be sections"),
        ("[notices.targets]\nops = 'x'", "notices.targets.ops must be a section"),
        ("[notices.targets.ops]\nkind = 'irc'", "notices.targets.ops.kind must be one of"),
        ("[notices.targets.ops]\nkind = 'slack'", "notices.targets.ops must have one of url"),
        ("[notices.targets.ops]\nurl = 'a'\nurl_file = 'b'", "notices.targets.ops must have one of url"),
        ("[notices.targets.'a b']\nurl = 'a'", "must have a name"),
        ("[notices.targets.ops]\nurl = 'a'\nkind = 'slack'\nsecret_file = 'b'", "must have no secret"),
        (
            "[notices.targets.ops]\nurl = 'a'\nevents = ['crash']",
            "must be a list of some of \"server-crashed\"",
        ),
        ("[notices.targets.ops]\nurl_variable = 'A B'", "must be the name of a variable"),
        ("[notices]\nprivate_hosts = ['a:1']", "notices.private_hosts must be names of hosts"),
    ];
    for (text, rule) in bad {
        let problems = Home::with(text).problems();
        assert!(problems.iter().any(|problem| problem.to_string().contains(rule)), "{text}: {problems:?}");
    }
    let (settings, warnings) = Home::with("[notices.targets.ops]\nurl = 'https://a/hunter2'\nulr = 'b'")
        .load(&Overrides::default())
        .unwrap();
    assert!(warnings[0].text.contains("notices.targets.ops.ulr"), "{warnings:?}");
    assert!(!format!("{settings:?}").contains("hunter2"), "a URL is a secret");
    assert!(!settings.notices.targets["ops"].topics.contains(&Topic::PlayerJoined), "off unless asked for");
}

#[test]
fn unknown_keys_are_warnings_with_the_nearest_name() {
    let home = Home::with(
        "frame_rat = 3\nlines = 9\nquux = 1\n[consol]\nx = 1\n[console]\nbites = 4\nlines = 200\n",
    );
    let (settings, warnings) = home.load(&Overrides::default()).unwrap();
    assert_eq!(settings.console.lines, 200);
    let texts: Vec<String> = warnings.iter().map(ToString::to_string).collect();
    let file = home.file();
    let expect = [
        ("1:1", "frame_rat;", Some("frame_rate")),
        ("2:1", "lines;", Some("console.lines")),
        ("3:1", "quux;", None),
        ("4:2", "consol;", Some("console")),
        ("7:1", "console.bites;", Some("console.bytes")),
    ];
    assert_eq!(texts.len(), expect.len(), "{texts:#?}");
    for (text, (place, name, near)) in texts.iter().zip(expect) {
        assert!(
            text.starts_with(&format!("{}:{place}: there is no setting {name}", file.display())),
            "{text}"
        );
        match near {
            Some(near) => assert!(text.ends_with(&format!("Did you mean {near}?")), "{text}"),
            None => assert!(!text.contains("Did you mean"), "{text}"),
        }
    }
    let many: String = (0..5_000).map(|n| format!("\"\\u001b[31m{n}\" = 1\n")).collect();
    let (_, warnings) = Home::with(many).load(&Overrides::default()).unwrap();
    assert!(warnings.len() <= 20 && !warnings[0].to_string().contains('\u{1b}'), "{}", warnings.len());
}

#[test]
fn bad_values_name_key_rule_and_place_with_the_line() {
    let home = Home::with("theme = \"dark\"\nframe_rate = 900 # fast\n\n[looping]\nwithin = \"soon\"\n");
    let problems = home.problems();
    let file = home.file().display().to_string();
    assert_eq!(
        problems[0].to_string(),
        format!("{file}:2:14: frame_rate must be a whole number from 1 to 120, or \"auto\"")
    );
    assert_eq!(problems[0].place.picture(), "  |\n2 | frame_rate = 900 # fast\n  |              ^^^");
    assert_eq!(problems[1].key.as_deref(), Some("looping.within"));
    assert_eq!((problems[1].place.line, problems[1].place.column), (5, 10));

    let error = home.load(&Overrides::default()).unwrap_err();
    let fault = error.fault();
    assert_eq!((fault.kind, fault.field.as_deref()), (FaultKind::Invalid, Some("frame_rate")));
    assert!(
        fault.what.contains(":2:14: frame_rate must") && fault.what.ends_with("(and 1 more)."),
        "{fault:?}"
    );
    assert!(fault.chain[1].ends_with("^^^^^^"), "{fault:?}");
    assert!(error.to_string().contains("2 | frame_rate = 900"), "{error}");
}

#[test]
fn every_rule_can_be_broken() {
    let bad = [
        "data_dir = ''",
        "data_dir = 3",
        "docker = \"a\\nb\"",
        "read_only = 'yes'",
        "stop_grace = '1s'",
        "stop_grace = 75",
        "theme = '../../etc/passwd'",
        "keymap = 'a b'",
        "color = 'red'",
        "color = 17",
        "units = 'metric'",
        "mouse = 1",
        "frame_rate = 0",
        "frame_rate = 'fast'",
        "frame_rate = 1.5",
        "console = 3",
        "console.lines = 99",
        "console.lines = -1",
        "console.lines = 99999999999999999999999",
        "console.bytes = '1 parsec'",
        "console.bytes = '1T'",
        "console.bytes = 1",
        "backups.folder = '~bob/x'",
        "backups.packing = 'rar'",
        "backups.threads = 0",
        "backups.rate = 'fast'",
        "backups.rate = 1",
        "backups.leave_free = '-1'",
        "backups.keep_last = 0",
        "backups.keep_days = -1",
        "backups.keep_daily = 'all'",
        "backups.keep_weekly = -1",
        "backups.keep_monthly = -1",
        "backups.keep_safety = -1",
        "attach.socket = '~bob/x'",
        "attach.group = 'a group'",
        "api.listen = 'localhost:8000'",
        "api.listen = '127.0.0.1'",
        "api.self_signed = 'yes'",
        "api.certificate = 1",
        "api.key = '~bob/key'",
        "api.hosts = 'mc.example.org'",
        "api.hosts = ['mc.example.org:8000']",
        "api.origins = ['panel.example.org']",
        "api.origins = ['https://panel.example.org/']",
        "api.plain_http_beyond_this_machine = 'I know'",
        "metrics.every = '0s'",
        "metrics.token_file = false",
        "notices.private_hosts = ['a:1']",
        "looping.exits = 1",
        "looping.within = '2 days'",
        "defaults.memory = '64M'",
        "defaults.memory = true",
        "defaults.server_type = 'BETA'",
        "defaults.version = '1.21; rm -rf'",
        "defaults.port = 65536",
        "defaults.bind = 'localhost'",
        "defaults.time_zone = 'Mars/Base'",
        "log.level = 'loud'",
        "log.file = '~bob/x'",
    ];
    for text in bad {
        let problems = Home::with(text).problems();
        let [problem] = problems.as_slice() else { panic!("{text}: {problems:?}") };
        let key = text.split(' ').next().unwrap();
        assert_eq!(problem.key.as_deref(), Some(key), "{problem}");
        assert!(problem.rule.starts_with("must "), "{problem}");
        assert_eq!(problem.place.column, key.len() + 4, "{problem}");
    }
    for key in keys::KEYS {
        assert!(bad.iter().any(|text| text.starts_with(key.name)) || key.name == "ascii", "{}", key.name);
    }
}

#[test]
fn what_is_not_toml_is_shown_where_it_stops_being() {
    let home = Home::with("theme = \"dark\"\nkeymap = vim\n");
    let problem = home.problems().remove(0);
    assert_eq!((problem.key.as_deref(), problem.place.line), (None, 2));
    assert!(problem.rule.starts_with("this is not TOML: "), "{problem}");
    assert!(problem.place.picture().contains("2 | keymap = vim"), "{problem}");
    for text in [
        "a",
        "[",
        "a = ",
        "a = 1\na = 2",
        "a = \"\"\"",
        "= 3",
        "\u{feff}x",
        "\"\\u001b[2J\" = 1\n\"\\u001b[2J\" = 2",
    ] {
        let problem = Home::with(text).problems().remove(0);
        assert!(!problem.to_string().contains('\u{1b}'), "{text:?}: {problem}");
    }
    let problem = Home::with(b"theme = \"ok\"\nkeymap = \"\xff\"").problems().remove(0);
    assert_eq!((problem.place.line, problem.place.column), (2, 11));
}

#[test]
fn huge_and_deeply_nested_files_are_refused() {
    let home = Home::with("#".repeat(file::FILE_MAX as usize + 1));
    assert!(matches!(home.load(&Overrides::default()), Err(Error::TooLarge { .. })));
    Home::with("#".repeat(file::FILE_MAX as usize)).settings();

    let deep = 100_000;
    for text in [
        format!("theme = {}{}", "[".repeat(deep), "]".repeat(deep)),
        format!("theme = {}", "[".repeat(deep)),
        format!("theme = {}1{}", "{a=".repeat(deep), "}".repeat(deep)),
        format!("{}x = 1", "a.".repeat(deep)),
        format!("[{}x]", "a.".repeat(deep)),
        format!("[[{}x]]", "a.".repeat(deep)),
    ] {
        assert!(!Home::with(&text).problems().is_empty(), "{}", &text[..20]);
    }
}

#[test]
fn a_device_is_no_settings_file() {
    for device in ["/dev/zero", "/dev/null"] {
        let args = Overrides { config: Some(device.into()), ..Overrides::default() };
        let error = Home::new().load(&args).unwrap_err();
        assert!(matches!(error, Error::Unreadable { .. }), "{error:?}");
        assert!(!error.fault().chain.is_empty());
    }
}

mod hostile {
    use proptest::prelude::*;

    use super::*;

    const ESCAPE: char = '\u{1b}';

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever is in the file, there is an answer, and nothing in it that a terminal would obey.
        #[test]
        fn any_text_gets_an_answer(text in "([a-z_]{1,12} = |\\[|\\]|\"|'|\n|\\PC|[\u{1b}\t\r0-9.,{}])*") {
            match Home::with(&text).load(&Overrides::default()) {
                Ok((_, warnings)) => {
                    for warning in warnings {
                        prop_assert!(!warning.to_string().contains(ESCAPE), "{warning}");
                    }
                }
                Err(error) => {
                    prop_assert!(!error.to_string().contains(ESCAPE), "{}", error);
                    prop_assert!(matches!(error, Error::Invalid { .. }), "{}", error);
                }
            }
        }
    }
}
