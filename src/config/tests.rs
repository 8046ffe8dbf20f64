//! Tests of the settings as a face meets them: through [`load`], on real files.

use std::{fs, net::IpAddr, time::Duration};

use super::*;
use crate::model::{FaultKind, Memory, ServerType};

/// A home folder that goes away with the test.
struct Home {
    folder: tempfile::TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let variables = vec![("HOME", folder.path().to_str().unwrap().to_owned())];
        Self { folder, variables }
    }

    /// With a settings file in the usual place.
    fn with(text: impl AsRef<[u8]>) -> Self {
        let home = Self::new();
        fs::create_dir_all(home.file().parent().unwrap()).unwrap();
        fs::write(home.file(), text).unwrap();
        home
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join(".config/mineclifford/config.toml")
    }

    fn set(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    fn load(&self, args: &Overrides) -> Result<(Settings, Vec<Warning>), Error> {
        let find = |name: &str| self.variables.iter().find(|(key, _)| *key == name);
        load(args, &|name| find(name).map(|(_, value)| value.clone()))
    }

    fn settings(&self) -> Settings {
        let (settings, warnings) = self.load(&Overrides::default()).unwrap();
        assert_eq!(warnings, []);
        settings
    }

    fn problems(&self) -> Vec<Problem> {
        match self.load(&Overrides::default()) {
            Err(Error::Invalid { problems }) => problems,
            other => panic!("{other:?}"),
        }
    }
}

const EXAMPLE: &str = include_str!("../../config.example.toml");

/// The example with the `#` before each key taken away; prose has a space after its `#`.
fn uncommented() -> String {
    let bare = |line: &str| match line.strip_prefix('#') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_lowercase()) => rest.to_owned(),
        _ => line.to_owned(),
    };
    EXAMPLE.lines().map(bare).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_names_every_key_with_its_default() {
    for text in [EXAMPLE.to_owned(), uncommented()] {
        let home = Home::with(text);
        assert_eq!(home.settings(), Settings::defaults(home.settings().paths));
    }
    let table: toml::Table = uncommented().parse().unwrap();
    for key in keys::KEYS {
        let found = match key.name.split_once('.') {
            Some((section, name)) => table[section].get(name),
            None => table.get(key.name),
        };
        assert!(found.is_some(), "{} is not in config.example.toml", key.name);
    }
}

#[test]
fn every_key_is_taken() {
    let home = Home::with(
        r#"
            data_dir = "servers"
            docker = "unix:///run/docker.sock"
            read_only = true
            stop_grace = "2m"
            theme = "paper-light"
            keymap = "vim"
            ascii = true
            color = 256
            mouse = false
            frame_rate = 20
            console = { lines = 1_000, bytes = 65536 }
            [looping]
            exits = 3
            within = "1h 30m"
            [defaults]
            memory = "1.5G"
            server_type = "paper"
            version = "1.21.4"
            port = 0
            bind = "127.0.0.1"
            time_zone = "Europe/Berlin"
            [attach]
            socket = "/run/mc/engine.sock"
            group = "games"
            [api]
            listen = "[::1]:9000"
            self_signed = true
            certificate = "/etc/mc/chain.pem"
            key = "key.pem"
            hosts = ["mc.example.org"]
            origins = ["https://panel.example.org"]
            plain_http_beyond_this_machine = true
            [metrics]
            every = "10s"
            token_file = "/etc/mc/scraper"
            [log]
            level = "debug"
            file = "~/mc.log"
        "#,
    );
    let settings = home.settings();
    let folder = home.folder.path();
    let expected = Settings {
        paths: settings.paths.clone(),
        data_dir: folder.join(".config/mineclifford/servers"),
        docker: Some("unix:///run/docker.sock".into()),
        read_only: true,
        theme: Some("paper-light".into()),
        keymap: Some("vim".into()),
        ascii: true,
        color: ColorChoice::C256,
        mouse: false,
        frame_rate: Some(20),
        stop_grace: Duration::from_secs(120),
        console: ConsoleLimits { lines: 1000, bytes: 65_536 },
        looping: LoopRule { exits: 3, within: Duration::from_secs(5400) },
        defaults: CreateDefaults {
            memory: Memory::mib(1536),
            server_type: ServerType::Paper,
            version: "1.21.4".into(),
            port: 0,
            bind: Some(IpAddr::from([127, 0, 0, 1])),
            time_zone: Some("Europe/Berlin".into()),
        },
        attach: AttachSettings { socket: Some("/run/mc/engine.sock".into()), group: Some("games".into()) },
        api: ApiSettings {
            listen: Some("[::1]:9000".parse().unwrap()),
            self_signed: true,
            certificate: Some("/etc/mc/chain.pem".into()),
            key: Some(folder.join(".config/mineclifford/key.pem")),
            hosts: vec!["mc.example.org".into()],
            origins: vec!["https://panel.example.org".into()],
            plain_http_beyond_this_machine: true,
        },
        metrics: MetricsSettings {
            every: Duration::from_secs(10),
            token_file: Some("/etc/mc/scraper".into()),
        },
        log: LogSettings { level: LogLevel::Debug, file: folder.join("mc.log") },
    };
    assert_eq!(settings, expected);
    assert_eq!(settings.database(), folder.join(".config/mineclifford/servers/mineclifford.redb"));
}

