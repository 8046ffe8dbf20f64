//! What keys, paste and the mouse do to a form.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::layout::{Position, Rect};

use crate::tui::widgets::text_input::{Edited, TextInput};

use super::{
    field::Input,
    form::{Form, Reaction},
    geometry::{Geometry, Target},
};

fn reaction(edited: Edited) -> Reaction {
    match edited {
        Edited::Ignored => Reaction::Ignored,
        Edited::Moved => Reaction::Moved,
        Edited::Changed => Reaction::Changed,
    }
}

/// Counts the number at the front of a text up or down, and leaves what is after it. Not below 0.
fn count(input: &mut TextInput, by: i64) -> Reaction {
    let text = input.text().trim().to_owned();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number = if digits == 0 { Ok(0) } else { text[..digits].parse::<i64>() };
    let Ok(number) = number else { return Reaction::Moved };
    input.set(&format!("{}{}", number.saturating_add(by).max(0), &text[digits..]));
    Reaction::Changed
}

impl Form {
    /// What a key does.
    pub fn key(&mut self, key: KeyEvent) -> Reaction {
        if key.kind == KeyEventKind::Release {
            return Reaction::Ignored;
        }
        self.wheeled = 0;
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        if self.asking {
            self.asking = false;
            let yes = matches!(key.code, KeyCode::Char('y' | 'Y')) && !control;
            return if yes { Reaction::Cancel } else { Reaction::Moved };
        }
        if self.list.is_some() {
            return self.list_key(key);
        }
        if control && key.code == KeyCode::Char('s') {
            return Reaction::Submit;
        }
        let taken = self.field_key(key);
        let taken = if taken == Reaction::Ignored { self.move_key(key) } else { taken };
        self.noted(taken)
    }

    /// A value that has changed is looked at anew by everybody.
    fn noted(&mut self, reaction: Reaction) -> Reaction {
        if reaction == Reaction::Changed {
            self.refusal = None;
            if let Some(field) = self.fields.get_mut(self.focus) {
                field.touched = true;
                field.refusal = None;
            }
        }
        reaction
    }

    fn move_key(&mut self, key: KeyEvent) -> Reaction {
        let on_button = self.focus >= self.submit_button();
        match key.code {
            KeyCode::Esc => self.leave(),
            KeyCode::Enter if self.focus == self.submit_button() => Reaction::Submit,
            KeyCode::Enter if self.focus == self.cancel_button() => self.leave(),
            KeyCode::Char(' ') if self.focus == self.submit_button() => Reaction::Submit,
            KeyCode::Char(' ') if self.focus == self.cancel_button() => self.leave(),
            // In a form of a line or two Enter is the end, as everywhere; after a list it is not, for there it was
            // pressed line after line.
            KeyCode::Enter if self.on_last_line() => Reaction::Submit,
            KeyCode::Tab | KeyCode::Down | KeyCode::Enter => self.step(true),
            KeyCode::BackTab | KeyCode::Up => self.step(false),
            KeyCode::Left | KeyCode::Right if on_button => {
                let other = self.submit_button() + self.cancel_button() - self.focus;
                self.set_focus(other)
            }
            KeyCode::PageDown => self.step_section(true),
            KeyCode::PageUp => self.step_section(false),
            _ => Reaction::Ignored,
        }
    }

    /// Whether the focus is on the last field, and that is one line to type.
    fn on_last_line(&self) -> bool {
        let last = self.focus + 1 == self.submit_button();
        let input = self.fields.get(self.focus).map(|field| &field.input);
        last && matches!(input, Some(Input::Text(_) | Input::Number(_)))
    }

    fn field_key(&mut self, key: KeyEvent) -> Reaction {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let plain = !control && !key.modifiers.contains(KeyModifiers::ALT);
        let Some(field) = self.fields.get_mut(self.focus) else { return Reaction::Ignored };
        match (&mut field.input, key.code) {
            (Input::Number(input), KeyCode::Up) if control => count(input, 1),
            (Input::Number(input), KeyCode::Down) if control => count(input, -1),
            (Input::Text(input) | Input::Number(input) | Input::List(input), _) => reaction(input.key(key)),
            (Input::Pairs(_), KeyCode::PageUp | KeyCode::PageDown) => Reaction::Ignored,
            (Input::Pairs(pairs), _) => reaction(pairs.key(key)),
            (Input::Toggle(on), KeyCode::Char(' ') | KeyCode::Left | KeyCode::Right) => {
                *on = !*on;
                Reaction::Changed
            }
            (Input::Choice(choices), KeyCode::Left | KeyCode::Right) => {
                choices.cycle(if key.code == KeyCode::Left { -1 } else { 1 });
                Reaction::Changed
            }
            (Input::Choice(choices), KeyCode::Char(' ')) if plain && choices.typed.is_empty() => {
                self.list = Some(choices.selected);
                Reaction::Moved
            }
            (Input::Choice(choices), KeyCode::Char(c)) if plain => match choices.jump(c) {
                Some(found) => {
                    choices.selected = found;
                    Reaction::Changed
                }
                None => Reaction::Moved,
            },
            _ => Reaction::Ignored,
        }
    }

