//! The last wall before the terminal: nothing in text from outside may be acted on by it.
//!
//! The engine has cleaned console lines already; names, messages and image tags come as Docker has them. Sequences are
//! recognised as ECMA-48 defines them (CSI, and strings ended by ST or, as xterm does it, by BEL).

use std::borrow::Cow;

/// Most characters between `ESC [` and `m` that are taken for a colour.
const SGR_MAX: usize = 64;

/// Characters that have no shape of their own and change how others are shown, or how a terminal behaves.
pub fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// One line without any control or direction characters; escape sequences go as a whole, line breaks become spaces.
pub fn plain(text: &str) -> Cow<'_, str> {
    strip(text, false)
}

/// The same, but colours (SGR) stay, and end with the line.
pub fn coloured(text: &str) -> Cow<'_, str> {
    strip(text, true)
}

fn strip(text: &str, colours: bool) -> Cow<'_, str> {
    if !text.contains(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut open = false;
    let mut rest = text;
    while let Some(at) = rest.find(is_hostile) {
        clean.push_str(&rest[..at]);
        rest = &rest[at..];
        let (length, sgr) = sequence(rest);
        if sgr && colours {
            clean.push_str(&rest[..length]);
            open = true;
        } else if matches!(rest.as_bytes()[0], b'\n' | b'\t' | b'\r') {
            clean.push(' ');
        }
        rest = &rest[length..];
    }
    clean.push_str(rest);
    if open {
        clean.push_str("\x1b[0m");
    }
    Cow::Owned(clean)
}

/// The length in bytes of what the hostile character at the start of `text` begins, and whether it is a colour.
fn sequence(text: &str) -> (usize, bool) {
    let mut characters = text.char_indices();
    let first = characters.next().map_or(0, |(_, c)| c.len_utf8());
    let kind = match text.chars().next() {
        Some('\u{1b}') => characters.next().map(|(_, c)| c),
        Some('\u{9b}') => Some('['),
        Some('\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}') => Some(']'),
        _ => return (first, false),
    };
    match kind {
        Some('[') => control_sequence(text, characters),
        Some(']' | 'P' | 'X' | '^' | '_') => {
            let mut escaped = false;
            for (at, c) in characters {
                match c {
                    '\u{7}' | '\u{9c}' => return (at + c.len_utf8(), false),
                    '\\' if escaped => return (at + 1, false),
                    _ => escaped = c == '\u{1b}',
                }
            }
            (text.len(), false)
        }
        // ESC, intermediates, a final byte. A control character after ESC stands for itself.
        Some(c) if (' '..='/').contains(&c) => {
            let end = characters.find(|(_, c)| !(' '..='/').contains(c));
            (end.map_or(text.len(), |(at, c)| if c.is_control() { at } else { at + c.len_utf8() }), false)
        }
        Some(c) if ('0'..='~').contains(&c) => (2, false),
        _ => (first, false),
    }
}

fn control_sequence(text: &str, characters: std::str::CharIndices<'_>) -> (usize, bool) {
    let mut only_numbers = text.starts_with("\u{1b}[");
    for (at, c) in characters {
        match c {
            'm' => return (at + 1, only_numbers && at <= SGR_MAX),
            '@'..='~' => return (at + 1, false),
            '0'..='9' | ';' | ':' => {}
            ' '..='?' => only_numbers = false,
            // Not a sequence after all: what comes next is looked at by itself.
            _ => return (at, false),
        }
    }
    (text.len(), false)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sequences_go_as_a_whole() {
        for (text, expected) in [
            ("plain", "plain"),
            ("a\u{1b}[31mred\u{1b}[0m", "ared"),
            ("\u{1b}]0;title\u{7}x", "x"),
            ("\u{1b}]52;c;aGk=\u{1b}\\x", "x"),
            ("\u{1b}]8;;http://evil\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("\u{1b}P+q544e\u{1b}\\x", "x"),
            ("\u{9b}31mx", "x"),
            ("\u{1b}c\u{1b}(Bx", "x"),
            ("a\u{202e}b\u{2066}c\u{200f}", "abc"),
            ("a\nb\tc", "a b c"),
            ("\u{0}\u{7}\u{8}x\u{7f}", "x"),
            ("x\u{1b}", "x"),
            ("x\u{1b}[", "x"),
            ("\u{1b}]never ended", ""),
            ("\u{1b}[1\u{1b}[2Jx", "x"),
        ] {
            assert_eq!(plain(text), expected, "{text:?}");
        }
    }

    #[test]
    fn colours_stay_where_they_may_and_end_with_the_line() {
        assert_eq!(coloured("\u{1b}[1;31mx"), "\u{1b}[1;31mx\u{1b}[0m");
        assert_eq!(coloured("\u{1b}[2Jx\u{1b}[6n\u{1b}[?1049h"), "x");
        assert_eq!(coloured("\u{1b}[>4;1mx"), "x");
        assert_eq!(coloured("x"), "x");
    }

    proptest! {
        #[test]
        fn nothing_hostile_is_left(text in any::<String>(), tail in "[\u{1b}\\[\\]0-9;m\u{7}\u{9b}\u{202e}Pa-c\\\\]{0,40}") {
            let text = text + &tail;
            prop_assert!(!plain(&text).contains(is_hostile));
            let coloured = coloured(&text);
            for after in coloured.split('\u{1b}').skip(1) {
                let end = after.find('m').unwrap();
                prop_assert!(after.starts_with('['));
                prop_assert!(after[1..end].chars().all(|c| c.is_ascii_digit() || ";:".contains(c)));
                prop_assert!(!after[end..].contains(is_hostile));
            }
        }
    }
}
