//! The server itself, the process that the image calls `java`, as a state machine.

mod activity;
mod boot;
mod chat_commands;
mod commands;
mod crash;
mod feedback;
mod help;
mod lists;
mod players;
mod practice_commands;
#[cfg(test)]
mod rig;
mod saving;
mod stop;
#[cfg(test)]
mod tests;
mod timers;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

pub(crate) use lists::list_json;
pub use players::Player;

use crate::clock::Now;
use crate::disk::Disk;
use crate::faults::Faults;
use crate::flavour::{Family, GameVersion, Kind};
use crate::log::{self, Level, MAIN};
use crate::output::{Event, Exit, Output, Port};
use crate::ping::Status;
use crate::properties::Properties;
use crate::rng::Rng;
use crate::settings::Settings;
use crate::world::World;
use feedback::{Feedback, Source};
use timers::Timer;

/// What the driver lends for one call.
pub struct Context<'a> {
    /// The time of this call.
    pub now: Now,
    /// The data folder.
    pub disk: &'a mut dyn Disk,
    /// Where the events go.
    pub out: &'a mut Output,
}

/// How far a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Not started.
    New,
    /// Before `Done`.
    Loading,
    /// After `Done`.
    Ready,
    /// After `Stopping server`.
    Stopping,
    /// Over.
    Exited(Exit),
}

/// What the main thread is busy with; nothing else runs meanwhile.
#[derive(Debug)]
enum Block {
    Flush(Source, Feedback),
    Hang,
}

#[derive(Debug)]
enum Input {
    Console(String),
    Rcon(u64, String),
}

/// The most commands that wait while the server loads or is busy; more are dropped.
const INBOX_LIMIT: usize = 4096;

/// One server. It has no clock, no threads, no sockets and no files of its own; see the crate's example for a driver.
#[derive(Debug)]
pub struct Server {
    settings: Arc<Settings>,
    kind: Kind,
    version: GameVersion,
    properties: Properties,
    faults: Faults,
    phase: Phase,
    started: Duration,
    timers: Vec<(Duration, Timer)>,
    inbox: VecDeque<Input>,
    block: Option<Block>,
    game_open: bool,
    rcon_open: bool,
    saving: bool,
    paused: bool,
    exit_code: i32,
    world: Option<World>,
    players: Vec<Player>,
    next_entity: u64,
    ops: Vec<String>,
    whitelist: Vec<String>,
    whitelist_on: bool,
    bans: Vec<(String, String)>,
    ip_bans: Vec<String>,
    difficulty: usize,
    lag_until: Duration,
    flood: activity::Flood,
    rng: Rng,
}

impl Server {
    /// A server that is not started yet. `seed` makes players and activity repeatable.
    #[must_use]
    pub fn new(settings: Arc<Settings>, seed: u64) -> Self {
        let (kind, version) = (settings.kind(), settings.version());
        Self {
            kind,
            version,
            settings,
            properties: Properties::default(),
            faults: Faults::default(),
            phase: Phase::New,
            started: Duration::ZERO,
            timers: Vec::new(),
            inbox: VecDeque::new(),
            block: None,
            game_open: false,
            rcon_open: false,
            saving: true,
            paused: false,
            exit_code: 0,
            world: None,
            players: Vec::new(),
            next_entity: 100,
            ops: Vec::new(),
            whitelist: Vec::new(),
            whitelist_on: false,
            bans: Vec::new(),
            ip_bans: Vec::new(),
            difficulty: 1,
            lag_until: Duration::ZERO,
            flood: activity::Flood::default(),
            rng: Rng::new(seed),
        }
    }

    /// Starts it: reads server.properties from the disk and writes the first lines.
    pub fn start(&mut self, cx: &mut Context<'_>) {
        cx.disk.set_time(cx.now.unix_ms);
        if self.phase == Phase::New {
            self.begin(cx);
        }
    }

    /// Does what is due. Call it at [`Server::next_wake`]; earlier or later is harmless.
    pub fn wake(&mut self, cx: &mut Context<'_>) {
        cx.disk.set_time(cx.now.unix_ms);
        // Bounded, so that a driver that was away for long gets its thread back.
        for _ in 0..256 {
            let Some(timer) = self.take_due(cx.now.elapsed) else {
                break;
            };
            self.fire(cx, timer);
        }
        self.work_off(cx);
    }

    /// Takes one line of standard input.
    pub fn console(&mut self, cx: &mut Context<'_>, line: &str) {
        self.input(cx, Input::Console(line.trim_end_matches(['\r', '\n']).to_owned()));
    }

    /// Takes one RCON command; the answer comes as [`Event::RconReply`] with the same `ticket`, perhaps much later.
    pub fn rcon(&mut self, cx: &mut Context<'_>, ticket: u64, line: &str) {
        self.input(cx, Input::Rcon(ticket, line.to_owned()));
    }

    /// Says that an RCON connection was accepted, for the log.
    pub fn rcon_opened(&mut self, cx: &mut Context<'_>, address: &str) {
        let line = format!("Thread RCON Client /{address} started");
        self.log(cx, "RCON Listener #1", Level::Info, &line);
    }

    /// Says that an RCON connection ended, for the log.
    pub fn rcon_closed(&mut self, cx: &mut Context<'_>, address: &str) {
        let line = format!("Thread RCON Client /{address} shutting down");
        self.log(cx, &format!("RCON Client /{address} #2"), Level::Info, &line);
    }

