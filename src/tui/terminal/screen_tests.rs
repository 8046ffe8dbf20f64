use ratatui::style::Style;

use super::*;

fn screen() -> Screen {
    Screen::new(Size::new(20, 3))
}

fn frame(screen: &mut Screen, text: &str, style: Style) -> Option<String> {
    screen.draw(String::new(), Style::new(), |frame| {
        frame.buffer.set_stringn(0, 0, text, 20, style);
    })
}

#[test]
fn what_did_not_change_costs_no_byte() {
    let mut screen = screen();
    assert!(frame(&mut screen, "hello", Style::new()).unwrap().contains("hello"));
    assert_eq!(frame(&mut screen, "hello", Style::new()), None);
    let changed = frame(&mut screen, "hellO", Style::new()).unwrap();
    assert_eq!(changed, format!("{BEGIN}\x1b[1;5HO{END}"));
    assert_eq!(screen.frames(), 2);
}

#[test]
fn a_gap_in_a_row_costs_few_bytes() {
    let mut screen = screen();
    frame(&mut screen, "──a─b────c", Style::new());
    let changed = frame(&mut screen, "──A─B────C", Style::new()).unwrap();
    assert_eq!(changed, format!("{BEGIN}\x1b[1;3HA\x1b[CB\x1b[4CC{END}"));
    // After a wide character nothing is certain.
    let changed = frame(&mut screen, "世─A─B────D", Style::new()).unwrap();
    assert!(changed.contains("世\x1b[1;"), "{changed:?}");
}

#[test]
fn a_terminal_shows_what_was_drawn() {
    let mut screen = screen();
    let mut parser = vt100::Parser::new(3, 20, 0);
    let bold = Style::new().fg(Color::Red).bg(Color::Indexed(17)).add_modifier(Modifier::BOLD);
    parser.process(frame(&mut screen, "a世b", bold).unwrap().as_bytes());
    assert_eq!(parser.screen().contents(), "a世b");
    let cell = parser.screen().cell(0, 3).unwrap();
    assert!(cell.bold() && cell.fgcolor() == vt100::Color::Idx(1) && cell.bgcolor() == vt100::Color::Idx(17));
    parser.process(frame(&mut screen, "plain", Style::new()).unwrap().as_bytes());
    assert_eq!(parser.screen().contents(), "plain");
    assert!(!parser.screen().cell(0, 3).unwrap().bold());
    // Somebody else wrote over it, and it is larger now.
    parser.process(b"\x1b[2;2Hjunk");
    screen.begin_anew(Size::new(19, 2));
    parser.process(frame(&mut screen, "plain", Style::new()).unwrap().as_bytes());
    assert_eq!(parser.screen().contents(), "plain");
}

#[test]
fn the_cursor_is_moved_only_when_it_must() {
    let mut screen = screen();
    let mut at = |x: u16| {
        screen.draw(String::new(), Style::new(), |frame| {
            frame.cursor = (x < 20).then_some(Position { x, y: 1 })
        })
    };
    assert!(at(3).unwrap().ends_with(&format!("\x1b[2;4H\x1b[?25h{END}")));
    assert_eq!(at(3), None);
    assert_eq!(at(4).unwrap(), format!("{BEGIN}\x1b[2;5H{END}"));
    assert_eq!(at(99).unwrap(), format!("{BEGIN}\x1b[?25l{END}"));
}

#[test]
fn control_characters_do_not_pass() {
    let mut screen = screen();
    let bytes = screen
        .draw(String::new(), Style::new(), |frame| {
            for (x, symbol) in (0u16..).zip(["\u{9b}31m", "a\x07b", "\x1b[2J"]) {
                frame.buffer[(x, 0)].set_symbol(symbol);
            }
        })
        .unwrap_or_default();
    assert!(!bytes.contains(['\u{9b}', '\u{7}']) && !bytes.contains("[2J"), "{bytes:?}");
}

fn paint(frame: &mut Frame<'_>, rows: &[(String, u8)]) {
    for (y, (text, style)) in (0u16..).zip(rows) {
        let style = match style {
            0 => Style::new(),
            1 => Style::new().bold(),
            2 => Style::new().red().reversed(),
            _ => Style::new().on_blue().underlined(),
        };
        frame.buffer.set_stringn(0, y, text, 20, style);
    }
}

/// What a terminal shows in a cell.
fn look(parser: &vt100::Parser, x: u16, y: u16) -> Option<impl PartialEq + std::fmt::Debug + use<>> {
    let cell = parser.screen().cell(y, x)?;
    // What a wide character covers is not looked at by anybody.
    (!cell.is_wide_continuation()).then(|| {
        let text = cell.contents().trim().to_owned();
        (text, cell.fgcolor(), cell.bgcolor(), cell.bold(), cell.inverse(), cell.underline())
    })
}

proptest::proptest! {
    #[test]
    fn whatever_is_drawn_after_whatever_the_terminal_shows_it(
        frames in proptest::collection::vec(
            proptest::collection::vec(("[a-c ─█世é]{0,20}", 0u8..4), 3), 1..6),
    ) {
        let mut changing = screen();
        let mut parser = vt100::Parser::new(3, 20, 0);
        for rows in frames {
            if let Some(bytes) = changing.draw(String::new(), Style::new(), |frame| paint(frame, &rows)) {
                parser.process(bytes.as_bytes());
            }
            let mut fresh = vt100::Parser::new(3, 20, 0);
            let bytes = screen().draw(String::new(), Style::new(), |frame| paint(frame, &rows)).unwrap_or_default();
            fresh.process(bytes.as_bytes());
            for y in 0..3 {
                for x in 0..20 {
                    proptest::prop_assert_eq!(look(&parser, x, y), look(&fresh, x, y), "at {},{}", x, y);
                }
            }
        }
    }
}
