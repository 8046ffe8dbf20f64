mod engine;
mod filling;
mod hostile;
mod pictures;
mod schedule;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::{layout::Position, style::Style};

use crate::{
    model::{Spec, field::HostLimits},
    tui::widgets::testing::{blank, screen},
};

use super::{
    create::CreateForm,
    dialog::{Content, Dialog, Outcome},
    server::{Surroundings, Taken},
    styles::FormStyles,
};

const GIB: u64 = 1 << 30;

fn image_for(spec: &Spec) -> String {
    format!("itzg/minecraft-server:{}", if spec.version.starts_with("1.16") { "java8" } else { "java21" })
}

fn around() -> Surroundings {
    Surroundings {
        limits: HostLimits { memory_bytes: Some(16 * GIB), cpus: Some(8) },
        taken: Taken { names: vec!["lobby".into()], ports: vec![(25565, "lobby".into())] },
        image_for,
    }
}

fn create() -> CreateForm {
    CreateForm::new(&Spec { port: 25566, ..Spec::default() }, around())
}

fn key<C: Content>(form: &mut Dialog<C>, code: KeyCode) -> Outcome<C::Value> {
    form.key(KeyEvent::new(code, KeyModifiers::NONE))
}

fn ctrl<C: Content>(form: &mut Dialog<C>, code: KeyCode) -> Outcome<C::Value> {
    form.key(KeyEvent::new(code, KeyModifiers::CONTROL))
}

fn typed<C: Content>(form: &mut Dialog<C>, text: &str) {
    for c in text.chars() {
        key(form, KeyCode::Char(c));
    }
}

/// Goes on with Tab until the field has the focus.
fn go<C: Content>(form: &mut Dialog<C>, id: &str) {
    for _ in 0..40 {
        if form.form().focused() == Some(id) {
            return;
        }
        key(form, KeyCode::Tab);
    }
    panic!("no field {id}");
}

/// Types a value over what the field has.
fn over<C: Content>(form: &mut Dialog<C>, id: &str, text: &str) {
    go(form, id);
    ctrl(form, KeyCode::Char('e'));
    ctrl(form, KeyCode::Char('u'));
    typed(form, text);
}

fn shown<C: Content>(form: &Dialog<C>, width: u16, height: u16) -> String {
    let (mut buf, area) = blank(width, height);
    form.view(area, &mut buf, &FormStyles::default());
    screen(&buf)
}

/// Where a text is on the screen.
fn find<C: Content>(form: &Dialog<C>, width: u16, height: u16, text: &str) -> Position {
    let screen = shown(form, width, height);
    for (y, line) in screen.lines().enumerate() {
        if let Some(at) = line.find(text) {
            return Position::new(crate::tui::widgets::sgr::width(&line[..at]) as u16, y as u16);
        }
    }
    panic!("{text:?} is not in\n{screen}");
}

#[test]
fn styles_without_colour_still_tell_the_focus() {
    let styles = FormStyles::default();
    assert_ne!((styles.label, styles.button), (styles.label_focused, styles.button_focused));
    assert_eq!(styles.text, Style::new());
}
