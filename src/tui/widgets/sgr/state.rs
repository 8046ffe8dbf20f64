//! The style that the sequences read so far have set.

use ratatui::style::{Color, Modifier, Style};

use super::depth::{ColourDepth, ansi};

/// What is left of one sequence: how many bytes it takes, and its parameters where it is an SGR.
pub(super) struct Sequence<'a> {
    pub(super) bytes: usize,
    pub(super) sgr: Option<&'a str>,
}

/// Reads the sequence that begins at the start of `text`, which is ESC or the one-character CSI (U+009B).
/// A sequence that does not end takes the rest of the text.
pub(super) fn read_sequence(text: &str) -> Sequence<'_> {
    let csi = if text.starts_with('\u{9b}') {
        2
    } else {
        match text.as_bytes().get(1) {
            Some(b'[') => 2,
            Some(b']' | b'P' | b'X' | b'^' | b'_') => return Sequence { bytes: string_end(text), sgr: None },
            // Two characters; the second may be longer than a byte, or another ESC that begins anew.
            Some(0x20..=0x7e) => return Sequence { bytes: 2, sgr: None },
            _ => return Sequence { bytes: 1, sgr: None },
        }
    };
    let body = &text.as_bytes()[csi..];
    let Some(last) = body.iter().position(|byte| !(0x20..=0x3f).contains(byte)) else {
        return Sequence { bytes: text.len(), sgr: None };
    };
    match body[last] {
        b'm' => Sequence { bytes: csi + last + 1, sgr: text.get(csi..csi + last) },
        0x40..=0x7e => Sequence { bytes: csi + last + 1, sgr: None },
        // Broken off by something that cannot be in a sequence: that is looked at by itself.
        _ => Sequence { bytes: csi + last, sgr: None },
    }
}

/// Where a string sequence (OSC, DCS, SOS, PM, APC) ends: after BEL or ST, or before any other ESC.
fn string_end(text: &str) -> usize {
    let Some(found) = text.get(2..).and_then(|rest| rest.find(['\u{7}', '\u{1b}', '\u{9c}'])) else {
        return text.len();
    };
    let at = found + 2;
    match text.as_bytes()[at] {
        0x07 => at + 1,
        0x1b if text.as_bytes().get(at + 1) == Some(&b'\\') => at + 2,
        0x1b => at,
        _ => at + '\u{9c}'.len_utf8(),
    }
}

/// Changes `style` as the parameters of an SGR say; `base` is what a reset goes back to. What is not known (and
/// blinking and hiding, which no log needs) is passed over.
pub(super) fn apply(style: &mut Style, base: Style, parameters: &str, depth: ColourDepth) {
    let mut parts = parameters.split(';');
    while let Some(part) = parts.next() {
        let mut sub = part.split(':');
        let Some(code) = number(sub.next()) else { continue };
        match code {
            0 => *style = base,
            4 if number(sub.next()) == Some(0) && part.contains(':') => {
                unset(style, base, Modifier::UNDERLINED)
            }
            1 | 2 | 3 | 4 | 7 | 9 => *style = style.add_modifier(modifier(code)),
            21 => *style = style.add_modifier(Modifier::UNDERLINED),
            22 => unset(style, base, Modifier::BOLD | Modifier::DIM),
            23 => unset(style, base, Modifier::ITALIC),
            24 => unset(style, base, Modifier::UNDERLINED),
            27 => unset(style, base, Modifier::REVERSED),
            29 => unset(style, base, Modifier::CROSSED_OUT),
            30..=37 => style.fg = Some(depth.quantise(ansi((code - 30) as u8))),
            90..=97 => style.fg = Some(depth.quantise(ansi((code - 90 + 8) as u8))),
            40..=47 => style.bg = Some(depth.quantise(ansi((code - 40) as u8))),
            100..=107 => style.bg = Some(depth.quantise(ansi((code - 100 + 8) as u8))),
            39 => style.fg = base.fg,
            49 => style.bg = base.bg,
            38 | 48 => {
                let colour = if part.contains(':') { with_colons(part) } else { with_semicolons(&mut parts) };
                if let Some(colour) = colour {
                    let place = if code == 38 { &mut style.fg } else { &mut style.bg };
                    *place = Some(depth.quantise(colour));
                }
            }
            _ => {}
        }
    }
}

/// An empty parameter is 0 (ECMA-48); `None` for what is no number or is larger than any code.
fn number(part: Option<&str>) -> Option<u16> {
    match part? {
        "" => Some(0),
        digits => digits.parse().ok(),
    }
}

fn modifier(code: u16) -> Modifier {
    match code {
        1 => Modifier::BOLD,
        2 => Modifier::DIM,
        3 => Modifier::ITALIC,
        4 => Modifier::UNDERLINED,
        7 => Modifier::REVERSED,
        _ => Modifier::CROSSED_OUT,
    }
}

fn unset(style: &mut Style, base: Style, modifier: Modifier) {
    let keep = base.add_modifier & modifier;
    *style = style.remove_modifier(modifier).add_modifier(keep);
}

fn channel(part: Option<&str>) -> Option<u8> {
    number(part).and_then(|value| u8::try_from(value).ok())
}

/// `5;n` or `2;r;g;b`, the way xterm made common.
fn with_semicolons<'a>(parts: &mut impl Iterator<Item = &'a str>) -> Option<Color> {
    match number(parts.next())? {
        5 => channel(parts.next()).map(indexed),
        2 => {
            let (r, g, b) = (channel(parts.next()), channel(parts.next()), channel(parts.next()));
            Some(Color::Rgb(r?, g?, b?))
        }
        _ => None,
    }
}

/// `38:5:n`, `38:2:r:g:b` or, with a colour space as ITU T.416 has it, `38:2::r:g:b`.
fn with_colons(part: &str) -> Option<Color> {
    let mut fields = part.split(':').skip(1);
    match number(fields.next())? {
        5 => channel(fields.next()).map(indexed),
        2 => {
            let skipped = usize::from(part.split(':').count() > 5);
            let mut channels = fields.skip(skipped);
            let (r, g, b) = (channel(channels.next()), channel(channels.next()), channel(channels.next()));
            Some(Color::Rgb(r?, g?, b?))
        }
        _ => None,
    }
}

/// The first sixteen are the terminal's own, however they were asked for.
fn indexed(number: u8) -> Color {
    if number < 16 { ansi(number) } else { Color::Indexed(number) }
}
