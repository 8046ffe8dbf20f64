use jiff::{Timestamp, tz::TimeZone};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::{Color, Modifier, Style},
};

use crate::{
    model::console::{Level, LineKind, Ring},
    tui::widgets::{
        sgr::{ColourDepth, is_hostile},
        testing::{blank, screen},
    },
};

use super::*;

mod survival;

fn push(ring: &mut Ring, level: Level, kind: LineKind, text: &str) -> u64 {
    let at = Timestamp::from_second(1_795_000_000 + ring.next() as i64).unwrap();
    ring.push(at, level, kind, text)
}

fn say(ring: &mut Ring, text: &str) -> u64 {
    push(ring, Level::Info, LineKind::Output, text)
}

fn numbered(count: usize) -> Ring {
    let mut ring = Ring::new(10_000, 1 << 22);
    (1..=count).for_each(|n| {
        say(&mut ring, &format!("line {n}"));
    });
    ring
}

fn styles() -> LogStyles {
    LogStyles {
        head: Style::new().add_modifier(Modifier::DIM),
        warn: Style::new().fg(Color::Yellow),
        error: Style::new().fg(Color::Red),
        command: Style::new().fg(Color::Cyan),
        found: Style::new().add_modifier(Modifier::REVERSED),
        selection: Style::new().bg(Color::Blue),
        ..LogStyles::default()
    }
}

fn drawn(view: &LogView, ring: &Ring, width: u16, height: u16) -> Buffer {
    let (mut buf, area) = blank(width, height);
    view.view(ring, area, &mut buf, &styles());
    buf
}

fn text(view: &LogView, ring: &Ring, width: u16, height: u16) -> String {
    screen(&drawn(view, ring, width, height))
}

fn synced(ring: &Ring, width: u16, height: u16) -> LogView {
    let mut view = LogView::new();
    view.sync(ring, width, height);
    view
}

#[test]
fn opens_at_the_tail_and_follows_it() {
    let mut ring = numbered(100);
    let mut view = synced(&ring, 20, 3);
    assert_eq!(text(&view, &ring, 20, 3), " line 98\n line 99\n line 100");
    say(&mut ring, "line 101");
    view.sync(&ring, 20, 3);
    assert_eq!(text(&view, &ring, 20, 3), " line 99\n line 100\n line 101");
}

#[test]
fn scrolled_up_it_stays_and_counts_what_is_new() {
    let mut ring = numbered(100);
    let mut view = synced(&ring, 24, 3);
    view.scroll_lines(&ring, -10);
    assert_eq!(text(&view, &ring, 24, 3), " line 88\n line 89\n line 90");
    for n in 101..=120 {
        say(&mut ring, &format!("line {n}"));
        view.sync(&ring, 24, 3);
    }
    assert_eq!(text(&view, &ring, 24, 3), " line 88\n line 89\n line 90       ▼ 20 new");
    assert_eq!(view.status(&ring).new, 20);
    view.scroll_lines(&ring, 17);
    assert_eq!(
        view.status(&ring),
        LogStatus { following: false, new: 13, shown: 120, total: 120, found: None, filtered: false }
    );
    view.scroll_lines(&ring, 13);
    assert!(view.is_following());
    view.to_top(&ring);
    assert!(text(&view, &ring, 24, 3).starts_with(" line 1\n line 2\n"));
    view.scroll_pages(&ring, 1);
    assert!(text(&view, &ring, 24, 3).starts_with(" line 3\n line 4\n"));
    view.to_bottom();
    assert!(view.is_following());
}

#[test]
fn a_short_console_neither_scrolls_nor_pauses() {
    let ring = numbered(2);
    let mut view = synced(&ring, 24, 5);
    view.scroll_lines(&ring, -1);
    view.scroll_pages(&ring, -1);
    view.to_top(&ring);
    assert!(view.is_following());
    assert_eq!(text(&view, &ring, 24, 5), " line 1\n line 2\n\n\n");
}

