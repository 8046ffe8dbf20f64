//! What the engine has counted since it began.

use std::{collections::BTreeMap, time::Duration};

use super::ServerId;

/// Counts of values by their size.
#[derive(Clone, PartialEq, Debug)]
pub struct Histogram {
    bounds: &'static [f64],
    counts: Vec<u64>,
    sum: f64,
}

impl Histogram {
    /// With these upper bounds, which grow; a last one without end is added.
    pub fn new(bounds: &'static [f64]) -> Self {
        Self { bounds, counts: vec![0; bounds.len() + 1], sum: 0.0 }
    }

    /// Counts a value.
    pub fn observe(&mut self, value: f64) {
        let at = self.bounds.partition_point(|bound| *bound < value);
        if let Some(count) = self.counts.get_mut(at) {
            *count += 1;
            self.sum += value;
        }
    }

    /// Each upper bound, and how many values lie below it and above the one before; the last bound is infinite.
    pub fn buckets(&self) -> impl Iterator<Item = (f64, u64)> + '_ {
        let bounds = self.bounds.iter().copied().chain([f64::INFINITY]);
        bounds.zip(self.counts.iter().copied())
    }

    /// How many values.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Their sum.
    pub fn sum(&self) -> f64 {
        self.sum
    }
}

/// Bounds of how long jobs take, in seconds: a start takes some, a restore of a big world an hour.
pub const JOB_SECONDS: &[f64] = &[0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3_600.0];

/// How jobs of one kind ended.
#[derive(Clone, PartialEq, Debug)]
pub struct Ends {
    /// As wanted.
    pub done: u64,
    /// Wrong.
    pub failed: u64,
    /// Because somebody cancelled them.
    pub cancelled: u64,
    /// How long those took that ended as wanted, in seconds.
    pub seconds: Histogram,
}

impl Default for Ends {
    fn default() -> Self {
        Self { done: 0, failed: 0, cancelled: 0, seconds: Histogram::new(JOB_SECONDS) }
    }
}

/// What was counted of one server.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Counts {
    /// Players who came.
    pub joins: u64,
    /// Players who went.
    pub leaves: u64,
    /// How often it ended by itself, by the short name of the cause.
    pub crashes: BTreeMap<String, u64>,
    /// How long its answer to the last list ping took.
    pub latency: Option<Duration>,
    /// Ticks a second over the last minute, as the server last told it.
    pub ticks: Option<f32>,
    /// Milliseconds that a tick took on average, as the server last told it.
    pub tick_ms: Option<f32>,
    /// Lines of its console by level, from trace to error.
    pub lines: [u64; 5],
}

/// What the engine has counted since it began.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Tally {
    /// Jobs by the word for their kind.
    pub jobs: BTreeMap<&'static str, Ends>,
    /// How long it took to make servers, by where they run, in seconds.
    pub deployments: BTreeMap<&'static str, Histogram>,
    /// Of each server.
    pub servers: Vec<(ServerId, Counts)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_on_a_bound_is_below_it() {
        let mut histogram = Histogram::new(&[1.0, 2.0]);
        for value in [0.0, 1.0, 1.5, 2.0, 3.0] {
            histogram.observe(value);
        }
        let counts: Vec<_> = histogram.buckets().map(|(_, count)| count).collect();
        assert_eq!((counts, histogram.count(), histogram.sum()), (vec![2, 2, 1], 5, 7.5));
    }
}
