//! What the pictures show: a world that stands still, and what somebody pressed in front of it.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::{SignedDuration, Timestamp};
use mineclifford::{
    minecraft::explain::{End, explain},
    model::{
        About, History, Host, HostId, HostState, Job, JobId, JobKind, JobState, Memory, Origin, Ownership,
        Players, Progress, Sample, Server, ServerId, ServerType, Snapshot, Spec, State, Ticks, Via,
        console::{Batch, Chunk, Level, LineKind},
        job::Unit,
    },
    tui::{
        app::{App, Effect, Input, Settings, What, update, view},
        input::Keymap,
        terminal::Frame,
        theme::{self, Role, SHIPPED},
        widgets::sgr::ColourDepth,
    },
};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect, Size},
    style::Style,
};

use super::{
    backups,
    svg::{self, DARK, LIGHT},
};

/// A screen, and how to show it.
pub struct Picture {
    pub name: &'static str,
    pub about: &'static str,
    pub title: &'static str,
    pub screen: Buffer,
    pub cursor: Option<Position>,
    pub terminal: &'static svg::Terminal,
}

impl Picture {
    /// What is written on it.
    pub fn text(&self) -> String {
        let width = usize::from(self.screen.area.width);
        let rows = self.screen.content().chunks(width);
        rows.map(|row| row.iter().map(|cell| cell.symbol()).chain(["\n"]).collect::<String>()).collect()
    }
}

/// Every picture.
pub fn all() -> Vec<Picture> {
    let dark = |name, about, (width, height), act: &dyn Fn(&mut Scene)| {
        draw(name, about, Size { width, height }, ("default", &DARK), act)
    };
    vec![
        dark("overview", "The dashboard with seven servers and a live console", (132, 32), &|scene| {
            scene.press("< 2");
            scene.text("say Restart in ten minutes");
        }),
        dark("create", "The form for a new server", (110, 42), &|scene| {
            scene.press("n");
            scene.text("skyblock");
        }),
        dark("crash", "A server that crashed, with the reason", (132, 34), &|scene| {
            scene.press("k k k");
            let modded = scene.selected();
            scene.lines(modded, OUT_OF_MEMORY);
            scene.press("4");
        }),
        dark("help", "The help, made from the keymap", (110, 40), &|scene| {
            scene.press("?");
        }),
        draw(
            "light",
            "The same dashboard in the light theme",
            Size { width: 132, height: 32 },
            ("light", &LIGHT),
            &|scene| scene.press("<"),
        ),
        dark("console", "The console's log, searched and filtered", (110, 28), &|scene| {
            scene.press("2");
            scene.give(What::Key(KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE)));
            scene.press("z f");
            scene.text("info");
            scene.give(What::Key(KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE)));
            scene.press("/");
            scene.text("joined");
            scene.give(What::Key(KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE)));
        }),
        dark("palette", "Everything that can be done, found by a part of its name", (110, 30), &|scene| {
            scene.press(":");
            scene.text("re");
        }),
        dark("charts", "Charts of everything that is measured of a server", (120, 34), &|scene| {
            scene.press("3 z");
        }),
        dark("narrow", "The dashboard in a narrow terminal", (64, 30), &|_| {}),
        dark("backups", "The backups of a server", (110, 20), &backups::list),
        dark("restore", "What a restore would do, before it does it", (110, 30), &backups::restore),
        dark(
            "schedules",
            "The form for a schedule, which says what an expression means",
            (110, 34),
            &backups::schedule,
        ),
        themes(),
    ]
}

/// The same screen in every theme, side by side.
fn themes() -> Picture {
    const ONE: Size = Size { width: 62, height: 20 };
    const ACROSS: u16 = 3;
    let count = SHIPPED.len() as u16;
    // A row above each for its name, and a cell between two.
    let (step, down) = ((ONE.width + 1, ONE.height + 1), count.div_ceil(ACROSS));
    let mut screen = Buffer::empty(Rect::new(0, 0, step.0 * ACROSS - 1, step.1 * down));
    for (n, (name, _)) in (0..).zip(SHIPPED) {
        let (left, top) = (n % ACROSS * step.0, n / ACROSS * step.1);
        let act = |scene: &mut Scene| scene.press("1");
        let one = draw("", "", ONE, (name, &DARK), &act).screen;
        screen.set_string(left + 1, top, name, Style::new().bold());
        for place in one.area.positions() {
            screen[Position { x: left + place.x, y: top + 1 + place.y }] = one[place].clone();
        }
    }
    let about = "The same screen in each theme that the program brings";
    Picture { name: "themes", about, title: "mineclifford", screen, cursor: None, terminal: &DARK }
}

