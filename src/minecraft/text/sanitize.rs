//! Bytes from outside in, safe text out.

use std::borrow::Cow;

use super::chars::{MAX_MARKS, is_harmless, is_mark};
use super::escape::{Escapes, Step};

/// The longest line that [`console_line`] writes, in bytes, the note about what was cut included.
pub const MAX_LINE: usize = 8 * 1024;

/// Room for a colour reset and `… [18446744073709551615 bytes cut]`.
const NOTE: usize = 48;

/// What a line may have while more may come.
const ROOM: usize = MAX_LINE - NOTE;

const TAB: &str = "    ";

/// Appends one line of a console to `out`, made harmless for a terminal.
///
/// Kept are printable characters and colours (SGR, in one normal form). Invalid UTF-8 becomes U+FFFD, a tab four
/// spaces. Every other control character and escape sequence goes, and so do strings such as OSC or DCS, whole, even
/// when nothing ends them. What [`is_harmless`] refuses goes too. A line over [`MAX_LINE`] is cut, and says by how
/// much. The result is a fixed point: cleaning it again changes nothing.
///
/// `line` is one whole line, without its line feed.
pub fn console_line(line: &[u8], out: &mut String) {
    console_line_cut(line, 0, out);
}

/// Like [`console_line`], for a line of which the last `cut` bytes are gone already (see
/// [`RawLine::cut`](super::RawLine::cut)).
pub fn console_line_cut(line: &[u8], cut: u64, out: &mut String) {
    if cut == 0
        && line.len() <= MAX_LINE
        && line.iter().all(|b| (0x20..0x7F).contains(b))
        && let Ok(text) = str::from_utf8(line)
    {
        out.push_str(text);
        return;
    }
    let mut writer = Writer::new(out, true);
    let fits = writer.line(line);
    let written = writer.out.len() - writer.start;
    let coloured = writer.coloured;
    let too_long = written > MAX_LINE || (cut > 0 && written > ROOM);
    let lost = if too_long {
        out.truncate(fits.0);
        cut.saturating_add((line.len() - fits.1) as u64)
    } else {
        cut
    };
    if lost > 0 {
        if coloured {
            out.push_str("\x1b[0m");
        }
        out.push_str(&format!("… [{lost} bytes cut]"));
    }
}

/// A name, a message of the day, or any other short text from outside: harmless, without colours, of at most
/// `max_chars` characters, the last of which is `…` when something was cut. Line breaks and tabs become one space.
pub fn plain(text: &str, max_chars: usize) -> String {
    let mut out = String::with_capacity(text.len().min(max_chars.saturating_mul(4)));
    let mut writer = Writer::new(&mut out, false);
    let mut count = 0usize;
    // The last place at which there is still room for the ellipsis.
    let mut fits = 0usize;
    for c in text.chars() {
        let before = writer.out.len();
        writer.feed(if matches!(c, '\t' | '\n' | '\u{2028}' | '\u{2029}') { ' ' } else { c });
        if writer.out.len() > before {
            count += 1;
        }
        if count < max_chars {
            fits = writer.out.len();
        } else if count > max_chars {
            break;
        }
    }
    if count > max_chars {
        out.truncate(fits);
        if max_chars > 0 {
            out.push('…');
        }
    }
    out
}

/// A line that [`console_line`] has cleaned, without its colours: what the log parser reads.
pub fn strip_sgr(line: &str) -> Cow<'_, str> {
    if !line.contains('\x1b') {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len());
    let mut writer = Writer::new(&mut out, false);
    for c in line.chars() {
        writer.feed(c);
    }
    Cow::Owned(out)
}

struct Writer<'a> {
    out: &'a mut String,
    start: usize,
    escapes: Escapes,
    colours: bool,
    coloured: bool,
    marks: u8,
}

impl<'a> Writer<'a> {
    fn new(out: &'a mut String, colours: bool) -> Self {
        let start = out.len();
        Self { out, start, escapes: Escapes::new(), colours, coloured: false, marks: 0 }
    }

