//! A few values, checked as they are typed.

use crossterm::event::KeyEvent;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::Outcome;
use crate::{
    model::{Order, ServerId, Snapshot, field},
    tui::{
        action::Action,
        app::{Asked, Effect},
        paint, safe,
        theme::{Role, Theme},
        widgets::text_input::TextInput,
    },
};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Purpose {
    Rename,
    Clone,
}

#[derive(Debug)]
struct Field {
    label: &'static str,
    input: TextInput,
    broken: Option<String>,
}

/// A few values for one order.
#[derive(Debug)]
pub struct Prompt {
    server: ServerId,
    title: String,
    purpose: Purpose,
    fields: Vec<Field>,
    focus: usize,
}

impl Prompt {
    /// Asks for another name.
    pub fn rename(server: ServerId, name: &str) -> Self {
        let fields = vec![Field { label: "name", input: TextInput::with(name, 256), broken: None }];
        Self { server, title: format!("Rename {name}"), purpose: Purpose::Rename, fields, focus: 0 }
    }

    /// Asks for a copy's name and port.
    pub fn copy(server: ServerId, name: &str, snapshot: &Snapshot) -> Self {
        let free = |wanted: &String| snapshot.servers.iter().all(|server| server.name() != wanted);
        let copy = (1..100)
            .map(|n| if n == 1 { format!("{name}-copy") } else { format!("{name}-copy-{n}") })
            .find(free)
            .unwrap_or_default();
        let fields = vec![
            Field { label: "name", input: TextInput::with(&copy, 256), broken: None },
            Field { label: "port (0: a free one)", input: TextInput::with("0", 16), broken: None },
        ];
        Self {
            server,
            title: format!("Clone {name} with its data"),
            purpose: Purpose::Clone,
            fields,
            focus: 0,
        }
    }

    fn check(&mut self, snapshot: &Snapshot) {
        let server = self.server;
        for field in &mut self.fields {
            let text = field.input.text();
            let verdict = match field.label {
                "name" => field::name(text).and_then(|()| taken(text, server, snapshot)),
                _ => text.parse::<u16>().map(drop).map_err(|_| "must be a port from 0 to 65535".into()),
            };
            field.broken = verdict.err();
        }
    }

    /// An action of the keymap.
    pub fn act(&mut self, action: Action, snapshot: &Snapshot) -> Outcome {
        match action {
            Action::Dismiss => return Outcome::Close,
            Action::Accept => return self.submit(snapshot),
            Action::NextField | Action::Down => self.focus = (self.focus + 1) % self.fields.len(),
            Action::PreviousField | Action::Up => {
                self.focus = (self.focus + self.fields.len() - 1) % self.fields.len();
            }
            _ => {}
        }
        Outcome::Stay
    }

    fn submit(&mut self, snapshot: &Snapshot) -> Outcome {
        self.check(snapshot);
        if let Some(broken) = self.fields.iter().position(|field| field.broken.is_some()) {
            self.focus = broken;
            return Outcome::Stay;
        }
        let name = self.fields[0].input.text().to_owned();
        let port = self.fields.get(1).and_then(|field| field.input.text().parse().ok()).unwrap_or(0);
        Outcome::Effects(vec![match self.purpose {
            Purpose::Rename => Effect::Order(Asked::Other, Order::Rename(self.server, name)),
            Purpose::Clone => Effect::Order(Asked::Clone, Order::Clone { server: self.server, name, port }),
        }])
    }

    /// A key that is typed.
    pub fn key(&mut self, key: KeyEvent, snapshot: &Snapshot) -> Outcome {
        self.fields[self.focus].input.key(key);
        self.check(snapshot);
        Outcome::Stay
    }

    /// Pasted text.
    pub fn paste(&mut self, text: &str, snapshot: &Snapshot) {
        self.fields[self.focus].input.paste(text, " ");
        self.check(snapshot);
    }

    /// Draws it; gives the cursor's place.
    pub fn view(&self, area: Rect, buf: &mut Buffer, theme: &Theme) -> Option<Position> {
        let high = 3 * self.fields.len() as u16 + 2;
        let inner = paint::dialog(buf, area, 64, high, &safe::line(&self.title), theme);
        let body = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
        let mut cursor = None;
        for (n, field) in self.fields.iter().enumerate() {
            let y = 3 * n as u16;
            if y + 1 >= body.height {
                break;
            }
            let focused = n == self.focus;
            let role = if focused { Role::TitleFocused } else { Role::Muted };
            paint::text(buf, body, 0, y, field.label, theme.style(role));
            let line = Rect { y: body.y + y + 1, height: 1, ..body };
            cursor = field.input.view(line, buf, &theme.input(), "", focused).or(cursor);
            if let Some(rule) = &field.broken {
                paint::text(buf, body, 0, y + 2, rule, theme.style(Role::Invalid));
            }
        }
        cursor
    }
}

fn taken(name: &str, server: ServerId, snapshot: &Snapshot) -> field::Verdict {
    match snapshot.servers.iter().any(|other| other.name() == name && other.id() != server) {
        true => Err("is another server's name".into()),
        false => Ok(()),
    }
}
