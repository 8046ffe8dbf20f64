//! Everything there is: the one owner of the engine's state, behind one lock that is never held while waiting.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use practice::disk::MemDisk;
use practice::output::{Event, Output};
use practice::rng::Rng;
use practice::sim::Context;
use tokio::sync::Notify;

use super::Options;
use super::clock::{Clock, Moment};
use super::container::{Container, DiskKey, Key};
use super::events::Events;
use super::exec::Exec;
use super::faults::Faults;
use super::images::Images;
use super::refusal::Refusal;
use super::volumes::Volume;

/// What all connections share.
#[derive(Debug)]
pub(super) struct Shared {
    world: Mutex<World>,
    pub(super) faults: Faults,
    /// Told when something is due earlier than was known.
    pub(super) earlier: Arc<Notify>,
    pub(super) clockwork: AtomicBool,
}

impl Shared {
    pub(super) fn new(world: World, faults: Faults) -> Self {
        Self {
            world: Mutex::new(world),
            faults,
            earlier: Arc::new(Notify::new()),
            clockwork: AtomicBool::new(false),
        }
    }

    /// The state, for reading. A panic elsewhere does not take the engine down.
    pub(super) fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state; the clockwork learns of what is due earlier now.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let mut world = self.lock();
        let before = world.next_due();
        let result = change(&mut world);
        let after = world.next_due();
        drop(world);
        if after.is_some_and(|after| before.is_none_or(|before| after < before)) {
            self.earlier.notify_one();
        }
        result
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // So that the clockwork sees that there is nothing left to do.
        self.earlier.notify_one();
    }
}

/// The state.
#[derive(Debug)]
pub(super) struct World {
    pub(super) options: Options,
    pub(super) clock: Clock,
    /// Set while the past of a server is played through.
    pub(super) pretended: Option<Duration>,
    pub(super) containers: BTreeMap<Key, Container>,
    pub(super) ids: HashMap<String, Key>,
    pub(super) names: HashMap<String, Key>,
    pub(super) disks: HashMap<DiskKey, MemDisk>,
    pub(super) volumes: BTreeMap<String, Volume>,
    pub(super) binds: BTreeMap<String, DiskKey>,
    pub(super) images: Images,
    pub(super) events: Events,
    pub(super) execs: BTreeMap<u64, Exec>,
    pub(super) rng: Rng,
    queue: BTreeSet<(Duration, Key)>,
    last_key: u64,
    out: Output,
}

impl World {
    pub(super) fn new(options: Options) -> Self {
        let rng = Rng::new(options.seed);
        Self {
            options,
            clock: Clock::start(),
            pretended: None,
            containers: BTreeMap::new(),
            ids: HashMap::new(),
            names: HashMap::new(),
            disks: HashMap::new(),
            volumes: BTreeMap::new(),
            binds: BTreeMap::new(),
            images: Images::new(),
            events: Events::default(),
            execs: BTreeMap::new(),
            rng,
            queue: BTreeSet::new(),
            last_key: 0,
            out: Output::new(),
        }
    }

    pub(super) fn now(&self) -> Moment {
        self.pretended.map_or_else(|| self.clock.now(), |elapsed| self.clock.at(elapsed))
    }

    /// A number that was never given before.
    pub(super) fn fresh(&mut self) -> u64 {
        self.last_key += 1;
        self.last_key
    }

    /// The container of this id, name, or beginning of an id that only one has.
    pub(super) fn find(&self, name: &str) -> Result<Key, Refusal> {
        let bare = name.strip_prefix('/').unwrap_or(name);
        if let Some(key) = self.ids.get(bare).or_else(|| self.names.get(bare)) {
            return Ok(*key);
        }
        let mut starting = self.ids.iter().filter(|(id, _)| !bare.is_empty() && id.starts_with(bare));
        match (starting.next(), starting.next()) {
            (Some((_, key)), None) => Ok(*key),
            (Some(_), Some(_)) => {
                Err(Refusal::bad(format!("Multiple IDs found with provided prefix: {bare}")))
            }
            (None, _) => Err(Refusal::no_container(name)),
        }
    }

