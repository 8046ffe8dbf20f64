//! A server as it travels: mostly only its figures move.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::list::Item;
use crate::model::{Explanation, JobId, Players, Sample, Server, ServerId, Snapshot, State, Ticks, Via};

/// What changed of a server whose [`About`](crate::model::About) is as it was.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Patch {
    /// Only the measurement.
    Figures(Figures),
    /// More than that.
    Rest(Box<Rest>),
}

/// All but what changes seldom.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Rest {
    state: State,
    explanation: Option<Arc<Explanation>>,
    started_at: Option<Timestamp>,
    players: Option<Arc<Players>>,
    sample: Option<Sample>,
    ticks: Option<Ticks>,
    restarts: u32,
    via: Option<Via>,
    job: Option<JobId>,
}

/// A measurement, as steps from the one before.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Figures {
    /// Milliseconds, less the second that they mostly are apart.
    at: i64,
    /// Hundredths of a percent.
    cpu: i64,
    memory: i64,
    net: (i64, i64),
    rest: Option<Seldom>,
}

/// What stands still in most seconds.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Seldom {
    memory_limit: i64,
    block: (i64, i64),
    pids: i64,
}

const SECOND: i64 = 1_000;
/// Memory is counted by the kernel in pages.
const PAGE: i64 = 4_096;

/// The world with measurements rounded to what travels: milliseconds and hundredths of a percent. What was told last
/// and did not change stays the same piece of memory, so that nobody compares it.
pub fn rounded(new: &Snapshot, told: &Snapshot) -> Snapshot {
    let mut world = new.clone();
    for (at, server) in world.servers.iter_mut().enumerate() {
        if let Some(sample) = server.sample {
            let sample = round(sample);
            if server.sample != Some(sample) {
                Arc::make_mut(server).sample = Some(sample);
            }
        }
        if let Some(before) = told.servers.get(at).filter(|before| *before == server) {
            *server = before.clone();
        }
    }
    world
}

fn round(sample: Sample) -> Sample {
    let at = Timestamp::from_millisecond(sample.at.as_millisecond()).unwrap_or(sample.at);
    Sample { at, cpu_percent: percent(hundredths(sample.cpu_percent)), ..sample }
}

fn hundredths(percent: f32) -> i64 {
    (f64::from(percent) * 100.0).round() as i64
}

fn percent(hundredths: i64) -> f32 {
    (hundredths as f64 / 100.0) as f32
}

/// A step between two counts, as a number with a sign: any two counts have one.
fn step(before: u64, after: u64) -> i64 {
    after.wrapping_sub(before) as i64
}

fn stepped(before: u64, step: i64) -> u64 {
    before.wrapping_add(step as u64)
}

/// Whole pages are counted as such; the last bit tells which it is.
fn pages(bytes: i64) -> i64 {
    match (bytes % PAGE, bytes.checked_mul(2)) {
        (0, _) => bytes / PAGE * 2,
        (_, Some(twice)) => twice | 1,
        (_, None) => 0,
    }
}

fn bytes(pages: i64) -> i64 {
    if pages & 1 == 0 { (pages / 2).wrapping_mul(PAGE) } else { pages >> 1 }
}

impl Figures {
    /// What makes `after` of `before`; both are rounded. `None` where that would lose something.
    fn between(before: &Sample, after: &Sample) -> Option<Self> {
        let at = after.at.as_millisecond() - before.at.as_millisecond();
        let seldom = Seldom {
            memory_limit: step(before.memory_limit_bytes, after.memory_limit_bytes),
            block: (
                step(before.block_read_bytes, after.block_read_bytes),
                step(before.block_write_bytes, after.block_write_bytes),
            ),
            pids: i64::from(after.pids) - i64::from(before.pids),
        };
        let still = Seldom { memory_limit: 0, block: (0, 0), pids: 0 };
        let figures = Self {
            at: at.checked_sub(SECOND)?,
            cpu: hundredths(after.cpu_percent).checked_sub(hundredths(before.cpu_percent))?,
            memory: pages(step(before.memory_bytes, after.memory_bytes)),
            net: (
                step(before.net_rx_bytes, after.net_rx_bytes),
                step(before.net_tx_bytes, after.net_tx_bytes),
            ),
            rest: (seldom != still).then_some(seldom),
        };
        (figures.after(before) == Some(*after)).then_some(figures)
    }

