//! The measurements of the chosen server.

use std::collections::VecDeque;

use crate::model::{Sample, Server, ServerId};

/// Measurements that are kept here: more than the widest screen shows.
const MAX: usize = 600;

/// The measurements of the chosen server, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Gauges {
    server: Option<ServerId>,
    samples: VecDeque<Sample>,
}

/// Bytes a second between two measurements.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
#[allow(missing_docs)]
pub struct Rates {
    pub net_rx: f64,
    pub net_tx: f64,
    pub block_read: f64,
    pub block_write: f64,
}

impl Gauges {
    /// Begins anew, for another server.
    pub fn open(&mut self, server: Option<ServerId>) {
        self.server = server;
        self.samples.clear();
    }

    /// Takes what was measured before; what came since stays.
    pub fn fill(&mut self, server: ServerId, older: &[Sample]) {
        if self.server != Some(server) {
            return;
        }
        let first = self.samples.front().map(|sample| sample.at);
        let before = older.iter().rev().filter(|sample| first.is_none_or(|first| sample.at < first));
        for sample in before.take(MAX.saturating_sub(self.samples.len())) {
            self.samples.push_front(*sample);
        }
    }

    /// Takes the latest measurement, where it is a new one.
    pub fn see(&mut self, server: &Server) {
        let Some(sample) = server.sample.filter(|_| self.server == Some(server.id())) else {
            return;
        };
        if self.samples.back().is_some_and(|last| last.at >= sample.at) {
            return;
        }
        if self.samples.len() >= MAX {
            self.samples.pop_front();
        }
        self.samples.push_back(sample);
    }

    /// The measurements, oldest first.
    pub fn samples(&self) -> &VecDeque<Sample> {
        &self.samples
    }

    /// The rates between each two measurements, oldest first. A restart, after which counters begin anew, is zero.
    pub fn rates(&self) -> impl DoubleEndedIterator<Item = Rates> + '_ {
        (1..self.samples.len()).map(|n| rates(&self.samples[n - 1], &self.samples[n]))
    }
}

fn rates(before: &Sample, after: &Sample) -> Rates {
    let seconds = after.at.duration_since(before.at).as_secs_f64();
    let rate = |before: u64, after: u64| match after.checked_sub(before) {
        Some(bytes) if seconds > 0.0 => bytes as f64 / seconds,
        _ => 0.0,
    };
    Rates {
        net_rx: rate(before.net_rx_bytes, after.net_rx_bytes),
        net_tx: rate(before.net_tx_bytes, after.net_tx_bytes),
        block_read: rate(before.block_read_bytes, after.block_read_bytes),
        block_write: rate(before.block_write_bytes, after.block_write_bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::app::testkit;

    #[test]
    fn history_and_what_comes_join_without_repeats() {
        let mut server = testkit::server("alpha", crate::model::State::Ready);
        let mut gauges = Gauges::default();
        gauges.open(Some(server.id()));
        server.sample = Some(testkit::sample(20, 20.0));
        gauges.see(&server);
        gauges.see(&server);
        let older: Vec<_> = (10..=20).map(|at| testkit::sample(at, 1.0)).collect();
        gauges.fill(server.id(), &older);
        gauges.fill(ServerId::new(), &older);
        let seconds: Vec<_> = gauges.samples().iter().map(|sample| sample.at.as_second()).collect();
        assert_eq!(seconds, (10..=20).map(|at| testkit::NOW.as_second() + at).collect::<Vec<_>>());
        for at in 21..2_000 {
            server.sample = Some(testkit::sample(at, 1.0));
            gauges.see(&server);
        }
        assert_eq!(gauges.samples().len(), MAX);
    }

    #[test]
    fn rates_survive_a_restart_of_the_counters() {
        let (mut a, mut b) = (testkit::sample(0, 1.0), testkit::sample(2, 1.0));
        (a.net_rx_bytes, b.net_rx_bytes) = (1_000, 5_000);
        (a.net_tx_bytes, b.net_tx_bytes) = (1_000, 10);
        let rates = rates(&a, &b);
        assert_eq!((rates.net_rx, rates.net_tx), (2_000.0, 0.0));
    }
}
