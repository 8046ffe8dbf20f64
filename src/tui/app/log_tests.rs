//! What keys do with the console's log and its command line.

use super::{testkit::*, *};
use crate::tui::{
    outside::Saved,
    terminal::clipboard::{Clipboard, TERMINAL_MAX},
};

/// A dashboard whose console shows [`LOG`] and is being read.
fn reading() -> Rig {
    let mut rig = Rig::new(120, 40, world()).with_log();
    rig.keys("2 esc");
    rig.effects.clear();
    assert_eq!(rig.app.place(), Place::Log);
    rig
}

fn copied(rig: &mut Rig) -> String {
    let effects = std::mem::take(&mut rig.effects);
    let texts = effects.into_iter().filter_map(|effect| match effect {
        Effect::Copy { text, .. } => Some(text),
        _ => None,
    });
    texts.collect::<Vec<_>>().join("\n--\n")
}

#[test]
fn what_is_searched_is_counted_and_gone_through() {
    let mut rig = reading();
    rig.keys("/").text("steve");
    assert_eq!(rig.app.place(), Place::Filter);
    assert!(rig.screen().contains("/steve") && rig.screen().contains("2 of 2"), "{}", rig.screen());
    rig.keys("enter n");
    assert_eq!(rig.app.place(), Place::Log);
    assert!(rig.screen().contains("1 of 2"));
    rig.keys("N");
    assert!(rig.screen().contains("2 of 2"));
    // What was found is what is copied.
    rig.keys("y");
    assert!(copied(&mut rig).contains("<Steve> hello green world"));
    rig.keys("/").text("nowhere");
    assert!(rig.screen().contains("not found"));
    rig.keys("esc");
    assert!(rig.app.console.log.searched().is_none());
    // Without a search, n is what it is elsewhere.
    rig.keys("n");
    assert!(matches!(rig.app.overlays.as_slice(), [Overlay::Form(_)]));
}

#[test]
fn lines_are_filtered_by_text_by_expression_and_inversely() {
    let mut rig = reading();
    let shown = |rig: &Rig| rig.app.console.log.status(&rig.app.console.ring).shown;
    rig.keys("f").text("steve");
    assert_eq!(shown(&rig), 2);
    rig.keys("alt-i");
    assert_eq!(shown(&rig), 7);
    rig.keys("alt-i enter");
    assert!(rig.screen().contains("only steve") && rig.screen().contains("2 of 9 lines"));
    // Given up, what was before holds again.
    rig.keys("f").text("nothing");
    assert!(rig.screen().contains("No line passes the filter."), "{}", rig.screen());
    rig.keys("esc");
    assert_eq!(shown(&rig), 2);
    rig.keys("f alt-r").text("jo(in");
    assert!(rig.screen().contains("unclosed group"), "{}", rig.screen());
    rig.text("ed)");
    assert_eq!(shown(&rig), 1);
    rig.keys("enter !");
    assert_eq!(shown(&rig), 8);
    assert!(rig.screen().contains("without regex jo(ined)"), "{}", rig.screen());
    rig.keys("esc");
    assert_eq!(shown(&rig), 9);
}

#[test]
fn lines_are_shown_by_level_and_chat_alone() {
    let mut rig = reading();
    let shown = |rig: &Rig| rig.app.console.log.status(&rig.app.console.ring).shown;
    let counts: Vec<_> = (0..4).map(|_| shown(rig.keys("l"))).collect();
    assert_eq!(counts, [9, 2, 1, 9]);
    rig.keys("c");
    assert_eq!(shown(&rig), 1);
    assert!(rig.screen().contains("chat only"));
    rig.keys("esc");
    assert_eq!(shown(&rig), 9);
}

#[test]
fn scrolled_up_it_holds_still_and_says_how_much_is_new() {
    let mut rig = reading();
    rig.give(What::Resize(Size { width: 80, height: 24 }));
    let server = rig.app.console.server.unwrap();
    for n in 0..30 {
        rig.give(What::Lines(server, lines(10 + n, &["more"])));
    }
    rig.keys("up up");
    rig.give(What::Lines(server, lines(40, &["newest one", "newest two"])));
    assert!(rig.screen().contains("paused, 2 new"), "{}", rig.screen());
    assert!(!rig.screen().contains("newest"));
    rig.keys("p");
    assert!(rig.screen().contains("newest two") && !rig.screen().contains("paused"));
    rig.keys("p");
    assert!(rig.screen().contains("paused, 0 new"));
    rig.keys("G");
    assert!(!rig.screen().contains("paused"));
}

