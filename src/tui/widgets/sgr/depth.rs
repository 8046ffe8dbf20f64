//! How many colours the terminal has, and the nearest one that it does have.

use ratatui::style::{Color, Style};

/// The most colours that may be sent to the terminal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum ColourDepth {
    /// No colour at all; bold, underline and the like stay.
    Mono,
    /// The terminal's own sixteen.
    #[default]
    Ansi16,
    /// xterm's 256.
    Indexed256,
    /// 24 bits.
    TrueColour,
}

/// The sixteen in the order of their SGR numbers, with xterm's default values.
const ANSI: [(Color, [u8; 3]); 16] = [
    (Color::Black, [0, 0, 0]),
    (Color::Red, [205, 0, 0]),
    (Color::Green, [0, 205, 0]),
    (Color::Yellow, [205, 205, 0]),
    (Color::Blue, [0, 0, 238]),
    (Color::Magenta, [205, 0, 205]),
    (Color::Cyan, [0, 205, 205]),
    (Color::Gray, [229, 229, 229]),
    (Color::DarkGray, [127, 127, 127]),
    (Color::LightRed, [255, 0, 0]),
    (Color::LightGreen, [0, 255, 0]),
    (Color::LightYellow, [255, 255, 0]),
    (Color::LightBlue, [92, 92, 255]),
    (Color::LightMagenta, [255, 0, 255]),
    (Color::LightCyan, [0, 255, 255]),
    (Color::White, [255, 255, 255]),
];

/// The values of one axis of xterm's 6×6×6 cube.
const CUBE: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// One of the sixteen by its number; higher bits are ignored.
pub(super) fn ansi(number: u8) -> Color {
    ANSI[usize::from(number & 15)].0
}

impl ColourDepth {
    /// The nearest colour that this depth has.
    pub fn quantise(self, colour: Color) -> Color {
        match (self, colour) {
            (_, Color::Reset) | (Self::TrueColour, _) => colour,
            (Self::Mono, _) => Color::Reset,
            (Self::Indexed256, Color::Rgb(r, g, b)) => Color::Indexed(nearest_256([r, g, b])),
            (Self::Ansi16, Color::Rgb(r, g, b)) => nearest_16([r, g, b]),
            (Self::Ansi16, Color::Indexed(n)) if n < 16 => ansi(n),
            (Self::Ansi16, Color::Indexed(n)) => nearest_16(rgb_of(n)),
            _ => colour,
        }
    }

    /// A style with only colours that this depth has.
    pub fn quantise_style(self, mut style: Style) -> Style {
        style.fg = style.fg.map(|colour| self.quantise(colour));
        style.bg = style.bg.map(|colour| self.quantise(colour));
        style
    }
}

fn distance(a: [u8; 3], b: [u8; 3]) -> u32 {
    // Weights after how much each channel adds to what the eye takes as brightness.
    let weights = [3, 6, 1];
    a.iter().zip(b).zip(weights).map(|((&a, b), weight)| u32::from(a.abs_diff(b)).pow(2) * weight).sum()
}

fn nearest_16(rgb: [u8; 3]) -> Color {
    ANSI.iter().min_by_key(|(_, value)| distance(rgb, *value)).map_or(Color::Reset, |(colour, _)| *colour)
}

/// What xterm shows for one of the 256.
fn rgb_of(number: u8) -> [u8; 3] {
    match number {
        0..16 => ANSI[usize::from(number)].1,
        16..232 => {
            let n = usize::from(number - 16);
            [CUBE[n / 36], CUBE[n / 6 % 6], CUBE[n % 6]]
        }
        232.. => [8 + 10 * (number - 232); 3],
    }
}

fn nearest_256(rgb: [u8; 3]) -> u8 {
    let axis =
        |value: u8| (0u8..6).min_by_key(|&step| CUBE[usize::from(step)].abs_diff(value)).unwrap_or_default();
    let cube = 16 + 36 * axis(rgb[0]) + 6 * axis(rgb[1]) + axis(rgb[2]);
    let mean = rgb.iter().map(|&channel| u16::from(channel)).sum::<u16>() / 3;
    let grey = 232 + u8::try_from((mean.saturating_sub(3) / 10).min(23)).unwrap_or(23);
    if distance(rgb, rgb_of(grey)) < distance(rgb, rgb_of(cube)) { grey } else { cube }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_become_the_nearest_that_there_are() {
        use ColourDepth::*;
        let orange = Color::Rgb(255, 135, 0);
        assert_eq!(TrueColour.quantise(orange), orange);
        assert_eq!(Indexed256.quantise(orange), Color::Indexed(208));
        assert_eq!(Indexed256.quantise(Color::Rgb(118, 118, 118)), Color::Indexed(243));
        assert_eq!(Ansi16.quantise(Color::Rgb(250, 10, 10)), Color::LightRed);
        assert_eq!(Ansi16.quantise(Color::Indexed(4)), Color::Blue);
        assert_eq!(Ansi16.quantise(Color::Indexed(231)), Color::White);
        assert_eq!(Mono.quantise(orange), Color::Reset);
        assert_eq!(Mono.quantise_style(Style::new().fg(orange).bold()), Style::new().fg(Color::Reset).bold());
    }

    #[test]
    fn each_of_the_256_is_its_own_nearest_in_colour() {
        for number in 16..=255u8 {
            let [r, g, b] = rgb_of(number);
            let Color::Indexed(found) = ColourDepth::Indexed256.quantise(Color::Rgb(r, g, b)) else {
                panic!("not indexed");
            };
            assert_eq!(rgb_of(found), [r, g, b], "{number}");
        }
    }
}