    /// SIGTERM to the server process itself: saves, then exit 143.
    pub fn terminate(&mut self, cx: &mut Context<'_>) {
        cx.disk.set_time(cx.now.unix_ms);
        if self.faults.ignore_stop || matches!(self.block, Some(Block::Hang)) {
            return;
        }
        if !matches!(self.phase, Phase::Stopping | Phase::Exited(_)) {
            self.exit_code = 143;
            self.begin_stop(cx);
        }
    }

    /// How far it is.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Whether the game port accepts connections. A server that hangs accepts and never answers.
    #[must_use]
    pub fn game_open(&self) -> bool {
        self.game_open && !matches!(self.phase, Phase::Exited(_))
    }

    /// Whether the RCON port accepts connections.
    #[must_use]
    pub fn rcon_open(&self) -> bool {
        self.rcon_open && !matches!(self.phase, Phase::Exited(_))
    }

    /// Whether the whole process is stuck, so that connections are accepted and nothing is answered.
    #[must_use]
    pub fn hangs(&self) -> bool {
        matches!(self.block, Some(Block::Hang))
    }

    /// The password that RCON wants.
    #[must_use]
    pub fn rcon_password(&self) -> &str {
        self.properties.get("rcon.password")
    }

    /// The port that RCON listens on.
    #[must_use]
    pub fn rcon_port(&self) -> u16 {
        self.properties.number("rcon.port", 25575)
    }

    /// The port that the game listens on.
    #[must_use]
    pub fn game_port(&self) -> u16 {
        self.properties.number("server-port", 25565)
    }

    /// Whether automatic saving is on.
    #[must_use]
    pub fn saving(&self) -> bool {
        self.saving
    }

    /// Who plays.
    #[must_use]
    pub fn players(&self) -> &[Player] {
        &self.players
    }

    /// What the list ping tells; `None` early in a start, when the answer is `{}`.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        let ready = matches!(self.phase, Phase::Ready | Phase::Stopping);
        let brand = match self.kind.family {
            Family::Bukkit => format!("{} ", self.kind.title()),
            Family::Vanilla | Family::Forge => String::new(),
        };
        ready.then(|| Status {
            version: format!("{brand}{}", self.version.as_str()),
            protocol: self.version.protocol(),
            online: self.players.len(),
            max: self.max_players(),
            sample: self
                .players
                .iter()
                .take(12)
                .map(|player| (player.name.clone(), player.id.clone()))
                .collect(),
            motd: self.properties.get("motd").to_owned(),
        })
    }

    fn max_players(&self) -> u32 {
        self.properties.number("max-players", 20)
    }

    fn input(&mut self, cx: &mut Context<'_>, input: Input) {
        cx.disk.set_time(cx.now.unix_ms);
        if self.inbox.len() < INBOX_LIMIT {
            self.inbox.push_back(input);
        }
        self.work_off(cx);
    }

    /// Runs the commands that wait, unless the main thread does not look at them.
    fn work_off(&mut self, cx: &mut Context<'_>) {
        while self.phase == Phase::Ready && self.block.is_none() {
            match self.inbox.pop_front() {
                Some(Input::Console(line)) => self.run(cx, Source::Console, &line),
                Some(Input::Rcon(ticket, line)) => self.run(cx, Source::Rcon(ticket), &line),
                None => break,
            }
        }
    }

    fn log(&self, cx: &mut Context<'_>, thread: &str, level: Level, message: &str) {
        self.log_bytes(cx, thread, level, message.as_bytes());
    }

    fn log_bytes(&self, cx: &mut Context<'_>, thread: &str, level: Level, message: &[u8]) {
        let offset = self.settings.zone;
        log::game(cx.out.stdout(), self.kind.family, cx.now.unix_ms, offset, thread, level, message);
    }

    fn info(&self, cx: &mut Context<'_>, message: &str) {
        self.log(cx, MAIN, Level::Info, message);
    }

    /// A line that players see too: joins, deaths, command feedback. From 26.3 on it has a prefix in the log.
    fn system_chat(&self, cx: &mut Context<'_>, message: &str) {
        let prefixed = self.settings.practice.system_chat.unwrap_or_else(|| self.version.at_least(26, 3, 0));
        if prefixed {
            self.info(cx, &format!("System chat: {message}"));
        } else {
            self.info(cx, message);
        }
    }

    fn listen(&mut self, cx: &mut Context<'_>, port: Port) {
        match port {
            Port::Game => self.game_open = true,
            Port::Rcon => self.rcon_open = true,
        }
        cx.out.push(Event::Listen(port));
    }

    fn exit(&mut self, cx: &mut Context<'_>, exit: Exit) {
        if let Some(world) = self.world.take() {
            world.close(cx.disk);
        }
        self.timers.clear();
        self.inbox.clear();
        self.block = None;
        self.phase = Phase::Exited(exit);
        cx.out.push(Event::Exit(exit));
    }

    /// The process is killed: nothing is saved, the locks go.
    pub fn kill(&mut self, cx: &mut Context<'_>) {
        if !matches!(self.phase, Phase::New | Phase::Exited(_)) {
            self.exit(cx, Exit { code: 137, out_of_memory: false });
        }
    }
}