#[test]
fn long_lines_wrap_or_are_scrolled_sideways() {
    let mut ring = numbered(1);
    say(&mut ring, "0123456789012345678世界abc");
    let mut view = synced(&ring, 21, 3);
    // The wide character does not fit into the last column of its row.
    assert_eq!(text(&view, &ring, 21, 3), " line 1\n 0123456789012345678\n 世界abc");
    view.scroll_lines(&ring, -1);
    assert!(view.is_following(), "all three rows fit");
    view.sync(&ring, 21, 2);
    view.scroll_lines(&ring, -1);
    assert_eq!(text(&view, &ring, 21, 2), " line 1\n 0123456789012345678");
    view.set_wrap(&ring, false);
    view.to_bottom();
    view.scroll_columns(&ring, 4);
    assert_eq!(text(&view, &ring, 21, 2), "  1\n 456789012345678世界a");
    view.scroll_columns(&ring, 1_000);
    assert_eq!(text(&view, &ring, 21, 2), "\n 6789012345678世界abc");
    view.scroll_columns(&ring, i64::MIN);
    assert_eq!(text(&view, &ring, 21, 2), " line 1\n 0123456789012345678");
}

#[test]
fn the_time_is_shown_in_the_zone_that_is_wanted() {
    let mut ring = Ring::new(100, 1 << 20);
    ring.push("2026-11-23T12:00:01Z".parse().unwrap(), Level::Info, LineKind::Output, "hello");
    let mut view = synced(&ring, 40, 1);
    view.set_stamps(&ring, Stamps::Time(TimeZone::UTC));
    assert_eq!(text(&view, &ring, 40, 1), " 12:00:01 hello");
    view.set_stamps(&ring, Stamps::DateTime(TimeZone::fixed(jiff::tz::offset(13))));
    assert_eq!(text(&view, &ring, 40, 1), " 11-24 01:00:01 hello");
    // Too narrow for both: the text goes first.
    assert_eq!(text(&view, &ring, 20, 1), " hello");
}

#[test]
fn what_is_read_stays_though_lines_are_dropped_in_front() {
    let mut ring = Ring::new(600, 1 << 22);
    (1..=600).for_each(|n| {
        say(&mut ring, &format!("line {n}"));
    });
    let mut view = synced(&ring, 30, 3);
    view.to_top(&ring);
    view.toggle_mark(2);
    view.set_cursor(&ring, 2);
    for n in 601..=900 {
        say(&mut ring, &format!("line {n}"));
    }
    assert!(ring.first() > 3);
    // Even before it has synced, it draws what there is.
    let first = ring.first();
    assert!(text(&view, &ring, 30, 3).starts_with(&format!(" line {first}\n")));
    view.sync(&ring, 30, 3);
    assert!(text(&view, &ring, 30, 3).contains(&format!(" line {}\n", first + 1)));
    assert_eq!((view.marks().count(), view.cursor()), (0, Some(first)));
}

#[test]
fn another_ring_is_noticed() {
    let ring = numbered(100);
    let mut view = synced(&ring, 20, 3);
    view.to_top(&ring);
    view.toggle_mark(50);
    let mut other = Ring::new(1_000, 1 << 20);
    (0..200).for_each(|_| {
        say(&mut other, "another console altogether");
    });
    view.sync(&other, 30, 3);
    assert!(view.is_following());
    assert_eq!(view.marks().count(), 0);
    view.sync(&Ring::new(10, 10), 30, 3);
    assert_eq!(text(&view, &Ring::new(10, 10), 30, 3), "\n\n");
    let mut cleared = numbered(10);
    view.sync(&cleared, 30, 3);
    cleared.clear();
    view.sync(&cleared, 30, 3);
    assert_eq!(text(&view, &cleared, 30, 3), "\n\n");
}

fn mixed() -> Ring {
    let mut ring = Ring::new(1_000, 1 << 20);
    for n in 0..10 {
        say(&mut ring, &format!("[12:00:0{n}] [Server thread/INFO]: Preparing spawn area: {n}0%"));
        push(&mut ring, Level::Warn, LineKind::Output, "[12:00:00] [Server thread/WARN]: Can't keep up!");
        push(
            &mut ring,
            Level::Info,
            LineKind::Chat,
            &format!("[12:00:00] [Server thread/INFO]: <Steve> hi {n}"),
        );
    }
    push(
        &mut ring,
        Level::Error,
        LineKind::Output,
        "[12:00:00] [main/ERROR]: \u{1b}[31mFailed\u{1b}[0m to start",
    );
    push(&mut ring, Level::Info, LineKind::Command, "> say hi");
    push(&mut ring, Level::Info, LineKind::Remark, "the container stopped");
    ring
}

