//! Text from outside, made safe to show.

/// Most characters of such a text.
pub const MESSAGE_MAX: usize = 500;

/// Text from outside, made safe to show: no control characters (so no escape sequences), no characters that turn
/// the direction of writing, bounded.
pub fn clean(text: &str) -> String {
    let mut out = String::new();
    for (count, c) in text.trim().chars().enumerate() {
        if count == MESSAGE_MAX {
            out.push('…');
            break;
        }
        match c {
            '\n' | '\t' => out.push(' '),
            c if c.is_control() => {}
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {}
            c => out.push(c),
        }
    }
    out
}
