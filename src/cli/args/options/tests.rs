//! Command lines in, specs and changes out.

use clap::Parser;

use super::*;
use crate::{
    cli::args::{Cli, Command, ServerCommand},
    model::HostId,
};

fn create(args: &[&str]) -> Result<Spec, Fault> {
    let line = ["mineclifford", "server", "create", "survival"].iter().chain(args);
    match Cli::try_parse_from(line).unwrap().command {
        Some(Command::Server(ServerCommand::Create(args))) => {
            args.shared.to_spec(&args.name, &args.new, &Spec::default())
        }
        other => panic!("{other:?}"),
    }
}

fn edit(args: &[&str]) -> Result<Changes, Fault> {
    let line = ["mineclifford", "server", "edit", "survival"].iter().chain(args);
    match Cli::try_parse_from(line).unwrap().command {
        Some(Command::Server(ServerCommand::Edit(args))) => args.shared.to_changes(&args.edit),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_type_of_server_can_be_written() {
    for (word, kind) in TYPES.iter().zip(ServerType::ALL) {
        assert!(word.eq_ignore_ascii_case(kind.as_str()), "{word} is not {kind}");
    }
    assert_eq!(create(&["--eula", "--type", "NeoForge"]).unwrap().server_type, ServerType::NeoForge);
}

#[test]
fn a_new_server_has_what_was_said_and_else_the_defaults() {
    let spec = create(&["--eula"]).unwrap();
    assert_eq!(spec, Spec { name: "survival".into(), eula: true, ..Spec::default() });
    let spec = create(&[
        "--type",
        "paper",
        "--version",
        "1.21.4",
        "--memory",
        "4G",
        "--cpus",
        "1.5",
        "--pids-limit",
        "512",
        "--port",
        "0",
        "--bind",
        "127.0.0.1",
        "--motd",
        "hi there",
        "--mode",
        "CREATIVE",
        "--difficulty",
        "hard",
        "--max-players",
        "7",
        "--seed",
        "-42",
        "--ops",
        "alice,bob",
        "--whitelist",
        "alice",
        "--view-distance",
        "12",
        "--time-zone",
        "Europe/Berlin",
        "--image",
        "my/image:1",
        "-e",
        "A=1=2",
        "--env",
        "B=",
        "--volume",
        "world",
        "--eula",
    ])
    .unwrap();
    let expected = Spec {
        name: "survival".into(),
        provider: Default::default(),
        host: HostId::local(),
        server_type: ServerType::Paper,
        version: "1.21.4".into(),
        memory: Memory::mib(4096),
        cpus: Some(1.5),
        pids_limit: Some(512),
        port: 0,
        bind: Some("127.0.0.1".parse().unwrap()),
        motd: Some("hi there".into()),
        mode: Some(Mode::Creative),
        difficulty: Some(Difficulty::Hard),
        max_players: Some(7),
        seed: Some("-42".into()),
        ops: vec!["alice".into(), "bob".into()],
        whitelist: vec!["alice".into()],
        view_distance: Some(12),
        time_zone: Some("Europe/Berlin".into()),
        env: BTreeMap::from([("A".into(), "1=2".into()), ("B".into(), String::new())]),
        image: Some("my/image:1".into()),
        volume: Some("world".into()),
        eula: true,
    };
    assert_eq!(spec, expected);
}

#[test]
fn a_broken_rule_names_its_field() {
    let field = |args: &[&str]| create(args).unwrap_err().field.unwrap();
    assert_eq!(field(&[]), "eula");
    assert_eq!(field(&["--eula", "--memory", "1M"]), "memory");
    assert_eq!(field(&["--eula", "--cpus", "NaN"]), "cpus");
    assert_eq!(field(&["--eula", "--motd", "a\nb"]), "motd");
    assert_eq!(field(&["--eula", "-e", "A=1", "-e", "A=2"]), "env");
    assert_eq!(field(&["--eula", "-e", "RCON_PASSWORD=x"]), "env");
    assert_eq!(field(&["--eula", "--volume", "/"]), "volume");
    assert_eq!(field(&["--eula", "--ops", "a b"]), "ops");
}

#[test]
fn an_edit_changes_what_was_named_and_nothing_else() {
    assert!(edit(&[]).unwrap().is_empty());
    let changes = edit(&[
        "--memory",
        "6G",
        "--motd",
        "new",
        "--unset",
        "cpus",
        "--unset",
        "time-zone",
        "--unset",
        "ops",
        "--env",
        "A=1",
        "--env-unset",
        "B",
        "--whitelist",
        "",
    ])
    .unwrap();
    let expected = Changes {
        memory: Some(Memory::mib(6144)),
        motd: Some(Some("new".into())),
        cpus: Some(None),
        time_zone: Some(None),
        ops: Some(Vec::new()),
        whitelist: Some(Vec::new()),
        env_set: BTreeMap::from([("A".into(), "1".into())]),
        env_unset: vec!["B".into()],
        ..Changes::default()
    };
    assert_eq!(changes, expected);
}

#[test]
fn set_and_unset_at_once_is_refused() {
    assert_eq!(edit(&["--motd", "x", "--unset", "motd"]).unwrap_err().field.unwrap(), "motd");
    assert_eq!(edit(&["--ops", "x", "--unset", "ops"]).unwrap_err().field.unwrap(), "ops");
    assert_eq!(edit(&["-e", "A=1", "--env-unset", "A"]).unwrap_err().field.unwrap(), "env");
}

#[test]
fn each_field_that_can_be_unset_becomes_a_change() {
    for unset in Unset::value_variants() {
        let options = EditOptions { unset: vec![*unset], env_unset: Vec::new() };
        let changes = SharedOptions::default().to_changes(&options).unwrap();
        let json = serde_json::to_value(&changes).unwrap();
        assert_ne!(changes, Changes::default(), "{unset:?}");
        assert!(json.get(unset.field()).is_some(), "{unset:?} names no field");
    }
}