    /// The container of a key that was found before; it may be gone since.
    pub(super) fn get(&self, key: Key) -> Result<&Container, Refusal> {
        self.containers.get(&key).ok_or_else(|| Refusal::no_container("of that id"))
    }

    pub(super) fn get_mut(&mut self, key: Key) -> Result<&mut Container, Refusal> {
        self.containers.get_mut(&key).ok_or_else(|| Refusal::no_container("of that id"))
    }

    /// Does something to the practice server inside, and what follows from it.
    pub(super) fn drive<T>(
        &mut self,
        key: Key,
        action: impl FnOnce(&mut practice::container::Container, &mut Context<'_>) -> T,
    ) -> Option<T> {
        let now = self.now();
        let container = self.containers.get_mut(&key)?;
        let disk = self.disks.get_mut(&container.data)?;
        let mut out = std::mem::take(&mut self.out);
        let result = action(&mut container.sim, &mut Context { now: now.practice(), disk, out: &mut out });
        let mut news = false;
        for event in out.drain() {
            match event {
                Event::Stdout(text) => {
                    self.log(key, now, false, &text);
                    news = true;
                }
                Event::Stderr(text) => {
                    self.log(key, now, true, &text);
                    news = true;
                }
                Event::ExecDone { ticket, stdout, stderr, code } => {
                    self.exec_done(ticket, stdout, stderr, code);
                    news = true;
                }
                Event::Exit(exit) => self.ended(key, exit),
                // Nothing listens: what is in here is reached through the engine's own calls.
                Event::Listen(_) | Event::RconReply { .. } => {}
            }
        }
        self.out = out;
        if let Some(container) = self.containers.get(&key).filter(|_| news) {
            container.changed.notify_waiters();
        }
        self.reschedule(key);
        Some(result)
    }

    fn log(&mut self, key: Key, now: Moment, stderr: bool, text: &[u8]) {
        if let Some(container) = self.containers.get_mut(&key) {
            container.log.append(now.nanos, stderr && !container.plan.tty, container.plan.tty, text);
        }
    }

    /// Puts a container at its right place in the queue.
    pub(super) fn reschedule(&mut self, key: Key) {
        let Some(container) = self.containers.get_mut(&key) else { return };
        let due = container.due();
        if due != container.wake {
            if let Some(before) = container.wake.take() {
                self.queue.remove(&(before, key));
            }
            if let Some(due) = due {
                container.wake = Some(due);
                self.queue.insert((due, key));
            }
        }
    }

    /// Puts a container later than it asked for.
    pub(super) fn postpone(&mut self, key: Key, until: Duration) {
        let Some(container) = self.containers.get_mut(&key) else { return };
        if let Some(before) = container.wake.replace(until) {
            self.queue.remove(&(before, key));
        }
        self.queue.insert((until, key));
    }

    /// Takes a container out of the queue for good.
    pub(super) fn forget(&mut self, container: &Container) {
        if let Some(wake) = container.wake {
            self.queue.remove(&(wake, container.key));
        }
    }

    /// When something is due next.
    pub(super) fn next_due(&self) -> Option<Duration> {
        self.queue.first().map(|(due, _)| *due)
    }

    /// The container that is due first, when it is due by `now`.
    pub(super) fn first_due(&self, now: Duration) -> Option<Key> {
        self.queue.first().filter(|(due, _)| *due <= now).map(|(_, key)| *key)
    }

    /// Tells what happened to a container.
    pub(super) fn emit(&mut self, key: Key, action: impl Into<String>, more: &[(&str, String)]) {
        if self.pretended.is_some() {
            return;
        }
        let nanos = self.now().nanos;
        let Some(container) = self.containers.get(&key) else { return };
        let mut attributes = container.plan.labels.clone();
        attributes.insert("image".to_owned(), container.plan.image.clone());
        attributes.insert("name".to_owned(), container.name.clone());
        attributes.extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        self.events.add(nanos, "container", action, &container.id, attributes);
    }

    /// Makes an empty folder.
    pub(super) fn new_disk(&mut self) -> DiskKey {
        let key = self.fresh();
        self.disks.insert(key, MemDisk::new());
        key
    }
}
