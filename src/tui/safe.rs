//! Makes text from outside harmless before it is drawn: names, images, messages, faults.

use std::borrow::Cow;

use super::widgets::sgr;

/// Longest text from outside that is shown in one piece, in bytes.
const MAX_BYTES: usize = 8 * 1024;

/// The text without control sequences, control characters, and characters that reorder or hide text; cut off
/// where it is far too long. Borrowed where there is nothing to take away.
pub fn clean(text: &str) -> Cow<'_, str> {
    let mut end = text.len().min(MAX_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    sgr::plain(&text[..end])
}

/// As [`clean`], with line breaks as spaces.
pub fn line(text: &str) -> Cow<'_, str> {
    if text.contains(['\n', '\r']) {
        let joined = text.split(['\n', '\r']).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        return Cow::Owned(clean(&joined).into_owned());
    }
    clean(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        let hostile = "a\u{1b}]52;c;ZXZpbA==\u{7}\u{1b}[2J\u{202e}b\u{0}\u{9b}5nc\r\nd\u{200b}";
        assert_eq!(line(hostile), "abc d");
        assert!(!clean(hostile).contains(char::is_control));
        assert!(matches!(clean("plain näme 世界"), Cow::Borrowed(_)));
        assert_eq!(clean(&"é".repeat(10_000)).len(), MAX_BYTES);
    }
}
