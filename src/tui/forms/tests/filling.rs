use std::collections::BTreeMap;

use crate::model::{
    Changes, Memory, ServerType,
    spec::{Difficulty, Mode},
};

use super::super::{clone::CloneForm, clone::CopyOf, edit::EditForm, rename::RenameForm};
use super::*;

#[test]
fn keys_alone_fill_in_a_whole_spec() {
    let mut form = create();
    typed(&mut form, "my-server");
    key(&mut form, KeyCode::Enter);
    typed(&mut form, "pap");
    key(&mut form, KeyCode::Tab);
    over(&mut form, "version", "1.21.4");
    go(&mut form, "eula");
    typed(&mut form, " ");
    over(&mut form, "motd", "  Hello wörld");
    go(&mut form, "mode");
    key(&mut form, KeyCode::Right);
    key(&mut form, KeyCode::Right);
    go(&mut form, "difficulty");
    typed(&mut form, " ");
    key(&mut form, KeyCode::End);
    key(&mut form, KeyCode::Enter);
    over(&mut form, "seed", "-42");
    over(&mut form, "view_distance", "12");
    over(&mut form, "max_players", "40");
    over(&mut form, "ops", "Steve, Alex,");
    over(&mut form, "whitelist", "Steve,Alex , 069a79f4-44e9-4726-a5be-fca90e38aaf5");
    over(&mut form, "memory", "3G");
    ctrl(&mut form, KeyCode::Up);
    over(&mut form, "cpus", "2.5");
    over(&mut form, "pids_limit", "2048");
    over(&mut form, "port", "0");
    over(&mut form, "bind", "127.0.0.1");
    over(&mut form, "time_zone", "Europe/Berlin");
    over(&mut form, "image", "itzg/minecraft-server:java21");
    go(&mut form, "env");
    typed(&mut form, "USE_AIKAR_FLAGS=true");
    key(&mut form, KeyCode::Enter);
    typed(&mut form, "PLUGINS=a=b,c");
    let wanted = Spec {
        name: "my-server".into(),
        server_type: ServerType::Paper,
        version: "1.21.4".into(),
        memory: Memory::mib(4096),
        cpus: Some(2.5),
        pids_limit: Some(2048),
        port: 0,
        bind: Some([127, 0, 0, 1].into()),
        motd: Some("  Hello wörld".into()),
        mode: Some(Mode::Creative),
        difficulty: Some(Difficulty::Hard),
        max_players: Some(40),
        seed: Some("-42".into()),
        ops: vec!["Steve".into(), "Alex".into()],
        whitelist: vec!["Steve".into(), "Alex".into(), "069a79f4-44e9-4726-a5be-fca90e38aaf5".into()],
        view_distance: Some(12),
        time_zone: Some("Europe/Berlin".into()),
        env: BTreeMap::from([("USE_AIKAR_FLAGS".into(), "true".into()), ("PLUGINS".into(), "a=b,c".into())]),
        image: Some("itzg/minecraft-server:java21".into()),
        eula: true,
        ..Spec::default()
    };
    assert_eq!(ctrl(&mut form, KeyCode::Char('s')), Outcome::Submitted(wanted));
}

#[test]
fn a_name_and_the_eula_are_enough() {
    let mut form = create();
    typed(&mut form, "survival");
    go(&mut form, "eula");
    typed(&mut form, " ");
    // Enter goes on from field to field until the button.
    for _ in 0..40 {
        if form.form().focused().is_none() {
            break;
        }
        key(&mut form, KeyCode::Enter);
    }
    let wanted = Spec { name: "survival".into(), port: 25566, eula: true, ..Spec::default() };
    assert_eq!(key(&mut form, KeyCode::Enter), Outcome::Submitted(wanted));
}

