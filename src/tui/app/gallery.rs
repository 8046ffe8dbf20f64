//! Pictures of a scene in one file: at every size the text, once with a font and once in ASCII, and how each cell looks
//! with 24 bits, with 16 colours and without any.
//!
//! A look is what a cell has in all three depths together, so that one map of letters says all of them; the letters are
//! explained at the end.

#![allow(missing_docs)]

use std::fmt::Write;

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::{Color, Modifier, Style},
};

use super::testkit::*;
use super::view;
use crate::tui::{
    terminal::Frame,
    theme::{self, Role, Theme},
    widgets::{sgr::ColourDepth, testing::screen},
};

pub const SIZES: [(u16, u16); 4] = [(40, 12), (80, 24), (120, 40), (200, 60)];

const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&*+,-./:;<=>?@^_|~";

/// What a person sees of a rig with a theme.
pub fn drawn(rig: &Rig, theme: &Theme) -> Buffer {
    let area = Rect::from((Position::ORIGIN, rig.app.size));
    let mut buffer = Buffer::empty(area);
    buffer.set_style(area, theme.style(Role::Text));
    view(&rig.app, &rig.snapshot, theme, &mut Frame { buffer: &mut buffer, cursor: None });
    buffer
}

/// Compares the scene with its file at every size and in every depth.
pub fn picture(name: &str, make: impl Fn(u16, u16) -> Rig) {
    let (mut text, mut looks) = (String::new(), Vec::new());
    let [rich, plain, mono, ascii] = themes();
    for (width, height) in SIZES {
        let rig = make(width, height);
        let buffers = [&rich, &plain, &mono].map(|theme| drawn(&rig, theme));
        let [first, others @ ..] = buffers.each_ref().map(screen);
        for other in others {
            assert_eq!(first, other, "{name}: colours change what is written");
        }
        let bare = screen(&drawn(&rig, &ascii));
        assert!(bare.is_ascii(), "{name} at {width}x{height}: {bare}");
        let _ = write!(text, "== {width}x{height}\n{first}\n-- looks\n");
        text += &map(&buffers, &mut looks);
        let _ = write!(text, "-- ascii\n{bare}\n");
    }
    text += "== letters: 24 bits | 16 colours | none\n";
    for (letter, look) in LETTERS.iter().zip(&looks) {
        let _ = writeln!(text, "{}  {}", char::from(*letter), look.join(" | "));
    }
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text);
    });
}

/// A theme with colours of its own in 24 bits, the usual one in 16, the usual one without colours, and ASCII.
fn themes() -> [Theme; 4] {
    let load = |name, depth, ascii| {
        let (theme, problems) = theme::load(name, None, depth, ascii);
        assert!(problems.is_empty(), "{problems:?}");
        theme
    };
    [
        load(Some("dark"), ColourDepth::TrueColour, false),
        load(None, ColourDepth::Ansi16, false),
        load(None, ColourDepth::Mono, false),
        load(Some("mono"), ColourDepth::Mono, true),
    ]
}

/// The letters of each row: how many cells, then the look. Rows like the one before are a `"`.
fn map(buffers: &[Buffer; 3], looks: &mut Vec<[String; 3]>) -> String {
    let area = buffers[0].area;
    let (mut lines, mut before) = (String::new(), String::new());
    for y in area.top()..area.bottom() {
        let mut runs: Vec<(u16, usize)> = Vec::new();
        for x in area.left()..area.right() {
            let look = buffers.each_ref().map(|buffer| said(buffer[(x, y)].style()));
            let at = looks.iter().position(|known| *known == look).unwrap_or_else(|| {
                looks.push(look);
                looks.len() - 1
            });
            match runs.last_mut() {
                Some((count, last)) if *last == at => *count += 1,
                _ => runs.push((1, at)),
            }
        }
        let letter = |at: usize| char::from(LETTERS[at]);
        let row: String = runs.iter().map(|(count, at)| format!("{count}{}", letter(*at))).collect();
        lines += if row == before { "\"" } else { &row };
        lines.push('\n');
        before = row;
    }
    lines
}

fn said(style: Style) -> String {
    let color = |color: Option<Color>| match color.unwrap_or_default() {
        Color::Reset => "-".to_owned(),
        color => color.to_string(),
    };
    let mut text = color(style.fg);
    if style.bg.unwrap_or_default() != Color::Reset {
        text += &format!(" on {}", color(style.bg));
    }
    if !style.add_modifier.is_empty() {
        let names = style.add_modifier.iter_names().map(|(name, _): (_, Modifier)| name.to_lowercase());
        text += &format!(" {}", names.collect::<Vec<_>>().join(" "));
    }
    text
}
