//! Tests of the settings as a face meets them: through [`load`], on real files.

mod refused;

use std::{collections::BTreeMap, fs, net::IpAddr, time::Duration};

use super::*;
use crate::model::{FaultKind, Memory, Retention, Secret, ServerType, Topic, backup::Packing};

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
            units = "decimal"
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
            [backups]
            folder = "/srv/backups"
            packing = "zstd"
            threads = 3
            rate = "50 MiB"
            leave_free = "2G"
            keep_last = 3
            keep_days = 4
            keep_daily = 5
            keep_weekly = 6
            keep_monthly = 7
            keep_safety = 8
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
            [notices]
            private_hosts = ["chat.lan", "::1"]
            [notices.targets.ops]
            url = "https://hooks.example.org/x"
            [notices.targets.pager_2]
            kind = "json"
            url_variable = "PAGER"
            secret_file = "pager"
            events = ["player-joined"]
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
        units: crate::model::Units::Decimal,
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
        backups: BackupSettings {
            folder: Some("/srv/backups".into()),
            packing: Packing::Zstd,
            threads: Some(3),
            rate: Some(Memory::mib(50)),
            leave_free: Memory::mib(2048),
            keep: Retention { last: 3, days: 4, daily: 5, weekly: 6, monthly: 7, safety: 8 },
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
        notices: NoticesSettings {
            private_hosts: vec!["chat.lan".into(), "::1".into()],
            targets: BTreeMap::from([
                (
                    "ops".to_owned(),
                    NoticeTarget {
                        urls: vec![Kept::Here(Secret("https://hooks.example.org/x".into()))],
                        ..NoticeTarget::default()
                    },
                ),
                (
                    "pager_2".to_owned(),
                    NoticeTarget {
                        kind: NoticeKind::Json,
                        urls: vec![Kept::Variable("PAGER".into())],
                        secrets: vec![Kept::File(folder.join(".config/mineclifford/pager"))],
                        topics: vec![Topic::PlayerJoined],
                    },
                ),
            ]),
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
