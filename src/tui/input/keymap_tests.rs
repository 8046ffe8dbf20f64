use super::*;
use crate::tui::action::{Fact, Facts};

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
        // Some have one only while something is so.
        let scenes = keymap.bindings().iter().filter(|binding| binding.action == info.action);
        let mut scenes =
            scenes.flat_map(|binding| info.places.iter().map(|place| binding.when.scene(*place)));
        let bound = scenes.any(|scene| keymap.keys_of(info.action, scene).is_some());
        assert!(bound, "{} has no key", info.id);
    }
}

#[test]
fn what_is_bound_here_comes_before_what_is_bound_everywhere() {
    let (keymap, _) = Keymap::load(None, None);
    assert_eq!(keymap.find(Scene::plain(Place::Servers), &keys("enter")), Found::Action(Action::Open));
    assert_eq!(keymap.find(Scene::plain(Place::Console), &keys("enter")), Found::Action(Action::Send));
    assert_eq!(keymap.find(Scene::plain(Place::Console), &keys("ctrl-c")), Found::Action(Action::Quit));
    assert_eq!(keymap.find(Scene::plain(Place::Servers), &keys("ctrl-a")), Found::Nothing);
    let Found::Prefix(next) = keymap.find(Scene::plain(Place::Servers), &keys("g")) else {
        panic!("no chord")
    };
    assert_eq!((next[0].label(), next[0].action), ("g g".to_owned(), Action::First));
    assert_eq!(keymap.find(Scene::plain(Place::Servers), &keys("g g")), Found::Action(Action::First));
}

#[test]
fn a_persons_line_wins_over_a_shipped_one() {
    let (keymap, problems) = with("bind = [{ keys = \"s\", action = \"server.stop\", when = \"servers\" }]");
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(keymap.find(Scene::plain(Place::Servers), &keys("s")), Found::Action(Action::Stop));
    assert_eq!(keymap.find(Scene::plain(Place::Details), &keys("s")), Found::Action(Action::Start));
    let (keymap, problems) = with("bind = [{ keys = \"g\", action = \"move.first\", when = \"servers\" }]");
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(keymap.find(Scene::plain(Place::Servers), &keys("g")), Found::Action(Action::First));
}

#[test]
fn a_key_can_be_taken_away() {
    let (keymap, problems) = with("unbind = [{ keys = \"z\" }, { keys = \"ctrl-y\" }]");
    assert_eq!(keymap.find(Scene::plain(Place::Servers), &keys("z")), Found::Nothing);
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
    let known = "the places are everywhere, servers, console, log, gauges, details, jobs, schedules, backups, access, audit, filter, dialog, the facts filtered, messages, zoomed, scrolled, searched, selected, read-only";
    assert_eq!(
        problems,
        [
            "keymap.toml:6: ctrl-e: no action is called \"server.explode\"".to_owned(),
            "keymap.toml:7: \"hyper-x\": no key is called \"hyper-x\"".into(),
            format!("keymap.toml:10: ctrl-f: no place and no fact is called \"kitchen\"; {known}"),
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
    assert_eq!(keymap.find(Scene::plain(Place::Servers), &keys("ctrl-o")), Found::Action(Action::Help));
    assert_eq!(keymap.find(Scene::plain(Place::Servers), &keys("f5")), Found::Action(Action::Create));
}

#[test]
fn a_keymap_without_quit_keeps_a_way_out() {
    let (keymap, problems) = with("unbind = [{ keys = [\"q\", \"ctrl-c\"] }]");
    assert_eq!(problems, ["keymap.toml:1: no key is bound to app.quit; ctrl-c is, so that you can leave"]);
    assert_eq!(keymap.find(Scene::plain(Place::Servers), &keys("ctrl-c")), Found::Action(Action::Quit));
}

#[test]
fn a_broken_file_and_an_unknown_keymap_leave_the_default() {
    let (keymap, problems) = with("bind = [");
    assert_eq!(problems, ["keymap.toml:1: unclosed array, expected `]`; what can be read of the file holds"]);
    assert_eq!(keymap.find(Scene::plain(Place::Servers), &keys("q")), Found::Action(Action::Quit));
    let (keymap, problems) = Keymap::load(Some("dvorak"), None);
    assert_eq!(
        problems[0].to_string(),
        "keymap \"dvorak\":1: there is no such keymap; there are default, vim, emacs. The default holds"
    );
    assert_eq!(keymap.find(Scene::plain(Place::Servers), &keys("q")), Found::Action(Action::Quit));
}

#[test]
fn the_more_a_line_says_about_where_it_holds_the_more_it_counts() {
    let (keymap, problems) = with(
        r#"bind = [
  { keys = "ctrl-t", action = "app.help" },
  { keys = "ctrl-t", action = "app.redraw", when = "messages" },
  { keys = "ctrl-t", action = "list.sort", when = "servers" },
  { keys = "ctrl-t", action = "list.clear_filter", when = "servers & filtered & !zoomed" },
]"#,
    );
    assert_eq!(problems, Vec::<String>::new());
    let at = |place, facts: &[Fact]| {
        let facts = facts.iter().fold(Facts::NONE, |all, fact| all.with(*fact, true));
        keymap.find(Scene { place, facts }, &keys("ctrl-t"))
    };
    assert_eq!(at(Place::Jobs, &[]), Found::Action(Action::Help));
    assert_eq!(at(Place::Jobs, &[Fact::Messages]), Found::Action(Action::Redraw));
    assert_eq!(at(Place::Servers, &[Fact::Messages]), Found::Action(Action::Sort));
    assert_eq!(at(Place::Servers, &[Fact::Filtered]), Found::Action(Action::ClearFilter));
    assert_eq!(at(Place::Servers, &[Fact::Filtered, Fact::Zoomed]), Found::Action(Action::Sort));
}

#[test]
fn a_key_that_nothing_can_reach_is_told_with_what_hides_it() {
    let (_, problems) = with(
        r#"bind = [
  { keys = "ctrl-i", action = "app.help" },
  { keys = "ctrl-X", action = "app.help" },
  { keys = "enter", action = "app.help" , when = "everywhere" },
  { keys = "ctrl-t", action = "app.help", when = "log & messages" },
  { keys = "ctrl-t ctrl-t", action = "app.redraw", when = "log & messages & zoomed" },
  { keys = "ctrl-o ctrl-o", action = "app.redraw", when = "jobs" },
  { keys = "ctrl-o", action = "app.mouse", when = "jobs & messages" },
  { keys = "j", action = "app.mouse", when = "console & messages" },
  { keys = "f7", action = "app.help", when = "log & !messages & messages" },
]"#,
    );
    assert_eq!(
        problems,
        [
            "keymap.toml:10: f7: \"log & !messages & messages\" is never so",
            "keymap.toml:2: ctrl-i: app.help could never be reached, because terminals send tab for ctrl-i; bind tab",
            "keymap.toml:3: ctrl-X: app.help could never be reached, because terminals send ctrl-x for ctrl-X; bind ctrl-x",
            "keymap.toml:9: j: app.mouse could never be reached, because j is typed as text in console",
        ]
    );
    let (keymap, problems) = with(
        r#"
unbind = [ { keys = "1" } ]
bind = [
  { keys = "1", action = "app.help" },
  { keys = "ctrl-o x", action = "app.help" },
  { keys = "ctrl-o", action = "app.mouse", when = ["servers", "console", "log", "gauges", "details", "jobs", "schedules", "backups", "access", "audit", "filter", "dialog"] },
]"#,
    );
    assert_eq!(
        problems,
        ["keymap.toml:5: ctrl-o x: app.help can never be reached; it is hidden by app.mouse (keymap.toml:6)"]
    );
    assert_eq!(keymap.find(Scene::plain(Place::Log), &keys("1")), Found::Action(Action::Help));
}

