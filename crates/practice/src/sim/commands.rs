//! The game's commands: finding them, complaining about them, and the ones about the server itself.

use super::feedback::{Feedback, Source};
use super::{Context, Server};
use crate::flavour::Family;
use crate::log::{Level, MAIN};

/// What a command did.
pub(super) enum Outcome {
    /// It answered.
    Done,
    /// Words are missing, or the last one makes no sense.
    Incomplete,
    /// The word at this position makes no sense.
    Wrong(usize),
    /// There is no such command.
    Unknown,
}

impl Server {
    /// Runs one command line, with or without the slash.
    pub(super) fn run(&mut self, cx: &mut Context<'_>, source: Source, line: &str) {
        let line = line.trim();
        let line = line.strip_prefix('/').unwrap_or(line);
        let words: Vec<&str> = line.split_whitespace().collect();
        let mut feedback = Feedback::default();
        let outcome = match words.as_slice() {
            [] if source == Source::Console => return,
            // How long an answer is wished may be said by RCON as well, to try its splitting.
            ["practice", "reply", units] => {
                feedback.say("x".repeat(units.parse::<usize>().unwrap_or(0).min(1 << 20)));
                Outcome::Done
            }
            ["practice", rest @ ..] if source == Source::Console => return self.practice(cx, rest),
            ["stop"] => return self.stop_command(cx, source),
            ["save-all"] => return self.save_all(cx, source, false),
            ["save-all", "flush"] => return self.save_all(cx, source, true),
            [name, rest @ ..] => self.command(cx, source, &mut feedback, name, rest),
            [] => Outcome::Unknown,
        };
        self.complain(&mut feedback, line, &outcome);
        self.deliver(cx, source, feedback);
    }

    fn complain(&self, feedback: &mut Feedback, line: &str, outcome: &Outcome) {
        let place = match outcome {
            Outcome::Done => return,
            Outcome::Unknown if !self.version.at_least(1, 13, 0) => {
                return feedback.fail("Unknown command. Try /help for a list of commands");
            }
            Outcome::Unknown if self.kind.family == Family::Bukkit && !self.version.at_least(1, 20, 6) => {
                return feedback.fail("Unknown command. Type \"/help\" for help.");
            }
            Outcome::Unknown => line.find(' ').unwrap_or(line.len()),
            Outcome::Incomplete => line.len(),
            Outcome::Wrong(word) => word_start(line, *word),
        };
        feedback.fail(match outcome {
            Outcome::Wrong(_) => "Incorrect argument for command",
            _ => "Unknown or incomplete command, see below for error",
        });
        feedback.fail(pointer(line, place, matches!(outcome, Outcome::Wrong(_) | Outcome::Unknown)));
    }

    fn command(
        &mut self,
        cx: &mut Context<'_>,
        source: Source,
        feedback: &mut Feedback,
        name: &str,
        words: &[&str],
    ) -> Outcome {
        match name {
            "save-off" => self.save_off(feedback),
            "save-on" => self.save_on(feedback),
            "seed" => feedback.say(format!("Seed: [{}]", self.seed())),
            "help" | "?" => super::help::help(feedback, words),
            "list" => self.list(feedback, words),
            "time" => return self.time(cx, feedback, words),
            "difficulty" => return self.difficulty_command(feedback, words),
            "tick" if self.version.at_least(1, 20, 3) => {
                return self.tick_query(cx, feedback, words);
            }
            "tps" if self.kind.is_paper() => self.tps(cx, feedback),
            "mspt" if self.kind.is_paper() => self.mspt_command(cx, feedback),
            "version" | "ver" | "about" if self.kind.family == Family::Bukkit => {
                let title = self.kind.title();
                let version = self.version.as_str();
                feedback.say(format!(
                    "This server is running {title} version {} (Implementing API version {version}-R0.1-SNAPSHOT)",
                    self.build()
                ));
            }
            "plugins" | "pl" if self.kind.family == Family::Bukkit => feedback.say("Plugins (0): "),
            "reload" => feedback.announce("Reloading!"),
            "weather" | "gamerule" | "defaultgamemode" | "give" | "tp" | "teleport" | "effect" | "clear"
            | "title" | "tellraw" | "xp" | "experience" | "kill" | "execute" | "summon" | "setblock"
            | "fill" | "worldborder" => {
                return self.other_command(feedback, name, words);
            }
            _ => return self.chat_command(cx, source, feedback, name, words),
        }
        Outcome::Done
    }

    fn stop_command(&mut self, cx: &mut Context<'_>, source: Source) {
        let mut feedback = Feedback::default();
        feedback.announce("Stopping the server");
        self.deliver(cx, source, feedback);
        if self.faults.ignore_stop {
            self.log(cx, MAIN, Level::Warn, "practice: the stop is ignored");
        } else {
            self.begin_stop(cx);
        }
    }

    fn seed(&self) -> i64 {
        let text = self.properties.get("level-seed");
        let name = if text.is_empty() { self.properties.get("level-name") } else { text };
        text.parse().unwrap_or_else(|_| crate::rng::hash(name.as_bytes()).cast_signed())
    }

    fn list(&self, feedback: &mut Feedback, words: &[&str]) {
        let ids = words.first() == Some(&"uuids");
        let name = |player: &super::Player| match ids {
            true => format!("{} ({})", player.name, player.id),
            false => player.name.clone(),
        };
        let names = self.players.iter().map(name).collect::<Vec<_>>().join(", ");
        let (online, max) = (self.players.len(), self.max_players());
        if self.version.at_least(1, 13, 0) {
            let of = if self.version.at_least(1, 17, 0) { "of a max of" } else { "of a max" };
            feedback.say(format!("There are {online} {of} {max} players online: {names}"));
        } else {
            feedback.say(format!("There are {online}/{max} players online:"));
            feedback.say(names);
        }
    }

