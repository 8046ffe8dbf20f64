//! `practice …`: commands that make things happen to the server, for the console only.

use super::{Block, Context, Server, Timer};
use crate::faults::hostile_lines;
use crate::log::{Level, MAIN};
use crate::settings::name;

/// What `practice` without sense answers.
const USAGE: &str = "practice join|leave|chat|die|advance NAME [TEXT] | crash [exit0|report|watchdog|CODE] | oom | \
                     hang | flood LINES [RATE] | lag [MS] | hostile | longline MB | crowd N | world [TIMES]";

impl Server {
    /// Does one `practice` command; `words` is what follows the word itself.
    pub(super) fn practice(&mut self, cx: &mut Context<'_>, words: &[&str]) {
        let number = |index: usize, default: u64| {
            words.get(index).and_then(|word| word.parse().ok()).unwrap_or(default)
        };
        let rest =
            |index: usize| words.get(index..).map(|words| words.join(" ")).filter(|text| !text.is_empty());
        let known = match words {
            ["join", who] => self.join(cx, who),
            ["crowd", ..] => {
                let count = usize::try_from(number(1, 5)).unwrap_or(0).min(1000);
                for index in 0..count {
                    self.join(cx, &name(index));
                }
                true
            }
            ["leave", who, ..] => self.leave(cx, who, &rest(2).unwrap_or_else(|| "Disconnected".to_owned())),
            ["chat", who, ..] => self.chat(cx, who, &rest(2).unwrap_or_default()),
            ["die", who, ..] => self.die(cx, who, rest(2).as_deref()),
            ["advance", who, ..] => self.advance(cx, who, rest(2).as_deref()),
            ["crash" | "oom" | "hang", ..] => self.practice_death(cx, words),
            ["flood", ..] => {
                self.flood(cx, number(1, 1000), number(2, 0));
                true
            }
            ["lag", ..] => {
                self.lag(cx, number(1, 2500));
                true
            }
            ["hostile"] => {
                for line in hostile_lines() {
                    self.log_bytes(cx, MAIN, Level::Info, &line);
                }
                true
            }
            ["longline", ..] => {
                self.long_line(cx, usize::try_from(number(1, 1)).unwrap_or(1));
                true
            }
            ["world", ..] => {
                for _ in 0..number(1, 1).min(10_000) {
                    self.world_turn(cx);
                    self.cancel(Timer::World);
                }
                self.at(cx.now.elapsed + self.settings.practice.world_every, Timer::World);
                true
            }
            _ => false,
        };
        if !known {
            self.log(cx, MAIN, Level::Warn, &format!("practice: nothing done; {USAGE}"));
        }
    }

    /// The commands that end or freeze the server.
    fn practice_death(&mut self, cx: &mut Context<'_>, words: &[&str]) -> bool {
        match words {
            ["crash", "watchdog"] => self.watchdog(cx),
            ["crash", how @ ..] => {
                if let Some(code) = how.first().and_then(|word| word.parse().ok()) {
                    self.faults.crash = Some((std::time::Duration::ZERO, code));
                }
                self.crash(cx, "Practice makes perfect");
            }
            ["oom"] => self.out_of_memory(cx),
            ["hang"] => self.block = Some(Block::Hang),
            _ => return false,
        }
        true
    }
}
