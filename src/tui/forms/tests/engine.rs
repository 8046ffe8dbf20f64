use ratatui::layout::Rect;

use crate::model::{Fault, FaultKind};

use super::*;

#[test]
fn esc_asks_only_when_something_would_be_lost() {
    assert_eq!(key(&mut create(), KeyCode::Esc), Outcome::Cancelled);
    let mut form = create();
    typed(&mut form, "x");
    for answer in [KeyCode::Char('n'), KeyCode::Enter, KeyCode::Esc, KeyCode::Char('q')] {
        assert_eq!(key(&mut form, KeyCode::Esc), Outcome::Editing);
        assert!(shown(&form, 40, 12).contains("Throw away what you typed? [y/N]"));
        assert_eq!(key(&mut form, answer), Outcome::Editing);
        assert!(!shown(&form, 40, 12).contains("Throw away"));
    }
    assert_eq!(form.form().value("name"), "x");
    key(&mut form, KeyCode::Esc);
    assert_eq!(key(&mut form, KeyCode::Char('y')), Outcome::Cancelled);
    let mut form = create();
    typed(&mut form, "x");
    key(&mut form, KeyCode::Backspace);
    assert_eq!(key(&mut form, KeyCode::Esc), Outcome::Cancelled, "nothing is left of it");
}

#[test]
fn the_focus_goes_round_both_ways() {
    let mut form = create();
    let ids: Vec<_> = form.form().ids().collect();
    let mut seen = Vec::new();
    for _ in 0..ids.len() + 2 {
        seen.push(form.form().focused());
        key(&mut form, KeyCode::Tab);
    }
    let wanted: Vec<_> = ids.iter().map(|id| Some(*id)).chain([None, None]).collect();
    assert_eq!(seen, wanted);
    for wanted in wanted.iter().rev() {
        form.key(KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT));
        assert_eq!(form.form().focused(), *wanted);
    }
    let mut sections = Vec::new();
    for _ in 0..7 {
        sections.push(form.form().focused());
        key(&mut form, KeyCode::PageDown);
    }
    let wanted = ["name", "motd", "max_players", "memory", "port", "time_zone"];
    assert_eq!(sections, wanted.iter().map(|id| Some(*id)).chain([None]).collect::<Vec<_>>());
    key(&mut form, KeyCode::PageUp);
    assert_eq!(form.form().focused(), Some("time_zone"));
}

#[test]
fn up_and_down_move_within_several_lines_before_they_leave_them() {
    let mut form = create();
    go(&mut form, "env");
    typed(&mut form, "A=1");
    key(&mut form, KeyCode::Enter);
    typed(&mut form, "B=2");
    key(&mut form, KeyCode::Up);
    assert_eq!(form.form().focused(), Some("env"));
    key(&mut form, KeyCode::Up);
    assert_eq!(form.form().focused(), Some("image"));
    key(&mut form, KeyCode::Down);
    key(&mut form, KeyCode::Down);
    key(&mut form, KeyCode::Enter);
    assert_eq!(form.form().focused(), Some("env"), "a line break");
    key(&mut form, KeyCode::Enter);
    assert_eq!(form.form().focused(), None, "Enter on an empty line goes on");
}

#[test]
fn a_list_drops_down_and_jumps_to_what_is_typed() {
    let mut form = create();
    go(&mut form, "type");
    typed(&mut form, " ");
    assert!(shown(&form, 80, 24).contains("│ Purpur"));
    typed(&mut form, "neo");
    key(&mut form, KeyCode::Esc);
    assert_eq!(form.form().value("type"), "VANILLA", "Esc closes only the list");
    typed(&mut form, " ");
    typed(&mut form, "sp");
    key(&mut form, KeyCode::Down);
    key(&mut form, KeyCode::Enter);
    assert_eq!(form.form().value("type"), "BUKKIT");
    typed(&mut form, "f");
    assert_eq!(form.form().value("type"), "FOLIA");
    typed(&mut form, "o");
    assert_eq!(form.form().value("type"), "FOLIA");
    typed(&mut form, "rg");
    assert_eq!(form.form().value("type"), "FORGE", "what leads nowhere begins anew");
    key(&mut form, KeyCode::Left);
    assert_eq!(form.form().value("type"), "QUILT");
}

