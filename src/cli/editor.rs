//! A line that is typed while a log goes by above it: keys in, lines out. It knows no terminal, only bytes.
//!
//! Keys are those of readline that fingers know; sequences are those of xterm (`ESC [ A`, `ESC O A`, `ESC [ 3 ~`).

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::output::clean;

/// Commands that are remembered.
const HISTORY: usize = 500;
/// Longest sequence that a key may send, in bytes.
const SEQUENCE_MAX: usize = 16;
/// Stands before what is typed.
const PROMPT: &str = "> ";

/// What a byte led to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Act {
    /// Nothing that shows, or something that [`Editor::draw`] shows.
    Typed,
    /// A line is ready.
    Line(String),
    /// The person is done.
    End,
}

/// A line that is being typed.
#[derive(Clone, Debug, Default)]
pub struct Editor {
    line: Vec<char>,
    cursor: usize,
    history: Vec<String>,
    /// Which of the history is shown; its length while the line is a new one.
    shown: usize,
    draft: Vec<char>,
    pending: Vec<u8>,
    max: usize,
}

impl Editor {
    /// An empty line of at most `max` bytes, with these commands to go back to, oldest first.
    pub fn new(history: Vec<String>, max: usize) -> Self {
        Self { shown: history.len(), history, max, ..Self::default() }
    }

    /// Takes one byte from the keyboard.
    pub fn feed(&mut self, byte: u8) -> Act {
        if self.pending.first() == Some(&0x1b) {
            self.sequence(byte);
            return Act::Typed;
        }
        match byte {
            0x1b => self.pending = vec![byte],
            b'\r' | b'\n' => return self.enter(),
            0x04 if self.line.is_empty() => return Act::End,
            0x04 => self.delete(self.cursor),
            0x7f | 0x08 if self.cursor > 0 => {
                self.cursor -= 1;
                self.delete(self.cursor);
            }
            0x01 => self.cursor = 0,
            0x05 => self.cursor = self.line.len(),
            0x02 => self.cursor = self.cursor.saturating_sub(1),
            0x06 => self.cursor = (self.cursor + 1).min(self.line.len()),
            0x0b => self.line.truncate(self.cursor),
            0x15 => drop(self.line.drain(..std::mem::take(&mut self.cursor))),
            0x17 => self.delete_word(),
            0x10 => self.go(-1),
            0x0e => self.go(1),
            0x20..=0x7e | 0x80.. => self.text(byte),
            _ => {}
        }
        Act::Typed
    }

    /// The command that puts the line on the terminal's last row, the cursor where it belongs; `width` in columns.
    pub fn draw(&self, width: usize) -> String {
        let room = width.saturating_sub(PROMPT.len() + 1).max(1);
        // What is before the cursor is cut at its start, so that the cursor is always seen.
        let mut before: Vec<char> = Vec::new();
        let mut used = 0;
        for c in self.line[..self.cursor].iter().rev() {
            used += c.width().unwrap_or(0);
            if used > room {
                break;
            }
            before.push(*c);
        }
        let before: String = before.into_iter().rev().collect();
        let mut left = room.saturating_sub(before.width());
        let after: String = self.line[self.cursor..]
            .iter()
            .take_while(|c| {
                let fits = c.width().unwrap_or(0) <= left;
                left = left.saturating_sub(c.width().unwrap_or(0));
                fits
            })
            .collect();
        let back = after.width();
        let step_back = if back > 0 { format!("\x1b[{back}D") } else { String::new() };
        format!("\r\x1b[K{PROMPT}{before}{after}{step_back}")
    }

    fn enter(&mut self) -> Act {
        let line: String = std::mem::take(&mut self.line).into_iter().collect();
        self.cursor = 0;
        if !line.trim().is_empty() && self.history.last() != Some(&line) {
            self.history.push(line.clone());
            if self.history.len() > HISTORY {
                self.history.remove(0);
            }
        }
        self.shown = self.history.len();
        Act::Line(line)
    }

    /// Characters come in one to four bytes; what is no UTF-8, or would act on the terminal, is let go.
    fn text(&mut self, byte: u8) {
        self.pending.push(byte);
        match std::str::from_utf8(&self.pending) {
            Ok(text) => {
                for c in text.chars().filter(|c| !clean::is_hostile(*c)) {
                    if self.line.iter().map(|c| c.len_utf8()).sum::<usize>() + c.len_utf8() <= self.max {
                        self.line.insert(self.cursor, c);
                        self.cursor += 1;
                    }
                }
                self.pending.clear();
            }
            Err(error) if error.error_len().is_some() || self.pending.len() >= 4 => self.pending.clear(),
            Err(_) => {}
        }
    }

