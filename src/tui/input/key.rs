//! One key with its modifiers, as keymaps write it: `q`, `G`, `ctrl-p`, `alt-1`, `f1`, `page-up`.

use std::{fmt, str::FromStr};

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// A key as it is compared: shift is part of the character, so `G` and not `shift-g`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Hash, Debug)]
pub struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

const NAMED: &[(&str, KeyCode)] = &[
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("back-tab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("page-up", KeyCode::PageUp),
    ("page-down", KeyCode::PageDown),
    ("space", KeyCode::Char(' ')),
];

impl Key {
    /// The key of an event; `None` for the release of a key, which a few terminals report.
    pub fn of(event: &KeyEvent) -> Option<Self> {
        (event.kind != KeyEventKind::Release).then(|| Self::new(event.code, event.modifiers))
    }

    fn new(code: KeyCode, modifiers: KeyModifiers) -> Self {
        let known = KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT;
        let mut modifiers = modifiers & known;
        let code = match code {
            KeyCode::Char(c) => {
                let control = modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
                let shifted = modifiers.contains(KeyModifiers::SHIFT) && !control;
                modifiers -= KeyModifiers::SHIFT;
                KeyCode::Char(if shifted { c.to_uppercase().next().unwrap_or(c) } else { c })
            }
            KeyCode::Tab if modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            code => code,
        };
        if code == KeyCode::BackTab {
            modifiers -= KeyModifiers::SHIFT;
        }
        Self { code, modifiers }
    }

    /// The character that this key types; `None` where it is a command.
    pub fn text(self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if self.modifiers.is_empty() => Some(c),
            _ => None,
        }
    }

    /// What it is without its modifiers.
    pub fn code(self) -> KeyCode {
        self.code
    }

    /// Whether control is held.
    pub fn ctrl(self) -> bool {
        self.modifiers.contains(KeyModifiers::CONTROL)
    }

    /// Whether alt is held.
    pub fn alt(self) -> bool {
        self.modifiers.contains(KeyModifiers::ALT)
    }

    /// The key that terminals send instead, where they cannot tell both apart.
    pub fn sent_as(self) -> Option<Self> {
        if !self.ctrl() {
            return None;
        }
        let rest = self.modifiers - KeyModifiers::CONTROL;
        match self.code {
            KeyCode::Char('i') => Some(Self::new(KeyCode::Tab, rest)),
            KeyCode::Char('m') => Some(Self::new(KeyCode::Enter, rest)),
            KeyCode::Char('[') => Some(Self::new(KeyCode::Esc, rest)),
            KeyCode::Char(c) if c.is_ascii_uppercase() => {
                Some(Self { code: KeyCode::Char(c.to_ascii_lowercase()), ..self })
            }
            _ => None,
        }
    }

    /// As an event, for widgets that take one.
    pub fn event(self) -> KeyEvent {
        KeyEvent::new(self.code, self.modifiers)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, word) in
            [(KeyModifiers::CONTROL, "ctrl-"), (KeyModifiers::ALT, "alt-"), (KeyModifiers::SHIFT, "shift-")]
        {
            if self.modifiers.contains(held) {
                f.write_str(word)?;
            }
        }
        if let Some((name, _)) = NAMED.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::F(n) => write!(f, "f{n}"),
            _ => f.write_str("?"),
        }
    }
}

impl FromStr for Key {
    type Err = String;

    /// Modifiers in any order, then a character or a name. The error says what is not understood.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut modifiers = KeyModifiers::empty();
        let mut rest = text;
        loop {
            let held = [
                ("ctrl-", KeyModifiers::CONTROL),
                ("alt-", KeyModifiers::ALT),
                ("shift-", KeyModifiers::SHIFT),
            ];
            let Some((word, modifier)) =
                held.into_iter().find(|(word, _)| rest.len() > word.len() && rest.starts_with(word))
            else {
                break;
            };
            modifiers |= modifier;
            rest = &rest[word.len()..];
        }
        let mut characters = rest.chars();
        let code = match (characters.next(), characters.next()) {
            (Some(c), None) if !c.is_control() && !c.is_whitespace() => KeyCode::Char(c),
            _ => NAMED
                .iter()
                .find(|(name, _)| *name == rest)
                .map(|(_, code)| *code)
                .or_else(|| function_key(rest))
                .ok_or_else(|| format!("no key is called {rest:?}"))?,
        };
        Ok(Self::new(code, modifiers))
    }
}

fn function_key(name: &str) -> Option<KeyCode> {
    let number = name.strip_prefix('f')?.parse().ok().filter(|n| (1..=24).contains(n))?;
    Some(KeyCode::F(number))
}

/// Keys written with spaces between them, for tests.
#[cfg(test)]
pub fn parse_keys(text: &str) -> Vec<Key> {
    text.split_whitespace().map(|key| key.parse().unwrap()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_and_read_the_same() {
        for text in [
            "q", "G", "?", ":", "/", "-", "ctrl-p", "alt-1", "f1", "page-up", "back-tab", "space", "shift-up",
        ] {
            assert_eq!(text.parse::<Key>().unwrap().to_string(), text);
        }
        for text in ["", "ctrl-", "hyper-x", "f0", "f99", "pageup", "ab", "\u{1b}"] {
            assert!(text.parse::<Key>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn terminals_that_report_shift_and_those_that_do_not_agree() {
        let bare = Key::of(&KeyEvent::new(KeyCode::Char('G'), KeyModifiers::NONE)).unwrap();
        let shifted = Key::of(&KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT)).unwrap();
        let lower = Key::of(&KeyEvent::new(KeyCode::Char('g'), KeyModifiers::SHIFT)).unwrap();
        assert_eq!((bare, bare), (shifted, lower));
        let tab = Key::of(&KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT)).unwrap();
        assert_eq!(tab.to_string(), "back-tab");
        assert_eq!("shift-tab".parse::<Key>().unwrap(), tab);
    }
}