#[test]
fn clicks_reach_fields_lists_and_buttons() {
    let (width, height) = (80, 24);
    let area = Rect::new(0, 0, width, height);
    let mut form = create();
    let at = find(&form, width, height, "[ ]");
    form.click(area, Position::new(at.x + 1, at.y));
    assert_eq!((form.form().focused(), form.form().value("eula").as_str()), (Some("eula"), "true"));
    let at = find(&form, width, height, "EULA");
    form.click(area, at);
    assert_eq!(form.form().value("eula"), "true", "the label only moves the focus");
    let at = find(&form, width, height, "Vanilla");
    form.click(area, at);
    let at = find(&form, width, height, "Fabric");
    form.click(area, at);
    assert_eq!(form.form().value("type"), "FABRIC");
    let at = find(&form, width, height, "a name, such");
    form.click(area, at);
    typed(&mut form, "abcd");
    form.click(area, Position::new(at.x + 2, at.y));
    typed(&mut form, "-");
    assert_eq!(form.form().value("name"), "ab-cd");
    let at = find(&form, width, height, "[ Cancel ]");
    assert_eq!(form.click(area, at), Outcome::Editing);
    assert!(shown(&form, width, height).contains("Throw away"));
    form.click(area, Position::new(1, 1));
    let at = find(&form, width, height, "[ Create ]");
    assert!(matches!(form.click(area, at), Outcome::Submitted(spec) if spec.name == "ab-cd"));
    assert_eq!(form.click(area, Position::new(79, 0)), Outcome::Editing);
}

#[test]
fn the_wheel_looks_around_and_a_key_comes_back() {
    let mut form = create();
    let before = shown(&form, 40, 12);
    form.wheel(8);
    assert_ne!(shown(&form, 40, 12), before);
    form.wheel(-30_000);
    assert_eq!(shown(&form, 40, 12), before);
    form.wheel(30_000);
    assert!(shown(&form, 40, 12).contains("NAME=value"));
    key(&mut form, KeyCode::Home);
    assert_eq!(shown(&form, 40, 12), before);
}

#[test]
fn the_focus_and_its_message_always_show() {
    for (width, height) in [(40, 12), (80, 24), (120, 40)] {
        let mut form = create();
        for _ in 0..form.form().ids().count() {
            let (mut buf, area) = blank(width, height);
            let cursor = form.view(area, &mut buf, &FormStyles::default());
            let id = form.form().focused().unwrap();
            let label = form.form().field(id).unwrap().label;
            assert!(screen(&buf).contains(label), "{label} at {width}×{height}:\n{}", screen(&buf));
            let cursor = cursor.unwrap();
            assert!(cursor.x > 0 && cursor.x < width - 1 && cursor.y > 0 && cursor.y < height - 1);
            key(&mut form, KeyCode::Tab);
        }
    }
}

#[test]
fn what_the_engine_says_stands_where_it_belongs_until_it_is_changed() {
    let mut form = create();
    typed(&mut form, "survival");
    let mut fault = Fault::invalid("port", "25566 is in use by another program");
    form.refuse(&fault);
    assert_eq!(form.form().focused(), Some("port"));
    assert!(shown(&form, 80, 24).contains("✗ 25566 is in use by another program"));
    typed(&mut form, "\u{8}");
    key(&mut form, KeyCode::Backspace);
    assert!(!shown(&form, 80, 24).contains("in use"));
    fault = Fault::new(FaultKind::Unreachable, "Docker is away.", "Nothing was made.", "Start it.");
    form.refuse(&fault);
    assert!(shown(&form, 80, 24).contains("Docker is away. Nothing was made. Start it."));
    typed(&mut form, "1");
    assert!(!shown(&form, 80, 24).contains("Docker is away."));
}

#[test]
fn releases_of_keys_do_nothing() {
    let mut form = create();
    let mut release = KeyEvent::new(KeyCode::Char('x'), KeyModifiers::NONE);
    release.kind = crossterm::event::KeyEventKind::Release;
    form.key(release);
    assert_eq!(form.form().value("name"), "");
}