    fn list_key(&mut self, key: KeyEvent) -> Reaction {
        let (Some(at), Some(field)) = (self.list, self.fields.get_mut(self.focus)) else {
            self.list = None;
            return Reaction::Moved;
        };
        let Input::Choice(choices) = &mut field.input else { return Reaction::Moved };
        let last = choices.all.len().saturating_sub(1);
        let to = match key.code {
            KeyCode::Up => at.checked_sub(1).unwrap_or(last),
            KeyCode::Down => {
                if at >= last {
                    0
                } else {
                    at + 1
                }
            }
            KeyCode::PageUp => at.saturating_sub(8),
            KeyCode::PageDown => (at + 8).min(last),
            KeyCode::Home => 0,
            KeyCode::End => last,
            KeyCode::Esc => {
                choices.typed.clear();
                self.list = None;
                return Reaction::Moved;
            }
            KeyCode::Enter | KeyCode::Tab => return self.choose(at),
            KeyCode::Char(' ') if choices.typed.is_empty() => return self.choose(at),
            KeyCode::Char(c) => choices.jump(c).unwrap_or(at),
            _ => at,
        };
        self.list = Some(to);
        Reaction::Moved
    }

    fn choose(&mut self, index: usize) -> Reaction {
        self.list = None;
        if let Some(Input::Choice(choices)) = self.fields.get_mut(self.focus).map(|field| &mut field.input) {
            choices.typed.clear();
            choices.selected = index.min(choices.all.len().saturating_sub(1));
        }
        self.noted(Reaction::Changed)
    }

    /// What a paste does: text goes into the field with the focus. It never accepts, submits or cancels anything.
    pub fn paste(&mut self, text: &str) -> Reaction {
        if self.asking || self.list.is_some() {
            return Reaction::Moved;
        }
        self.wheeled = 0;
        let Some(field) = self.fields.get_mut(self.focus) else { return Reaction::Moved };
        let edited = match &mut field.input {
            Input::Text(input) | Input::Number(input) => input.paste(text, " "),
            Input::List(input) => input.paste(text, ", "),
            Input::Pairs(pairs) => pairs.paste(text),
            Input::Choice(choices) => {
                let wanted = text.trim();
                let fits = |value: &str| value.eq_ignore_ascii_case(wanted);
                match choices.all.iter().position(|choice| fits(&choice.value) || fits(&choice.label)) {
                    Some(found) => {
                        choices.selected = found;
                        Edited::Changed
                    }
                    None => Edited::Moved,
                }
            }
            Input::Toggle(_) | Input::Fixed(_) => Edited::Moved,
        };
        self.noted(reaction(edited))
    }

    /// What the wheel does: looks at other rows without moving the focus. Negative is up.
    pub fn wheel(&mut self, rows: i16) -> Reaction {
        match &mut self.list {
            Some(at) => {
                let count = match self.fields.get(self.focus).map(|field| &field.input) {
                    Some(Input::Choice(choices)) => choices.all.len(),
                    _ => 1,
                };
                *at = at.saturating_add_signed(rows.into()).min(count.saturating_sub(1));
            }
            None => self.wheeled = self.wheeled.saturating_add(rows.into()).clamp(-1_000, 1_000),
        }
        Reaction::Moved
    }

    /// What a click does, where the form was drawn into `area`.
    pub fn click(&mut self, area: Rect, place: Position) -> Reaction {
        if self.asking {
            self.asking = false;
            return Reaction::Moved;
        }
        let geometry = Geometry::of(self, area);
        if self.list.is_some() {
            return match geometry.list_line_at(self, place) {
                Some(line) => self.choose(line),
                None => {
                    self.list = None;
                    Reaction::Moved
                }
            };
        }
        let Some(target) = geometry.target_at(self, place) else { return Reaction::Ignored };
        match target {
            Target::Submit => Reaction::Submit,
            Target::Cancel => self.leave(),
            Target::Label(index) => self.focus_clicked(&geometry, index),
            Target::Value(index, area) => {
                let focused = self.focus == index;
                self.focus_clicked(&geometry, index);
                self.click_value(index, area, Position::new(place.x - area.x, place.y - area.y), focused)
            }
        }
    }

    /// Moves the focus, and leaves the rows where they are on the screen.
    fn focus_clicked(&mut self, before: &Geometry, index: usize) -> Reaction {
        if !self.fields.get(index).is_some_and(|field| field.takes_focus()) {
            return Reaction::Ignored;
        }
        self.set_focus(index);
        self.wheeled = 0;
        let centred = Geometry::of(self, before.area).scroll;
        self.wheeled = before.scroll as i32 - centred as i32;
        Reaction::Moved
    }

    fn click_value(&mut self, index: usize, area: Rect, at: Position, focused: bool) -> Reaction {
        let Some(field) = self.fields.get_mut(index) else { return Reaction::Ignored };
        let taken = match &mut field.input {
            Input::Text(input) | Input::Number(input) | Input::List(input) => {
                input.click(at.x, area.width, focused);
                Reaction::Moved
            }
            Input::Pairs(pairs) => {
                pairs.click(at.x, at.y, area);
                Reaction::Moved
            }
            Input::Toggle(on) => {
                *on = !*on;
                Reaction::Changed
            }
            Input::Choice(choices) => {
                self.list = Some(choices.selected);
                Reaction::Moved
            }
            Input::Fixed(_) => Reaction::Ignored,
        };
        self.noted(taken)
    }
}
