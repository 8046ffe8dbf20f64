use proptest::prelude::*;
use ratatui::style::{Color, Modifier};

use super::*;

const DEEP: ColourDepth = ColourDepth::TrueColour;

fn styled(text: &str) -> Vec<(String, Style)> {
    spans(text, Style::new(), DEEP, 0, 1000)
        .into_iter()
        .map(|span| (span.content.into_owned(), span.style))
        .collect()
}

#[test]
fn colours_and_attributes_become_styles() {
    let got = styled("a\u{1b}[1;31mb\u{1b}[38;5;208mc\u{1b}[48;2;1;2;3md\u{1b}[me\u{1b}[38:2::9:8:7;4mf");
    assert_eq!(
        got,
        [
            ("a".into(), Style::new()),
            ("b".into(), Style::new().fg(Color::Red).bold()),
            ("c".into(), Style::new().fg(Color::Indexed(208)).bold()),
            ("d".into(), Style::new().fg(Color::Indexed(208)).bg(Color::Rgb(1, 2, 3)).bold()),
            ("e".into(), Style::new()),
            ("f".into(), Style::new().fg(Color::Rgb(9, 8, 7)).underlined()),
        ]
    );
}

#[test]
fn a_reset_goes_back_to_the_base_style() {
    let base = Style::new().fg(Color::Yellow).add_modifier(Modifier::BOLD);
    let last = spans("\u{1b}[3;32mx\u{1b}[0my", base, DEEP, 0, 9).pop().unwrap();
    assert_eq!(last.style, base);
    let last = spans("\u{1b}[32mx\u{1b}[39;22my", base, DEEP, 0, 9).pop().unwrap();
    assert!(last.style.fg == Some(Color::Yellow) && last.style.add_modifier.contains(Modifier::BOLD));
}

#[test]
fn the_depth_bounds_every_colour() {
    let text = "\u{1b}[38;2;255;0;0;44mx";
    let first = |depth| spans(text, Style::new(), depth, 0, 9).remove(0).style;
    assert_eq!(first(ColourDepth::Ansi16), Style::new().fg(Color::LightRed).bg(Color::Blue));
    assert_eq!(first(ColourDepth::Indexed256), Style::new().fg(Color::Indexed(196)).bg(Color::Blue));
    assert_eq!(first(ColourDepth::Mono), Style::new().fg(Color::Reset).bg(Color::Reset));
}

#[test]
fn every_other_sequence_is_dropped() {
    for text in [
        "a\u{1b}[2Jb",
        "a\u{1b}]52;c;aGk=\u{7}b",
        "a\u{1b}]8;;http://x\u{1b}\\b",
        "a\u{1b}P1$r\u{1b}\\b",
        "a\u{1b}cb",
        "a\u{9b}6nb",
        "a\u{0}\u{7}\u{8}\u{7f}\u{85}\rb",
        "a\u{202e}\u{2066}b",
        "a\u{1b}\u{1b}[31mb",
    ] {
        assert_eq!(plain(text), "ab", "{text:?}");
        let drawn: String = styled(text).into_iter().map(|(text, _)| text).collect();
        assert_eq!(drawn, "ab", "{text:?}");
    }
    assert_eq!(plain("a\u{1b}]0;never ends"), "a");
    assert_eq!(plain("a\u{1b}[3é"), "aé");
    assert_eq!(plain("a\u{1b}"), "a");
}

#[test]
fn text_without_sequences_is_borrowed() {
    assert!(matches!(plain("[12:00:00] [Server thread/INFO]: héllo 世界"), Cow::Borrowed(_)));
    let one = spans("plain text", Style::new(), DEEP, 0, 80);
    assert!(matches!(one.as_slice(), [Span { content: Cow::Borrowed("plain text"), .. }]));
}

#[test]
fn wide_characters_at_the_edges_become_spaces() {
    let text = "世界x";
    let cut = |skip, width| {
        spans(text, Style::new(), DEEP, skip, width)
            .iter()
            .map(|span| span.content.as_ref())
            .collect::<String>()
    };
    assert_eq!(
        (cut(0, 5), cut(1, 4), cut(0, 3), cut(2, 2)),
        ("世界x".into(), " 界x".into(), "世 ".into(), "界".into())
    );
    let mut buf = Buffer::empty(Rect::new(0, 0, 4, 1));
    assert_eq!(draw(&mut buf, Rect::new(0, 0, 3, 1), text, Style::new(), DEEP, 1), 3);
    assert_eq!(buf, Buffer::with_lines([" 界 "]));
}

#[test]
fn a_pile_of_accents_is_one_cell_with_one_letter() {
    let text = format!("a{}b", "\u{301}".repeat(5_000));
    let glyphs: Vec<_> = Glyphs::new(&text, Style::new(), DEEP).map(|glyph| glyph.symbol).collect();
    assert_eq!(glyphs, ["a", "b"]);
}

#[test]
fn joined_emoji_are_one_glyph_of_two_columns() {
    assert_eq!(width("👨‍👩‍👧‍👦"), 2);
    assert_eq!(width("e\u{301}\tx"), 3);
}

/// Text that is likely to trip: sequences whole and broken, wide and zero-width characters, controls.
pub(crate) fn hostile_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[ -~]{0,8}",
        Just("\u{1b}[31m".to_owned()),
        "\u{1b}\\[[0-9;:]{0,12}[mKH]?",
        Just("\u{1b}]52;c;x\u{7}".to_owned()),
        Just("世界".to_owned()),
        Just("👨‍👩‍👧‍👦🇩🇪".to_owned()),
        Just("e\u{301}\u{202e}\u{0}\t".to_owned()),
        "\\PC{0,4}",
        any::<String>(),
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn clipping_never_exceeds_the_width(text in hostile_text(), skip in 0usize..40, columns in 0u16..40) {
        let spans = spans(&text, Style::new(), DEEP, skip, columns.into());
        let taken: usize = spans.iter().map(|span| width(&span.content)).sum();
        prop_assert!(taken <= usize::from(columns));
        prop_assert!(!spans.iter().any(|span| span.content.chars().any(|c| is_hostile(c) && c != '\t')));

        // Cells outside the area stay as they were, and no cell holds what a terminal would obey.
        let mut buf = Buffer::filled(Rect::new(0, 0, 60, 3), ratatui::buffer::Cell::new("#"));
        let used = draw(&mut buf, Rect::new(10, 1, columns, 1), &text, Style::new(), DEEP, skip);
        prop_assert!(used <= columns);
        prop_assert_eq!(usize::from(used), width(&text).saturating_sub(skip).min(columns.into()));
        for (index, cell) in buf.content.iter().enumerate() {
            let (x, y) = (index as u16 % 60, index as u16 / 60);
            if y != 1 || x < 10 || x >= 10 + columns {
                prop_assert_eq!(cell.symbol(), "#");
            }
            prop_assert!(!cell.symbol().chars().any(is_hostile));
        }
    }

    #[test]
    fn glyphs_lie_where_the_plain_text_has_them(text in hostile_text()) {
        let clean = plain(&text);
        for glyph in Glyphs::new(&text, Style::new(), DEEP) {
            prop_assert!(clean[glyph.at..].starts_with(glyph.symbol));
        }
        prop_assert_eq!(plain(&clean), clean.as_ref());
    }
}
