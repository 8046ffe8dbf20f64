//! The real loop, with a fake engine behind the handle, a terminal that counts, and a clock that stands still.

use std::sync::Mutex;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tokio::{task::JoinHandle, time::sleep};

use super::*;
use crate::{
    engine::Request,
    model::{Answer, JobId, Order, Origin, ServerId, State, console::Batch},
    tui::{
        app::{Looks, Settings, testkit},
        input::{Keymap, parse_keys},
        theme,
        widgets::sgr::ColourDepth,
    },
};

#[derive(Default)]
struct Seen {
    frames: usize,
    bytes: usize,
    last: String,
    orders: Vec<Order>,
    watchers: Vec<(ServerId, crate::engine::From, mpsc::Sender<Batch>)>,
}

struct Stage {
    world: watch::Sender<Arc<Snapshot>>,
    events: broadcast::Sender<Event>,
    keys: mpsc::Sender<io::Result<TerminalEvent>>,
    signals: mpsc::Sender<Signal>,
    seen: Arc<Mutex<Seen>>,
    screen: Arc<Mutex<vt100::Parser>>,
    /// Frames are taken only while this is true.
    reads: watch::Sender<bool>,
    running: JoinHandle<io::Result<Report>>,
}

impl Stage {
    async fn new(snapshot: Snapshot) -> Self {
        let (world, snapshots) = watch::channel(Arc::new(snapshot));
        let (requests, taken) = mpsc::channel(64);
        let (events, _) = broadcast::channel(64);
        let handle = Handle::new(requests, snapshots, events.clone(), Origin::Dashboard);
        let seen = Arc::new(Mutex::new(Seen::default()));
        tokio::spawn(engine(taken, seen.clone()));
        let (keys, input) = mpsc::channel(1024);
        let (signals, signal) = mpsc::channel(4);
        let (frames, drawn) = mpsc::channel(1);
        let (done, written) = mpsc::channel(1);
        let (reads, reading) = watch::channel(true);
        let screen = Arc::new(Mutex::new(vt100::Parser::new(40, 120, 0)));
        tokio::spawn(terminal(drawn, done, reading, seen.clone(), screen.clone()));
        let (keymap, _) = Keymap::load(None, None);
        let (theme, _) = theme::load(None, None, ColourDepth::Ansi16, false);
        let begun = Instant::now();
        let clock: Clock =
            Box::new(move || testkit::NOW + jiff::SignedDuration::try_from(begun.elapsed()).unwrap());
        let looks = Looks {
            themes: theme::available(None),
            theme: "default".into(),
            depth: ColourDepth::Ansi16,
            ..Looks::default()
        };
        let settings = Settings { looks, ..Settings::default() };
        let app = App::new(testkit::NOW, Size { width: 120, height: 40 }, keymap, settings);
        let parts = Parts {
            handle,
            input,
            signals: signal,
            output: Output::new(frames, written),
            takeover: None,
            clock,
            app,
            theme,
            frame_rate: 30,
        };
        let running = tokio::spawn(drive(parts));
        let stage = Self { world, events, keys, signals, seen, screen, reads, running };
        stage.shows("Servers").await;
        stage
    }

    async fn key(&self, keys: &str) {
        for key in parse_keys(keys) {
            self.keys.send(Ok(TerminalEvent::Key(key.event()))).await.unwrap();
        }
    }

    async fn text(&self, text: &str) {
        for c in text.chars() {
            let event = KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE);
            self.keys.send(Ok(TerminalEvent::Key(event))).await.unwrap();
        }
    }

    fn contents(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    async fn shows(&self, text: &str) {
        self.until(text, || self.contents().contains(text)).await;
    }

    /// Waits, by the paused clock, until something holds.
    async fn until(&self, what: &str, holds: impl Fn() -> bool) {
        for _ in 0..20_000 {
            if holds() {
                return;
            }
            sleep(Duration::from_millis(1)).await;
        }
        panic!("never {what}:\n{}", self.contents());
    }

    fn frames(&self) -> usize {
        self.seen.lock().unwrap().frames
    }

    fn change(&self, change: impl FnOnce(&mut Snapshot)) {
        let mut snapshot = (**self.world.borrow()).clone();
        change(&mut snapshot);
        self.world.send(Arc::new(snapshot)).unwrap();
    }

    async fn watcher(&self, server: ServerId) -> mpsc::Sender<Batch> {
        let find = || {
            let seen = self.seen.lock().unwrap();
            seen.watchers.iter().rev().find(|(id, ..)| *id == server).map(|(_, _, lines)| lines.clone())
        };
        self.until("watched", || find().is_some()).await;
        find().unwrap()
    }

    async fn ended(self) -> Report {
        self.running.await.unwrap().unwrap()
    }
}

