//! Commands that talk to players or are about them.

use super::commands::Outcome;
use super::feedback::{Feedback, Source};
use super::players::mode_title;
use super::{Context, Server};

/// What a command about players says when there is none.
const NOBODY: &str = "No player was found";

impl Server {
    pub(super) fn chat_command(
        &mut self,
        cx: &mut Context<'_>,
        source: Source,
        feedback: &mut Feedback,
        name: &str,
        words: &[&str],
    ) -> Outcome {
        match (name, words) {
            ("say", [_, ..]) => {
                let line = format!("{}[{}] {}", self.not_secure(), source.name(), words.join(" "));
                self.info(cx, &line);
            }
            ("me", [_, ..]) => {
                let line = format!("{}* {} {}", self.not_secure(), source.name(), words.join(" "));
                self.info(cx, &line);
            }
            ("tell" | "msg" | "w", [who, text @ ..]) if !text.is_empty() => match self.find(who) {
                Some(index) => {
                    let who = self.players[index].name.clone();
                    feedback.say(format!("You whisper to {who}: {}", text.join(" ")));
                }
                None => feedback.fail(NOBODY),
            },
            ("kick", [who, reason @ ..]) => self.kick(cx, feedback, who, reason),
            ("op", [who]) => self.op(cx, feedback, who),
            ("deop", [who]) => self.deop(cx, feedback, who),
            ("ban", [who, reason @ ..]) => {
                let reason = Some(reason.join(" ")).filter(|text| !text.is_empty());
                self.ban(cx, feedback, who, reason);
            }
            ("pardon", [who]) => self.pardon(cx, feedback, who),
            ("ban-ip", [address, ..]) => self.ban_ip(feedback, address),
            ("pardon-ip", [address]) => self.pardon_ip(feedback, address),
            ("banlist", _) => self.ban_list(feedback, source, words.first().copied()),
            ("whitelist", [_, ..]) => {
                if !self.whitelist(cx, feedback, words) {
                    return if words.len() == 1 { Outcome::Incomplete } else { Outcome::Wrong(1) };
                }
            }
            ("gamemode", [mode, who]) => return self.game_mode(feedback, mode, who),
            ("gamemode", [mode]) if mode_title(mode).is_some() => {
                feedback.fail("A player is required to run this command here");
            }
            (
                "say" | "me" | "tell" | "msg" | "w" | "kick" | "op" | "deop" | "ban" | "pardon" | "ban-ip"
                | "pardon-ip" | "whitelist" | "gamemode",
                _,
            ) => return Outcome::Incomplete,
            _ => return Outcome::Unknown,
        }
        Outcome::Done
    }

    fn kick(&mut self, cx: &mut Context<'_>, feedback: &mut Feedback, who: &str, reason: &[&str]) {
        let Some(index) = self.find(who) else {
            return feedback.fail(NOBODY);
        };
        let name = self.players[index].name.clone();
        let reason = if reason.is_empty() { "Kicked by an operator".to_owned() } else { reason.join(" ") };
        feedback.announce(format!("Kicked {name}: {reason}"));
        self.leave(cx, &name, &reason);
    }

    fn game_mode(&mut self, feedback: &mut Feedback, mode: &str, who: &str) -> Outcome {
        let Some(title) = mode_title(mode) else {
            return Outcome::Wrong(1);
        };
        match self.find(who) {
            Some(index) => {
                self.players[index].mode = title;
                feedback.announce(format!("Set {}'s game mode to {title}", self.players[index].name));
            }
            None => feedback.fail(NOBODY),
        }
        Outcome::Done
    }

    /// Commands that act on things this server does not have: players are looked for, the rest is believed.
    pub(super) fn other_command(&mut self, feedback: &mut Feedback, name: &str, words: &[&str]) -> Outcome {
        match (name, words) {
            (_, []) => return Outcome::Incomplete,
            ("weather", ["clear", ..]) => feedback.announce("Set the weather to clear"),
            ("weather", ["rain", ..]) => feedback.announce("Set the weather to rain"),
            ("weather", ["thunder", ..]) => feedback.announce("Set the weather to rain & thunder"),
            ("weather", _) => return Outcome::Wrong(1),
            ("gamerule", [rule]) => feedback.say(format!("Gamerule {rule} is currently set to: true")),
            ("gamerule", [rule, value, ..]) => {
                feedback.announce(format!("Gamerule {rule} is now set to: {value}"))
            }
            ("defaultgamemode", [mode, ..]) => match mode_title(mode) {
                Some(title) => feedback.announce(format!("The default game mode is now {title}")),
                None => return Outcome::Wrong(1),
            },
            ("give", [who, item, count @ ..]) if self.find(who).is_some() => {
                let count = count.first().unwrap_or(&"1");
                let item = item.strip_prefix("minecraft:").unwrap_or(item);
                feedback.announce(format!("Gave {count} [{item}] to {who}"));
            }
            ("tp" | "teleport", [who, to]) if self.find(who).is_some() && self.find(to).is_some() => {
                feedback.announce(format!("Teleported {who} to {to}"));
            }
            ("kill", [who]) if self.find(who).is_some() => feedback.announce(format!("Killed {who}")),
            ("title" | "tellraw" | "effect" | "clear" | "xp" | "experience", [who, ..])
                if self.find(who).is_some() => {}
            ("execute" | "summon" | "setblock" | "fill" | "worldborder", _) => {}
            _ => feedback.fail(NOBODY),
        }
        Outcome::Done
    }
}
