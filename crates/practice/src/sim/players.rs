//! Players, who exist because somebody says so.

use super::{Context, Server, Timer};
use crate::flavour::Family;
use crate::log::Level;
use crate::rng::uuid;

/// Somebody who plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Player {
    /// The name, as in chat.
    pub name: String,
    /// The identifier, in UUID form.
    pub id: String,
    /// Where the connection comes from, with port.
    pub address: String,
    /// The game mode, such as `Survival Mode`.
    pub mode: &'static str,
}

/// Ways to die, after the name.
pub(super) const DEATHS: [&str; 12] = [
    "was slain by Zombie",
    "was shot by Skeleton",
    "was blown up by Creeper",
    "drowned",
    "fell from a high place",
    "hit the ground too hard",
    "tried to swim in lava",
    "burned to death",
    "starved to death",
    "suffocated in a wall",
    "fell out of the world",
    "was slain by Spider using [Silk]",
];

/// Advancements with the words that come before them.
pub(super) const ADVANCEMENTS: [(&str, &str); 6] = [
    ("has made the advancement", "Stone Age"),
    ("has made the advancement", "Acquire Hardware"),
    ("has made the advancement", "Diamonds!"),
    ("has reached the goal", "Sky's the Limit"),
    ("has completed the challenge", "Return to Sender"),
    ("has made the advancement", "We Need to Go Deeper"),
];

impl Server {
    /// Finds a player by name, in any case.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.players.iter().position(|player| player.name.eq_ignore_ascii_case(name))
    }

    /// Lets somebody come in, unless the whitelist, a ban or a full house is in the way. `false`: not let in.
    pub fn join(&mut self, cx: &mut Context<'_>, name: &str) -> bool {
        let valid = (1..=16).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !valid || self.find(name).is_some() {
            return false;
        }
        let online = self.properties.truth("online-mode");
        let id = uuid(name, online);
        let address = format!("172.17.0.1:{}", 40_000 + self.next_entity % 20_000);
        self.next_entity += 1;
        self.log(cx, "User Authenticator #1", Level::Info, &format!("UUID of player {name} is {id}"));
        if let Some(reason) = self.refusal(name) {
            let line = format!("Disconnecting {name} (/{address}): {reason}");
            self.info(cx, &line);
            self.info(cx, &format!("{name} (/{address}) lost connection: {reason}"));
            return false;
        }
        let world = match self.kind.family {
            Family::Bukkit => format!("[{}]", self.properties.get("level-name")),
            Family::Vanilla | Family::Forge => String::new(),
        };
        let entity = self.next_entity;
        let x = self.rng.below(200);
        let login =
            format!("{name}[/{address}] logged in with entity id {entity} at ({world}{x}.5, 64.0, -{x}.5)");
        let mode = mode_title(self.properties.get("gamemode")).unwrap_or("Survival Mode");
        self.players.push(Player { name: name.to_owned(), id, address, mode });
        self.info(cx, &login);
        self.system_chat(cx, &format!("{name} joined the game"));
        self.resume(cx.now.elapsed);
        true
    }

    fn refusal(&self, name: &str) -> Option<&'static str> {
        let listed = |names: &[String]| names.iter().any(|other| other.eq_ignore_ascii_case(name));
        if self.bans.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
            return Some("You are banned from this server.");
        }
        if self.whitelist_on && !listed(&self.whitelist) && !listed(&self.ops) {
            return Some("You are not white-listed on this server!");
        }
        let full = self.players.len() >= usize::try_from(self.max_players()).unwrap_or(usize::MAX);
        full.then_some("The server is full!")
    }

    /// Lets somebody go. `false`: there is no such player.
    pub fn leave(&mut self, cx: &mut Context<'_>, name: &str, reason: &str) -> bool {
        let Some(index) = self.find(name) else {
            return false;
        };
        let player = self.players.remove(index);
        self.info(cx, &format!("{} lost connection: {reason}", player.name));
        self.system_chat(cx, &format!("{} left the game", player.name));
        if let Some(world) = &self.world {
            // The files of a player who leaves are written even while saving is off.
            let _ = world.save_player(cx.disk, cx.now, &player.id);
        }
        if matches!(self.phase, super::Phase::Ready) {
            self.plan_pause(cx.now.elapsed);
        }
        true
    }

    /// Lets somebody say something. `false`: there is no such player.
    pub fn chat(&mut self, cx: &mut Context<'_>, name: &str, text: &str) -> bool {
        let Some(index) = self.find(name) else {
            return false;
        };
        let line = format!("{}<{}> {text}", self.not_secure(), self.players[index].name);
        self.log(cx, "Async Chat Thread - #0", Level::Info, &line);
        true
    }

    /// Unsigned chat is marked since 1.19.1.
    pub(super) fn not_secure(&self) -> &'static str {
        if self.version.at_least(1, 19, 1) { "[Not Secure] " } else { "" }
    }

    /// Lets somebody die. `false`: there is no such player.
    pub fn die(&mut self, cx: &mut Context<'_>, name: &str, how: Option<&str>) -> bool {
        let Some(index) = self.find(name) else {
            return false;
        };
        let pick = usize::try_from(self.rng.below(DEATHS.len() as u64)).unwrap_or(0);
        let line = format!("{} {}", self.players[index].name, how.unwrap_or(DEATHS[pick]));
        self.system_chat(cx, &line);
        true
    }

    /// Lets somebody make an advancement. `false`: there is no such player.
    pub fn advance(&mut self, cx: &mut Context<'_>, name: &str, what: Option<&str>) -> bool {
        let Some(index) = self.find(name) else {
            return false;
        };
        let pick = usize::try_from(self.rng.below(ADVANCEMENTS.len() as u64)).unwrap_or(0);
        let (how, title) = ADVANCEMENTS[pick];
        let (how, title) = what.map_or((how, title), |what| ("has made the advancement", what));
        let line = format!("{} {how} [{title}]", self.players[index].name);
        self.system_chat(cx, &line);
        true
    }

    pub(super) fn lag_turn(&mut self, cx: &mut Context<'_>) {
        if let Some(every) = self.faults.lag {
            self.at(cx.now.elapsed + every.max(std::time::Duration::from_millis(100)), Timer::Lag);
        }
        self.lag(cx, 2500 + self.rng.clone().below(3000));
    }

    /// The main thread falls behind.
    pub fn lag(&mut self, cx: &mut Context<'_>, ms: u64) {
        self.lag_until = cx.now.elapsed + std::time::Duration::from_secs(30);
        let line =
            format!("Can't keep up! Is the server overloaded? Running {ms}ms or {} ticks behind", ms / 50);
        self.log(cx, crate::log::MAIN, Level::Warn, &line);
    }
}

/// `creative` to `Creative Mode`.
pub(super) fn mode_title(mode: &str) -> Option<&'static str> {
    match mode {
        "survival" => Some("Survival Mode"),
        "creative" => Some("Creative Mode"),
        "adventure" => Some("Adventure Mode"),
        "spectator" => Some("Spectator Mode"),
        _ => None,
    }
}