#[test]
fn a_footer_never_shows_a_key_that_is_text_where_the_person_is() {
    for (name, _) in SHIPPED {
        let (keymap, _) = Keymap::load(Some(name), None);
        for place in [Place::Console, Place::Filter, Place::Dialog] {
            for info in crate::tui::action::ALL {
                let keys = keymap.keys_of(info.action, Scene::plain(place));
                assert!(
                    keys.as_ref().is_none_or(|keys| keys.chars().count() > 1),
                    "{name} {place}: {keys:?}"
                );
            }
        }
    }
}

#[test]
fn a_line_that_is_no_toml_breaks_only_itself() {
    let (keymap, problems) = with(
        r#"
inherit = "vim"
bind = [
  { keys = "f5", action = "app.help" },
  { keys = f6, action = "app.palette" },
  { keys = "f7", action = "app.mouse" },
]
unbind = "q"
"#,
    );
    assert_eq!(keymap.find(Scene::plain(Place::Log), &keys("f5")), Found::Action(Action::Help));
    assert_eq!(keymap.find(Scene::plain(Place::Log), &keys("f7")), Found::Action(Action::Mouse));
    assert_eq!(
        problems,
        [
            "keymap.toml:2: \"inherit\" is not known here; it may be about, inherits, unbind, bind; it is left out",
            "keymap.toml:5: invalid boolean, expected `false`; what can be read of the file holds",
            "keymap.toml:5: `keys` must be a text such as \"g g\", or a list of them",
            "keymap.toml:8: must be a list such as [{ keys = \"q\", action = \"app.quit\" }]; it is left out",
        ]
    );
}

#[test]
fn each_other_mistake_has_words_of_its_own() {
    let (_, problems) = with(
        r#"bind = [
  { keys = "", action = "app.help" },
  { keys = "ctrl-o", action = "app.help" },
  { keys = "ctrl-o", action = "app.help" },
  { keys = "f1 f2 f3 f4 f5", action = "app.help" },
  { keys = "f6", action = "app.help", when = 3 },
]"#,
    );
    assert_eq!(
        problems,
        [
            "keymap.toml:2: a key is missing",
            "keymap.toml:5: \"f1 f2 f3 f4 f5\": a chord has at most 4 keys",
            "keymap.toml:6: `when` must be a text such as \"servers\" or \"servers & filtered\", or a list of them",
            "keymap.toml:4: ctrl-o: bound to app.help twice; also at app.help (keymap.toml:3)",
        ]
    );
    let (_, problems) = with(&format!("about = \"{}\"", "x".repeat(parse::MAX_BYTES)));
    assert_eq!(
        problems,
        [format!("keymap.toml:1: it has more than {} bytes; it is not used", parse::MAX_BYTES)]
    );
    let (_, problems) = Keymap::load(Some("../x"), None);
    assert_eq!(
        problems[0].to_string(),
        "keymap \"../x\":1: a keymap's name has only letters, digits, '-' and '_'"
    );
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("keymaps")).unwrap();
    std::fs::write(folder.path().join("keymaps/round.toml"), "inherits = \"round\"").unwrap();
    let (keymap, problems) = Keymap::load(Some("round"), Some(folder.path()));
    assert_eq!(
        problems[0].to_string(),
        "round:1: keymaps inherit from each other without end; \"round\" is left out"
    );
    // A person without any key could not even leave.
    assert_eq!(keymap.find(Scene::plain(Place::Servers), &keys("ctrl-c")), Found::Action(Action::Quit));
}
