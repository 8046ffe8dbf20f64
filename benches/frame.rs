//! What a frame costs: the real view of a hundred servers and a full console, on a screen of 200x60.

use std::{hint::black_box, sync::Arc, time::Duration};

use criterion::{Criterion, criterion_group, criterion_main};
use jiff::Timestamp;
use mineclifford::{
    model::{
        About, Host, HostId, HostState, Ownership, Players, Sample, Server, ServerId, Snapshot, Spec, State,
        Via,
        console::{Batch, Chunk, Level, LineKind},
    },
    tui::{
        app::{App, Input, Settings, What, update, view},
        input::Keymap,
        terminal::Screen,
        theme::{self, Role, Theme},
        widgets::sgr::ColourDepth,
    },
};
use ratatui::layout::Size;

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);
const SIZE: Size = Size { width: 200, height: 60 };
const SERVERS: u64 = 100;
const LINES: u64 = 5_000;

fn server(number: u64) -> Arc<Server> {
    let name = format!("server-{number:04}");
    let id = ServerId::of_container(&name);
    let about = About {
        patterns: Default::default(),
        id,
        name: name.clone(),
        host: HostId::local(),
        ownership: Ownership::Created,
        spec: Spec { name: name.clone(), ..Spec::default() },
        container_id: Some(format!("{number:064x}")),
        container_name: name,
        image: "itzg/minecraft-server:java21".into(),
        version: Some("1.21.4".into()),
        port: u16::try_from(20_000 + number).ok(),
        data: Some(format!("mc-{number}")),
        created_at: NOW,
    };
    Arc::new(Server {
        about: Arc::new(about),
        state: State::Ready,
        explanation: None,
        started_at: NOW.checked_sub(jiff::SignedDuration::from_mins(90)).ok(),
        players: Some(Arc::new(Players { online: 3, max: 20, names: vec!["Alex".into(), "Steve".into()] })),
        sample: Some(sample(number)),
        ticks: None,
        restarts: 0,
        via: Some(Via::Stdin),
        job: None,
    })
}

fn sample(seed: u64) -> Sample {
    Sample {
        at: NOW,
        cpu_percent: (seed % 97) as f32 * 3.1,
        memory_bytes: (512 + seed) << 20,
        memory_limit_bytes: 2_560 << 20,
        net_rx_bytes: seed * 2_048,
        net_tx_bytes: seed * 10_240,
        block_read_bytes: seed * 100,
        block_write_bytes: seed * 4_096,
        pids: 47,
    }
}

/// The world, a moment later: every figure is another one.
fn world(moment: u64) -> Snapshot {
    let mut servers: Vec<_> = (0..SERVERS).map(server).collect();
    for server in &mut servers {
        let server = Arc::make_mut(server);
        if let Some(sample) = &mut server.sample {
            sample.cpu_percent += (moment % 7) as f32 * 11.0;
            sample.memory_bytes += (moment % 5) << 22;
        }
    }
    let host = Host {
        id: HostId::local(),
        endpoint: "unix:///var/run/docker.sock".into(),
        state: HostState::Up,
        engine: "Docker 28.2.2".into(),
        memory_bytes: 16 << 30,
        cpus: 8,
        demo: false,
    };
    Snapshot {
        sequence: moment + 1,
        settled: true,
        read_only: false,
        hosts: vec![Arc::new(host)],
        servers,
        jobs: Vec::new(),
        ..Snapshot::default()
    }
}

fn lines(first: u64, count: u64) -> Batch {
    let mut chunk = Chunk::starting_at(first);
    for seq in first..first + count {
        let text = match seq % 4 {
            0 => format!(
                "[12:00:00] [Server thread/INFO]: <Steve> line {seq} with \u{1b}[32mgreen\u{1b}[0m words in it"
            ),
            1 => {
                format!("[12:00:00] [Server thread/WARN]: Can't keep up! Running {seq}ms or 42 ticks behind")
            }
            _ => format!(
                "[12:00:00] [Server thread/INFO]: line {seq} of a console that is full, {}",
                "and long ".repeat(9)
            ),
        };
        chunk.push(NOW, if seq % 4 == 1 { Level::Warn } else { Level::Info }, LineKind::Output, &text);
    }
    Batch { skipped: 0, lines: Arc::new(chunk) }
}

struct Rig {
    app: App,
    worlds: [Arc<Snapshot>; 2],
    theme: Theme,
    moment: usize,
    next: u64,
    /// Memory of the last frame.
    spare: String,
}

impl Rig {
    fn new() -> Self {
        let (keymap, _) = Keymap::load(None, None);
        let (theme, _) = theme::load(None, None, ColourDepth::TrueColour, false);
        let app = App::new(NOW, SIZE, keymap, Settings::default());
        let worlds = [0, 1].map(|moment| Arc::new(world(moment)));
        let mut rig = Self { app, worlds, theme, moment: 0, next: 1, spare: String::new() };
        rig.tick();
        while rig.next <= LINES {
            rig.say(500);
        }
        rig
    }

    fn give(&mut self, what: What) {
        black_box(update(&mut self.app, &self.worlds[self.moment], Input { at: NOW, what }));
    }

    /// All figures move.
    fn tick(&mut self) {
        let before = self.worlds[self.moment].clone();
        self.moment = 1 - self.moment;
        self.give(What::Changed(before));
    }

    /// So many lines come.
    fn say(&mut self, count: u64) {
        let batch = lines(self.next, count);
        self.hear(batch);
    }

    /// From the state to the bytes for the terminal.
    fn draw(&mut self, screen: &mut Screen) {
        let ground = self.theme.style(Role::Text);
        let spare = std::mem::take(&mut self.spare);
        let (app, snapshot, theme) = (&self.app, &self.worlds[self.moment], &self.theme);
        self.spare =
            screen.draw(spare, ground, |frame| view(app, snapshot, theme, frame)).unwrap_or_default();
    }

    fn hear(&mut self, batch: Batch) {
        self.next = batch.lines.end();
        if let Some(server) = self.app.console.server {
            self.give(What::Lines(server, batch));
        }
    }
}

fn frame(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("frame 200x60, 100 servers, full console");
    group.measurement_time(Duration::from_secs(4));

    // From what changed to the bytes for the terminal, as the loop does it.
    let mut rig = Rig::new();
    let mut screen = Screen::new(SIZE);
    group.bench_function("nothing changed", |bencher| bencher.iter(|| rig.draw(&mut screen)));
    group.bench_function("one new line", |bencher| {
        bencher.iter(|| {
            rig.say(1);
            rig.draw(&mut screen);
        });
    });
    group.bench_function("all figures moved", |bencher| {
        bencher.iter(|| {
            rig.tick();
            rig.draw(&mut screen);
        });
    });
    group.finish();
}

criterion_group!(benches, frame);
criterion_main!(benches);
