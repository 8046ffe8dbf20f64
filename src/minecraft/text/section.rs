//! Minecraft's own formatting codes: `§` and one character.

use std::borrow::Cow;

const SIGN: char = '§';

/// The text without its `§x` codes.
pub fn strip_section(text: &str) -> Cow<'_, str> {
    if !text.contains(SIGN) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == SIGN {
            chars.next();
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// The text with its `§x` codes as terminal colours. Codes that mean nothing are dropped, and so is the hexadecimal
/// form `§x§r§r§g§g§b§b`, digit by digit a colour of sixteen.
pub fn section_to_sgr(text: &str) -> Cow<'_, str> {
    if !text.contains(SIGN) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != SIGN {
            out.push(c);
        } else if let Some(code) = chars.next().and_then(sgr) {
            out.push_str(code);
        }
    }
    out.push_str("\x1b[0m");
    Cow::Owned(out)
}

/// A colour code resets the style in the game, hence the leading zero.
fn sgr(code: char) -> Option<&'static str> {
    Some(match code.to_ascii_lowercase() {
        '0' => "\x1b[0;30m",
        '1' => "\x1b[0;34m",
        '2' => "\x1b[0;32m",
        '3' => "\x1b[0;36m",
        '4' => "\x1b[0;31m",
        '5' => "\x1b[0;35m",
        '6' => "\x1b[0;33m",
        '7' => "\x1b[0;37m",
        '8' => "\x1b[0;90m",
        '9' => "\x1b[0;94m",
        'a' => "\x1b[0;92m",
        'b' => "\x1b[0;96m",
        'c' => "\x1b[0;91m",
        'd' => "\x1b[0;95m",
        'e' => "\x1b[0;93m",
        'f' => "\x1b[0;97m",
        'l' => "\x1b[1m",
        'm' => "\x1b[9m",
        'n' => "\x1b[4m",
        'o' => "\x1b[3m",
        'r' => "\x1b[0m",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_stripped_or_turned_into_colours() {
        assert_eq!(strip_section("§aHi §lthere§"), "Hi there");
        assert_eq!(section_to_sgr("§aHi §Lthere§k"), "\x1b[0;92mHi \x1b[1mthere\x1b[0m");
        assert!(matches!(section_to_sgr("none"), Cow::Borrowed("none")));
    }
}
