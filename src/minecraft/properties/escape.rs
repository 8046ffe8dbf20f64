//! Java's escapes (`java.util.Properties`).

use std::fmt::Write;

/// Undoes the escapes. A `\u` without four hexadecimal digits stands for a `u`, a lone surrogate for U+FFFD.
pub(super) fn unescape(text: &str) -> String {
    let mut units: Vec<u16> = Vec::new();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c == '\\'
            && let Some(escaped) = rest.chars().next()
        {
            rest = &rest[escaped.len_utf8()..];
            if escaped == 'u'
                && let Some(unit) = rest.get(..4).and_then(hex)
            {
                units.push(unit);
                rest = &rest[4..];
                continue;
            }
            flush(&mut units, &mut out);
            out.push(match escaped {
                't' => '\t',
                'n' => '\n',
                'r' => '\r',
                'f' => '\x0C',
                other => other,
            });
        } else {
            flush(&mut units, &mut out);
            out.push(c);
        }
    }
    flush(&mut units, &mut out);
    out
}

fn hex(digits: &str) -> Option<u16> {
    let plain = digits.bytes().all(|b| b.is_ascii_hexdigit());
    plain.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
}

/// Pairs of `\u` escapes make one character beyond U+FFFF.
fn flush(units: &mut Vec<u16>, out: &mut String) {
    if !units.is_empty() {
        out.extend(char::decode_utf16(units.drain(..)).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
    }
}

/// Writes `text` as a key or a value the way Java does. What is not printable ASCII becomes `\uXXXX`, which servers
/// of every age read alike, whether they take the file for Latin-1 or for UTF-8.
pub(super) fn escape(text: &str, is_key: bool, out: &mut String) {
    for (i, c) in text.chars().enumerate() {
        match c {
            ' ' if is_key || i == 0 => out.push_str("\\ "),
            '\\' | '=' | ':' | '#' | '!' => {
                out.push('\\');
                out.push(c);
            }
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\x0C' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            _ => escape_units(c, out),
        }
    }
}

/// Writes `\uXXXX`, twice for a character beyond U+FFFF.
pub(super) fn escape_units(c: char, out: &mut String) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        // Writing to a string cannot fail.
        let _ = write!(out, "\\u{unit:04X}");
    }
}
