use crossterm::event::KeyEventKind;
use proptest::prelude::*;
use ratatui::{buffer::Buffer, layout::Rect};

use crate::tui::widgets::sgr::{hostile_text, is_hostile};

use super::super::{clone::CloneForm, edit::EditForm, rename::RenameForm};
use super::*;

const EVIL: &str = "\u{1b}[2J\u{1b}]52;c;aGk=\u{7}\u{9b}31m\u{202e}\u{2066}👨‍👩‍👧‍👦\u{0}\u{7f}\u{85}世";

fn harmless<C: Content>(form: &Dialog<C>, width: u16, height: u16) -> Result<(), TestCaseError> {
    let mut buf = Buffer::filled(Rect::new(0, 0, 140, 50), ratatui::buffer::Cell::new("#"));
    let area = Rect::new(3, 2, width, height);
    let cursor = form.view(area, &mut buf, &FormStyles::default());
    prop_assert!(cursor.is_none_or(|cursor| area.contains(cursor)));
    for (index, cell) in buf.content.iter().enumerate() {
        prop_assert!(!cell.symbol().chars().any(is_hostile), "{:?}", cell.symbol());
        let place = Position::new(index as u16 % 140, index as u16 / 140);
        prop_assert!(area.contains(place) || cell.symbol() == "#", "{place:?} is outside");
    }
    Ok(())
}

#[test]
fn hostile_text_in_any_field_is_harmless() {
    let mut form = create();
    let ids: Vec<_> = form.form().ids().collect();
    for id in &ids {
        go(&mut form, id);
        form.paste(EVIL);
        typed(&mut form, EVIL);
        for (width, height) in [(40, 12), (80, 24), (120, 40)] {
            harmless(&form, width, height).unwrap();
        }
        assert!(!form.form().value(id).chars().any(|c| is_hostile(c) && c != '\n'), "{id}");
    }
    // What is left after the stripping still breaks the rules of most fields, and nothing was submitted.
    assert_eq!(form.value().unwrap_err().field, "name");
}

#[test]
fn hostile_text_from_a_container_is_harmless() {
    let mut spec = Spec {
        name: EVIL.into(),
        version: EVIL.into(),
        motd: Some(EVIL.into()),
        seed: Some(EVIL.into()),
        ops: vec![EVIL.into()],
        time_zone: Some(EVIL.into()),
        image: Some(EVIL.into()),
        ..Spec::default()
    };
    spec.env.insert(EVIL.into(), EVIL.into());
    let mut around = around();
    around.taken = Taken { names: vec![EVIL.into()], ports: vec![(25565, EVIL.into())] };
    let form = EditForm::new(&spec, around.clone());
    harmless(&form, 120, 40).unwrap();
    harmless(&RenameForm::new(EVIL, around.taken.clone()), 60, 12).unwrap();
    let mut form = CloneForm::new(EVIL, around.taken);
    over(&mut form, "port", "25565");
    harmless(&form, 60, 12).unwrap();
    form.refuse(&crate::model::Fault::invalid("name", EVIL));
    harmless(&form, 60, 12).unwrap();
}

#[derive(Clone, Debug)]
enum Op {
    Key(KeyCode, KeyModifiers),
    Paste(String),
    Click(u16, u16),
    Wheel(i16),
}

fn op() -> impl Strategy<Value = Op> {
    use KeyCode::*;
    let codes = vec![
        Tab,
        BackTab,
        Up,
        Down,
        Left,
        Right,
        Home,
        End,
        PageUp,
        PageDown,
        Enter,
        Esc,
        Backspace,
        Delete,
        Char(' '),
        Char('s'),
        Char('y'),
        Char('a'),
        Char('='),
        Char('世'),
        Char('9'),
        Char('\u{301}'),
        Char('z'),
        F(1),
        Null,
    ];
    let modifiers = prop_oneof![
        4 => Just(KeyModifiers::NONE),
        1 => Just(KeyModifiers::CONTROL),
        1 => Just(KeyModifiers::ALT),
        1 => Just(KeyModifiers::SHIFT),
    ];
    prop_oneof![
        8 => (proptest::sample::select(codes), modifiers).prop_map(|(code, modifiers)| Op::Key(code, modifiers)),
        2 => hostile_text().prop_map(Op::Paste),
        2 => (0u16..130, 0u16..45).prop_map(|(x, y)| Op::Click(x, y)),
        1 => any::<i16>().prop_map(Op::Wheel),
    ]
}

fn drive<C: Content>(
    mut form: Dialog<C>,
    ops: Vec<Op>,
    width: u16,
    height: u16,
) -> Result<(), TestCaseError> {
    let area = Rect::new(3, 2, width, height);
    for op in ops {
        let _ = match op {
            Op::Key(code, modifiers) => {
                form.key(KeyEvent::new_with_kind(code, modifiers, KeyEventKind::Press))
            }
            Op::Paste(text) => form.paste(&text),
            Op::Click(x, y) => form.click(area, Position::new(x, y)),
            Op::Wheel(rows) => form.wheel(rows),
        };
        harmless(&form, width, height)?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_input_at_any_size_is_survived(
        ops in proptest::collection::vec(op(), 1..40),
        size in (0u16..120, 0u16..44),
        which in 0..3,
    ) {
        let (width, height) = size;
        match which {
            0 => drive(create(), ops, width, height)?,
            1 => drive(EditForm::new(&Spec { name: "x1".into(), ..Spec::default() }, around()), ops, width, height)?,
            _ => drive(CloneForm::new("x1", around().taken), ops, width, height)?,
        }
    }
}