/// Says yes to everything and writes it down.
async fn engine(mut requests: mpsc::Receiver<Request>, seen: Arc<Mutex<Seen>>) {
    while let Some(request) = requests.recv().await {
        match request {
            Request::Run { command, reply } => {
                let answer = match &command.order {
                    Order::Create(_) | Order::Clone { .. } => {
                        Answer::Started { job: JobId::new(), server: testkit::id(77) }
                    }
                    Order::Console { .. } => Answer::Sent { via: crate::model::Via::Stdin, reply: None },
                    _ => Answer::Done,
                };
                seen.lock().unwrap().orders.push(command.order);
                let _ = reply.send(Ok(answer));
            }
            Request::Watch { server, from, lines } => {
                seen.lock().unwrap().watchers.push((server, from, lines));
            }
            Request::History { reply, .. } => _ = reply.send(crate::model::History::default()),
            Request::RunFor { .. }
            | Request::Admit { .. }
            | Request::Ticket { .. }
            | Request::Tally { .. }
            | Request::Attend { .. }
            | Request::Verdicts { .. }
            | Request::Files { .. }
            | Request::OpenFiles { .. }
            | Request::NextPiece { .. }
            | Request::Contents { .. }
            | Request::Audit { .. } => {}
            Request::Typed { reply, .. } => _ = reply.send(vec!["list".into()]),
            Request::RestorePlan { .. } => {}
        }
    }
}

async fn terminal(
    mut frames: mpsc::Receiver<String>,
    done: mpsc::Sender<io::Result<String>>,
    mut reads: watch::Receiver<bool>,
    seen: Arc<Mutex<Seen>>,
    screen: Arc<Mutex<vt100::Parser>>,
) {
    while let Some(frame) = frames.recv().await {
        if reads.wait_for(|reads| *reads).await.is_err() {
            return;
        }
        screen.lock().unwrap().process(frame.as_bytes());
        {
            let mut seen = seen.lock().unwrap();
            seen.frames += 1;
            seen.bytes += frame.len();
            seen.last.clone_from(&frame);
        }
        if done.send(Ok(frame)).await.is_err() {
            return;
        }
    }
}

/// A world in which nothing changes by itself.
fn quiet() -> Snapshot {
    let mut snapshot = testkit::world();
    snapshot.servers.retain(|server| !server.state.is_running());
    snapshot
}

#[tokio::test(start_paused = true)]
async fn nothing_is_drawn_when_nothing_changes() {
    let stage = Stage::new(quiet()).await;
    sleep(Duration::from_secs(5)).await;
    let before = stage.frames();
    sleep(Duration::from_secs(3600)).await;
    assert_eq!(stage.frames(), before);
    // A new world that looks the same costs nothing either.
    stage.change(|snapshot| snapshot.sequence += 1);
    sleep(Duration::from_secs(10)).await;
    assert_eq!(stage.frames(), before);
}

#[tokio::test(start_paused = true)]
async fn an_uptime_is_drawn_when_its_text_changes() {
    let mut snapshot = quiet();
    snapshot.servers.insert(0, Arc::new(testkit::server("alpha", State::Ready)));
    let stage = Stage::new(snapshot).await;
    stage.key("z").await;
    // Zoomed, the list has room for the column.
    stage.shows("1h02m").await;
    let before = stage.frames();
    sleep(Duration::from_secs(600)).await;
    assert_eq!(stage.frames() - before, 10);
    assert!(stage.contents().contains("1h12m"));
}

