//! The loop: the only place that draws.

use std::{io, sync::Arc, time::Duration};

use crossterm::event::Event as TerminalEvent;
use jiff::Timestamp;
use ratatui::layout::Size;
use tokio::{
    sync::{broadcast, mpsc, watch},
    time::{Instant, sleep_until, timeout},
};

use super::{
    app::{self, App, Asked, Effect, Input, Remembered, Urgency, What},
    pace::Pace,
    terminal::{Output, Screen, Signal, Takeover, clipboard, guarded},
    theme::{Role, Theme},
    workers::Workers,
};
use crate::{
    engine::Handle,
    model::{Event, Snapshot, Standing},
};

/// Events of the terminal that are taken together before a frame.
const TOGETHER: usize = 256;
/// Longest that going to the background waits for a frame to be written.
const PATIENCE: Duration = Duration::from_millis(500);

/// What tells the time. Tests have their own.
pub type Clock = Box<dyn Fn() -> Timestamp + Send>;

/// Everything that the loop is made of.
pub struct Parts {
    /// The way to the engine.
    pub handle: Handle,
    /// What the terminal says.
    pub input: mpsc::Receiver<io::Result<TerminalEvent>>,
    /// What the system says.
    pub signals: mpsc::Receiver<Signal>,
    /// Where frames go.
    pub output: Output,
    /// The terminal, where there is a real one.
    pub takeover: Option<Takeover>,
    /// What tells the time.
    pub clock: Clock,
    /// The state to begin with; it knows the size.
    pub app: App,
    /// How things look.
    pub theme: Theme,
    /// Most frames a second.
    pub frame_rate: u32,
}

/// Why the loop ended.
#[derive(Debug)]
pub enum Left {
    /// The person, or a signal, wanted it.
    Quit,
    /// The terminal is gone.
    HungUp,
}

/// What the loop leaves behind.
#[derive(Debug)]
pub struct Report {
    /// Why it ended.
    pub left: Left,
    /// What is worth remembering.
    pub remembered: Remembered,
    /// Frames that changed something.
    pub frames: u64,
    /// Bytes of all frames.
    pub bytes: u64,
}

struct Dashboard {
    app: App,
    snapshot: Arc<Snapshot>,
    theme: Theme,
    screen: Screen,
    output: Output,
    takeover: Option<Takeover>,
    workers: Workers,
    pace: Pace,
    clock: Clock,
    left: Option<Left>,
}

/// Something that woke the loop.
enum Woken {
    Terminal(Option<io::Result<TerminalEvent>>),
    System(Option<Signal>),
    World(Result<(), watch::error::RecvError>),
    Happened(Result<Event, broadcast::error::RecvError>),
    Came(What),
    Written(io::Result<()>),
    Time,
    Stands(Result<Standing, watch::error::RecvError>),
}

/// Runs the loop until somebody leaves or the terminal is gone.
///
/// # Errors
/// That the terminal could not be taken over again.
pub async fn drive(parts: Parts) -> io::Result<Report> {
    let Parts { handle, mut input, mut signals, output, takeover, clock, app, theme, frame_rate } = parts;
    let mut snapshots = handle.snapshots();
    let mut events = handle.events();
    let mut standings = handle.standings();
    let snapshot = snapshots.borrow_and_update().clone();
    let screen = Screen::new(app.size);
    let mut dashboard = Dashboard {
        app: App { standing: handle.standing(), ..app },
        snapshot,
        theme,
        screen,
        output,
        takeover,
        workers: Workers::new(handle),
        pace: Pace::new(frame_rate),
        clock,
        left: None,
    };
    dashboard.give(What::Changed(Arc::default())).await?;
    let (mut engine, mut news, mut stands) = (true, true, standings.is_some());
    while dashboard.left.is_none() {
        dashboard.draw();
        let wake = dashboard.wake();
        let Dashboard { workers, output, .. } = &mut dashboard;
        let woken = tokio::select! {
            event = input.recv() => Woken::Terminal(event),
            signal = signals.recv() => Woken::System(signal),
            changed = snapshots.changed(), if engine => Woken::World(changed),
            event = events.recv(), if news => Woken::Happened(event),
            standing = change(&mut standings), if stands => Woken::Stands(standing),
            what = workers.next() => Woken::Came(what),
            written = output.written() => Woken::Written(written),
            () = sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => Woken::Time,
        };
        match woken {
            Woken::Terminal(event) => {
                dashboard.terminal_event(event).await?;
                // What came at once is drawn at once.
                for _ in 0..TOGETHER {
                    let Ok(event) = input.try_recv() else { break };
                    dashboard.terminal_event(Some(event)).await?;
                }
            }
            Woken::System(signal) => dashboard.signal(signal).await?,
            Woken::World(Ok(())) => {
                let now = snapshots.borrow_and_update().clone();
                let before = std::mem::replace(&mut dashboard.snapshot, now);
                dashboard.give(What::Changed(before)).await?;
            }
            Woken::World(Err(_)) => {
                engine = false;
                dashboard.give(What::EngineGone).await?;
            }
            Woken::Happened(Ok(event)) => dashboard.give(What::Event(event)).await?,
            // What was missed is in the snapshot.
            Woken::Happened(Err(broadcast::error::RecvError::Lagged(_))) => {}
            Woken::Happened(Err(broadcast::error::RecvError::Closed)) => news = false,
            Woken::Stands(Ok(standing)) => dashboard.give(What::Standing(standing)).await?,
            Woken::Stands(Err(_)) => stands = false,
            Woken::Came(what) => dashboard.give(what).await?,
            Woken::Written(Ok(())) => {}
            Woken::Written(Err(_)) => dashboard.left = Some(Left::HungUp),
            Woken::Time => {
                if dashboard.is_moment() {
                    dashboard.give(What::Tick).await?;
                }
            }
        }
    }
    Ok(dashboard.end().await)
}

