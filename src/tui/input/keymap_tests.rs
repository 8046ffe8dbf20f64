use super::*;

fn keys(text: &str) -> Vec<Key> {
    parse::chord_of(text).unwrap()
}

/// The default with a person's `keymap.toml` over it; the problems without the folder's name.
fn with(text: &str) -> (Keymap, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("keymap.toml"), text).unwrap();
    let (keymap, problems) = Keymap::load(None, Some(folder.path()));
    let prefix = format!("{}/", folder.path().display());
    (keymap, problems.iter().map(|problem| problem.to_string().replace(&prefix, "")).collect())
}

#[test]
fn every_shipped_keymap_loads_without_a_warning() {
    for (name, _) in SHIPPED {
        let (keymap, problems) = Keymap::load(Some(name), None);
        assert_eq!(problems, [], "{name}");
        for binding in keymap.bindings() {
            let first = binding.keys[0].to_string();
            assert!(!["ctrl-a", "ctrl-b"].contains(&first.as_str()), "{name}: {first}");
            if binding.action.info().impact == Impact::Destroys {
                assert!(!["ctrl-d", "ctrl-k"].contains(&first.as_str()), "{name}: {first}");
            }
        }
    }
}

#[test]
fn every_action_but_the_seldom_ones_has_a_key_in_the_default_keymap() {
    let (keymap, _) = Keymap::load(None, None);
    for info in crate::tui::action::ALL {
        let bound = info.places.iter().any(|place| keymap.keys_of(info.action, *place).is_some());
        assert!(bound, "{} has no key", info.id);
    }
}

#[test]
fn what_is_bound_here_comes_before_what_is_bound_everywhere() {
    let (keymap, _) = Keymap::load(None, None);
    assert_eq!(keymap.find(Place::Servers, &keys("enter")), Found::Action(Action::Open));
    assert_eq!(keymap.find(Place::Console, &keys("enter")), Found::Action(Action::Send));
    assert_eq!(keymap.find(Place::Console, &keys("ctrl-c")), Found::Action(Action::Quit));
    assert_eq!(keymap.find(Place::Servers, &keys("ctrl-a")), Found::Nothing);
    let Found::Prefix(next) = keymap.find(Place::Servers, &keys("g")) else { panic!("no chord") };
    assert_eq!((next[0].label(), next[0].action), ("g g".to_owned(), Action::First));
    assert_eq!(keymap.find(Place::Servers, &keys("g g")), Found::Action(Action::First));
}

#[test]
fn a_persons_line_wins_over_a_shipped_one() {
    let (keymap, problems) = with("bind = [{ keys = \"s\", action = \"server.stop\", when = \"servers\" }]");
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(keymap.find(Place::Servers, &keys("s")), Found::Action(Action::Stop));
    assert_eq!(keymap.find(Place::Details, &keys("s")), Found::Action(Action::Start));
    let (keymap, problems) = with("bind = [{ keys = \"g\", action = \"move.first\", when = \"servers\" }]");
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(keymap.find(Place::Servers, &keys("g")), Found::Action(Action::First));
}

#[test]
fn a_key_can_be_taken_away() {
    let (keymap, problems) = with("unbind = [{ keys = \"z\" }, { keys = \"ctrl-y\" }]");
    assert_eq!(keymap.find(Place::Servers, &keys("z")), Found::Nothing);
    assert_eq!(
        problems,
        ["keymap.toml:1: ctrl-y: nothing is bound to it in everywhere, so nothing was unbound"]
    );
}

#[test]
fn whatever_is_wrong_is_told_with_file_line_key_and_both_actions_and_the_rest_holds() {
    let (keymap, problems) = with(
        r#"bind = [
  { keys = "ctrl-o", action = "app.help" },
  { keys = "ctrl-o", action = "app.palette" },
  { keys = "ctrl-t x", action = "app.redraw" },
  { keys = "ctrl-t", action = "layout.zoom" },
  { keys = "ctrl-e", action = "server.explode" },
  { keys = "hyper-x", action = "app.help" },
  { keys = "x", action = "console.send", when = "console" },
  { keys = "ctrl-d", action = "server.delete", when = "servers" },
  { keys = "ctrl-f", action = "app.help", when = "kitchen" },
  { keys = "ctrl-f" },
  { keys = "ctrl-f", action = "app.help", color = "red" },
  { action = "app.help" },
  "ctrl-f",
  { keys = "ctrl-f", action = "job.cancel", when = "servers" },
  { keys = "f5", action = "server.create" },
]"#,
    );
    let known = "everywhere, servers, console, log, gauges, details, jobs, filter, dialog";
    assert_eq!(
        problems,
        [
            "keymap.toml:6: ctrl-e: no action is called \"server.explode\"".to_owned(),
            "keymap.toml:7: \"hyper-x\": no key is called \"hyper-x\"".into(),
            format!("keymap.toml:10: ctrl-f: no place is called \"kitchen\"; there are {known}"),
            "keymap.toml:11: ctrl-f: `action` is missing".into(),
            "keymap.toml:12: \"color\" is not known here; it may be keys, action, when".into(),
            "keymap.toml:13: `keys` is missing".into(),
            "keymap.toml:14: must be a table such as { keys = \"q\", action = \"app.quit\" }".into(),
            "keymap.toml:3: ctrl-o: bound to app.palette, but it is bound to app.help (keymap.toml:2) already, which holds".into(),
            "keymap.toml:5: ctrl-t: layout.zoom is left out; beside app.redraw (keymap.toml:4) one of both could never be reached, because it begins with the keys of the other".into(),
            "keymap.toml:8: x: console.send could never be reached, because x is typed as text in console".into(),
            "keymap.toml:9: ctrl-d: server.delete can lose something, and ctrl-d is pressed too easily for that; it is not bound".into(),
            "keymap.toml:15: ctrl-f: job.cancel does nothing in servers".into(),
        ]
    );
    assert_eq!(keymap.find(Place::Servers, &keys("ctrl-o")), Found::Action(Action::Help));
    assert_eq!(keymap.find(Place::Servers, &keys("f5")), Found::Action(Action::Create));
}

#[test]
fn a_keymap_without_quit_keeps_a_way_out() {
    let (keymap, problems) = with("unbind = [{ keys = [\"q\", \"ctrl-c\"] }]");
    assert_eq!(problems, ["keymap.toml:1: no key is bound to app.quit; ctrl-c is, so that you can leave"]);
    assert_eq!(keymap.find(Place::Servers, &keys("ctrl-c")), Found::Action(Action::Quit));
}

#[test]
fn a_broken_file_and_an_unknown_keymap_leave_the_default() {
    let (keymap, problems) = with("bind = [");
    assert_eq!(problems.len(), 1);
    assert!(
        problems[0].starts_with("keymap.toml:1: ") && problems[0].ends_with("the file is not used"),
        "{problems:?}"
    );
    assert_eq!(keymap.find(Place::Servers, &keys("q")), Found::Action(Action::Quit));
    let (keymap, problems) = Keymap::load(Some("dvorak"), None);
    assert_eq!(
        problems[0].to_string(),
        "keymap \"dvorak\":1: there is no such keymap; there are default, vim, emacs. The default holds"
    );
    assert_eq!(keymap.find(Place::Servers, &keys("q")), Found::Action(Action::Quit));
}