    fn after(&self, before: &Sample) -> Option<Sample> {
        let at = before.at.as_millisecond().checked_add(self.at)?.checked_add(SECOND)?;
        let cpu = hundredths(before.cpu_percent).checked_add(self.cpu)?;
        let mut sample = Sample {
            at: Timestamp::from_millisecond(at).ok()?,
            cpu_percent: percent(cpu),
            memory_bytes: stepped(before.memory_bytes, bytes(self.memory)),
            net_rx_bytes: stepped(before.net_rx_bytes, self.net.0),
            net_tx_bytes: stepped(before.net_tx_bytes, self.net.1),
            ..*before
        };
        if let Some(rest) = &self.rest {
            sample.memory_limit_bytes = stepped(before.memory_limit_bytes, rest.memory_limit);
            sample.block_read_bytes = stepped(before.block_read_bytes, rest.block.0);
            sample.block_write_bytes = stepped(before.block_write_bytes, rest.block.1);
            sample.pids = u32::try_from(i64::from(before.pids).checked_add(rest.pids)?).ok()?;
        }
        Some(sample)
    }
}

impl Item for Server {
    type Id = ServerId;
    type Patch = Patch;

    fn id(&self) -> ServerId {
        self.about.id
    }

    fn patch(&self, new: &Self) -> Option<Patch> {
        if self.about != new.about {
            return None;
        }
        // All of it is named, so that the compiler asks for what is new.
        let Self { about: _, state, explanation, started_at, players, sample, ticks, restarts, via, job } =
            new.clone();
        if let (Some(before), Some(after)) = (&self.sample, &sample)
            && *new == (Self { sample, ..self.clone() })
            && let Some(figures) = Figures::between(before, after)
        {
            return Some(Patch::Figures(figures));
        }
        let rest = Rest { state, explanation, started_at, players, sample, ticks, restarts, via, job };
        Some(Patch::Rest(Box::new(rest)))
    }

    fn patched(&self, patch: Patch) -> Option<Self> {
        let about = self.about.clone();
        match patch {
            Patch::Figures(figures) => {
                let sample = Some(figures.after(self.sample.as_ref()?)?);
                Some(Self { sample, ..self.clone() })
            }
            Patch::Rest(rest) => {
                let Rest { state, explanation, started_at, players, sample, ticks, restarts, via, job } =
                    *rest;
                Some(Self {
                    about,
                    state,
                    explanation,
                    started_at,
                    players,
                    sample,
                    ticks,
                    restarts,
                    via,
                    job,
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample() -> impl Strategy<Value = Sample> {
        let count = prop_oneof![any::<u64>(), 0u64..1_000_000, (0u64..1_000).prop_map(|pages| pages * 4096)];
        let times = 0i64..2_000_000_000_000;
        (times, 0f32..100_000.0, prop::collection::vec(count, 6), any::<u32>()).prop_map(
            |(at, cpu_percent, counts, pids)| Sample {
                at: Timestamp::from_microsecond(at).unwrap(),
                cpu_percent,
                memory_bytes: counts[0],
                memory_limit_bytes: counts[1],
                net_rx_bytes: counts[2],
                net_tx_bytes: counts[3],
                block_read_bytes: counts[4],
                block_write_bytes: counts[5],
                pids,
            },
        )
    }

    proptest! {
        /// Whatever the measurements: steps lead to the very same, or are not used.
        #[test]
        fn steps_are_exact(before in sample(), after in sample()) {
            let (before, after) = (round(before), round(after));
            if let Some(figures) = Figures::between(&before, &after) {
                prop_assert_eq!(figures.after(&before), Some(after));
            }
        }
    }

    #[test]
    fn a_second_costs_about_ten_bytes() {
        let at = |second: i64| Timestamp::from_millisecond(1_700_000_000_000 + second * 1_001).unwrap();
        let before = round(Sample {
            at: at(1),
            cpu_percent: 12.34,
            memory_bytes: 900 << 20,
            memory_limit_bytes: 2 << 30,
            net_rx_bytes: 1 << 30,
            net_tx_bytes: 1 << 32,
            block_read_bytes: 1,
            block_write_bytes: 2,
            pids: 40,
        });
        let after = round(Sample {
            at: at(2),
            cpu_percent: 12.9,
            memory_bytes: (900 << 20) + 8192,
            net_rx_bytes: (1 << 30) + 60,
            net_tx_bytes: (1 << 32) + 600,
            ..before
        });
        let figures = Figures::between(&before, &after).unwrap();
        let bytes = postcard::to_stdvec(&figures).unwrap();
        assert!(bytes.len() <= 10, "{} bytes", bytes.len());
        // What a page more or less is told.
        assert_eq!(super::bytes(pages(-5)), -5);
        assert_eq!(super::bytes(pages(-8192)), -8192);
    }
}