/// Waits until the dashboard stands to its engine in another way. Cancel-safe.
async fn change(
    standings: &mut Option<watch::Receiver<Standing>>,
) -> Result<Standing, watch::error::RecvError> {
    let Some(standings) = standings else { return std::future::pending().await };
    standings.changed().await?;
    Ok(standings.borrow_and_update().clone())
}

impl Dashboard {
    /// Lets something change the state, and does what that leads to.
    async fn give(&mut self, what: What) -> io::Result<()> {
        let at = (self.clock)();
        if let What::Resize(size) = &what {
            self.screen.begin_anew(*size);
        }
        if let What::Theme(theme, _) = &what {
            self.theme = (**theme).clone();
        }
        if let What::Lines(..) = &what {
            self.pace.echoed();
        }
        let effects = guarded(|| app::update(&mut self.app, &self.snapshot, Input { at, what }));
        for effect in effects {
            self.effect(effect).await?;
        }
        Ok(())
    }

    async fn effect(&mut self, effect: Effect) -> io::Result<()> {
        match effect {
            Effect::Order(asked, order) => {
                if let Asked::Console(_) = asked {
                    self.pace.expect_echo(Instant::now());
                }
                if let Err(fault) = self.workers.order(asked.clone(), order) {
                    Box::pin(self.give(What::Answered(asked, Err(fault)))).await?;
                }
            }
            Effect::Watch(server, from) => self.workers.watch(server, from),
            Effect::Unwatch => self.workers.unwatch(),
            Effect::History(server) => self.workers.history(server),
            Effect::Typed(server) => self.workers.typed(server),
            Effect::Contents { backup, paths } => self.workers.contents(backup, paths),
            Effect::RestorePlan(restore) => self.workers.restore_plan(restore),
            Effect::PrunePlan(server) => self.workers.prune_plan(server),
            Effect::Files { backup, query } => self.workers.files(backup, query),
            Effect::Extract { backup, path, folder } => self.workers.extract(backup, path, folder),
            Effect::Audit => self.workers.audit(),
            Effect::Copy { text, lines, of } => {
                let way = self.app.settings.clipboard.clone();
                self.workers.copy(text, lines, of, way);
            }
            Effect::CopyByTerminal(text) => {
                self.screen.say(&clipboard::sequence(&text, self.app.settings.clipboard.around));
                self.app.urgency = Urgency::Now;
            }
            Effect::Save { path, text, replace } => self.workers.save(path, text, replace),
            Effect::Theme(name) => self.workers.theme(name, self.app.settings.looks.clone()),
            Effect::Keymap(name) => self.workers.keymap(name, self.app.settings.looks.clone()),
            Effect::Mouse(on) => {
                if let Some(takeover) = &mut self.takeover {
                    takeover.mouse(on);
                }
            }
            Effect::Redraw => self.redraw(),
            Effect::Suspend => self.suspend().await?,
            Effect::Quit => self.left = Some(Left::Quit),
        }
        Ok(())
    }