#[test]
fn each_rule_shows_under_its_field_as_it_is_broken() {
    for (id, text, rule) in [
        ("name", "-x", "must begin with a letter or a digit"),
        ("name", "a b", "may hold only letters, digits"),
        ("version", "1.21 beta", "must be LATEST, SNAPSHOT or a version"),
        ("motd", &"x".repeat(257), "must have at most 256 characters"),
        ("seed", &"x".repeat(129), "must have at most 128 characters"),
        ("view_distance", "1", "must be from 2 to 32 chunks"),
        ("view_distance", "far", "must be from 2 to 32 chunks"),
        ("view_distance", "-5", "must be from 2 to 32 chunks"),
        ("max_players", "0", "must be from 1 to 100000"),
        ("max_players", "many", "must be from 1 to 100000"),
        ("ops", "Steve, not a name", "must be players' names"),
        ("whitelist", "x/y", "must be players' names"),
        ("memory", "100M", "must be at least 256M"),
        ("memory", "lots", "must be a number with M or G"),
        ("memory", "15G", "is more than the host has"),
        ("memory", "17179869183G", "must be at most 1024G"),
        ("cpus", "0", "must be a number of cores from 0.01"),
        ("cpus", "two", "must be a number of cores from 0.01"),
        ("cpus", "9", "must be at most 8: the host has no more cores"),
        ("pids_limit", "10", "must be from 64 to 4194304"),
        ("port", "65536", "must be a port from 1 to 65535"),
        ("port", "", "must be a port from 1 to 65535"),
        ("bind", "everywhere", "must be an address of the host"),
        ("time_zone", "Mars/Base", "must be a time zone such as Europe/Berlin"),
        ("image", "-v/:/x", "must be an image such as"),
        ("env", "no pair", "line 1 must be written NAME=value"),
        ("env", "RCON_PASSWORD=x", "RCON_PASSWORD has a field of its own"),
        ("env", "A-B=x", "names must be letters, digits and '_'"),
    ] {
        let mut form = create();
        assert!(!shown(&form, 100, 40).contains('✗'), "nothing is red before anybody has typed");
        over(&mut form, id, text);
        let screen = shown(&form, 130, 60);
        assert!(screen.contains(&format!("✗ {rule}")), "{id} {text:?}:\n{screen}");
        if id != "name" {
            over(&mut form, "name", "ok");
        }
        assert_eq!(form.value().unwrap_err().field, id, "{text:?}");
        // It goes away as it is put right.
        if id == "view_distance" {
            over(&mut form, id, "10");
            assert!(!shown(&form, 130, 60).contains(rule));
        }
    }
}

#[test]
fn submitting_goes_to_the_first_bad_field() {
    let mut form = create();
    over(&mut form, "memory", "1M");
    assert_eq!(ctrl(&mut form, KeyCode::Char('s')), Outcome::Editing);
    assert_eq!(form.form().focused(), Some("name"));
    typed(&mut form, "ok");
    ctrl(&mut form, KeyCode::Char('s'));
    assert_eq!(form.form().focused(), Some("memory"));
    over(&mut form, "memory", "1G");
    ctrl(&mut form, KeyCode::Char('s'));
    assert_eq!(form.form().focused(), Some("eula"));
    assert!(shown(&form, 80, 24).contains("must be accepted"));
    typed(&mut form, " ");
    assert!(!shown(&form, 80, 24).contains("must be accepted"));
    assert!(matches!(ctrl(&mut form, KeyCode::Char('s')), Outcome::Submitted(_)));
}

#[test]
fn what_follows_from_values_is_said() {
    let mut form = create();
    over(&mut form, "name", "lobby");
    over(&mut form, "port", "25565");
    over(&mut form, "memory", "4G");
    over(&mut form, "version", "1.16.5");
    let screen = shown(&form, 120, 60);
    for said in [
        "! There is a server called lobby already.",
        "! lobby has port 25565. Choose another, or 0 for a free one.",
        "container limit 5 GiB of 16 GiB",
        "the host has 8",
        "itzg/minecraft-server:java8",
        "https://aka.ms/MinecraftEULA",
        "you yourself accept",
    ] {
        assert!(screen.contains(said), "{said}:\n{screen}");
    }
}

