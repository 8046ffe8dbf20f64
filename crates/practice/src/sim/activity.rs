//! Life without anybody who types: bots that come and go, floods, and lines that hurt.

use std::time::Duration;

use super::{Context, Phase, Server, Timer};
use crate::faults::hostile_lines;
use crate::log::{Level, MAIN};
use crate::settings::name;

/// Numbered lines that are still to be written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flood {
    total: u64,
    next: u64,
    rate: u64,
    since: Duration,
}

/// The most lines that one turn writes, so that the driver can do other things in between.
const FLOOD_TURN: u64 = 2000;

const TALK: [&str; 8] = [
    "hello",
    "anyone seen my dog?",
    "found diamonds at y -54",
    "who took the iron from the chest",
    "gg",
    "brb",
    "the bridge is done!",
    "creeper in the base again :(",
];

impl Server {
    pub(super) fn plan_activity(&mut self, cx: &Context<'_>) {
        let mean = self.settings.practice.activity;
        if !mean.is_zero() {
            // Between half and one and a half of the mean, so that a thousand servers do not move in step.
            let share = 0.5 + f64::from(u32::try_from(self.rng.below(1000)).unwrap_or(0)) / 1000.0;
            self.at(cx.now.elapsed + mean.mul_f64(share), Timer::Activity);
        }
    }

    pub(super) fn activity_turn(&mut self, cx: &mut Context<'_>) {
        self.plan_activity(cx);
        if self.phase != Phase::Ready {
            return;
        }
        let someone = usize::try_from(self.rng.below(self.players.len() as u64)).unwrap_or(0);
        let player = self.players.get(someone).map(|player| player.name.clone());
        match (self.rng.below(10), player) {
            (0..=2, _) | (_, None) => {
                let most = u64::from(self.max_players().min(8));
                if (self.players.len() as u64) < most {
                    let who = name(usize::try_from(self.rng.below(16)).unwrap_or(0));
                    self.join(cx, &who);
                }
            }
            (3, Some(who)) => {
                self.leave(cx, &who, "Disconnected");
            }
            (4, Some(who)) => {
                self.die(cx, &who, None);
            }
            (5, Some(who)) => {
                self.advance(cx, &who, None);
            }
            (_, Some(who)) => {
                let line = TALK[usize::try_from(self.rng.below(8)).unwrap_or(0)];
                self.chat(cx, &who, line);
            }
        }
    }

    /// The lines that `PRACTICE_HOSTILE`, `PRACTICE_LONG_LINE_MB` and `PRACTICE_FLOOD` ask for.
    pub(super) fn write_nuisances(&mut self, cx: &mut Context<'_>) {
        if self.settings.practice.hostile {
            for line in hostile_lines() {
                self.log_bytes(cx, MAIN, Level::Info, &line);
            }
        }
        let megabytes = usize::try_from(self.settings.practice.long_line_mb).unwrap_or(0);
        if megabytes > 0 {
            self.long_line(cx, megabytes);
        }
        let (lines, rate) = (self.settings.practice.flood, self.settings.practice.flood_rate);
        if lines > 0 {
            self.flood(cx, lines, rate);
        }
    }

    /// Writes one line of so many MiB.
    pub fn long_line(&mut self, cx: &mut Context<'_>, megabytes: usize) {
        self.log_bytes(cx, MAIN, Level::Info, &vec![b'x'; megabytes.min(256) << 20]);
    }

    /// Writes numbered lines, `rate` a second; 0 is as fast as they are taken.
    pub fn flood(&mut self, cx: &mut Context<'_>, lines: u64, rate: u64) {
        self.flood = Flood { total: lines, next: 1, rate, since: cx.now.elapsed };
        self.cancel(Timer::Flood);
        self.at(cx.now.elapsed, Timer::Flood);
    }

    pub(super) fn flood_turn(&mut self, cx: &mut Context<'_>) {
        let Flood { total, next, rate, since } = self.flood;
        let allowed = if rate == 0 {
            total
        } else {
            let passed = cx.now.elapsed.saturating_sub(since).as_millis();
            u64::try_from(passed * u128::from(rate) / 1000).unwrap_or(u64::MAX).min(total)
        };
        let last = allowed.min(next - 1 + FLOOD_TURN).max(next - 1);
        for number in next..=last {
            self.info(cx, &format!("flood line {number} of {total}"));
        }
        self.flood.next = last + 1;
        if last < total {
            let pause = if rate == 0 { Duration::from_micros(100) } else { Duration::from_millis(20) };
            self.at(cx.now.elapsed + pause, Timer::Flood);
        }
    }
}