    /// Feeds a line until it ends or is longer than [`MAX_LINE`]. Returns where to cut it should it be too long: how
    /// much is written by then, and how much of the line is used.
    fn line(&mut self, line: &[u8]) -> (usize, usize) {
        let mut read = 0usize;
        let mut fits = (self.start, 0usize);
        for chunk in line.utf8_chunks() {
            let mut rest = chunk.valid();
            while let Some(c) = rest.chars().next() {
                let mut used = self.run(rest);
                if used == 0 {
                    self.feed(c);
                    used = c.len_utf8();
                }
                rest = &rest[used..];
                read += used;
                if self.is_over(read, &mut fits) {
                    return fits;
                }
            }
            if !chunk.invalid().is_empty() {
                self.feed(char::REPLACEMENT_CHARACTER);
                read += chunk.invalid().len();
                if self.is_over(read, &mut fits) {
                    return fits;
                }
            }
        }
        fits
    }

    /// Notes the place while there is still room for the remark; tells when the line has become too long.
    fn is_over(&self, read: usize, fits: &mut (usize, usize)) -> bool {
        let written = self.out.len() - self.start;
        if written <= ROOM {
            *fits = (self.out.len(), read);
        }
        written > MAX_LINE
    }

    /// Writes the plain ASCII at the start of `text` at once, as far as there is room. Most of every line is such a
    /// run, and character by character it would cost ten times as much.
    fn run(&mut self, text: &str) -> usize {
        if !self.escapes.in_text() {
            return 0;
        }
        let room = ROOM.saturating_sub(self.out.len() - self.start);
        let bytes = &text.as_bytes()[..text.len().min(room)];
        let run = bytes.iter().position(|b| !(0x20..0x7F).contains(b)).unwrap_or(bytes.len());
        if run > 0 {
            self.marks = 0;
            self.out.push_str(&text[..run]);
        }
        run
    }

    fn feed(&mut self, c: char) {
        match self.escapes.step(c) {
            Step::Swallowed => {}
            Step::Sgr => {
                if self.colours {
                    self.escapes.sgr(self.out);
                    self.coloured = true;
                }
            }
            Step::Text('\t') => {
                self.marks = 0;
                self.out.push_str(TAB);
            }
            Step::Text(c) if is_harmless(c) => self.push(c),
            Step::Text(_) => {}
        }
    }

