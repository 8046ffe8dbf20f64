use super::*;

const NOW: i64 = 1_800_000_000;

fn sample(second: i64, cpu: f32) -> Sample {
    let moved = (second - NOW + 1_000_000).unsigned_abs();
    Sample {
        at: Timestamp::from_second(second).unwrap(),
        cpu_percent: cpu,
        memory_bytes: 1_536 << 20,
        memory_limit_bytes: 2_560 << 20,
        net_rx_bytes: moved * 2_048,
        net_tx_bytes: moved * 10_240,
        block_read_bytes: 0,
        block_write_bytes: moved * 4_096,
        pids: 47,
    }
}

fn filled(seconds: i64) -> History {
    let mut history = History::default();
    for second in NOW - seconds + 1..=NOW {
        let ticks = Ticks { took: Some(12.5), rate: None };
        history.push(&sample(second, (second % 100) as f32), Some(3), Some(ticks));
    }
    history
}

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

#[test]
fn every_span_shows_what_was_measured_in_it() {
    let history = filled(2 * 86_400);
    for span in Span::ALL {
        let past = history.past(*span, now());
        let step = past.step.as_secs();
        assert_eq!(past.points.len() as u64, u64::from(span.seconds()).div_ceil(step), "{span:?}");
        assert!(past.points.len() >= 60);
        for (n, point) in past.points.iter().enumerate() {
            let cpu = point.get(Figure::Cpu).unwrap_or_else(|| panic!("{span:?} {n}"));
            assert!(cpu.min <= cpu.mean && cpu.mean <= cpu.max && cpu.max < 99.1, "{cpu:?}");
            // A step that is over and longer than the hundred seconds after which the load repeats has seen all of it.
            if step >= 100 && n + 1 < past.points.len() {
                assert!(cpu.min < 0.01 && (cpu.mean - 49.5).abs() < 5.0 && cpu.max > 98.8, "{cpu:?}");
            }
            let close = |figure, wanted: f32| {
                let mean = point.get(figure).unwrap().mean;
                assert!((mean - wanted).abs() <= wanted * 0.001, "{figure:?} {mean}");
            };
            close(Figure::Memory, (1_536u64 << 20) as f32);
            close(Figure::NetTx, 10_240.0);
            close(Figure::BlockRead, 0.0);
            close(Figure::Players, 3.0);
            close(Figure::Tick, 12.5);
        }
        assert!(past.begin(past.points.len() - 1) <= now());
        assert!(past.begin(past.points.len()) > now());
        assert_eq!(span.word().parse(), Ok(*span));
    }
    assert_eq!(history.latest(Figure::NetRx), Some(2_048.0));
    assert_eq!(Span::Day.step(true), Span::Day);
    assert_eq!(Span::Minute.step(true).step(false).step(false), Span::Minute);
    assert!("2h".parse::<Span>().unwrap_err().contains("15m"));
}

#[test]
fn what_was_not_measured_is_a_gap_and_not_zero() {
    let mut history = filled(30);
    history.end_run();
    assert_eq!((history.latest(Figure::Cpu), history.measured_at()), (None, None));
    // It ran again twenty seconds later; the counters began anew.
    let mut again = sample(NOW + 20, 7.0);
    again.net_rx_bytes = 5;
    history.push(&again, None, None);
    assert_eq!(history.latest(Figure::NetRx), None, "nothing is known before the second measurement");
    let past = history.past(Span::Minute, Timestamp::from_second(NOW + 20).unwrap());
    let known: Vec<_> = past.points.iter().map(|point| !point.is_empty()).collect();
    assert_eq!(known[..10], [false; 10]);
    assert_eq!(known[10..40], [true; 30]);
    assert!(past.points[10].get(Figure::NetRx).is_none() && past.points[11].get(Figure::NetRx).is_some());
    assert_eq!(known[40..59], [false; 19]);
    assert!(known[59] && past.points[59].get(Figure::Players).is_none());
    // Long after it, nothing is left.
    let later = Timestamp::from_second(NOW + 200_000).unwrap();
    assert!(Span::ALL.iter().all(|span| history.past(*span, later).points.iter().all(Point::is_empty)));
}

#[test]
fn what_comes_twice_counts_once_and_a_clock_may_be_set_back() {
    let mut history = filled(100);
    let before = history.clone();
    history.push(&sample(NOW, 99.0), None, None);
    history.push(&sample(NOW - 5, 99.0), None, None);
    assert_eq!(history, before);
    history.push(&sample(NOW - 7 * 86_400, 5.0), None, None);
    let then = Timestamp::from_second(NOW - 7 * 86_400).unwrap();
    for span in Span::ALL {
        let past = history.past(*span, then);
        assert_eq!(past.points.iter().filter(|point| !point.is_empty()).count(), 1, "{span:?}");
    }
}

#[test]
fn values_of_any_size_keep_three_digits() {
    for value in [0.0, 0.01, 0.37, 5.0, 42.4, 99.9, 800.0, 49.99, 1e6, 2.5e9, 7e12f32] {
        let back = super::value(code(value));
        assert!((back - value).abs() <= 0.001 + value * 0.001, "{value} {back}");
    }
    assert_eq!(code(f32::MAX), u16::MAX - 1);
}

#[test]
fn twenty_servers_take_well_under_a_megabyte_and_a_thousand_a_few() {
    let full = filled(86_400 + 600);
    assert!(20 * full.bytes() < 700 << 10, "{} bytes each", full.bytes());
    let mut one = History::default();
    one.push(&sample(NOW, 1.0), None, None);
    assert!(one.bytes() < 11 << 10, "{}", one.bytes());
    for servers in [1, 20, 200, 1_000, 3_000] {
        let mut history = full.clone();
        history.coarsen(coarseness(servers));
        let all = servers * history.bytes();
        assert!(all < 8 << 20 || servers > 1_000, "{servers} take {all}");
        assert!(history.bytes() > 4 << 10);
    }
    assert_eq!([20, 100, 1_000, 100_000].map(coarseness), [1, 1, 8, COARSEST]);
}

#[test]
fn coarser_steps_show_the_same() {
    let mut history = filled(86_400);
    let fine = history.past(Span::Day, now());
    history.coarsen(4);
    let coarse = history.past(Span::Day, now());
    assert_eq!(coarse.step, fine.step * 4);
    assert_eq!(coarse.points.len(), fine.points.len() / 4);
    let mean = |past: &Past| {
        let all: Vec<_> = past.points.iter().filter_map(|point| point.get(Figure::Cpu)).collect();
        (
            all.iter().map(|cpu| cpu.mean).sum::<f32>() / all.len() as f32,
            all.iter().map(|cpu| cpu.max).fold(0.0, f32::max),
        )
    };
    let ((a, b), (c, d)) = (mean(&fine), mean(&coarse));
    assert!((a - c).abs() < 2.0 && (b - d).abs() < 0.2, "{a} {b} {c} {d}");
    // The last minute is as fine as before, and it goes on.
    assert_eq!(history.past(Span::Minute, now()).points.len(), 60);
    history.push(&sample(NOW + 1, 1.0), None, None);
    history.coarsen(2);
    assert_eq!(history.past(Span::Day, now()).step, coarse.step);
}

#[test]
fn it_travels_whole() {
    let history = filled(5_000);
    let bytes = postcard::to_stdvec(&history).unwrap();
    assert!(bytes.len() < 48 << 10, "{}", bytes.len());
    assert_eq!(postcard::from_bytes::<History>(&bytes).unwrap(), history);
}
