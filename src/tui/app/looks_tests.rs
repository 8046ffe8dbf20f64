//! What keys and the mouse do in the palette and in questions, and how lists are filtered.

use super::{testkit::*, *};
use crate::tui::{input::keymap, theme};

fn rig() -> Rig {
    let mut rig = Rig::new(120, 40, world());
    rig.app.settings.looks = Looks {
        themes: theme::available(None),
        keymaps: keymap::available(None),
        theme: "default".into(),
        ..Looks::default()
    };
    rig.effects.clear();
    rig
}

#[test]
fn a_theme_shows_as_one_comes_to_it_and_goes_when_it_is_not_meant() {
    let theme = |name: &str| Effect::Theme(name.into());
    let mut rig = rig();
    rig.keys(":").text("theme oce");
    assert_eq!(rig.effects, [theme("ocean")]);
    assert!(rig.screen().contains("theme ocean: "), "{}", rig.screen());
    rig.keys("esc");
    assert_eq!(rig.effects, [theme("ocean"), theme("default")]);
    assert!(rig.app.overlays.is_empty());
    assert_eq!(rig.app.remembered().theme, None);
    rig.effects.clear();
    // To something else, it goes too.
    rig.keys(":").text("theme oce").keys("backspace backspace backspace").text("zzz");
    assert_eq!(rig.effects.last(), Some(&theme("default")));
    rig.keys("esc");
    rig.effects.clear();
    rig.keys(":").text("theme nether").keys("enter");
    assert_eq!(rig.effects, [theme("nether"), theme("nether")]);
    assert_eq!(rig.app.remembered().theme.as_deref(), Some("nether"));
    rig.keys(":").text("theme nether");
    assert!(rig.screen().contains("theme nether (now)"));
}

#[test]
fn jobs_and_keymaps_are_in_the_palette() {
    let mut rig = rig();
    rig.keys(":").text("job edit").keys("enter");
    assert_eq!(rig.app.focus, Panel::Jobs);
    assert_eq!(rig.app.jobs.current(&rig.snapshot).unwrap().kind, crate::model::JobKind::Edit);
    rig.keys(":").text("keymap vim").keys("enter");
    assert_eq!(rig.effects, [Effect::Keymap("vim".into())]);
    let (vim, problems) = Keymap::load(Some("vim"), None);
    rig.give(What::Keymap(Box::new(vim), problems));
    assert!(rig.screen().contains("The keys are those of vim now."));
    assert_eq!(rig.app.remembered().keymap.as_deref(), Some("vim"));
    rig.effects.clear();
    rig.keys("Z Z");
    assert_eq!(rig.effects, [Effect::Quit]);
}

#[test]
fn jobs_are_filtered() {
    let mut rig = rig();
    rig.keys("5 /").text("fail");
    assert_eq!(rig.app.place(), Place::Filter);
    assert_eq!(rig.app.jobs.rows(&rig.snapshot).count(), 1);
    rig.keys("enter enter");
    assert!(rig.screen().contains("No such file or directory"), "{}", rig.screen());
    rig.keys("esc / x x x");
    assert!(rig.screen().contains("No job contains this."), "{}", rig.screen());
    rig.keys("esc");
    assert_eq!(rig.app.jobs.rows(&rig.snapshot).count(), 3);
}

#[test]
fn the_mouse_presses_buttons_and_rows_of_what_lies_over_the_panels() {
    use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    let mut rig = rig();
    let click = |rig: &mut Rig, text: &str| {
        let screen = rig.screen();
        let (row, line) = screen.lines().enumerate().find(|(_, line)| line.contains(text)).unwrap();
        let column = line[..line.find(text).unwrap()].chars().count() as u16;
        let kind = MouseEventKind::Down(MouseButton::Left);
        let event = MouseEvent { kind, column, row: row as u16, modifiers: KeyModifiers::NONE };
        rig.give(What::Mouse(event));
    };
    rig.keys("K");
    click(&mut rig, "It ends at once");
    assert_eq!(rig.app.overlays.len(), 1, "only buttons decide");
    click(&mut rig, "▶ No ");
    assert!(rig.app.overlays.is_empty() && rig.orders().is_empty());
    rig.keys("K");
    click(&mut rig, "Yes, kill it");
    assert!(matches!(rig.orders().as_slice(), [crate::model::Order::Kill(_)]));
    // A name that must be typed is not clicked away.
    rig.keys("D");
    click(&mut rig, "Yes, delete both");
    assert!(rig.orders().is_empty() && rig.app.overlays.len() == 1);
    rig.keys("esc :").text("lobby");
    click(&mut rig, "server lobby");
    assert_eq!(rig.app.selected(&rig.snapshot).unwrap().name(), "lobby");
}
