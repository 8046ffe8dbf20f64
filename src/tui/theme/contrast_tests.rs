//! Whether text can be read, and states told apart, in every shipped theme: by the figures of WCAG 2 and by what the
//! eyes of colour-blind people see.

use ratatui::style::Color;

use super::*;

/// Least contrast of text (WCAG 2.1, success criterion 1.4.3).
const LEAST: f64 = 4.5;
/// Least distance of two states' colours in CIE L*a*b*; 2 to 3 can just be seen side by side.
const APART: f64 = 20.0;

/// Roles that are no text: lines and bars.
const LINES: &[Role] =
    &[Role::Border, Role::BorderFocused, Role::Gauge, Role::GaugeHigh, Role::GaugeEmpty, Role::Spark];

/// Red, green and blue as light, 0 to 1, for the colours that a theme sets itself.
fn light(color: Option<Color>) -> Option<[f64; 3]> {
    let rgb = match color? {
        Color::Rgb(r, g, b) => [r, g, b],
        // The 6×6×6 cube and the greys of xterm; below 16 are the terminal's own.
        Color::Indexed(n @ 16..=231) => {
            let step = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
            [step((n - 16) / 36), step((n - 16) / 6 % 6), step((n - 16) % 6)]
        }
        Color::Indexed(n @ 232..) => [8 + 10 * (n - 232); 3],
        _ => return None,
    };
    Some(rgb.map(|value| {
        let value = f64::from(value) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    }))
}

fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let luminance = |[r, g, b]: [f64; 3]| 0.2126 * r + 0.7152 * g + 0.0722 * b;
    let (a, b) = (luminance(one) + 0.05, luminance(other) + 0.05);
    a.max(b) / a.min(b)
}

#[test]
fn text_is_legible_on_every_ground_that_it_stands_on() {
    assert!((contrast([0.0; 3], [1.0; 3]) - 21.0).abs() < 1e-9);
    let mut computed = 0;
    let mut faint = Vec::new();
    for (name, _) in SHIPPED {
        for depth in [ColourDepth::TrueColour, ColourDepth::Indexed256] {
            let (theme, _) = load(Some(name), None, depth, false);
            let text = Role::ALL.iter().filter(|role| !LINES.contains(role));
            for role in text {
                for ground in [Role::Text, Role::Overlay, Role::Bar] {
                    for chosen in [None, Some(Role::Selection), Some(Role::SelectionUnfocused)] {
                        let mut style = theme.style(Role::Text).patch(theme.style(ground));
                        style = style.patch(theme.style(*role));
                        if let Some(chosen) = chosen {
                            style = style.patch(theme.style(chosen));
                        }
                        let (Some(fg), Some(bg)) = (light(style.fg), light(style.bg)) else { continue };
                        computed += 1;
                        let contrast = contrast(fg, bg);
                        if contrast < LEAST {
                            let (role, ground) = (role.word(), ground.word());
                            faint.push(format!(
                                "{name} {depth:?}: {role} on {ground} {chosen:?}: {contrast:.2}"
                            ));
                        }
                    }
                }
            }
        }
    }
    assert!(computed > 2_000, "only {computed} pairs were computed");
    assert!(faint.is_empty(), "{}", faint.join("\n"));
}

/// What deuteranopic and tritanopic eyes see (Machado, Oliveira and Fernandes 2009, severity 1.0), of light.
const DEUTERANOPIA: [[f64; 3]; 3] =
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]];
const TRITANOPIA: [[f64; 3]; 3] =
    [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]];

fn seen([r, g, b]: [f64; 3], eyes: &[[f64; 3]; 3]) -> [f64; 3] {
    eyes.map(|row| (row[0] * r + row[1] * g + row[2] * b).clamp(0.0, 1.0))
}

/// CIE L*a*b* under D65.
fn lab([r, g, b]: [f64; 3]) -> [f64; 3] {
    let curve = |t: f64| if t > 0.008_856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
    let x = curve((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.950_47);
    let y = curve(0.2126 * r + 0.7152 * g + 0.0722 * b);
    let z = curve((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.088_83);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

fn distance(one: [f64; 3], other: [f64; 3]) -> f64 {
    let (one, other) = (lab(one), lab(other));
    one.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

#[test]
fn states_differ_for_the_eyes_that_a_theme_is_for() {
    for (name, eyes) in [("deuteranopia", &DEUTERANOPIA), ("tritanopia", &TRITANOPIA)] {
        let (theme, _) = load(Some(name), None, ColourDepth::TrueColour, false);
        let states = [Role::Good, Role::Busy, Role::Warning, Role::Error];
        let color = |role: Role| seen(light(theme.style(role).fg).unwrap(), eyes);
        for (n, one) in states.iter().enumerate() {
            for other in &states[n + 1..] {
                let apart = distance(color(*one), color(*other));
                assert!(apart >= APART, "{name}: {} and {}: {apart:.1}", one.word(), other.word());
            }
        }
    }
    // The measure tells: what red and green are to most eyes, they are not to these.
    let (red, green) = ([0.5, 0.1, 0.0], [0.2, 0.25, 0.0]);
    assert!(distance(red, green) > 2.0 * distance(seen(red, &DEUTERANOPIA), seen(green, &DEUTERANOPIA)));
}
