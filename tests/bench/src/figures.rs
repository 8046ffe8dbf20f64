//! Figures, and the table of them.

use std::time::Duration;

/// Many measurements of the same thing.
#[derive(Debug, Default)]
pub struct Spread {
    milliseconds: Vec<f64>,
}

impl Spread {
    /// These, in any order.
    pub fn of(times: impl IntoIterator<Item = Duration>) -> Self {
        let mut milliseconds: Vec<_> = times.into_iter().map(|time| time.as_secs_f64() * 1e3).collect();
        milliseconds.sort_by(f64::total_cmp);
        Self { milliseconds }
    }

    /// Adds one.
    pub fn add(&mut self, time: Duration) {
        self.milliseconds.push(time.as_secs_f64() * 1e3);
        self.milliseconds.sort_by(f64::total_cmp);
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.milliseconds.len()
    }

    /// The one that so many percent do not exceed, in milliseconds.
    pub fn percentile(&self, percent: f64) -> f64 {
        let last = self.milliseconds.len().saturating_sub(1);
        let index = (last as f64 * percent / 100.0).round() as usize;
        self.milliseconds.get(index).copied().unwrap_or(f64::NAN)
    }

    /// Median, 99th percentile and maximum, as text.
    pub fn text(&self) -> String {
        let [p50, p99, most] = [50.0, 99.0, 100.0].map(|percent| self.percentile(percent));
        format!("p50 {p50:.1}  p99 {p99:.1}  max {most:.1}")
    }
}

/// One line of the table.
struct Row {
    what: String,
    target: String,
    ours: Figure,
    theirs: Option<Figure>,
}

/// A figure with its text; the number is what ratios are made of.
#[derive(Clone, Debug)]
pub struct Figure {
    number: Option<f64>,
    text: String,
    met: Option<bool>,
}

impl Figure {
    /// A number with a unit.
    pub fn of(number: f64, unit: &str) -> Self {
        let text = match number {
            number if number >= 100.0 => format!("{number:.0} {unit}"),
            number if number >= 10.0 => format!("{number:.1} {unit}"),
            number => format!("{number:.2} {unit}"),
        };
        Self { number: Some(number), text, met: None }
    }

    /// Compares it with the most that it may be.
    pub fn under(mut self, limit: f64) -> Self {
        self.met = self.number.map(|number| number < limit);
        self
    }

    /// The 99th percentile of many, with the others as text.
    pub fn p99(spread: &Spread) -> Self {
        let text = format!("{} ms ({}x)", spread.text(), spread.len());
        Self { number: Some(spread.percentile(99.0)), text, met: None }
    }

    /// The median of many, with the others as text.
    pub fn p50(spread: &Spread) -> Self {
        Self { number: Some(spread.percentile(50.0)), ..Self::p99(spread) }
    }

    /// Its text alone.
    pub fn text_only(self) -> String {
        self.text
    }

    /// Words.
    pub fn words(text: impl Into<String>, met: Option<bool>) -> Self {
        Self { number: None, text: text.into(), met }
    }
}

/// All figures of a run.
#[derive(Default)]
pub struct Table {
    rows: Vec<Row>,
}

impl Table {
    /// Adds a line, and says it at once: a run takes minutes.
    pub fn add(&mut self, what: &str, target: &str, ours: Figure, theirs: Option<Figure>) {
        let beside = theirs.as_ref().map(|figure| format!("; oxker {}", figure.text)).unwrap_or_default();
        eprintln!("  {what}: {}{beside}", ours.text);
        self.rows.push(Row { what: what.into(), target: target.into(), ours, theirs });
    }

    /// Prints all of it as a table that is Markdown, too.
    pub fn print(&self) {
        println!("| what | target | mineclifford | | oxker 0.13.4 | oxker : ours |");
        println!("|---|---|---|---|---|---|");
        for Row { what, target, ours, theirs } in &self.rows {
            let met = match ours.met {
                Some(true) => "met",
                Some(false) => "MISSED",
                None => "",
            };
            let beside = theirs.as_ref().map(|figure| figure.text.as_str()).unwrap_or_default();
            let ratio = theirs
                .as_ref()
                .and_then(|theirs| Some((theirs.number?, ours.number.filter(|ours| *ours > 0.0)?)))
                .map(|(theirs, ours)| format!("{:.1}", theirs / ours))
                .unwrap_or_default();
            println!("| {what} | {target} | {} | {met} | {beside} | {ratio} |", ours.text);
        }
    }
}