#[test]
fn long_lines_are_cut_and_scrolled_and_times_stand_before_them() {
    let mut rig = reading();
    rig.give(What::Resize(Size { width: 60, height: 24 }));
    rig.keys("w right right");
    assert!(rig.screen().contains("│ er thread/INFO]: <Steve> hello"), "{}", rig.screen());
    rig.keys("left left left w T");
    // 2027-01-15 08:00:00 UTC.
    assert!(rig.screen().contains("08:00:00 [12:02:00]") && rig.screen().contains("local"));
    rig.change(|snapshot| {
        let server = Arc::make_mut(&mut snapshot.servers[0]);
        Arc::make_mut(&mut server.about).spec.time_zone = Some("Asia/Kolkata".into());
    });
    rig.keys("T");
    assert!(rig.screen().contains("13:30:00 [12:02:00]"), "{}", rig.screen());
    rig.keys("T");
    assert!(!rig.screen().contains("13:30:00"));
}

#[test]
fn a_line_a_selection_marked_and_last_lines_are_copied() {
    let mut rig = reading();
    rig.keys("y");
    assert!(copied(&mut rig).ends_with("Encountered an unexpected exception"));
    rig.keys("v up up y");
    let text = copied(&mut rig);
    assert_eq!(text.lines().count(), 3);
    assert!(text.starts_with("> say hi\n"), "{text}");
    assert!(rig.app.console.log.cursor().is_none());
    rig.keys("v up up up v space esc g g v space esc y");
    assert_eq!(copied(&mut rig).lines().count(), 2, "those that are marked");
    rig.keys("]");
    assert!(rig.app.console.log.cursor().is_some());
    rig.keys("esc Y").text("x");
    assert!(rig.screen().contains("must be a number of lines"));
    rig.keys("enter backspace").text("4").keys("enter");
    assert_eq!(copied(&mut rig).lines().count(), 4);
    rig.give(What::Copied { refused: None, lines: 4, of: None });
    assert!(rig.screen().contains("Copied 4 lines."));
}

#[test]
fn what_a_terminal_does_not_take_is_told() {
    let mut rig = reading();
    let server = rig.app.console.server.unwrap();
    let long = "x".repeat(1_000);
    for n in 0..200 {
        rig.give(What::Lines(server, lines(10 + n, &[long.as_str()])));
    }
    rig.keys("Y").text("150").keys("enter");
    let [Effect::Copy { text, lines: 74, of: Some(150) }] = rig.effects.as_slice() else {
        panic!("{:?}", rig.effects)
    };
    assert!(text.len() <= TERMINAL_MAX);
    let text = text.clone();
    rig.effects.clear();
    rig.give(What::Copied { refused: Some(text.clone()), lines: 74, of: Some(150) });
    assert_eq!(rig.effects, [Effect::CopyByTerminal(text)]);
    assert!(rig.screen().contains("Gave the terminal only the last 74 lines of 150"), "{}", rig.screen());
    // A program would have taken more; when it is not there, the terminal cannot take its place.
    rig.app.settings.clipboard = Clipboard { programs: vec![&["xclip"]], ..Clipboard::default() };
    rig.effects.clear();
    rig.keys("Y").text("150").keys("enter");
    let Some(Effect::Copy { text, lines: 150, of: None }) = rig.effects.pop() else { panic!() };
    rig.give(What::Copied { refused: Some(text), lines: 150, of: None });
    assert_eq!(rig.effects, []);
    assert!(rig.screen().contains("a terminal takes 73 KiB at "), "{}", rig.screen());
}

