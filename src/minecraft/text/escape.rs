//! Recognises escape sequences character by character, the way a terminal does (ECMA-48 and xterm's parser), so that
//! what a terminal would swallow is dropped and only colours are passed on.

/// The longest parameter string of a colour sequence that is kept, in bytes.
const MAX_PARAMS: usize = 64;

/// What became of one character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// It is part of a sequence, or a control character: nothing to show.
    Swallowed,
    /// It is text.
    Text(char),
    /// It ended a colour sequence; [`Escapes::sgr`] holds its parameters.
    Sgr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ground,
    Escape,
    /// `ESC` and an intermediate, such as `ESC ( B`.
    EscapeIntermediate,
    Csi,
    /// OSC, DCS, APC, PM and SOS: dropped to their terminator, or to the end of the line.
    Text,
    /// `ESC` within such a string: `\` ends it, anything else starts a new sequence.
    TextEscape,
}

/// The state between two characters of one line.
#[derive(Debug)]
pub(super) struct Escapes {
    state: State,
    params: [u8; MAX_PARAMS],
    len: usize,
    /// The sequence is no colour, or too long to be an honest one.
    foreign: bool,
}

impl Escapes {
    pub(super) fn new() -> Self {
        Self { state: State::Ground, params: [0; MAX_PARAMS], len: 0, foreign: false }
    }

    /// Whether no sequence is under way.
    pub(super) fn in_text(&self) -> bool {
        self.state == State::Ground
    }

    /// Feeds one character.
    pub(super) fn step(&mut self, c: char) -> Step {
        // Introducers that cancel whatever was under way, in every state.
        match c {
            '\x18' | '\x1A' | '\u{9C}' => return self.enter(State::Ground),
            '\u{9B}' => return self.enter(State::Csi),
            '\u{90}' | '\u{98}' | '\u{9D}'..='\u{9F}' => return self.enter(State::Text),
            '\x1B' if self.state == State::Text => return self.enter(State::TextEscape),
            '\x1B' => return self.enter(State::Escape),
            _ => {}
        }
        match self.state {
            State::Ground => Step::Text(c),
            State::TextEscape if c == '\\' => self.enter(State::Ground),
            State::Escape | State::TextEscape => self.escape(c),
            State::EscapeIntermediate => match c {
                ' '..='/' => Step::Swallowed,
                '0'..='~' => self.enter(State::Ground),
                _ => self.abandon(c),
            },
            State::Csi => self.csi(c),
            State::Text => {
                if c == '\x07' {
                    self.state = State::Ground;
                }
                Step::Swallowed
            }
        }
    }

    fn enter(&mut self, state: State) -> Step {
        self.state = state;
        self.len = 0;
        self.foreign = false;
        Step::Swallowed
    }

    /// The sequence was none: the character stands for itself.
    fn abandon(&mut self, c: char) -> Step {
        if c.is_control() {
            return Step::Swallowed;
        }
        self.state = State::Ground;
        Step::Text(c)
    }

    fn escape(&mut self, c: char) -> Step {
        match c {
            '[' => self.enter(State::Csi),
            ']' | 'P' | 'X' | '^' | '_' => self.enter(State::Text),
            ' '..='/' => self.enter(State::EscapeIntermediate),
            '0'..='~' => self.enter(State::Ground),
            _ => self.abandon(c),
        }
    }

    fn csi(&mut self, c: char) -> Step {
        match c {
            '0'..='9' | ';' | ':' if self.len < MAX_PARAMS => {
                self.params[self.len] = c as u8;
                self.len += 1;
                Step::Swallowed
            }
            ' '..='?' => {
                self.foreign = true;
                Step::Swallowed
            }
            'm' if !self.foreign => {
                self.state = State::Ground;
                Step::Sgr
            }
            '@'..='~' => self.enter(State::Ground),
            _ => self.abandon(c),
        }
    }

    /// Writes the colour sequence that has just ended in one normal form: no leading zeros, an empty field as `0`.
    /// Writes nothing when a number is too large to mean anything.
    pub(super) fn sgr(&self, out: &mut String) {
        let start = out.len();
        out.push_str("\x1b[");
        let params = &self.params[..self.len];
        for (i, field) in params.split(|b| *b == b';').enumerate() {
            if i > 0 {
                out.push(';');
            }
            let nested = field.contains(&b':');
            for (j, part) in field.split(|b| *b == b':').enumerate() {
                if j > 0 {
                    out.push(':');
                }
                // `38:2::r:g:b` leaves a part empty on purpose.
                if part.is_empty() && nested {
                    continue;
                }
                let value = part
                    .iter()
                    .try_fold(0u16, |n, b| n.checked_mul(10)?.checked_add(u16::from(b.wrapping_sub(b'0'))));
                match value {
                    Some(n) if n <= 9999 => push_number(n, out),
                    _ => return out.truncate(start),
                }
            }
        }
        out.push('m');
    }
}

fn push_number(n: u16, out: &mut String) {
    let mut place = 1000;
    while place > 1 && n < place {
        place /= 10;
    }
    while place > 0 {
        out.push(char::from(b'0' + u8::try_from(n / place % 10).unwrap_or(0)));
        place /= 10;
    }
}