#[test]
fn a_paste_never_accepts_or_submits() {
    let mut form = create();
    form.paste("my-name\n");
    go(&mut form, "eula");
    form.paste(" \ny\ntrue\n");
    assert_eq!(form.form().value("eula"), "false");
    go(&mut form, "type");
    form.paste("paper\n");
    assert_eq!(form.form().value("type"), "PAPER");
    go(&mut form, "ops");
    form.paste("Steve\r\nAlex\r\n");
    assert_eq!(form.form().values("ops"), ["Steve", "Alex"]);
    go(&mut form, "env");
    form.paste("A=1\r\nB=2\u{1b}[31m\n\nC=\t3");
    assert_eq!(form.form().value("env"), "A=1\nB=2[31m\n\nC= 3");
    assert_eq!(form.form().value("name"), "my-name");
}

fn old() -> Spec {
    let mut spec =
        Spec { name: "old".into(), seed: Some("7".into()), eula: true, port: 25570, ..Spec::default() };
    spec.env.insert("KEEP".into(), "1".into());
    spec.env.insert("LINES".into(), "a\nb".into());
    spec
}

#[test]
fn editing_gives_only_what_was_changed() {
    let mut form = EditForm::new(&old(), around());
    assert_eq!(form.form().focused(), Some("type"), "the name is fixed");
    assert_eq!(ctrl(&mut form, KeyCode::Char('s')), Outcome::Submitted(Changes::default()));
    over(&mut form, "memory", "4G");
    over(&mut form, "motd", "hi");
    go(&mut form, "env");
    typed(&mut form, "NEW=2");
    key(&mut form, KeyCode::Enter);
    let Outcome::Submitted(changes) = ctrl(&mut form, KeyCode::Char('s')) else { panic!("not submitted") };
    let wanted = Changes {
        memory: Some(Memory::mib(4096)),
        motd: Some(Some("hi".into())),
        env_set: BTreeMap::from([("NEW".into(), "2".into())]),
        ..Changes::default()
    };
    assert_eq!(changes, wanted);
    // What a line cannot show is kept.
    assert_eq!(changes.applied_to(&old()).env.get("LINES").map(String::as_str), Some("a\nb"));
    let screen = shown(&form, 120, 60);
    assert!(screen.contains("container limit 5 GiB of 16 GiB; was 2G"), "{screen}");
    assert!(screen.contains("was empty"), "{screen}");
}

#[test]
fn a_value_that_no_line_can_show_is_not_changed_by_being_looked_at() {
    let old = Spec { version: "1.21".into(), time_zone: Some("UTC".into()), ..old() };
    let mut form = EditForm::new(&old, around());
    for _ in 0..50 {
        key(&mut form, KeyCode::Tab);
    }
    assert_eq!(form.value(), Ok(Changes::default()));
    // Typed and taken back is no change either.
    over(&mut form, "version", "1.21");
    assert_eq!(form.value(), Ok(Changes::default()));
    assert!(!form.is_dirty());
}

#[test]
fn renaming_and_cloning() {
    let mut form = RenameForm::new("old", around().taken);
    over(&mut form, "name", "lobby");
    assert!(shown(&form, 60, 12).contains("There is a server called lobby already."));
    over(&mut form, "name", "a/b");
    assert_eq!(ctrl(&mut form, KeyCode::Char('s')), Outcome::Editing);
    over(&mut form, "name", "new-name");
    assert_eq!(ctrl(&mut form, KeyCode::Char('s')), Outcome::Submitted("new-name".into()));

    let taken = Taken { names: vec!["a-copy".into()], ports: vec![(25565, "a".into())] };
    let mut form = CloneForm::new("a", taken);
    assert_eq!(form.value(), Ok(CopyOf { name: "a-copy-2".into(), port: 0 }));
    over(&mut form, "port", "25565");
    assert!(shown(&form, 60, 12).contains("a has port 25565."));
    over(&mut form, "port", "x");
    assert_eq!(form.value().unwrap_err().field, "port");
}

#[test]
fn enter_on_the_last_line_of_a_short_form_submits_it() {
    let mut form = RenameForm::new("old", around().taken);
    typed(&mut form, "er");
    assert_eq!(key(&mut form, KeyCode::Enter), Outcome::Submitted("older".into()));
    let mut form = RenameForm::new("old", around().taken);
    typed(&mut form, "/");
    assert_eq!(key(&mut form, KeyCode::Enter), Outcome::Editing, "a refused value is not submitted");
}
