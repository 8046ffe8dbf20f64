//! Colours as themes write them, and as fewer colours show them.

use ratatui::style::Color;

use super::Depth;

/// The terminal's own colours, as themes name them.
const NAMED: &[(&str, Color)] = &[
    ("default", Color::Reset),
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("white", Color::Gray),
    ("bright-black", Color::DarkGray),
    ("bright-red", Color::LightRed),
    ("bright-green", Color::LightGreen),
    ("bright-yellow", Color::LightYellow),
    ("bright-blue", Color::LightBlue),
    ("bright-magenta", Color::LightMagenta),
    ("bright-cyan", Color::LightCyan),
    ("bright-white", Color::White),
];

/// What xterm shows for the 16 colours where nobody changed them, in the order of [`NAMED`] after `default`.
const XTERM_16: [(u8, u8, u8); 16] = [
    (0, 0, 0),
    (205, 0, 0),
    (0, 205, 0),
    (205, 205, 0),
    (0, 0, 238),
    (205, 0, 205),
    (0, 205, 205),
    (229, 229, 229),
    (127, 127, 127),
    (255, 0, 0),
    (0, 255, 0),
    (255, 255, 0),
    (92, 92, 255),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
];

/// A colour: a name of the terminal's own 16, `default`, a number of 256, or `#rrggbb`.
pub fn parse(text: &str) -> Option<Color> {
    if let Some((_, color)) = NAMED.iter().find(|(name, _)| *name == text) {
        return Some(*color);
    }
    if let Some(hex) = text.strip_prefix('#') {
        let number = u32::from_str_radix(hex, 16).ok().filter(|_| hex.len() == 6)?;
        let [_, r, g, b] = number.to_be_bytes();
        return Some(Color::Rgb(r, g, b));
    }
    text.parse().ok().map(Color::Indexed)
}

/// The nearest colour that this depth can show.
pub fn quantise(color: Color, depth: Depth) -> Color {
    match (depth, color) {
        (Depth::None, _) => Color::Reset,
        (Depth::C256, Color::Rgb(r, g, b)) => Color::Indexed(nearest_256((r, g, b))),
        (Depth::C16, Color::Rgb(r, g, b)) => nearest_16((r, g, b)),
        (Depth::C16, Color::Indexed(n)) => nearest_16(of_index(n)),
        (_, color) => color,
    }
}

/// Red, green and blue of a colour of the 256: 16 named, a cube of 6×6×6, 24 greys.
fn of_index(index: u8) -> (u8, u8, u8) {
    let level = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
    match index {
        0..=15 => XTERM_16[index as usize],
        16..=231 => {
            let n = index - 16;
            (level(n / 36), level(n / 6 % 6), level(n % 6))
        }
        _ => {
            let grey = 8 + 10 * (index - 232);
            (grey, grey, grey)
        }
    }
}

fn nearest_256(color: (u8, u8, u8)) -> u8 {
    // The first 16 are whatever the person made of them, so they are no measure.
    (16..=255).min_by_key(|index| distance(of_index(*index), color)).unwrap_or(15)
}

fn nearest_16(color: (u8, u8, u8)) -> Color {
    let nearest = (0..16).min_by_key(|index| distance(XTERM_16[*index], color)).unwrap_or(7);
    NAMED[nearest + 1].1
}

/// How different two colours look: weighted by how far red and blue reach at this brightness of red.
fn distance(a: (u8, u8, u8), b: (u8, u8, u8)) -> i32 {
    let red = (i32::from(a.0) + i32::from(b.0)) / 2;
    let square = |x: u8, y: u8| (i32::from(x) - i32::from(y)).pow(2);
    (((512 + red) * square(a.0, b.0)) >> 8) + 4 * square(a.1, b.1) + (((767 - red) * square(a.2, b.2)) >> 8)
}