    fn sequence(&mut self, byte: u8) {
        self.pending.push(byte);
        match self.pending.as_slice() {
            [_, b'[' | b'O'] => return,
            [_, b'[' | b'O', .., 0x20..=0x3f] if self.pending.len() < SEQUENCE_MAX => return,
            [_, b'[' | b'O', b'A'] => self.go(-1),
            [_, b'[' | b'O', b'B'] => self.go(1),
            [_, b'[' | b'O', b'C'] => self.cursor = (self.cursor + 1).min(self.line.len()),
            [_, b'[' | b'O', b'D'] => self.cursor = self.cursor.saturating_sub(1),
            [_, b'[' | b'O', b'H'] | [_, b'[', b'1' | b'7', b'~'] => self.cursor = 0,
            [_, b'[' | b'O', b'F'] | [_, b'[', b'4' | b'8', b'~'] => self.cursor = self.line.len(),
            [_, b'[', b'3', b'~'] => self.delete(self.cursor),
            _ => {}
        }
        self.pending.clear();
    }

    fn delete(&mut self, at: usize) {
        if at < self.line.len() {
            self.line.remove(at);
        }
    }

    fn delete_word(&mut self) {
        let spaces = self.line[..self.cursor].iter().rev().take_while(|c| c.is_whitespace()).count();
        let word = self.line[..self.cursor - spaces].iter().rev().take_while(|c| !c.is_whitespace()).count();
        let start = self.cursor - spaces - word;
        self.line.drain(start..self.cursor);
        self.cursor = start;
    }

    /// To an older (-1) or newer (1) command.
    fn go(&mut self, step: isize) {
        let to = self.shown.saturating_add_signed(step).min(self.history.len());
        if to == self.shown {
            return;
        }
        if self.shown == self.history.len() {
            self.draft.clone_from(&self.line);
        }
        self.line = match self.history.get(to) {
            Some(command) => command.chars().filter(|c| !clean::is_hostile(*c)).collect(),
            None => std::mem::take(&mut self.draft),
        };
        (self.shown, self.cursor) = (to, self.line.len());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn typed(history: &[&str], keys: &[u8]) -> Vec<String> {
        let mut editor = Editor::new(history.iter().map(|text| (*text).to_owned()).collect(), 64);
        let lines = keys.iter().filter_map(|byte| match editor.feed(*byte) {
            Act::Line(line) => Some(line),
            Act::Typed | Act::End => None,
        });
        lines.collect()
    }

    #[test]
    fn keys_that_fingers_know() {
        for (keys, line) in [
            (&b"say hi\r"[..], "say hi"),
            ("sag\x7fy grüße\x7f\x7fe\n".as_bytes(), "say grüe"),
            (b"hi\x01say \x05!\r", "say hi!"),
            (b"hi\x1b[D\x1b[Da\x1b[Cb\x1bOFc\r", "ahbic"),
            (b"abc\x1b[H\x1b[3~\r", "bc"),
            (b"abc\x01\x04\r", "bc"),
            (b"say one two \x17\x17!\r", "say !"),
            (b"gone\x15stays\r", "stays"),
            (b"stays gone\x02\x02\x02\x02\x02\x0b\r", "stays"),
            (b"a\x1b[200~\x1b[1;5Cb\x07\r", "ab"),
            (b"\xffa\xc3\xc3(b\xe2\x80\xaec\r", "a(bc"),
        ] {
            assert_eq!(typed(&[], keys), [line], "{keys:?}");
        }
    }

    #[test]
    fn older_commands_come_back_and_the_draft_too() {
        assert_eq!(typed(&["one", "two"], b"dra\x1b[A\x1b[A\x1b[A\r"), ["one"]);
        assert_eq!(typed(&["one", "two"], b"dra\x1b[A\x1b[B\x1b[Bft\r"), ["draft"]);
        assert_eq!(typed(&[], b"new\r\x10!\r"), ["new", "new!"]);
        assert_eq!(typed(&["e\x1b[2Jvil"], b"\x10\r"), ["e[2Jvil"]);
    }

    #[test]
    fn ctrl_d_ends_only_an_empty_line() {
        let mut editor = Editor::new(Vec::new(), 64);
        editor.feed(b'x');
        assert_eq!(editor.feed(4), Act::Typed);
        editor.feed(0x15);
        assert_eq!(editor.feed(4), Act::End);
    }

    #[test]
    fn a_line_is_bounded() {
        assert_eq!(typed(&[], &[&[b'x'; 1000][..], b"\r"].concat())[0].len(), 64);
    }

    proptest! {
        #[test]
        fn whatever_is_typed_fits_the_row_and_holds_nothing_hostile(keys in prop::collection::vec(any::<u8>(), 0..200), width in 8usize..40) {
            let mut editor = Editor::new(vec!["日本語".into(), "x".repeat(50)], 64);
            for byte in keys {
                if let Act::Line(line) = editor.feed(byte) {
                    prop_assert!(!line.contains(clean::is_hostile));
                }
                prop_assert!(editor.cursor <= editor.line.len());
                let drawn = editor.draw(width);
                let text = clean::plain(drawn.trim_start_matches('\r')).into_owned();
                prop_assert!(text.chars().map(|c| c.width().unwrap_or(0)).sum::<usize>() <= width, "{drawn:?}");
            }
        }
    }
}