#[test]
fn filters_by_text_level_and_chat() {
    let mut ring = mixed();
    let mut view = synced(&ring, 60, 4);
    let keep = |text: &str| Filter { text: Needle::new(text), ..Filter::default() };
    view.set_filter(&ring, keep("failed to"));
    assert_eq!(text(&view, &ring, 60, 4), "E[12:00:00] [main/ERROR]: Failed to start\n\n\n");
    view.set_filter(&ring, Filter { inverse: true, ..keep("12:00") });
    assert_eq!(text(&view, &ring, 60, 4), " > say hi\n the container stopped\n\n");
    view.set_filter(&ring, Filter { level: Some(Level::Warn), ..Filter::default() });
    assert_eq!(view.status(&ring).shown, 11);
    view.set_filter(&ring, Filter { chat_only: true, ..Filter::default() });
    assert_eq!((view.status(&ring).shown, view.status(&ring).total), (10, 33));
    push(&mut ring, Level::Info, LineKind::Chat, "<Alex> late");
    say(&mut ring, "not chat");
    view.sync(&ring, 60, 4);
    assert!(text(&view, &ring, 60, 4).ends_with("<Steve> hi 9\n <Alex> late"));
    view.scroll_lines(&ring, -3);
    push(&mut ring, Level::Info, LineKind::Chat, "<Alex> later");
    say(&mut ring, "not chat");
    view.sync(&ring, 60, 4);
    assert_eq!(view.status(&ring).new, 1, "only lines that pass are new");
    view.set_filter(&ring, Filter::default());
    assert_eq!(view.status(&ring).shown, 37);
}

#[test]
fn search_counts_steps_and_comes_back() {
    let ring = mixed();
    let mut view = synced(&ring, 60, 4);
    view.search(&ring, "steve");
    assert_eq!(view.status(&ring).found, Some(Found { current: 10, total: 10 }));
    assert!(text(&view, &ring, 60, 4).contains("<Steve> hi 9"));
    assert_eq!(view.previous(&ring), Some(Found { current: 9, total: 10 }));
    assert!(text(&view, &ring, 60, 4).contains("<Steve> hi 8"));
    view.next(&ring);
    assert_eq!(view.next(&ring), Some(Found { current: 1, total: 10 }), "after the last comes the first");
    assert!(text(&view, &ring, 60, 4).contains("<Steve> hi 0"));
    let buf = drawn(&view, &ring, 60, 4);
    let reversed = buf.content.iter().filter(|cell| cell.modifier.contains(Modifier::REVERSED)).count();
    assert_eq!(reversed, 0, "the current line has its own style, and no other shows");
    view.cancel_search();
    assert!(view.is_following(), "a search that was not meant leaves no trace");
    view.search(&ring, "STEVE");
    assert_eq!(view.status(&ring).found, Some(Found { current: 0, total: 0 }));
    view.search(&ring, "hi 3");
    view.accept_search();
    view.cancel_search();
    assert!(!view.is_following());
    assert!(text(&view, &ring, 60, 4).contains("hi 3"));
}

#[test]
fn found_text_is_shown_through_colours_and_wraps() {
    let mut ring = Ring::new(100, 1 << 20);
    say(&mut ring, "an old needle");
    say(&mut ring, "01234567890123456nee\u{1b}[31mdle and \u{1b}[0mmore");
    say(&mut ring, "needle at the end");
    let mut view = synced(&ring, 21, 5);
    view.search(&ring, "NEEDLE".to_lowercase().as_str());
    let buf = drawn(&view, &ring, 21, 5);
    let at: Vec<_> = (0..5u16)
        .flat_map(|y| (0..21u16).map(move |x| (x, y)))
        .filter(|&place| buf[place].modifier.contains(Modifier::REVERSED))
        .collect();
    let wanted: Vec<_> =
        (8..14).map(|x| (x, 0)).chain((18..21).map(|x| (x, 1))).chain((1..4).map(|x| (x, 2))).collect();
    assert_eq!(at, wanted);
    assert_eq!(buf[(1, 2)].fg, Color::Red);
}

#[test]
fn levels_commands_and_heads_have_their_styles() {
    let ring = mixed();
    let view = synced(&ring, 80, 6);
    let buf = drawn(&view, &ring, 80, 6);
    assert_eq!(buf[(3, 1)].fg, Color::Yellow);
    assert_eq!(buf[(0, 1)].symbol(), "W");
    assert!(buf[(1, 2)].modifier.contains(Modifier::DIM) && !buf[(50, 2)].modifier.contains(Modifier::DIM));
    assert_eq!((buf[(3, 3)].fg, buf[(0, 3)].symbol()), (Color::Red, "E"));
    assert_eq!(buf[(3, 4)].fg, Color::Cyan);
}

