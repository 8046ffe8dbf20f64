//! What the tests of several parts need: a fixed moment, servers, a dashboard without terminal.

#![allow(missing_docs)]

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Size},
};
use uuid::Uuid;

use super::*;
use crate::{
    model::{
        About, Explanation, Fault, FaultKind, Host, HostId, HostState, Job, JobId, JobKind, JobState, Origin,
        Ownership, Players, Progress, Sample, Spec, State, Via,
        console::Batch,
        console::{Chunk, Level, LineKind},
    },
    tui::{
        input::parse_keys,
        terminal::Frame,
        theme::{self, Theme},
        widgets::sgr::ColourDepth,
    },
};

/// The moment of all tests.
pub const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

pub fn later(seconds: i64) -> Timestamp {
    NOW.checked_add(SignedDuration::from_secs(seconds)).unwrap()
}

pub fn id(n: u128) -> ServerId {
    ServerId(Uuid::from_u128(n))
}

/// Its id follows from its name.
pub fn server(name: &str, state: State) -> Server {
    let seed = name.bytes().fold(7u128, |sum, byte| sum.wrapping_mul(31).wrapping_add(u128::from(byte)));
    let running = state.is_running();
    Server {
        about: Arc::new(About {
            id: id(seed),
            name: name.into(),
            host: HostId::local(),
            ownership: Ownership::Created,
            spec: Spec { name: name.into(), ..Spec::default() },
            container_id: Some("4c01db0b339c8d1e3a0b0e8f1c2d3e4f".into()),
            container_name: name.into(),
            image: "itzg/minecraft-server:java21".into(),
            version: Some("1.21.4".into()),
            port: Some(25565),
            data: Some(format!("mc-{name}")),
            patterns: Default::default(),
            created_at: NOW,
        }),
        state,
        explanation: None,
        started_at: running.then(|| later(-3_725)),
        players: running.then(|| Arc::new(Players { online: 0, max: 20, names: Vec::new() })),
        sample: running.then(|| sample(0, 42.0)),
        ticks: None,
        restarts: 0,
        via: running.then_some(Via::Stdin),
        job: None,
    }
}

pub fn sample(at: i64, cpu_percent: f32) -> Sample {
    let moved = u64::try_from(at + 1_000).unwrap_or(0);
    Sample {
        at: later(at),
        cpu_percent,
        memory_bytes: 1_536 << 20,
        memory_limit_bytes: 2_560 << 20,
        net_rx_bytes: moved * 2_048,
        net_tx_bytes: moved * 10_240,
        block_read_bytes: moved * 100,
        block_write_bytes: moved * 4_096,
        pids: 47,
    }
}

pub fn host(state: HostState) -> Arc<Host> {
    Arc::new(Host {
        id: HostId::local(),
        endpoint: "unix:///var/run/docker.sock".into(),
        state,
        engine: "Docker 28.2.2".into(),
        memory_bytes: 16 << 30,
        cpus: 8,
        demo: false,
    })
}

pub fn job(kind: JobKind, server: &Server, state: JobState) -> Job {
    Job {
        id: JobId(Uuid::from_u128(900 + kind as u128)),
        kind,
        server: Some(server.id()),
        server_name: server.name().into(),
        origin: Origin::Dashboard,
        ended_at: (state != JobState::Running).then_some(NOW),
        can_cancel: state == JobState::Running,
        state,
        progress: Progress::default(),
        started_at: later(-90),
    }
}

pub fn fault() -> Fault {
    let mut fault = Fault::new(
        FaultKind::Unreachable,
        "Docker does not answer at unix:///var/run/docker.sock.",
        "Servers that run go on running, but nothing is known of them.",
        "Start Docker, or run `mineclifford demo` to look around without it.",
    );
    fault.chain = vec!["connect: No such file or directory (os error 2)".into()];
    fault
}

/// A world of several servers in several states.
pub fn world() -> Snapshot {
    let mut alpha = server("alpha", State::Ready);
    alpha.players = Some(Arc::new(Players {
        online: 3,
        max: 20,
        names: vec!["Alex".into(), "Notch".into(), "Steve".into()],
    }));
    let mut broken = server("broken", State::Crashed);
    broken.explanation = Some(Arc::new(Explanation {
        code: "oom_container".into(),
        what: "The container had no memory left and the system ended it.".into(),
        means: "What was not saved in the last minutes is lost; the world is there.".into(),
        next: "Give it more memory: press e.".into(),
    }));
    let mut creative = server("creative", State::Loading(Some(45)));
    creative.started_at = Some(later(-12));
    let mut fresh = server("fresh", State::Pulling);
    fresh.players = None;
    let mut pull = job(JobKind::Create, &fresh, JobState::Running);
    pull.progress = Progress::bytes("pulling itzg/minecraft-server:java21", 130 << 20, Some(420 << 20));
    fresh.job = Some(pull.id);
    let mut found = server("somebody-elses", State::Ready);
    Arc::make_mut(&mut found.about).ownership = Ownership::Found;
    let done = job(JobKind::Stop, &broken, JobState::Done);
    let failed = job(JobKind::Edit, &broken, JobState::Failed(Box::new(fault())));
    Snapshot {
        sequence: 1,
        settled: true,
        read_only: false,
        hosts: vec![host(HostState::Up)],
        servers: [
            alpha,
            broken,
            creative,
            fresh,
            server("lobby", State::Stopped),
            server("lost", State::Missing),
            found,
        ]
        .map(Arc::new)
        .to_vec(),
        jobs: [done, failed, pull].map(Arc::new).to_vec(),
        ..Snapshot::default()
    }
}

