//! From `Stopping the server` to the exit.

use super::{Context, Phase, Server, Timer};
use crate::log::{Level, MAIN};
use crate::output::Exit;

impl Server {
    pub(super) fn begin_stop(&mut self, cx: &mut Context<'_>) {
        self.phase = Phase::Stopping;
        self.block = None;
        self.timers.clear();
        self.info(cx, "Stopping server");
        let when = cx.now.elapsed + self.settings.practice.stop;
        self.at(when, Timer::StopDone);
        if self.settings.practice.stop.is_zero() {
            self.wake(cx);
        }
    }

    pub(super) fn stop_done(&mut self, cx: &mut Context<'_>) {
        self.info(cx, "Saving players");
        let names: Vec<String> = self.players.iter().map(|player| player.name.clone()).collect();
        let ids = self.player_ids();
        for name in names {
            self.leave(cx, &name, "Server closed");
        }
        self.info(cx, "Saving worlds");
        if let Some(mut world) = self.world.take() {
            self.log_levels(cx, world.level());
            if self.faults.save {
                self.log(
                    cx,
                    MAIN,
                    Level::Error,
                    "Failed to save chunk\njava.io.IOException: No space left on device",
                );
            } else if let Err(error) = world.flush(cx.disk, cx.now, &ids) {
                self.log(
                    cx,
                    MAIN,
                    Level::Error,
                    &format!("Failed to save chunk\njava.io.IOException: {error}"),
                );
            }
            let level = world.level().to_owned();
            self.world = Some(world);
            for name in [level.as_str(), "DIM1", "DIM-1"] {
                self.info(cx, &format!("ThreadedAnvilChunkStorage ({name}): All chunks are saved"));
            }
            self.info(cx, "ThreadedAnvilChunkStorage: All dimensions are saved");
        }
        if self.rcon_open {
            self.info(cx, "Thread RCON Listener stopped");
        }
        self.exit(cx, Exit { code: self.exit_code, out_of_memory: false });
    }

    fn log_levels(&self, cx: &mut Context<'_>, level: &str) {
        for dimension in ["overworld", "the_end", "the_nether"] {
            self.info(cx, &format!("Saving chunks for level 'ServerLevel[{level}]'/minecraft:{dimension}"));
        }
    }
}
