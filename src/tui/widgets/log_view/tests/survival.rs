//! Any operations in any order.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Op {
    Push(Level, LineKind, String),
    Flood(usize),
    Clear,
    Replace,
    Size(u16, u16),
    Lines(i64),
    Pages(i64),
    Columns(i64),
    Top,
    Bottom,
    Pause,
    Wrap(bool),
    Stamps(bool),
    Filter(String, bool, Option<Level>, bool),
    Search(String),
    Next(bool),
    EndSearch(bool),
    Cursor(i64),
    Select,
    Mark(u64),
    ToMark(bool),
    ClearView(bool),
    Sync,
}

fn op() -> impl Strategy<Value = Op> {
    let level = prop_oneof![Just(Level::Debug), Just(Level::Info), Just(Level::Warn), Just(Level::Error)];
    let kind = prop_oneof![
        Just(LineKind::Output),
        Just(LineKind::Chat),
        Just(LineKind::Command),
        Just(LineKind::Remark)
    ];
    let far = prop_oneof![-5i64..5, any::<i64>()];
    let query = prop_oneof![Just("a".to_owned()), Just(String::new()), "\\PC{0,3}"];
    prop_oneof![
        4 => (level.clone(), kind, crate::tui::widgets::sgr::hostile_text()).prop_map(|(l, k, t)| Op::Push(l, k, t)),
        2 => (0usize..700).prop_map(Op::Flood),
        1 => Just(Op::Clear),
        1 => Just(Op::Replace),
        3 => (0u16..70, 0u16..20).prop_map(|(w, h)| Op::Size(w, h)),
        3 => far.clone().prop_map(Op::Lines),
        1 => far.clone().prop_map(Op::Pages),
        1 => far.clone().prop_map(Op::Columns),
        1 => Just(Op::Top),
        1 => Just(Op::Bottom),
        1 => Just(Op::Pause),
        1 => any::<bool>().prop_map(Op::Wrap),
        1 => any::<bool>().prop_map(Op::Stamps),
        2 => (query.clone(), any::<bool>(), proptest::option::of(level), any::<bool>())
            .prop_map(|(t, i, l, c)| Op::Filter(t, i, l, c)),
        2 => query.prop_map(Op::Search),
        2 => any::<bool>().prop_map(Op::Next),
        1 => any::<bool>().prop_map(Op::EndSearch),
        2 => far.prop_map(Op::Cursor),
        1 => Just(Op::Select),
        1 => (0u64..2_000).prop_map(Op::Mark),
        1 => any::<bool>().prop_map(Op::ToMark),
        1 => any::<bool>().prop_map(Op::ClearView),
        2 => Just(Op::Sync),
    ]
}

fn perform(op: Op, view: &mut LogView, ring: &mut Ring, size: &mut (u16, u16)) {
    match op {
        Op::Push(level, kind, text) => {
            push(ring, level, kind, &text);
        }
        Op::Flood(lines) => (0..lines).for_each(|n| {
            say(ring, &format!("a flood, line {n}"));
        }),
        Op::Clear => ring.clear(),
        Op::Replace => *ring = Ring::new(500, 20_000),
        Op::Size(width, height) => *size = (width, height),
        Op::Lines(by) => view.scroll_lines(ring, by),
        Op::Pages(by) => view.scroll_pages(ring, by),
        Op::Columns(by) => view.scroll_columns(ring, by),
        Op::Top => view.to_top(ring),
        Op::Bottom => view.to_bottom(),
        Op::Pause => view.pause(ring),
        Op::Wrap(on) => view.set_wrap(ring, on),
        Op::Stamps(on) => {
            view.set_stamps(ring, if on { Stamps::DateTime(TimeZone::UTC) } else { Stamps::Off })
        }
        Op::Filter(text, inverse, level, chat_only) => {
            view.set_filter(ring, Filter { text: Needle::new(&text), inverse, level, chat_only });
        }
        Op::Search(text) => view.search(ring, &text),
        Op::Next(down) => {
            let _ = if down { view.next(ring) } else { view.previous(ring) };
        }
        Op::EndSearch(accept) => {
            if accept {
                view.accept_search();
            }
            view.cancel_search();
        }
        Op::Cursor(by) => view.move_cursor(ring, by),
        Op::Select => view.toggle_selection(ring),
        Op::Mark(seq) => view.toggle_mark(seq),
        Op::ToMark(down) => {
            view.to_mark(ring, down);
        }
        Op::ClearView(on) => {
            if on {
                view.clear(ring)
            } else {
                view.unclear(ring)
            }
        }
        Op::Sync => view.sync(ring, size.0, size.1),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]
    #[test]
    fn nothing_that_is_done_to_it_makes_it_fall_or_leak(ops in proptest::collection::vec(op(), 1..40)) {
        let mut ring = Ring::new(500, 20_000);
        let (mut view, mut size) = (LogView::new(), (30, 5));
        let frame = Rect::new(0, 0, 80, 24);
        for op in ops {
            perform(op, &mut view, &mut ring, &mut size);
            let mut buf = Buffer::filled(frame, ratatui::buffer::Cell::new("#"));
            let area = Rect::new(3, 2, size.0, size.1);
            view.view(&ring, area, &mut buf, &LogStyles { depth: ColourDepth::TrueColour, ..styles() });
            for (index, cell) in buf.content.iter().enumerate() {
                prop_assert!(!cell.symbol().chars().any(is_hostile));
                let (x, y) = (index as u16 % 80, index as u16 / 80);
                prop_assert!(area.contains(Position::new(x, y)) || cell.symbol() == "#");
            }
            let status = view.status(&ring);
            prop_assert!(status.shown <= status.total && status.new <= status.shown);
            prop_assert!(view.copy(&ring, CopyWhat::All, 500).text.len() <= 500);
            view.line_at(&ring, area, Position::new(5, 3));
        }
        // Whatever happened, the tail is one key away.
        view.sync(&ring, 60, 4);
        view.set_filter(&ring, Filter::default());
        view.unclear(&ring);
        view.to_bottom();
        say(&mut ring, "the last line");
        view.sync(&ring, 60, 4);
        prop_assert!(view.copy(&ring, CopyWhat::Last(1), 500).text.ends_with("the last line"));
        if view.wraps() {
            prop_assert!(text(&view, &ring, 60, 4).contains("the last line"));
        }
    }
}