#[test]
fn a_flag_over_a_variable_over_the_file_over_the_default() {
    let home = Home::with("");
    assert_eq!(home.settings().data_dir, home.folder.path().join(".local/share/mineclifford"));
    let home = Home::with("data_dir = '/from/file'\ntheme = 'file'\ncolor = '16'");
    assert_eq!(home.settings().data_dir, Path::new("/from/file"));
    let home = home.set("MINECLIFFORD_DATA_DIR", "/from/variable").set("NO_COLOR", "1");
    assert_eq!(home.settings().data_dir, Path::new("/from/variable"));
    assert_eq!(home.settings().color, ColorChoice::C16);
    let args = Overrides {
        data_dir: Some("/from/flag".into()),
        docker: Some("tcp://flag".into()),
        theme: Some("flag".into()),
        read_only: true,
        color: Some(ColorChoice::Truecolor),
        ..Overrides::default()
    };
    let (settings, _) = home.load(&args).unwrap();
    assert_eq!(settings.data_dir, Path::new("/from/flag"));
    assert_eq!((settings.docker.as_deref(), settings.theme.as_deref()), (Some("tcp://flag"), Some("flag")));
    assert_eq!((settings.read_only, settings.color), (true, ColorChoice::Truecolor));
    assert_eq!(Home::new().set("NO_COLOR", "1").settings().color, ColorChoice::None);
    // Empty is unset.
    let home =
        Home::new().set("MINECLIFFORD_DATA_DIR", "").set("NO_COLOR", "").set("MINECLIFFORD_CONFIG", "");
    assert_eq!(home.settings(), Settings::defaults(home.settings().paths));
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let home = Home::with("theme = 'usual'");
    let other = home.folder.path().join("other.toml");
    let args = Overrides { config: Some(other.clone()), ..Overrides::default() };
    let error = home.load(&args).unwrap_err();
    assert!(matches!(&error, Error::Missing { path } if *path == other), "{error:?}");
    fs::write(&other, "theme = 'other'").unwrap();
    assert_eq!(home.load(&args).unwrap().0.theme.as_deref(), Some("other"));

    let home = home.set("MINECLIFFORD_CONFIG", other.to_str().unwrap());
    assert_eq!(home.settings().theme.as_deref(), Some("other"));
    fs::remove_file(&other).unwrap();
    assert!(matches!(home.load(&Overrides::default()), Err(Error::Missing { .. })));
    fs::create_dir(&other).unwrap();
    assert!(matches!(home.load(&Overrides::default()), Err(Error::Unreadable { .. })));
}

#[test]
fn a_flag_keeps_the_file_s_rules() {
    let args = Overrides { theme: Some("../x".into()), ..Overrides::default() };
    let error = Home::new().load(&args).unwrap_err();
    assert!(matches!(error, Error::Argument { name: "--theme", .. }), "{error:?}");
    assert_eq!(error.fault().field.as_deref(), Some("--theme"));
}

#[test]
fn without_a_home_a_data_dir_is_enough() {
    let none = |_: &str| None;
    assert!(matches!(load(&Overrides::default(), &none), Err(Error::NoHome)));
    let folder = tempfile::tempdir().unwrap();
    let args = Overrides { data_dir: Some(folder.path().into()), ..Overrides::default() };
    let (settings, _) = load(&args, &none).unwrap();
    assert_eq!(settings.data_dir, folder.path());
    assert_eq!(settings.log.file, folder.path().join("state/mineclifford.log"));
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