    fn time(&self, cx: &Context<'_>, feedback: &mut Feedback, words: &[&str]) -> Outcome {
        let ticks = cx.now.elapsed.saturating_sub(self.started).as_millis() / 50;
        match words {
            ["query", "daytime"] => feedback.say(format!("The time is {}", (ticks + 1000) % 24_000)),
            ["query", "gametime"] => feedback.say(format!("The time is {ticks}")),
            ["query", "day"] => feedback.say(format!("The time is {}", ticks / 24_000)),
            ["set", value] => match value.parse::<u32>() {
                Ok(ticks) => feedback.announce(format!("Set the time to {ticks}")),
                Err(_) => match *value {
                    "day" => feedback.announce("Set the time to 1000"),
                    "noon" => feedback.announce("Set the time to 6000"),
                    "night" => feedback.announce("Set the time to 13000"),
                    "midnight" => feedback.announce("Set the time to 18000"),
                    _ => return Outcome::Wrong(2),
                },
            },
            [] | ["query" | "set"] => return Outcome::Incomplete,
            _ => return Outcome::Wrong(1),
        }
        Outcome::Done
    }

    fn difficulty_command(&mut self, feedback: &mut Feedback, words: &[&str]) -> Outcome {
        const NAMES: [(&str, &str); 4] =
            [("peaceful", "Peaceful"), ("easy", "Easy"), ("normal", "Normal"), ("hard", "Hard")];
        match words {
            [] => feedback.say(format!("The difficulty is {}", NAMES[self.difficulty.min(3)].1)),
            [wanted, ..] => match NAMES.iter().position(|(name, _)| name == wanted) {
                None => return Outcome::Wrong(1),
                Some(index) if index == self.difficulty => {
                    feedback.fail(format!("The difficulty did not change; it is already set to {wanted}"));
                }
                Some(index) => {
                    self.difficulty = index;
                    feedback.announce(format!("The difficulty has been set to {}", NAMES[index].1));
                }
            },
        }
        Outcome::Done
    }

    /// Milliseconds that a tick takes now.
    fn mspt(&self, cx: &Context<'_>) -> f64 {
        let players = f64::from(u32::try_from(self.players.len()).unwrap_or(0));
        let calm = self.settings.practice.mspt.unwrap_or(0.4 + 0.3 * players);
        if cx.now.elapsed < self.lag_until { calm.max(80.0) } else { calm }
    }

    fn tps(&self, cx: &Context<'_>, feedback: &mut Feedback) {
        let now = (1000.0 / self.mspt(cx).max(0.1)).min(20.0);
        let colour = if now > 18.0 { "§a" } else { "§c" };
        feedback.say(format!("§6TPS from last 1m, 5m, 15m: {colour}{now:.1}, §a20.0, §a20.0"));
    }

    fn mspt_command(&self, cx: &Context<'_>, feedback: &mut Feedback) {
        let average = self.mspt(cx);
        let (least, most) = (average * 0.8, average * 6.0);
        let one = format!("§a{average:.1}§7/§a{least:.1}§7/§a{most:.1}§e");
        feedback.say("§6Server tick times §e(§7avg§e/§7min§e/§7max§e)§6 from last 5s§7,§6 10s§7,§6 1m§e:");
        feedback.say(format!("§6◴ {one}, {one}, {one}"));
    }

    fn tick_query(&self, cx: &Context<'_>, feedback: &mut Feedback, words: &[&str]) -> Outcome {
        match words {
            [] => return Outcome::Incomplete,
            ["query"] => {}
            _ => return Outcome::Wrong(1),
        }
        let average = self.mspt(cx);
        feedback.say("The game is running normally");
        feedback.say(format!(
            "Target tick rate: 20.0 per second.\nAverage time per tick: {average:.1}ms (Target: 50.0ms)"
        ));
        let (middle, high, top) = (average, average * 1.4, average * 4.0);
        feedback
            .say(format!("Percentiles: P50: {middle:.1}ms P95: {high:.1}ms P99: {top:.1}ms, sample: 100"));
        Outcome::Done
    }
}

fn word_start(line: &str, index: usize) -> usize {
    let starts = line.char_indices().filter(|(at, letter)| {
        !letter.is_whitespace() && (*at == 0 || line[..*at].ends_with(char::is_whitespace))
    });
    starts.map(|(at, _)| at).nth(index).unwrap_or(line.len())
}

/// `…ten letters<--[HERE]`. When the word at the place is to blame, it belongs to the text.
fn pointer(line: &str, place: usize, with_word: bool) -> String {
    let end =
        if with_word { line[place..].find(' ').map_or(line.len(), |length| place + length) } else { place };
    let text = &line[..end];
    let count = text.chars().count();
    let tail: String = text.chars().skip(count.saturating_sub(10)).collect();
    let dots = if count > 10 { "..." } else { "" };
    format!("{dots}{tail}<--[HERE]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pointer_shows_ten_letters() {
        assert_eq!(pointer("foo", 3, true), "foo<--[HERE]");
        assert_eq!(
            pointer("difficulty banana", word_start("difficulty banana", 1), true),
            "...lty banana<--[HERE]"
        );
        assert_eq!(word_start("a  b c", 1), 3);
    }
}