#[test]
fn a_level_that_a_search_of_the_head_finds_is_not_a_head_in_the_middle() {
    assert_eq!(super::view::head_length("[12:00:00] [Server thread/INFO]: x"), 33);
    assert_eq!(super::view::head_length("[12:00:00 INFO]: x"), 17);
    assert_eq!(super::view::head_length("no [head]: here"), 0);
    assert_eq!(super::view::head_length("[é"), 0);
}

#[test]
fn copies_plain_text() {
    let ring = mixed();
    let mut view = synced(&ring, 60, 6);
    let copy = |view: &LogView, what| view.copy(&ring, what, 1_000).text;
    assert_eq!(copy(&view, CopyWhat::Line), "the container stopped");
    assert_eq!(copy(&view, CopyWhat::Last(2)), "> say hi\nthe container stopped");
    view.move_cursor(&ring, -1);
    view.toggle_selection(&ring);
    view.move_cursor(&ring, -2);
    assert_eq!(view.selection(), Some((31, 33)));
    assert!(
        copy(&view, CopyWhat::Selection).starts_with("[12:00:00] [main/ERROR]: Failed to start\n> say hi\n")
    );
    let buf = drawn(&view, &ring, 60, 6);
    assert_eq!((buf[(59, 5)].bg, buf[(59, 2)].bg), (Color::Blue, Color::Reset));
    view.drop_cursor();
    view.toggle_mark(1);
    view.toggle_mark(32);
    assert_eq!(
        copy(&view, CopyWhat::Marked),
        "[12:00:00] [Server thread/INFO]: Preparing spawn area: 00%\n> say hi"
    );
    assert!(view.to_mark(&ring, false) && view.cursor() == Some(1));
    assert!(view.to_mark(&ring, true) && view.cursor() == Some(32));
    assert!(!view.to_mark(&ring, true));
    let cut = view.copy(&ring, CopyWhat::All, 40);
    assert_eq!((cut.text.as_str(), cut.lines, cut.cut), ("> say hi\nthe container stopped", 2, true));
    view.set_stamps(&ring, Stamps::Time(TimeZone::UTC));
    assert_eq!(view.copy(&ring, CopyWhat::Last(1), 99).text.len(), "00:00:00 the container stopped".len());
}

#[test]
fn the_cursor_is_always_in_view() {
    let ring = numbered(50);
    let mut view = synced(&ring, 20, 4);
    for step in [-1, -1, -3, -40, 7, 1, 100, -2] {
        view.move_cursor(&ring, step);
        let cursor = view.cursor().unwrap();
        assert!(text(&view, &ring, 20, 4).contains(&format!("▸line {cursor}")), "after {step}");
    }
    assert_eq!(view.cursor(), Some(48));
}

#[test]
fn a_row_of_the_screen_leads_to_its_line() {
    let ring = mixed();
    let view = synced(&ring, 30, 4);
    let area = Rect::new(5, 7, 30, 4);
    let at = |x, y| view.line_at(&ring, area, Position::new(x, y));
    assert_eq!((at(6, 7), at(6, 8), at(34, 9), at(5, 10)), (Some(31), Some(31), Some(32), Some(33)));
    assert_eq!((at(4, 8), at(6, 11), at(6, 6)), (None, None, None));
}

#[test]
fn cleared_lines_come_back_when_asked_for() {
    let mut ring = numbered(10);
    let mut view = synced(&ring, 20, 3);
    view.clear(&ring);
    assert_eq!(text(&view, &ring, 20, 3), "\n\n");
    say(&mut ring, "line 11");
    view.sync(&ring, 20, 3);
    assert_eq!(text(&view, &ring, 20, 3), " line 11\n\n");
    view.unclear(&ring);
    assert_eq!(text(&view, &ring, 20, 3), " line 9\n line 10\n line 11");
}

#[test]
fn pictures() {
    let ring = mixed();
    for (width, height) in [(40, 12), (80, 24), (120, 40)] {
        let mut view = synced(&ring, width, height);
        view.set_stamps(&ring, Stamps::Time(TimeZone::UTC));
        view.toggle_mark(30);
        view.set_cursor(&ring, 29);
        view.scroll_lines(&ring, -2);
        insta::assert_snapshot!(format!("console_{width}x{height}"), text(&view, &ring, width, height));
    }
}