fn draw(
    name: &'static str,
    about: &'static str,
    size: Size,
    (theme, terminal): (&str, &'static svg::Terminal),
    act: &dyn Fn(&mut Scene),
) -> Picture {
    let mut scene = Scene::new(size);
    act(&mut scene);
    let (theme, problems) = theme::load(Some(theme), None, ColourDepth::TrueColour, false);
    assert!(problems.is_empty(), "{problems:?}");
    let area = Rect::from((Position::ORIGIN, size));
    let mut screen = Buffer::empty(area);
    screen.set_style(area, theme.style(Role::Text));
    let mut frame = Frame { buffer: &mut screen, cursor: None };
    view(&scene.app, &scene.world, &theme, &mut frame);
    let cursor = frame.cursor;
    Picture { name, about, title: "mineclifford", screen, cursor, terminal }
}

/// The moment of every picture.
pub const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

pub fn before(seconds: i64) -> Timestamp {
    NOW.checked_sub(SignedDuration::from_secs(seconds)).unwrap()
}

/// A dashboard in front of the world.
pub struct Scene {
    app: App,
    world: Snapshot,
}

impl Scene {
    fn new(size: Size) -> Self {
        let (keymap, problems) = Keymap::load(None, None);
        assert!(problems.is_empty(), "{problems:?}");
        let app = App::new(NOW, size, keymap, Settings { mouse: true, ..Settings::default() });
        let mut scene = Self { app, world: world() };
        scene.give(What::Changed(Arc::new(Snapshot::default())));
        scene.press("G");
        scene.give(What::History(scene.selected(), Box::new(remembered(SURVIVAL))));
        scene.lines(scene.selected(), LOG);
        scene
    }

    fn selected(&self) -> ServerId {
        self.app.selected_id().expect("a server is chosen")
    }

    pub fn give(&mut self, what: What) {
        update(&mut self.app, &self.world, Input { at: NOW, what });
    }

    pub fn world(&self) -> &Snapshot {
        &self.world
    }

    pub fn change(&mut self, change: impl FnOnce(&mut Snapshot)) {
        let before = Arc::new(self.world.clone());
        change(&mut self.world);
        self.give(What::Changed(before));
    }

    /// Presses ctrl-s; gives what the dashboard wants done then.
    pub fn submit(&mut self) -> Vec<Effect> {
        let what = What::Key(KeyEvent::new(KeyCode::Char('s'), KeyModifiers::CONTROL));
        update(&mut self.app, &self.world, Input { at: NOW, what })
    }

    fn lines(&mut self, server: ServerId, texts: &[&str]) {
        let mut chunk = Chunk::starting_at(1);
        for text in texts {
            let (level, kind) = kind(text);
            chunk.push(NOW, level, kind, text);
        }
        self.give(What::Lines(server, Batch { skipped: 0, lines: Arc::new(chunk) }));
    }

    pub fn press(&mut self, keys: &str) {
        for key in keys.split(' ') {
            let code = KeyCode::Char(key.chars().next().expect("a key"));
            self.give(What::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        }
    }

    pub fn text(&mut self, text: &str) {
        for c in text.chars() {
            self.give(What::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)));
        }
    }
}

fn kind(text: &str) -> (Level, LineKind) {
    if text.starts_with('>') {
        (Level::Info, LineKind::Command)
    } else if text.contains("INFO]: <") {
        (Level::Info, LineKind::Chat)
    } else if text.contains("WARN]") {
        (Level::Warn, LineKind::Output)
    } else if text.contains("ERROR]") || text.contains("OutOfMemory") || text.starts_with("\tat ") {
        (Level::Error, LineKind::Output)
    } else {
        (Level::Info, LineKind::Output)
    }
}