    async fn terminal_event(&mut self, event: Option<io::Result<TerminalEvent>>) -> io::Result<()> {
        let what = match event {
            Some(Ok(TerminalEvent::Key(key))) => What::Key(key),
            Some(Ok(TerminalEvent::Paste(text))) => What::Paste(text),
            Some(Ok(TerminalEvent::Mouse(event))) => What::Mouse(event),
            Some(Ok(TerminalEvent::Resize(width, height))) => What::Resize(Size { width, height }),
            Some(Ok(TerminalEvent::FocusGained | TerminalEvent::FocusLost)) => return Ok(()),
            Some(Err(_)) | None => {
                self.left = Some(Left::HungUp);
                return Ok(());
            }
        };
        self.give(what).await
    }

    async fn signal(&mut self, signal: Option<Signal>) -> io::Result<()> {
        match signal {
            Some(Signal::Leave) | None => self.left = Some(Left::Quit),
            Some(Signal::HangUp) => self.left = Some(Left::HungUp),
            Some(Signal::Suspend) => self.suspend().await?,
            Some(Signal::Resized) => {
                let size = self.size();
                self.give(What::Resize(size)).await?;
            }
            Some(Signal::Continue) => {
                if let Some(takeover) = &mut self.takeover {
                    takeover.again()?;
                }
                self.redraw();
            }
        }
        Ok(())
    }

    /// To the background and back.
    async fn suspend(&mut self) -> io::Result<()> {
        // A frame that is still on its way would be written over the shell's prompt.
        if self.output.is_busy() && timeout(PATIENCE, self.output.written()).await.is_ok_and(|r| r.is_err()) {
            self.left = Some(Left::HungUp);
            return Ok(());
        }
        if let Some(takeover) = &mut self.takeover
            && !takeover.suspend()?
        {
            return Box::pin(self.give(What::NoShell)).await;
        }
        self.redraw();
        Ok(())
    }

    /// The size of the terminal, where there is a real one that tells.
    fn size(&self) -> Size {
        match self.takeover.as_ref().map(|_| crossterm::terminal::size()) {
            Some(Ok((width, height))) => Size { width, height },
            _ => self.app.size,
        }
    }

    /// Draws everything again: what is on the terminal may be anything.
    fn redraw(&mut self) {
        self.app.size = self.size();
        self.screen.begin_anew(self.app.size);
        self.app.urgency = Urgency::Now;
    }

    /// When there is something to do by itself.
    fn wake(&mut self) -> Option<Instant> {
        let now = Instant::now();
        let moment = app::next_moment(&self.app, &self.snapshot).map(|moment| {
            let wait = moment.duration_since((self.clock)());
            now + Duration::try_from(wait).unwrap_or_default()
        });
        // While a frame is on its way, the next one waits for it and not for the time.
        let frame = (!self.output.is_busy()).then(|| self.pace.due(self.app.urgency, now)).flatten();
        [moment, frame].into_iter().flatten().min()
    }

    /// Whether something changes by itself now.
    fn is_moment(&self) -> bool {
        let now = (self.clock)();
        app::next_moment(&self.app, &self.snapshot).is_some_and(|moment| moment <= now)
    }

    /// Draws, where there is something to draw and it is time.
    fn draw(&mut self) {
        let now = Instant::now();
        if self.output.is_busy() || self.pace.due(self.app.urgency, now).is_none_or(|due| due > now) {
            return;
        }
        self.app.urgency = Urgency::None;
        let spare = self.output.spare();
        let Self { app, snapshot, theme, screen, .. } = self;
        let ground = theme.style(Role::Text);
        let frame = guarded(|| screen.draw(spare, ground, |frame| app::view(app, snapshot, theme, frame)));
        if let Some(frame) = frame {
            self.pace.drawn(now);
            if self.output.send(frame).is_err() {
                self.left = Some(Left::HungUp);
            }
        }
    }

    async fn end(mut self) -> Report {
        let left = self.left.take().unwrap_or(Left::Quit);
        if self.output.is_busy() && matches!(left, Left::Quit) {
            let _ = timeout(PATIENCE, self.output.written()).await;
        }
        drop(self.takeover.take());
        self.workers.farewell().await;
        Report {
            left,
            remembered: self.app.remembered(),
            frames: self.screen.frames(),
            bytes: self.screen.total_bytes(),
        }
    }
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
