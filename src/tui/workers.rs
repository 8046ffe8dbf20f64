//! Does outside what the state wants done, and brings back what came of it.

use std::{collections::HashMap, pin::Pin, time::Duration};

use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinSet},
    time::timeout,
};

use super::{
    app::{Asked, Looks, Restore, What},
    input::Keymap,
    outside,
    panels::audit::LINES as AUDIT_LINES,
    terminal::clipboard::{self, Around, Clipboard},
    theme,
};
use crate::{
    engine::{From, Handle},
    model::{BackupId, Fault, FaultKind, Order, ServerId, backup::FileQuery},
};

/// Answers that may wait for the loop.
const RESULTS: usize = 64;
/// Batches of lines that may wait for the loop.
const LINES: usize = 4;
/// Commands that may wait for one server.
const COMMANDS: usize = 128;
/// Orders that may be under way at once.
const ORDERS: usize = 256;
/// How long leaving waits for orders that are under way.
const FAREWELL: Duration = Duration::from_millis(500);

/// Begins something. It is boxed, so that the runtime's code for a task is there once and not for each sort of future.
fn begin(tasks: &mut JoinSet<()>, future: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
    let boxed: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(future);
    tasks.spawn(boxed)
}

/// What is under way outside.
#[derive(Debug)]
pub struct Workers {
    handle: Handle,
    tasks: JoinSet<()>,
    results: mpsc::Sender<What>,
    results_here: mpsc::Receiver<What>,
    lines: mpsc::Sender<What>,
    lines_here: mpsc::Receiver<What>,
    watching: Option<AbortHandle>,
    /// The theme that is being read.
    theming: Option<AbortHandle>,
    /// One queue a server, so that its commands keep their order and a slow one holds up no other.
    consoles: HashMap<ServerId, mpsc::Sender<Order>>,
}

impl Workers {
    /// With nothing under way.
    pub fn new(handle: Handle) -> Self {
        let (results, results_here) = mpsc::channel(RESULTS);
        let (lines, lines_here) = mpsc::channel(LINES);
        Self {
            handle,
            tasks: JoinSet::new(),
            results,
            results_here,
            lines,
            lines_here,
            watching: None,
            theming: None,
            consoles: HashMap::new(),
        }
    }

    /// Waits for what comes next.
    pub async fn next(&mut self) -> What {
        let Self { results_here, lines_here, tasks, .. } = self;
        loop {
            tokio::select! {
                Some(result) = results_here.recv() => return result,
                Some(lines) = lines_here.recv() => return lines,
                // What has ended is let go; without any this is never ready.
                Some(_) = tasks.join_next(), if !tasks.is_empty() => {}
            }
        }
    }

    /// Gives an order.
    ///
    /// # Errors
    /// That too much is under way already; nothing was done then.
    pub fn order(&mut self, asked: Asked, order: Order) -> Result<(), Fault> {
        if self.tasks.len() >= ORDERS {
            return Err(busy());
        }
        if let Asked::Console(server) = asked {
            return self.command(server, order);
        }
        let (handle, results) = (self.handle.clone(), self.results.clone());
        begin(&mut self.tasks, async move {
            let result = handle.run(order).await;
            let _ = results.send(What::Answered(asked, result)).await;
        });
        Ok(())
    }

    fn command(&mut self, server: ServerId, order: Order) -> Result<(), Fault> {
        let queue = self.consoles.entry(server).or_insert_with(|| {
            let (queue, mut orders) = mpsc::channel(COMMANDS);
            let (handle, results) = (self.handle.clone(), self.results.clone());
            begin(&mut self.tasks, async move {
                while let Some(order) = orders.recv().await {
                    let result = handle.run(order).await;
                    if results.send(What::Answered(Asked::Console(server), result)).await.is_err() {
                        return;
                    }
                }
            });
            queue
        });
        queue.try_send(order).map_err(|_| busy())
    }

    /// Watches a console instead of the one that is watched.
    pub fn watch(&mut self, server: ServerId, from: From) {
        self.unwatch();
        let (handle, lines) = (self.handle.clone(), self.lines.clone());
        self.watching = Some(begin(&mut self.tasks, async move {
            if let Ok(mut batches) = handle.watch(server, from).await {
                while let Some(batch) = batches.recv().await {
                    if lines.send(What::Lines(server, batch)).await.is_err() {
                        return;
                    }
                }
            }
            let _ = lines.send(What::LinesEnded(server)).await;
        }));
    }

    /// Watches none.
    pub fn unwatch(&mut self) {
        if let Some(watching) = self.watching.take() {
            watching.abort();
        }
    }

    /// Asks for what was measured of a server.
    pub fn history(&mut self, server: ServerId) {
        let (handle, results) = (self.handle.clone(), self.results.clone());
        begin(&mut self.tasks, async move {
            if let Ok(history) = handle.history(server).await {
                let _ = results.send(What::History(server, Box::new(history))).await;
            }
        });
    }