    fn push(&mut self, c: char) {
        if is_mark(c) {
            if self.marks == MAX_MARKS {
                return;
            }
            self.marks += 1;
        } else {
            self.marks = 0;
        }
        self.out.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn clean(line: impl AsRef<[u8]>) -> String {
        let mut out = String::new();
        console_line(line.as_ref(), &mut out);
        out
    }

    #[test]
    fn plain_text_and_colours_stay() {
        assert_eq!(clean("[12:34:56 INFO]: Grüße, 世界 🎉"), "[12:34:56 INFO]: Grüße, 世界 🎉");
        assert_eq!(clean("\x1b[m\x1b[01;31mred\x1b[0m"), "\x1b[0m\x1b[1;31mred\x1b[0m");
        assert_eq!(clean("\x1b[38;2;1;2;3mx\x1b[38:2::1:2:3my"), "\x1b[38;2;1;2;3mx\x1b[38:2::1:2:3my");
        assert_eq!(clean("\u{9b}32mgreen"), "\x1b[32mgreen");
        assert_eq!(clean("a\tb\r"), "a    b");
    }

    #[test]
    fn everything_else_that_a_terminal_acts_on_goes() {
        assert_eq!(clean("a\x1b[2J\x1b[H\x1b[6n\x1b[?1049h\x1b[>4;1mb"), "ab");
        assert_eq!(clean("a\x1b]0;title\x07b\x1b]52;c;aGk=\x1b\\c"), "abc");
        assert_eq!(clean("a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\b"), "alinkb");
        assert_eq!(clean("a\x1bPq#0;2\x1b\\b\x1b_apc\x1b\\c\x1b^pm\x1b\\d\x1bXsos\x1b\\e"), "abcde");
        assert_eq!(clean("a\x1b]52;c;never ended"), "a");
        assert_eq!(clean("a\x1b(Bb\x1bcc\x1b=d\x1b"), "abcd");
        assert_eq!(clean("a\u{9d}0;t\u{9c}b\u{85}c"), "abc");
        assert_eq!(clean("a\0b\x07c\x08d\x7fe"), "abcde");
        assert_eq!(clean("a\u{202e}b\u{2066}c\u{200f}d\u{61c}e\u{200b}f\u{feff}g\u{200d}h"), "abcdefgh");
        assert_eq!(clean(b"a\xffb\x9bc\xe2\x98"), "a\u{fffd}b\u{fffd}c\u{fffd}");
        assert_eq!(clean("\x1b[31\x1b[32mx\x1b[31\u{e9}y"), "\x1b[32mx\u{e9}y");
        assert_eq!(clean(format!("\x1b[{}mx", "1;".repeat(99))), "x");
        assert_eq!(clean("\x1b[99999999mx"), "x");
    }

    #[test]
    fn stacked_marks_are_thinned() {
        assert_eq!(clean(format!("z{}", "\u{301}".repeat(50))), format!("z{}", "\u{301}".repeat(4)));
    }

    #[test]
    fn a_long_line_says_what_it_lost() {
        let out = clean("x".repeat(10_000));
        assert_eq!(out.len(), MAX_LINE - NOTE + "… [1856 bytes cut]".len());
        assert!(out.ends_with("x… [1856 bytes cut]"), "{}", &out[out.len() - 30..]);
        assert_eq!(clean("x".repeat(MAX_LINE)).len(), MAX_LINE);
        // Nothing grows with the line, whatever it is made of.
        for unit in [&b"x"[..], b"\xff", "é".as_bytes(), b"\x1b[31m", b"\t", b"\x1b"] {
            let mut out = String::new();
            console_line(&unit.repeat(1_000_000), &mut out);
            assert!(out.len() <= MAX_LINE && out.capacity() <= 4 * MAX_LINE, "{unit:?}");
        }
        let mut out = String::new();
        console_line_cut(b"abc", 7, &mut out);
        assert_eq!(out, "abc… [7 bytes cut]");
    }

    #[test]
    fn plain_has_no_colours_and_an_end() {
        assert_eq!(plain("\x1b[31mred\x1b[0m\nA\tB", 20), "red A B");
        assert_eq!(plain("abcdef", 6), "abcdef");
        assert_eq!(plain("abcdefg", 6), "abcde…");
        assert_eq!(plain("abc", 0), "");
        assert_eq!(strip_sgr("\x1b[1;31mred\x1b[0m x"), "red x");
        assert!(matches!(strip_sgr("no colour"), Cow::Borrowed(_)));
    }

    /// Text in which everything dangerous is frequent.
    fn hostile() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            Just(b"\x1b[".to_vec()),
            Just(b"\x1b]".to_vec()),
            Just(b"\x1b".to_vec()),
            Just(b"\x1b\\".to_vec()),
            Just(b"\x1b[31m".to_vec()),
            Just(b"m".to_vec()),
            Just("\u{9b}".as_bytes().to_vec()),
            Just("\u{202e}".as_bytes().to_vec()),
            "[0-9;:]{0,8}".prop_map(String::into_bytes),
            "[a-z \u{300}\u{200d}]{0,8}".prop_map(String::into_bytes),
            any::<char>().prop_map(|c| c.to_string().into_bytes()),
            proptest::collection::vec(any::<u8>(), 0..6),
            (0usize..5000).prop_map(|n| vec![b'x'; n]),
        ];
        proptest::collection::vec(piece, 0..40).prop_map(|v| v.concat())
    }

    fn assert_safe(out: &str) {
        let mut rest = out;
        while let Some(c) = rest.chars().next() {
            if let Some(sgr) = rest.strip_prefix("\x1b[") {
                let end = sgr.find('m').expect("a colour sequence that ends");
                assert!(sgr[..end].bytes().all(|b| b.is_ascii_digit() || b == b';' || b == b':'));
                rest = &sgr[end + 1..];
            } else {
                assert!(is_harmless(c), "{c:?}");
                assert!(!('\u{80}'..='\u{9f}').contains(&c) && !c.is_control());
                rest = &rest[c.len_utf8()..];
            }
        }
    }

    proptest! {
        #[test]
        fn console_lines_are_safe_bounded_and_stay_as_they_are(line in hostile()) {
            let once = clean(&line);
            assert_safe(&once);
            prop_assert!(once.len() <= MAX_LINE);
            prop_assert_eq!(clean(&once), once);
        }

        #[test]
        fn plain_text_is_safe_bounded_and_stays_as_it_is(line in hostile(), max in 0usize..80) {
            let once = plain(&String::from_utf8_lossy(&line), max);
            prop_assert!(once.chars().all(is_harmless));
            prop_assert!(once.chars().count() <= max);
            prop_assert_eq!(plain(&once, max), once);
        }
    }
}