#[test]
fn a_log_is_saved_and_no_file_is_replaced_unasked() {
    let mut rig = reading();
    rig.keys("l l S");
    assert!(rig.screen().contains("alpha-2027-01-15-080000.log") && rig.screen().contains("2 lines"));
    rig.text("/tmp/x.log").keys("enter");
    let [Effect::Save { path, text, replace: false }] = rig.effects.as_slice() else {
        panic!("{:?}", rig.effects)
    };
    assert_eq!((path.as_str(), text.lines().count()), ("/tmp/x.log", 2));
    let text = text.clone();
    rig.effects.clear();
    rig.give(What::Saved(Saved::Exists("/tmp/x.log".into()), text.clone()));
    rig.keys("enter");
    assert_eq!(rig.effects, [], "No is chosen");
    rig.give(What::Saved(Saved::Exists("/tmp/x.log".into()), text.clone()));
    rig.keys("y");
    assert_eq!(rig.effects, [Effect::Save { path: "/tmp/x.log".into(), text, replace: true }]);
    rig.give(What::Saved(Saved::Done("/tmp/x.log".into()), String::new()));
    assert!(rig.screen().contains("Saved to /tmp/x.log."));
    rig.give(What::Saved(Saved::Failed(fault()), String::new()));
    assert!(rig.screen().contains("Docker does not answer"), "any fault is shown");
}

#[test]
fn what_was_cleared_away_can_be_brought_back() {
    let mut rig = reading();
    rig.keys("C");
    assert!(!rig.screen().contains("Steve joined") && rig.screen().contains("cleared"), "{}", rig.screen());
    rig.keys("U");
    assert!(rig.screen().contains("Steve joined"));
    rig.keys("U");
    assert!(rig.screen().contains("Nothing was cleared away."));
}

#[test]
fn commands_are_found_again_and_escape_loses_no_text() {
    let mut rig = reading();
    let server = rig.app.console.server.unwrap();
    let typed = ["list", "say one", "list", "give Steve diamond"].map(str::to_owned).to_vec();
    rig.give(What::Typed(server, typed));
    rig.keys("i").text("half a comm").keys("ctrl-r");
    assert!(rig.screen().contains("Typed before"));
    rig.text("zzz");
    assert!(rig.screen().contains("Nothing contains this."));
    rig.keys("esc");
    assert_eq!(rig.app.console.line.text(), "half a comm");
    rig.keys("esc / esc f esc i");
    assert_eq!((rig.app.console.line.text(), rig.app.place()), ("half a comm", Place::Console));
    rig.keys("ctrl-r").text("li").keys("enter");
    assert_eq!((rig.app.console.line.text(), rig.app.place()), ("list", Place::Console));
    assert_eq!(rig.effects, [], "it is typed, not sent");
}

#[test]
fn the_palette_leads_to_what_belongs_to_the_log() {
    let mut rig = Rig::new(120, 40, world()).with_log();
    rig.keys(":").text("look for a text in the log").keys("enter").text("done");
    assert!(rig.screen().contains("1 of 1"), "{}", rig.screen());
    rig.keys("1");
    assert_eq!(rig.app.console.log.searched(), Some("done1"), "digits are text there");
    rig.keys("enter 1");
    assert_eq!(rig.app.focus, Panel::Servers);
}

#[test]
fn the_mouse_selects_and_the_wheel_scrolls() {
    use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    let mut rig = Rig::new(120, 40, world()).with_log();
    let inner = rig.app.areas(&rig.snapshot).inside(Panel::Console);
    let at = |rig: &mut Rig, kind, row| {
        let column = inner.x + 5;
        rig.give(What::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
    };
    at(&mut rig, MouseEventKind::Down(MouseButton::Left), inner.y + 2);
    assert!(rig.app.console.log.is_following(), "a click alone holds nothing still");
    at(&mut rig, MouseEventKind::Drag(MouseButton::Left), inner.y + 4);
    at(&mut rig, MouseEventKind::Up(MouseButton::Left), inner.y + 3);
    rig.effects.clear();
    rig.keys("y");
    let text = copied(&mut rig);
    assert!(text.contains("Preparing level") && !text.contains("Starting minecraft"), "{text}");
    at(&mut rig, MouseEventKind::ScrollUp, inner.y + 3);
    at(&mut rig, MouseEventKind::Drag(MouseButton::Left), 0);
}
