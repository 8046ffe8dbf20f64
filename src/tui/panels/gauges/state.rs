//! What was measured of the chosen server, and what of it shows.

use jiff::{SignedDuration, Timestamp};

use super::rows::ROWS;
use crate::model::{History, Server, ServerId, Span};

/// After so long without a measurement what came meanwhile is asked for, in seconds.
const MISSED: i64 = 10;

/// The measurements of the chosen server, and how they are looked at.
#[derive(Clone, Debug, Default)]
pub struct Gauges {
    server: Option<ServerId>,
    history: History,
    missed: bool,
    /// How far back is shown.
    pub span: Span,
    /// The chosen row.
    pub chosen: usize,
    /// Whether it has the whole panel.
    pub alone: bool,
}

impl Gauges {
    /// Begins anew, for another server. What is looked at stays.
    pub fn open(&mut self, server: Option<ServerId>) {
        (self.server, self.history, self.missed) = (server, History::default(), false);
    }

    /// Takes what was measured until now.
    pub fn fill(&mut self, server: ServerId, history: History) {
        if self.server == Some(server) {
            self.history = history;
        }
    }

    /// Takes the latest measurement, where it is a new one.
    pub fn see(&mut self, server: &Server) {
        if self.server != Some(server.id()) {
            return;
        }
        let Some(sample) = server.sample else { return self.history.end_run() };
        let before = self.history.measured_at();
        let pause = before.map(|before| sample.at.duration_since(before));
        self.missed |= pause.is_some_and(|pause| pause > SignedDuration::from_secs(MISSED));
        let players = server.players.as_ref().map(|players| players.online);
        self.history.push(&sample, players, server.ticks);
    }

    /// The server of which measurements were missed: they are to be asked for, once.
    pub fn missed(&mut self) -> Option<ServerId> {
        self.server.filter(|_| std::mem::take(&mut self.missed))
    }

    /// What was measured.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The right end of what is shown: the last measurement by the host's own clock, or now where it does not run.
    pub fn until(&self, now: Timestamp) -> Timestamp {
        self.history.measured_at().unwrap_or(now)
    }

    /// Shows one row alone, or all again.
    pub fn turn(&mut self) {
        self.alone = !self.alone;
    }

    /// Chooses a row.
    pub fn choose(&mut self, row: usize) {
        self.chosen = row.min(ROWS.len() - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Figure, tui::app::testkit};

    fn see(gauges: &mut Gauges, server: &mut Server, at: i64) {
        server.sample = Some(testkit::sample(at, at as f32));
        gauges.see(server);
    }

    #[test]
    fn what_was_before_and_what_comes_join_without_repeats_and_gaps_are_asked_for() {
        let mut server = testkit::server("alpha", crate::model::State::Ready);
        let mut gauges = Gauges::default();
        gauges.open(Some(server.id()));
        see(&mut gauges, &mut server, 20);
        let mut engine = History::default();
        (1..=20).for_each(|at| engine.push(&testkit::sample(at, at as f32), Some(0), None));
        gauges.fill(server.id(), engine.clone());
        gauges.fill(ServerId::new(), History::default());
        see(&mut gauges, &mut server, 20);
        assert_eq!(gauges.history(), &engine);
        (21..=30).for_each(|at| see(&mut gauges, &mut server, at));
        let past = gauges.history().past(Span::Minute, gauges.until(testkit::NOW));
        let means = past.points.iter().filter_map(|point| point.get(Figure::Cpu));
        let means: Vec<_> = means.map(|cpu| cpu.mean.round() as i64).collect();
        assert_eq!(means, (1..=30).collect::<Vec<_>>());
        assert_eq!(gauges.missed(), None);
        // A laptop slept: what was measured meanwhile is with the engine.
        see(&mut gauges, &mut server, 60);
        assert_eq!((gauges.missed(), gauges.missed()), (Some(server.id()), None));
        server.sample = None;
        gauges.see(&server);
        assert_eq!(gauges.until(testkit::later(99)), testkit::later(99));
        assert!(!gauges.history().is_empty());
    }
}