const LOG: &[&str] = &[
    "[17:42:02] [Server thread/INFO]: Starting minecraft server version 1.21.4",
    "[17:42:03] [Server thread/INFO]: Loading properties",
    "[17:42:03] [Server thread/INFO]: Default game type: SURVIVAL",
    "[17:42:03] [Server thread/INFO]: Starting Minecraft server on *:25565",
    "[17:42:05] [Server thread/INFO]: Preparing level \"world\"",
    "[17:42:07] [Worker-Main-2/INFO]: Preparing spawn area: 51%",
    "[17:42:09] [Server thread/INFO]: Time elapsed: 3912 ms",
    "[17:42:09] [Server thread/INFO]: Done (6.214s)! For help, type \"help\"",
    "[17:42:09] [Server thread/INFO]: RCON running on 0.0.0.0:25575",
    "[17:48:31] [Server thread/INFO]: Alex joined the game",
    "[17:49:02] [Server thread/INFO]: Steve joined the game",
    "[17:49:15] [Server thread/INFO]: <Steve> hi! who moved my boat?",
    "[17:49:27] [Server thread/INFO]: <Alex> a drowned, I swear",
    "[17:53:40] [Server thread/WARN]: Can't keep up! Is the server overloaded? Running 2104ms or 42 ticks behind",
    "[17:55:12] [Server thread/INFO]: Efe has made the advancement [Diamonds!]",
    "> time set day",
    "[17:58:08] [Server thread/INFO]: Set the time to 1000",
    "[18:01:44] [Server thread/INFO]: Efe was slain by Zombie",
];

const OUT_OF_MEMORY: &[&str] = &[
    "[18:02:10] [Server thread/INFO]: Starting minecraft server version 1.20.1",
    "[18:02:24] [Server thread/INFO]: Preparing level \"world\"",
    "[18:02:51] [Server thread/INFO]: Done (27.400s)! For help, type \"help\"",
    "[18:09:12] [Server thread/WARN]: Can't keep up! Is the server overloaded? Running 5210ms or 104 ticks behind",
    "[18:09:40] [Server thread/WARN]: Can't keep up! Is the server overloaded? Running 9877ms or 197 ticks behind",
    "[18:10:02] [mc-server-runner/INFO]: Done",
];

/// What the server that is looked at costs: share of a core in percent, memory and its limit in MiB.
const SURVIVAL: (f32, u64, u64) = (118.0, 1_740, 2_560);

fn world() -> Snapshot {
    let mut survival = running("survival", ServerType::Paper, "1.21.4", 25565, 2, SURVIVAL);
    players(&mut survival, &["Alex", "Efe", "Steve"], 20);
    let mut creative = running("creative", ServerType::Vanilla, "1.21.4", 25566, 30, (14.0, 980, 2_560));
    players(&mut creative, &["Noor"], 10);
    let mut lobby = running("lobby", ServerType::Purpur, "1.21.1", 25570, 400, (8.0, 612, 1_280));
    players(&mut lobby, &["Ada", "Bo", "Cy", "Dee", "Eli", "Flo", "Gus"], 100);

    let mut modded = server("modded", ServerType::Fabric, "1.20.1", 25567);
    modded.state = State::Crashed;
    modded.restarts = 1;
    let end = End { exit_code: Some(137), oom_killed: true, ..End::default() };
    modded.explanation = Some(Arc::new(explain(&end)));

    let mut event = server("event-map", ServerType::Vanilla, "1.21.4", 25568);
    event.state = State::Loading(Some(64));
    event.started_at = Some(before(11));
    event.sample = history(143.0, 890, 2_560).last().copied();

    let mut testing = server("snapshot", ServerType::Vanilla, "25w03a", 0);
    testing.state = State::Pulling;
    let pull = Job {
        id: JobId(uuid::Uuid::from_u128(1)),
        kind: JobKind::Create,
        server: Some(testing.id()),
        server_name: testing.name().into(),
        origin: Origin::Dashboard,
        state: JobState::Running,
        progress: Progress {
            step: "pulling itzg/minecraft-server:java21".into(),
            done: 187 << 20,
            total: Some(341 << 20),
            unit: Unit::Bytes,
            rate: None,
        },
        can_cancel: true,
        started_at: before(14),
        ended_at: None,
    };
    testing.job = Some(pull.id);

    let mut museum = server("museum", ServerType::Vanilla, "1.12.2", 25569);
    museum.state = State::Stopped;

    let mut servers = [survival, creative, lobby, modded, event, testing, museum].map(Arc::new).to_vec();
    servers.sort_by(|one, other| one.name().cmp(other.name()));
    Snapshot {
        sequence: 1,
        settled: true,
        read_only: false,
        hosts: vec![Arc::new(Host {
            id: HostId::local(),
            endpoint: "unix:///var/run/docker.sock".into(),
            state: HostState::Up,
            engine: "Docker 28.2.2".into(),
            memory_bytes: 16 << 30,
            cpus: 4,
            demo: false,
        })],
        servers,
        jobs: vec![Arc::new(pull)],
        ..Snapshot::default()
    }
}

