//! A family of metrics, and how its samples are written.
//!
//! Formats: <https://prometheus.io/docs/instrumenting/exposition_formats/> and the OpenMetrics specification 1.0.0.

use std::fmt::Write as _;

use crate::model::tally::Histogram;

/// What a family measures.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A value that goes up and down.
    Gauge,
    /// A value that only grows; its samples are named `…_total`.
    Counter,
    /// Counts of values by their size.
    Histogram,
}

/// What a family is called, and what it is.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Without `_total`.
    pub name: &'static str,
    /// What it measures.
    pub kind: Kind,
    /// What it means, one sentence.
    pub help: &'static str,
}

/// A gauge.
pub const fn gauge(name: &'static str, help: &'static str) -> About {
    About { name, kind: Kind::Gauge, help }
}

/// A counter; its name is given without `_total`.
pub const fn counter(name: &'static str, help: &'static str) -> About {
    About { name, kind: Kind::Counter, help }
}

/// A histogram.
pub const fn histogram(name: &'static str, help: &'static str) -> About {
    About { name, kind: Kind::Histogram, help }
}

/// A family with its samples, written.
#[derive(Clone, Debug)]
pub struct Family {
    /// What it is.
    pub about: About,
    /// Its samples, as both formats have them.
    pub samples: String,
}

/// A label and its value.
pub type Label<'a> = (&'a str, &'a str);

impl Family {
    /// One without samples yet.
    pub fn new(about: About) -> Self {
        Self { about, samples: String::new() }
    }

    /// A family of one sample.
    pub fn of(about: About, value: f64) -> Self {
        let mut family = Self::new(about);
        family.add(&[], value);
        family
    }

    /// Adds a sample of a gauge or counter.
    pub fn add(&mut self, labels: &[Label<'_>], value: f64) {
        self.samples.push_str(self.about.name);
        if self.about.kind == Kind::Counter {
            self.samples.push_str("_total");
        }
        write_labels(&mut self.samples, labels, None);
        write_value(&mut self.samples, value);
    }

    /// Adds a histogram.
    pub fn add_histogram(&mut self, labels: &[Label<'_>], histogram: &Histogram) {
        let name = self.about.name;
        let out = &mut self.samples;
        let mut below = 0;
        for (bound, count) in histogram.buckets() {
            below += count;
            let _ = write!(out, "{name}_bucket");
            write_labels(out, labels, Some(bound));
            write_value(out, below as f64);
        }
        let _ = write!(out, "{name}_sum");
        write_labels(out, labels, None);
        write_value(out, histogram.sum());
        let _ = write!(out, "{name}_count");
        write_labels(out, labels, None);
        write_value(out, histogram.count() as f64);
    }

    /// The lines before the samples.
    pub fn head(&self, open: bool) -> String {
        let About { name, kind, help } = self.about;
        let word = match kind {
            Kind::Gauge => "gauge",
            Kind::Counter => "counter",
            Kind::Histogram => "histogram",
        };
        // Prometheus text names a counter as its samples, OpenMetrics without their ending.
        let end = if kind == Kind::Counter && !open { "_total" } else { "" };
        format!("# HELP {name}{end} {help}\n# TYPE {name}{end} {word}\n")
    }
}

fn write_labels(out: &mut String, labels: &[Label<'_>], bound: Option<f64>) {
    if labels.is_empty() && bound.is_none() {
        return;
    }
    let mut before = '{';
    for (name, value) in labels {
        out.push(before);
        out.push_str(name);
        out.push_str("=\"");
        escape(out, value);
        out.push('"');
        before = ',';
    }
    if let Some(bound) = bound {
        out.push(before);
        out.push_str("le=\"");
        match bound.is_finite() {
            true => _ = write!(out, "{bound:?}"),
            false => out.push_str("+Inf"),
        }
        out.push('"');
    }
    out.push('}');
}

fn escape(out: &mut String, value: &str) {
    for c in value.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
}

fn write_value(out: &mut String, value: f64) {
    out.push(' ');
    if value.is_nan() {
        out.push_str("NaN");
    } else if value.is_infinite() {
        out.push_str(if value > 0.0 { "+Inf" } else { "-Inf" });
    } else {
        // Rust writes numbers without an exponent: both formats read that.
        let _ = write!(out, "{value}");
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_is_written_for_both_formats() {
        let mut family = Family::new(counter("mineclifford_x", "It counts."));
        family.add(&[("a", "b\"\\\nc"), ("d", "e")], 3.0);
        assert_eq!(family.samples, "mineclifford_x_total{a=\"b\\\"\\\\\\nc\",d=\"e\"} 3\n");
        assert_eq!(
            family.head(false),
            "# HELP mineclifford_x_total It counts.\n# TYPE mineclifford_x_total counter\n"
        );
        assert_eq!(family.head(true), "# HELP mineclifford_x It counts.\n# TYPE mineclifford_x counter\n");
    }

    #[test]
    fn a_histogram_adds_up() {
        let mut histogram = Histogram::new(&[1.0, 2.5]);
        for value in [0.5, 2.0, 9.0] {
            histogram.observe(value);
        }
        let mut family = Family::new(self::histogram("h", "It measures."));
        family.add_histogram(&[("k", "v")], &histogram);
        let expected = "h_bucket{k=\"v\",le=\"1.0\"} 1\nh_bucket{k=\"v\",le=\"2.5\"} 2\nh_bucket{k=\"v\",le=\"+Inf\"} 3\n\
h_sum{k=\"v\"} 11.5\nh_count{k=\"v\"} 3\n";
        assert_eq!(family.samples, expected);
    }
}
