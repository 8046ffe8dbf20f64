//! save-off, save-on, save-all, and the world's own changes.

use std::time::Duration;

use super::feedback::{Feedback, Source};
use super::{Block, Context, Phase, Server, Timer};
use crate::log::{Level, MAIN};

/// What a failed save says.
const FAILED: &str = "Unable to save the game (is there enough disk space?)";

impl Server {
    pub(super) fn player_ids(&self) -> Vec<String> {
        self.players.iter().map(|player| player.id.clone()).collect()
    }

    pub(super) fn world_turn(&mut self, cx: &mut Context<'_>) {
        self.at(cx.now.elapsed + self.settings.practice.world_every, Timer::World);
        let ids = self.player_ids();
        let Some(world) = &mut self.world else { return };
        let done = match (self.saving, ids.is_empty()) {
            (true, _) => world.autosave(cx.disk, cx.now, &ids),
            (false, false) => world.play(cx.disk, cx.now, &ids),
            (false, true) => Ok(()),
        };
        if let Err(error) = done {
            self.log(cx, MAIN, Level::Error, &format!("Failed to save chunk\njava.io.IOException: {error}"));
        }
    }

    pub(super) fn save_off(&mut self, feedback: &mut Feedback) {
        if self.saving {
            self.saving = false;
            feedback.announce("Automatic saving is now disabled");
        } else {
            feedback.fail("Saving is already turned off");
        }
    }

    pub(super) fn save_on(&mut self, feedback: &mut Feedback) {
        if self.saving {
            feedback.fail("Saving is already turned on");
        } else {
            self.saving = true;
            feedback.announce("Automatic saving is now enabled");
        }
    }

    /// `save-all`. With `flush` the main thread does nothing else until it is done.
    pub(super) fn save_all(&mut self, cx: &mut Context<'_>, source: Source, flush: bool) {
        let mut feedback = Feedback::default();
        if self.version.at_least(1, 13, 0) {
            feedback.say("Saving the game (this may take a moment!)");
        } else {
            feedback.say("Saving...");
        }
        let takes = self.settings.practice.flush;
        if !flush || takes.is_zero() {
            self.finish_save(cx, &mut feedback, flush);
            return self.deliver(cx, source, feedback);
        }
        self.deliver_early(cx, source, &mut feedback);
        self.block = Some(Block::Flush(source, feedback));
        self.at(cx.now.elapsed + takes, Timer::FlushDone);
        let patience: i64 = self.properties.number("max-tick-time", 60_000);
        if let Ok(patience) = u64::try_from(patience)
            && patience > 0
            && Duration::from_millis(patience) < takes
        {
            self.at(cx.now.elapsed + Duration::from_millis(patience), Timer::Watchdog);
        }
    }

    pub(super) fn flush_done(&mut self, cx: &mut Context<'_>) {
        if let Some(Block::Flush(source, mut feedback)) = self.block.take() {
            self.finish_save(cx, &mut feedback, true);
            self.deliver(cx, source, feedback);
        }
    }

    fn finish_save(&mut self, cx: &mut Context<'_>, feedback: &mut Feedback, flush: bool) {
        let ids = self.player_ids();
        let saved = match &mut self.world {
            _ if self.faults.save => Err(std::io::Error::from(std::io::ErrorKind::StorageFull)),
            Some(world) => world.flush(cx.disk, cx.now, &ids),
            None => Ok(()),
        };
        if let Err(error) = saved {
            self.log(cx, MAIN, Level::Error, &format!("Failed to save chunk\njava.io.IOException: {error}"));
            return feedback.fail(FAILED);
        }
        if flush {
            let level = self.properties.get("level-name").to_owned();
            for name in [level.as_str(), "DIM1", "DIM-1"] {
                self.info(cx, &format!("ThreadedAnvilChunkStorage ({name}): All chunks are saved"));
            }
            self.info(cx, "ThreadedAnvilChunkStorage: All dimensions are saved");
        }
        feedback.announce(if self.version.at_least(1, 13, 0) { "Saved the game" } else { "Saved the world" });
    }

    /// From 1.21.2 on an empty server stops ticking after a while.
    pub(super) fn plan_pause(&mut self, now: Duration) {
        self.cancel(Timer::Empty);
        let after: i64 = self.properties.number("pause-when-empty-seconds", 60);
        if self.version.at_least(1, 21, 2)
            && self.players.is_empty()
            && let Ok(after @ 1..) = u64::try_from(after)
        {
            self.at(now + Duration::from_secs(after), Timer::Empty);
        }
    }

    pub(super) fn pause_when_empty(&mut self, cx: &mut Context<'_>) {
        if self.phase != Phase::Ready || !self.players.is_empty() || self.paused {
            return;
        }
        let after = self.properties.get("pause-when-empty-seconds").to_owned();
        self.info(cx, &format!("Server empty for {after} seconds, pausing"));
        if self.saving
            && let Some(world) = &mut self.world
            && let Err(error) = world.flush(cx.disk, cx.now, &[])
        {
            self.log(cx, MAIN, Level::Error, &format!("Failed to save chunk\njava.io.IOException: {error}"));
        }
        self.paused = true;
        self.cancel(Timer::World);
    }

    pub(super) fn resume(&mut self, now: Duration) {
        self.cancel(Timer::Empty);
        if self.paused {
            self.paused = false;
            self.at(now + self.settings.practice.world_every, Timer::World);
        }
    }
}