    /// Asks for the last lines of the audit trail.
    pub fn audit(&mut self) {
        let (handle, results) = (self.handle.clone(), self.results.clone());
        begin(&mut self.tasks, async move {
            let lines = handle.audit(AUDIT_LINES, None).await;
            let _ = results.send(What::Audit(lines)).await;
        });
    }

    /// Asks for what was typed into a server's console.
    pub fn typed(&mut self, server: ServerId) {
        let (handle, results) = (self.handle.clone(), self.results.clone());
        begin(&mut self.tasks, async move {
            if let Ok(commands) = handle.typed(server).await {
                let _ = results.send(What::Typed(server, commands)).await;
            }
        });
    }

    /// Does something outside, and brings back what came of it.
    fn bring(&mut self, work: impl Future<Output = What> + Send + 'static) {
        let results = self.results.clone();
        begin(&mut self.tasks, async move {
            let what = work.await;
            let _ = results.send(what).await;
        });
    }

    /// Asks what of a backup can be restored by itself.
    pub fn contents(&mut self, backup: BackupId, paths: Vec<String>) {
        let handle = self.handle.clone();
        self.bring(async move { What::Contents(backup, paths, handle.contents(backup).await) });
    }

    /// Asks what a restore would do.
    pub fn restore_plan(&mut self, restore: Box<Restore>) {
        let handle = self.handle.clone();
        self.bring(async move {
            let Restore { backup, scope, target } = (*restore).clone();
            let plan = handle.restore_plan(backup, target, scope).await;
            What::RestorePlan(restore, plan)
        });
    }

    /// Asks which backups a prune would remove.
    pub fn prune_plan(&mut self, server: ServerId) {
        let handle = self.handle.clone();
        self.bring(async move { What::PrunePlan(server, handle.verdicts(server).await) });
    }

    /// Asks what a folder of a backup holds.
    pub fn files(&mut self, backup: BackupId, query: FileQuery) {
        let handle = self.handle.clone();
        self.bring(async move {
            let page = handle.files(backup, query.clone()).await;
            What::Files { backup, query, page }
        });
    }

    /// Writes a file or folder of a backup into a folder of this machine.
    pub fn extract(&mut self, backup: BackupId, path: String, folder: String) {
        let handle = self.handle.clone();
        self.bring(async move {
            let out = outside::home(&folder);
            let extracted = handle.extract(backup, vec![path], &out).await;
            What::Extracted(out, extracted)
        });
    }

    /// Gives a text to a program of the desktop.
    pub fn copy(&mut self, text: String, lines: usize, of: Option<usize>, way: Clipboard) {
        let results = self.results.clone();
        begin(&mut self.tasks, async move {
            let taken = outside::copy(&text, &way.programs).await;
            if !taken && way.around == Around::Tmux {
                outside::copy(&text, &[clipboard::TMUX]).await;
            }
            let refused = (!taken).then_some(text);
            let _ = results.send(What::Copied { refused, lines, of }).await;
        });
    }

    /// Saves a text.
    pub fn save(&mut self, path: String, text: String, replace: bool) {
        let results = self.results.clone();
        begin(&mut self.tasks, async move {
            let writing = tokio::task::spawn_blocking(move || {
                let saved = outside::save(&path, &text, replace);
                // The text is wanted again where somebody has to be asked first.
                let text = if matches!(saved, outside::Saved::Exists(_)) { text } else { String::new() };
                What::Saved(saved, text)
            });
            if let Ok(saved) = writing.await {
                let _ = results.send(saved).await;
            }
        });
    }

    /// Reads a theme. One that is being read still is no longer wanted.
    pub fn theme(&mut self, name: String, looks: Looks) {
        if let Some(before) = self.theming.take() {
            before.abort();
        }
        let results = self.results.clone();
        self.theming = Some(begin(&mut self.tasks, async move {
            let reading = tokio::task::spawn_blocking(move || {
                theme::load(Some(&name), looks.folder.as_deref(), looks.depth, looks.ascii)
            });
            if let Ok((theme, problems)) = reading.await {
                let _ = results.send(What::Theme(Box::new(theme), problems)).await;
            }
        }));
    }

    /// Reads a keymap.
    pub fn keymap(&mut self, name: String, looks: Looks) {
        let results = self.results.clone();
        begin(&mut self.tasks, async move {
            let reading =
                tokio::task::spawn_blocking(move || Keymap::load(Some(&name), looks.folder.as_deref()));
            if let Ok((keymap, problems)) = reading.await {
                let _ = results.send(What::Keymap(Box::new(keymap), problems)).await;
            }
        });
    }

    /// Lets orders that are under way reach the engine, but does not wait long.
    pub async fn farewell(mut self) {
        self.unwatch();
        self.consoles.clear();
        let Self { mut tasks, mut results_here, .. } = self;
        let _ = timeout(FAREWELL, async {
            loop {
                tokio::select! {
                    ended = tasks.join_next() => if ended.is_none() { return },
                    _ = results_here.recv() => {}
                }
            }
        })
        .await;
    }
}

fn busy() -> Fault {
    Fault::new(
        FaultKind::Conflict,
        "Too much is under way already.",
        "Nothing was sent.",
        "Try again in a moment.",
    )
}