#[tokio::test(start_paused = true)]
async fn measurements_of_many_servers_are_drawn_together() {
    let mut snapshot = quiet();
    snapshot.servers =
        (0..20).map(|n| Arc::new(testkit::server(&format!("s{n:02}"), State::Ready))).collect();
    let stage = Stage::new(snapshot).await;
    sleep(Duration::from_secs(2)).await;
    let (before, bytes) = (stage.frames(), stage.seen.lock().unwrap().bytes);
    for second in 1..=60 {
        for n in 0..20 {
            stage.change(|snapshot| {
                let server = Arc::make_mut(&mut snapshot.servers[n]);
                server.sample = Some(testkit::sample(second, (second * 7 % 90) as f32));
            });
            sleep(Duration::from_millis(50)).await;
        }
    }
    let (frames, bytes) = (stage.frames() - before, stage.seen.lock().unwrap().bytes - bytes);
    assert!((30..=65).contains(&frames), "{frames} frames in a minute");
    assert!(bytes < 60 * 1024, "{bytes} bytes in a minute");
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_lines_cost_a_bounded_number_of_frames_and_all_arrive() {
    let stage = Stage::new(testkit::world()).await;
    let alpha = testkit::server("alpha", State::Ready).id();
    let lines = stage.watcher(alpha).await;
    let before = stage.frames();
    for batch in 0..100u64 {
        let texts: Vec<_> = (0..100).map(|n| format!("line {}", batch * 100 + n + 1)).collect();
        let texts: Vec<_> = texts.iter().map(String::as_str).collect();
        lines.send(testkit::lines(batch * 100 + 1, &texts)).await.unwrap();
        sleep(Duration::from_millis(10)).await;
    }
    stage.shows("line 10000").await;
    let frames = stage.frames() - before;
    assert!((10..=35).contains(&frames), "{frames} frames in a second");
}

#[tokio::test(start_paused = true)]
async fn a_line_after_a_quiet_moment_is_drawn_at_once() {
    let stage = Stage::new(testkit::world()).await;
    let lines = stage.watcher(testkit::server("alpha", State::Ready).id()).await;
    sleep(Duration::from_secs(5)).await;
    let begun = Instant::now();
    lines.send(testkit::lines(1, &["hello"])).await.unwrap();
    stage.shows("hello").await;
    assert!(begun.elapsed() <= Duration::from_millis(2), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_command_goes_to_its_server_and_what_comes_back_is_drawn_at_once() {
    let stage = Stage::new(testkit::world()).await;
    let alpha = testkit::server("alpha", State::Ready).id();
    let lines = stage.watcher(alpha).await;
    stage.key("enter").await;
    stage.text("say hello").await;
    stage.shows("> say hello").await;
    sleep(Duration::from_secs(1)).await;
    let begun = Instant::now();
    stage.key("enter").await;
    let wanted = Order::Console { server: alpha, line: "say hello".into(), reply: false };
    stage.until("ordered", || stage.seen.lock().unwrap().orders == [wanted.clone()]).await;
    lines.send(testkit::lines(1, &["[Server] hello"])).await.unwrap();
    stage.shows("[Server] hello").await;
    assert!(begun.elapsed() <= Duration::from_millis(5), "{:?}", begun.elapsed());
    // What was typed can be brought back, also from before this session.
    stage.key("up").await;
    stage.shows("> say hello").await;
    stage.key("up").await;
    stage.shows("> list").await;
}

#[tokio::test(start_paused = true)]
async fn commands_to_one_server_keep_their_order() {
    let stage = Stage::new(testkit::world()).await;
    stage.key("enter").await;
    for n in 0..50 {
        stage.text(&format!("c{n}")).await;
        stage.key("enter").await;
    }
    stage.until("ordered", || stage.seen.lock().unwrap().orders.len() == 50).await;
    let orders = stage.seen.lock().unwrap().orders.clone();
    for (n, order) in orders.iter().enumerate() {
        assert!(matches!(order, Order::Console { line, .. } if *line == format!("c{n}")), "{order:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_terminal_that_does_not_read_holds_up_nothing_and_then_sees_the_newest() {
    let stage = Stage::new(testkit::world()).await;
    sleep(Duration::from_secs(1)).await;
    stage.reads.send(false).unwrap();
    let before = stage.frames();
    stage.key("enter").await;
    stage.text("say still here").await;
    stage.key("enter").await;
    stage.until("ordered", || stage.seen.lock().unwrap().orders.len() == 1).await;
    sleep(Duration::from_secs(60)).await;
    assert_eq!(stage.frames(), before);
    stage.reads.send(true).unwrap();
    stage.shows("2 Console").await;
    sleep(Duration::from_secs(1)).await;
    assert!(stage.frames() - before <= 3, "{}", stage.frames() - before);
    stage.key("q ctrl-c").await;
    assert!(matches!(stage.ended().await.left, Left::Quit));
}

#[tokio::test(start_paused = true)]
async fn it_leaves_when_it_must() {
    let stage = Stage::new(quiet()).await;
    stage.key("q").await;
    assert!(matches!(stage.ended().await.left, Left::Quit));

    let stage = Stage::new(quiet()).await;
    stage.signals.send(Signal::Leave).await.unwrap();
    assert!(matches!(stage.ended().await.left, Left::Quit));

    let stage = Stage::new(quiet()).await;
    stage.signals.send(Signal::HangUp).await.unwrap();
    assert!(matches!(stage.ended().await.left, Left::HungUp));

    let stage = Stage::new(quiet()).await;
    let gone = io::Error::from(io::ErrorKind::UnexpectedEof);
    stage.keys.send(Err(gone)).await.unwrap();
    assert!(matches!(stage.ended().await.left, Left::HungUp));
}

#[tokio::test(start_paused = true)]
async fn an_order_that_was_given_reaches_the_engine_when_one_leaves_at_once() {
    let stage = Stage::new(testkit::world()).await;
    stage.shows("alpha").await;
    stage.key("r enter").await;
    stage.key("down down down down s q").await;
    let seen = stage.seen.clone();
    assert!(matches!(stage.ended().await.left, Left::Quit));
    assert!(matches!(seen.lock().unwrap().orders.as_slice(), [Order::Start(_)]));
}

#[tokio::test(start_paused = true)]
async fn going_through_the_list_quickly_asks_for_few_consoles() {
    let mut snapshot = quiet();
    snapshot.servers =
        (0..1000).map(|n| Arc::new(testkit::server(&format!("s{n:04}"), State::Ready))).collect();
    let stage = Stage::new(snapshot).await;
    for _ in 0..200 {
        stage.key("down").await;
        sleep(Duration::from_millis(10)).await;
    }
    stage
        .until("watched the last", || {
            let wanted = testkit::server("s0200", State::Ready).id();
            stage.seen.lock().unwrap().watchers.last().is_some_and(|(id, ..)| *id == wanted)
        })
        .await;
    assert!(stage.seen.lock().unwrap().watchers.len() <= 20, "{}", stage.seen.lock().unwrap().watchers.len());
}

#[tokio::test(start_paused = true)]
async fn a_notice_shows_for_a_while_and_vanishes() {
    let stage = Stage::new(quiet()).await;
    let notice = crate::model::Notice {
        at: testkit::NOW,
        severity: crate::model::Severity::Info,
        topic: crate::model::Topic::Other,
        server: None,
        text: "alpha \u{1b}]0;x\u{7}is ready".into(),
        details: String::new(),
    };
    stage.events.send(Event::Notice(notice)).unwrap();
    stage.shows("alpha is ready").await;
    stage.until("vanished", || !stage.contents().contains("alpha is ready")).await;
    let before = stage.frames();
    sleep(Duration::from_secs(600)).await;
    assert_eq!(stage.frames(), before);
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_ends_is_told_and_costs_nothing() {
    let Stage { world, events, keys, screen, seen, reads, signals, running } = Stage::new(quiet()).await;
    drop((world, events));
    for _ in 0..1000 {
        sleep(Duration::from_millis(1)).await;
    }
    assert!(screen.lock().unwrap().screen().contents().contains("The engine has ended."));
    sleep(Duration::from_secs(60)).await;
    let before = seen.lock().unwrap().frames;
    sleep(Duration::from_secs(600)).await;
    assert_eq!(seen.lock().unwrap().frames, before);
    drop((keys, signals, reads));
    running.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn every_size_is_drawn_and_a_storm_of_them_too() {
    let stage = Stage::new(testkit::world()).await;
    for n in 0..500u16 {
        let event = TerminalEvent::Resize(n * 37 % 210, n * 13 % 70);
        stage.keys.send(Ok(event)).await.unwrap();
    }
    stage.keys.send(Ok(TerminalEvent::Resize(120, 40))).await.unwrap();
    sleep(Duration::from_secs(1)).await;
    stage.shows("alpha").await;
    stage.key("q").await;
    assert!(matches!(stage.ended().await.left, Left::Quit));
}

#[tokio::test(start_paused = true)]
async fn a_copy_reaches_the_terminal_behind_a_frame() {
    let stage = Stage::new(testkit::world()).await;
    let lines = stage.watcher(testkit::server("alpha", State::Ready).id()).await;
    lines.send(testkit::lines(1, &["one", "two \u{1b}[31mred"])).await.unwrap();
    stage.shows("two red").await;
    stage.key("2 esc y").await;
    // "two red".
    stage.until("copied", || stage.seen.lock().unwrap().last.ends_with("\x1b]52;c;dHdvIHJlZA==\x07")).await;
    stage.shows("Gave the terminal 1 line for its clipboard.").await;
}

#[tokio::test]
async fn a_log_is_saved_by_a_worker() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alpha.log");
    let stage = Stage::new(testkit::world()).await;
    let lines = stage.watcher(testkit::server("alpha", State::Ready).id()).await;
    lines.send(testkit::lines(1, &["line one", "line two"])).await.unwrap();
    stage.shows("line two").await;
    stage.key("2 esc S").await;
    stage.text(path.to_str().unwrap()).await;
    stage.key("enter").await;
    stage.shows("Saved to").await;
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "line one\nline two\n");
    stage.key("S").await;
    stage.text(path.to_str().unwrap()).await;
    stage.key("enter").await;
    stage.shows("Replace the file?").await;
}

#[tokio::test]
async fn a_theme_that_one_comes_to_is_drawn_with_and_given_up() {
    let stage = Stage::new(quiet()).await;
    stage.shows("Servers").await;
    let ground = |stage: &Stage| {
        let screen = stage.screen.lock().unwrap();
        screen.screen().cell(39, 119).unwrap().bgcolor()
    };
    let before = ground(&stage);
    stage.key(":").await;
    stage.text("theme light").await;
    stage.until("light", || ground(&stage) != before).await;
    stage.key("esc").await;
    stage.until("as before", || ground(&stage) == before).await;
}