fn server(name: &str, server_type: ServerType, version: &str, port: u16) -> Server {
    let id = name.bytes().fold(7u128, |sum, byte| sum.wrapping_mul(31).wrapping_add(u128::from(byte)));
    let spec = Spec {
        name: name.into(),
        server_type,
        version: version.into(),
        memory: Memory::mib(2_048),
        port,
        eula: true,
        ..Spec::default()
    };
    Server {
        about: Arc::new(About {
            id: ServerId(uuid::Uuid::from_u128(id)),
            name: name.into(),
            host: HostId::local(),
            ownership: Ownership::Created,
            spec,
            container_id: Some("4c01db0b339c8d1e3a0b0e8f1c2d3e4f".into()),
            container_name: name.into(),
            image: "itzg/minecraft-server:java21".into(),
            version: Some(version.into()),
            port: (port != 0).then_some(port),
            data: Some(format!("mc-{name}")),
            patterns: Default::default(),
            created_at: before(40 * 86_400),
        }),
        state: State::Stopped,
        explanation: None,
        started_at: None,
        players: None,
        sample: None,
        ticks: None,
        restarts: 0,
        via: None,
        job: None,
    }
}

/// `cost` is the share of a core in percent, memory and its limit in MiB.
fn running(
    name: &str,
    server_type: ServerType,
    version: &str,
    port: u16,
    hours: i64,
    cost: (f32, u64, u64),
) -> Server {
    Server {
        state: State::Ready,
        started_at: Some(before(hours * 3_600 + 1_140)),
        sample: history(cost.0, cost.1, cost.2).last().copied(),
        via: Some(Via::Stdin),
        ticks: Some(Ticks { took: Some(9.25), rate: None }),
        ..server(name, server_type, version, port)
    }
}

fn players(server: &mut Server, names: &[&str], max: u32) {
    server.players = Some(Arc::new(Players {
        online: names.len() as u32,
        max,
        names: names.iter().map(|name| (*name).to_owned()).collect(),
    }));
}

/// The same, as an engine remembers it.
fn remembered((cpu_percent, memory_mib, limit_mib): (f32, u64, u64)) -> History {
    let mut kept = History::default();
    for (second, sample) in history(cpu_percent, memory_mib, limit_mib).iter().enumerate() {
        let ticks = Ticks { took: Some(9.0 + (second % 23) as f32 / 4.0), rate: None };
        kept.push(sample, Some(second as u32 / 100), Some(ticks));
    }
    kept
}

/// Five minutes of figures that go up and down and end with what the server costs now.
fn history(cpu_percent: f32, memory_mib: u64, limit_mib: u64) -> Vec<Sample> {
    // Triangles: the same on every machine, which sines are not.
    let wave = |second: u64, period: u64| (second % (2 * period)).abs_diff(period) as f64 / period as f64;
    let busy = |second: u64| 0.1 + 0.6 * wave(second, 19) + 0.3 * wave(second, 7);
    let busy_now = busy(300);
    let (mut rx, mut tx, mut written) = (0u64, 0u64, 0u64);
    (0..=300u64)
        .map(|second| {
            let busy = busy(second);
            rx += (2_000.0 + 9_000.0 * busy) as u64;
            tx += (12_000.0 + 80_000.0 * busy) as u64;
            written += if second % 20 < 3 { 900_000 } else { 4_000 };
            Sample {
                at: before(300 - second as i64),
                cpu_percent: (f64::from(cpu_percent) * busy / busy_now) as f32,
                memory_bytes: (memory_mib * (1_000 - 7 * ((300 - second) % 40)) / 1_000) << 20,
                memory_limit_bytes: limit_mib << 20,
                net_rx_bytes: rx,
                net_tx_bytes: tx,
                block_read_bytes: second * 900,
                block_write_bytes: written,
                pids: 47,
            }
        })
        .collect()
}
