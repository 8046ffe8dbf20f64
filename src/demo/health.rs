//! The health check, with Docker's rules: failures in the start period do not count, and a row of them does.

use std::collections::VecDeque;
use std::time::Duration;

use practice::settings::Settings;

use super::clock::Moment;
use super::container::Key;
use super::create::Check;
use super::world::World;

/// Probes that are kept.
const KEPT: usize = 5;
/// How long a probe takes, for its record.
const PROBE_NANOS: i64 = 60_000_000;

/// The state of the check since the last start.
#[derive(Clone, Debug)]
pub(super) struct Health {
    pub(super) status: &'static str,
    pub(super) streak: u32,
    pub(super) log: VecDeque<Probe>,
    pub(super) next: Duration,
    started: Duration,
    interval: Duration,
    start_period: Duration,
    retries: u32,
}

/// One probe.
#[derive(Clone, Debug)]
pub(super) struct Probe {
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) code: i32,
    pub(super) output: String,
}

impl Health {
    /// A check that begins now; `None` when it is switched off.
    pub(super) fn begin(
        check: Option<&Check>,
        image: &Check,
        settings: &Settings,
        now: Moment,
    ) -> Option<Box<Self>> {
        let off = check.is_some_and(|check| check.test.first().is_some_and(|word| word == "NONE"));
        if off || settings.setup_only {
            return None;
        }
        let own = check.cloned().unwrap_or_default();
        let nanos = |own: u64, image: u64| Duration::from_nanos(if own == 0 { image } else { own });
        let interval = nanos(own.interval, image.interval);
        Some(Box::new(Self {
            status: "starting",
            streak: 0,
            log: VecDeque::new(),
            next: now.elapsed + interval,
            started: now.elapsed,
            interval,
            start_period: nanos(own.start_period, image.start_period),
            retries: if own.retries == 0 { image.retries } else { own.retries },
        }))
    }

    /// Notes a probe; the new status when it changed.
    fn note(&mut self, now: Moment, code: i32, output: String) -> Option<&'static str> {
        if self.log.len() >= KEPT {
            self.log.pop_front();
        }
        self.log.push_back(Probe { start: now.nanos, end: now.nanos + PROBE_NANOS, code, output });
        self.next = now.elapsed + self.interval;
        let status = if code == 0 {
            self.streak = 0;
            "healthy"
        } else {
            let early =
                self.status == "starting" && now.elapsed.saturating_sub(self.started) < self.start_period;
            self.streak += u32::from(!early);
            if self.streak >= self.retries { "unhealthy" } else { self.status }
        };
        let changed = status != self.status;
        self.status = status;
        changed.then_some(status)
    }
}

impl World {
    /// Runs a container's health check when it is due.
    pub(super) fn probe(&mut self, key: Key) {
        let now = self.now();
        let Some(container) = self.containers.get_mut(&key) else { return };
        let Some(health) = container.health.as_mut().filter(|health| health.next <= now.elapsed) else {
            return;
        };
        let (code, output) = container.sim.health();
        if let Some(status) = health.note(now, code, output) {
            container.changed.notify_waiters();
            self.emit(key, format!("health_status: {status}"), &[]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_count_after_the_start_period_and_in_a_row() {
        let at = |seconds: u64| Moment { elapsed: Duration::from_secs(seconds), nanos: 1 };
        let image =
            Check { interval: 30_000_000_000, start_period: 120_000_000_000, retries: 2, ..Check::default() };
        let settings = Settings::from_env([("EULA", "true")]);
        let mut health = Health::begin(None, &image, &settings, at(0)).unwrap();
        assert_eq!(health.next, Duration::from_secs(30));
        assert_eq!(health.note(at(30), 1, String::new()), None);
        assert_eq!(health.note(at(130), 1, String::new()), None);
        assert_eq!(health.note(at(160), 1, String::new()), Some("unhealthy"));
        assert_eq!(health.note(at(190), 0, String::new()), Some("healthy"));
        assert_eq!(health.note(at(220), 1, String::new()), None);
        for second in 0..10 {
            health.note(at(250 + second), 0, String::new());
        }
        assert_eq!(health.log.len(), 5);
        let none = Check { test: vec!["NONE".into()], ..Check::default() };
        assert!(Health::begin(Some(&none), &image, &settings, at(0)).is_none());
    }
}
