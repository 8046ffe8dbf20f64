//! How fast the server ticks: Paper's `tps` and `mspt`, vanilla's `tick query`. Found in the log and in RCON replies,
//! where lines may be joined with nothing: so these look for substrings, and expect § codes to be gone.

/// Ticks a second over the last 1, 5 and 15 minutes. 20 is full speed; Paper marks "at least 20" by a star.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tps(pub [f32; 3]);

/// Milliseconds a tick took, `[average, least, most]` each, over the last 5 s, 10 s and 1 min.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TickTimes(pub [[f32; 3]; 3]);

/// Vanilla's `tick query`; a reply over RCON has all, a line of the log one part.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TickQuery {
    /// Ticks a second that it aims at.
    pub target_rate: Option<f32>,
    /// Milliseconds a tick takes on average.
    pub average_ms: Option<f32>,
    /// Milliseconds within which 50, 95 and 99 of a hundred ticks end.
    pub percentiles_ms: Option<[f32; 3]>,
}

impl Tps {
    /// From `TPS from last 1m, 5m, 15m: *20.0, 19.98, 20.0`.
    pub fn find(text: &str) -> Option<Self> {
        let (_, rest) = text.split_once("TPS from last 1m, 5m, 15m: ")?;
        let mut values = rest.split(',').map(|v| decimal(v.trim_start().trim_start_matches('*')));
        Some(Self([values.next()??, values.next()??, values.next()??]))
    }
}

impl TickTimes {
    /// From `◴ 0.4/0.3/4.8, 0.4/0.3/4.8, 0.5/0.3/9.9`.
    pub fn find(text: &str) -> Option<Self> {
        let (_, rest) = text.split_once("◴ ")?;
        let mut groups = rest.split(',').map(|group| {
            let mut values = group.trim_start().split('/').map(decimal);
            Some([values.next()??, values.next()??, values.next()??])
        });
        Some(Self([groups.next()??, groups.next()??, groups.next()??]))
    }
}

impl TickQuery {
    /// From the reply to `tick query`, or from any of its lines.
    pub fn find(text: &str) -> Option<Self> {
        let after = |label: &str| text.split_once(label).and_then(|(_, rest)| decimal(rest));
        let percentiles = || Some([after("P50: ")?, after("P95: ")?, after("P99: ")?]);
        let found = Self {
            target_rate: after("Target tick rate: "),
            average_ms: after("Average time per tick: "),
            percentiles_ms: if text.contains("Percentiles: ") { percentiles() } else { None },
        };
        (found != Self::default()).then_some(found)
    }
}

/// A plain decimal number at the start, `.` or `,` before its fraction; not negative, finite.
pub(super) fn decimal(text: &str) -> Option<f32> {
    let whole = text.bytes().take_while(u8::is_ascii_digit).count();
    let fraction = match text.as_bytes().get(whole) {
        Some(b'.' | b',') => text[whole + 1..].bytes().take_while(u8::is_ascii_digit).count(),
        _ => 0,
    };
    if whole == 0 || whole + fraction > 32 {
        return None;
    }
    if fraction == 0 {
        return text[..whole].parse().ok();
    }
    let number = &text[..whole + 1 + fraction];
    if number.contains(',') { number.replace(',', ".").parse().ok() } else { number.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paper() {
        assert_eq!(
            Tps::find("TPS from last 1m, 5m, 15m: *20.0, 19.98, 20.0"),
            Some(Tps([20.0, 19.98, 20.0]))
        );
        assert_eq!(Tps::find("TPS from last 1m, 5m, 15m: 20.0"), None);
        let times = "Server tick times (avg/min/max) from last 5s, 10s, 1m:◴ 0.4/0.3/4.8, 0.5/0.2/5, 1/2/3";
        assert_eq!(
            TickTimes::find(times),
            Some(TickTimes([[0.4, 0.3, 4.8], [0.5, 0.2, 5.0], [1.0, 2.0, 3.0]]))
        );
        assert_eq!(TickTimes::find("◴ 0.4/0.3"), None);
    }

    #[test]
    fn vanilla_joins_lines_with_nothing() {
        let reply = "The game is running normallyTarget tick rate: 20.0 per second.\nAverage time per tick: 0.3ms \
                     (Target: 50.0ms)Percentiles: P50: 0.3ms P95: 0.4ms P99: 1.4ms, sample: 100";
        assert_eq!(
            TickQuery::find(reply),
            Some(TickQuery {
                target_rate: Some(20.0),
                average_ms: Some(0.3),
                percentiles_ms: Some([0.3, 0.4, 1.4])
            })
        );
        assert_eq!(TickQuery::find("Unknown or incomplete command"), None);
    }

    #[test]
    fn numbers() {
        assert_eq!(decimal("12,5s"), Some(12.5));
        assert_eq!(decimal("7."), Some(7.0));
        assert_eq!(decimal("-1"), None);
        assert_eq!(decimal(&"9".repeat(99)), None);
        assert_eq!(decimal("NaN"), None);
    }
}