pub fn lines(first: u64, texts: &[&str]) -> Batch {
    let mut chunk = Chunk::starting_at(first);
    for text in texts {
        let (level, kind) = match text {
            text if text.contains("WARN") => (Level::Warn, LineKind::Output),
            text if text.contains("ERROR") => (Level::Error, LineKind::Output),
            text if text.contains("INFO]: <") => (Level::Info, LineKind::Chat),
            text if text.starts_with('>') => (Level::Info, LineKind::Command),
            _ => (Level::Info, LineKind::Output),
        };
        chunk.push(NOW, level, kind, text);
    }
    Batch { skipped: 0, lines: Arc::new(chunk) }
}

pub const LOG: &[&str] = &[
    "[12:00:00] [Server thread/INFO]: Starting minecraft server version 1.21.4",
    "[12:00:04] [Server thread/INFO]: Preparing level \"world\"",
    "[12:00:09] [Server thread/WARN]: Can't keep up! Is the server overloaded?",
    "[12:00:11] [Server thread/INFO]: Done (6.123s)! For help, type \"help\"",
    "[12:01:00] [Server thread/INFO]: Steve joined the game",
    "[12:01:03] [Server thread/INFO]: <Steve> hello \u{1b}[32mgreen\u{1b}[0m world",
    "> say hi",
    "[12:01:09] [Server thread/INFO]: [Server] hi",
    "[12:02:00] [Server thread/ERROR]: Encountered an unexpected exception",
];

/// A dashboard with a world, and what it wanted done.
pub struct Rig {
    pub app: App,
    pub snapshot: Snapshot,
    pub effects: Vec<Effect>,
    pub theme: Theme,
}

impl Rig {
    pub fn new(width: u16, height: u16, snapshot: Snapshot) -> Self {
        let (keymap, problems) = Keymap::load(None, None);
        assert_eq!(problems, []);
        let (theme, _) = theme::load(None, None, ColourDepth::Ansi16, false);
        let app = App::new(NOW, Size { width, height }, keymap, Settings::default());
        let mut rig = Self { app, snapshot, effects: Vec::new(), theme };
        rig.give(What::Changed(Arc::new(Snapshot::default())));
        rig
    }

    pub fn give(&mut self, what: What) {
        let at = self.app.now;
        self.effects.extend(update(&mut self.app, &self.snapshot, Input { at, what }));
    }

    /// Presses keys, written as in a keymap, with spaces between them.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        for key in parse_keys(keys) {
            self.give(What::Key(key.event()));
        }
        self
    }

    /// Types text.
    pub fn text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            let code = crossterm::event::KeyCode::Char(c);
            self.give(What::Key(KeyEvent::new(code, crossterm::event::KeyModifiers::NONE)));
        }
        self
    }

    /// Changes the world.
    pub fn change(&mut self, change: impl FnOnce(&mut Snapshot)) {
        let before = Arc::new(self.snapshot.clone());
        change(&mut self.snapshot);
        self.give(What::Changed(before));
    }

    /// The orders among what it wanted done since this was last asked.
    pub fn orders(&mut self) -> Vec<crate::model::Order> {
        let effects = std::mem::take(&mut self.effects);
        effects
            .into_iter()
            .filter_map(|effect| match effect {
                Effect::Order(_, order) => Some(order),
                _ => None,
            })
            .collect()
    }

    /// Gives the chosen server's console some lines.
    pub fn with_log(mut self) -> Self {
        let server = self.app.console.server.unwrap();
        self.give(What::Lines(server, lines(1, LOG)));
        self
    }

    /// What is on the screen, line by line.
    pub fn screen(&self) -> String {
        let area = ratatui::layout::Rect::from((Position::ORIGIN, self.app.size));
        let mut buffer = Buffer::empty(area);
        buffer.set_style(area, self.theme.style(crate::tui::theme::Role::Text));
        view(&self.app, &self.snapshot, &self.theme, &mut Frame { buffer: &mut buffer, cursor: None });
        crate::tui::widgets::testing::screen(&buffer)
    }
}

use crossterm::event::KeyEvent;
