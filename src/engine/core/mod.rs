//! The task that owns all that is known of hosts, servers and jobs.

mod backups;
mod disks;
mod faces;
mod facts;
mod orders;
mod publish;
mod runs;
mod saving;
mod sight;
mod tally;
mod trail;
mod work;
mod writes;

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    path::PathBuf,
    sync::Arc,
};

use jiff::Timestamp;
use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use orders::{Kept, NewServer};

use super::{
    access::Tokens,
    backups::{self as copies, book::Book, library},
    fact::Fact,
    handle::Request,
    jobs::Speed,
    schedules::Ask,
    servers::{entry::Entry, lives::LoopRule},
    supervisor::{Keep, Setup},
};
use crate::{
    docker::{Container, Docker, Endpoint},
    engine::console,
    model::{
        Event, Host, HostId, HostState, Job, JobId, JobKind, Notice, Schedule, ServerId, Severity, Snapshot,
        Topic,
    },
    store::{JobRecord, Loaded, Store},
    tasks::Tasks,
};

/// Logs of stopped servers that are read at once: there may be a thousand.
const READS: usize = 8;

/// The core's ways out.
pub struct Ways {
    /// For the tasks that it starts: back to itself.
    pub facts: mpsc::Sender<Fact>,
    /// To every face.
    pub snapshot: watch::Sender<Arc<Snapshot>>,
    /// To every face.
    pub events: broadcast::Sender<Event>,
    /// To the scheduler.
    pub asks: mpsc::Sender<Ask>,
    /// What that one knows at its start: all schedules, and whether they rest.
    pub schedules: (Vec<Arc<Schedule>>, bool),
    /// Where its tasks are counted.
    pub tasks: Tasks,
    /// Called when the engine is to end.
    pub stop: CancellationToken,
}

/// One host, as the core knows it.
struct HostEntry {
    view: Arc<Host>,
    docker: Option<Docker>,
    endpoint: Option<Endpoint>,
    /// Docker's own folder there, as it said.
    folder: Option<PathBuf>,
    listed: bool,
    /// Whether the servers among its containers were looked at in detail.
    looked: bool,
    /// Whether what served jobs of earlier runs was looked for.
    swept: bool,
    /// All its containers, ours or not: for their ports and names.
    containers: HashMap<String, Container>,
}

impl HostEntry {
    fn is_up(&self) -> bool {
        self.view.state == HostState::Up
    }

    fn is_connecting(&self) -> bool {
        self.view.state == HostState::Connecting || (self.is_up() && !self.looked)
    }

    /// Whether its addresses lead somewhere from here: this machine's own Docker, and not the demo's.
    fn is_here(&self) -> bool {
        matches!(self.endpoint, Some(Endpoint::Unix(_)))
    }
}

/// All that is known.
pub struct Core {
    read_only: bool,
    console: console::Limits,
    /// How many logs of stopped servers are read at once.
    reads: Arc<tokio::sync::Semaphore>,
    loop_rule: LoopRule,
    stop_grace: std::time::Duration,
    engine: Uuid,
    store: Store,
    ways: Ways,
    hosts: BTreeMap<HostId, HostEntry>,
    entries: HashMap<ServerId, Entry>,
    by_container: HashMap<String, ServerId>,
    /// Servers that were deleted, newest last: what is still told of their containers is late.
    forgotten: VecDeque<ServerId>,
    jobs: VecDeque<Arc<Job>>,
    cancels: HashMap<JobId, CancellationToken>,
    /// How fast those move that count bytes.
    speeds: HashMap<JobId, Speed>,
    /// Jobs of an earlier run that must be looked after when their host is there.
    unfinished: Vec<JobRecord>,
    /// How many tasks look after such jobs now.
    mending: usize,
    /// Who tries to switch the saving of servers on again, and ends that.
    saving_menders: HashMap<ServerId, CancellationToken>,
    /// Those of them that have not tried once.
    saving_first: HashSet<ServerId>,
    /// Of which servers.
    in_mending: Vec<ServerId>,
    /// Jobs that could not be mended at once: that is told once.
    told_unmended: HashSet<JobId>,
    /// Ids of jobs sort by time: those of this run come after this one.
    born: JobId,
    /// Whether the world was known once.
    settled: bool,
    writes: writes::Writes,
    trail: trail::Trail,
    /// What was counted of jobs; servers' own counts are in their entries.
    tally: crate::model::Tally,
    tokens: Tokens,
    schedules: Vec<Arc<Schedule>>,
    schedules_paused: bool,
    /// What can be set of backups.
    backups: copies::Settings,
    /// What is known of each.
    book: Book,
    /// Who looks into them.
    library: mpsc::Sender<library::Ask>,
    /// Whether their folder was looked at once.
    shelf_looked: bool,
    /// Whether looking at it failed the last time, so that this is told once.
    shelf_failed: bool,
    /// Archives in it that are not taken in.
    refused: HashSet<PathBuf>,
    /// Who is attached.
    faces: Vec<Arc<crate::model::Face>>,
    /// How many ever were.
    face_count: u64,
    /// By which ways one can come.
    ways_in: Vec<Arc<crate::model::Way>>,
    /// What is known of the disks.
    disks: super::disks::Disks,
    /// Whether they are being looked at.
    disks_looked_at: bool,
    publisher: publish::Publisher,
}

impl Core {
    /// From what the database remembers.
    pub fn new(setup: Setup, engine: Uuid, store: Store, loaded: Loaded, key: [u8; 32], ways: Ways) -> Self {
        let folder = match &setup.keep {
            Keep::Folder(folder) => Some(folder.clone()),
            Keep::Memory(_) => None,
        };
        let tokens = Tokens::new(loaded.tokens, engine, key, folder);
        let hosts = setup.hosts.iter().map(|(id, endpoints)| {
            let endpoint = endpoints.first().map(Endpoint::describe).unwrap_or_default();
            let view = Host {
                id: id.clone(),
                endpoint,
                state: HostState::Connecting,
                engine: String::new(),
                memory_bytes: 0,
                cpus: 0,
                demo: setup.demo,
            };
            let containers = HashMap::new();
            (
                id.clone(),
                HostEntry {
                    view: Arc::new(view),
                    docker: None,
                    endpoint: None,
                    folder: None,
                    listed: false,
                    looked: false,
                    swept: false,
                    containers,
                },
            )
        });
        let hosts = hosts.collect();
        let (schedules, schedules_paused) = ways.schedules.clone();
        let (library, questions) = mpsc::channel(library::ASKS);
        ways.tasks.spawn(library::run(questions, ways.tasks.clone(), ways.stop.clone()));
        let mut core = Self {
            read_only: setup.read_only,
            console: setup.console,
            reads: Arc::new(tokio::sync::Semaphore::new(READS)),
            loop_rule: setup.loop_rule,
            stop_grace: setup.stop_grace,
            engine,
            store,
            ways,
            hosts,
            entries: HashMap::new(),
            by_container: HashMap::new(),
            forgotten: VecDeque::new(),
            jobs: VecDeque::new(),
            cancels: HashMap::new(),
            speeds: HashMap::new(),
            unfinished: loaded.jobs,
            mending: 0,
            saving_menders: HashMap::new(),
            saving_first: HashSet::new(),
            in_mending: Vec::new(),
            told_unmended: HashSet::new(),
            born: JobId::new(),
            settled: false,
            writes: writes::Writes::default(),
            trail: trail::Trail::default(),
            tally: crate::model::Tally::default(),
            tokens,
            schedules,
            schedules_paused,
            backups: setup.backups,
            book: Book::new(loaded.backups, loaded.saving_off),
            library,
            shelf_looked: false,
            shelf_failed: false,
            refused: HashSet::new(),
            faces: Vec::new(),
            face_count: 0,
            ways_in: Vec::new(),
            disks: super::disks::Disks::default(),
            disks_looked_at: false,
            publisher: publish::Publisher::default(),
        };
        for record in loaded.servers {
            if let Some(container) = &record.container_id {
                core.by_container.insert(container.clone(), record.id);
            }
            core.entries.insert(record.id, Entry::new(record));
        }
        core
    }

    /// Runs until the engine is to end and no job is left.
    pub async fn run(mut self, mut requests: mpsc::Receiver<Request>, mut facts: mpsc::Receiver<Fact>) {
        self.look_at_shelf();
        let stop = self.ways.stop.clone();
        let mut ending = false;
        let mut disks = tokio::time::interval(disks::AGAIN);
        disks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut batch = Vec::with_capacity(64);
        while !(ending && self.is_done()) {
            tokio::select! {
                request = requests.recv(), if !ending => match request {
                    Some(request) => self.request(request),
                    // Every handle is gone; the supervisor's own keeps this from happening before the end.
                    None => ending = true,
                },
                _ = facts.recv_many(&mut batch, 64) => {
                    for fact in batch.drain(..) {
                        self.fact(fact);
                    }
                }
                () = stop.cancelled(), if !ending => {
                    ending = true;
                    self.cancels.values().for_each(CancellationToken::cancel);
                }
                _ = disks.tick(), if !ending => self.look_at_disks(),
                () = self.publisher.due() => {}
            }
            self.publish();
        }
        // Consoles, measurements and probes end with their entries.
        self.entries.clear();
    }

    /// Whether nothing is left that an end would tear: Docker brings a start, a stop or a kill to its end by itself.
    fn is_done(&self) -> bool {
        let alone =
            |job: &Job| matches!(job.kind, JobKind::Start | JobKind::Stop | JobKind::Kill | JobKind::Adopt);
        self.writes.is_idle()
            && self.trail.is_idle()
            && self.mending == 0
            && self.jobs.iter().all(|job| !job.is_running() || alone(job))
    }

    fn entry(&mut self, id: ServerId) -> Option<&mut Entry> {
        self.entries.get_mut(&id)
    }

    fn host_of(&self, id: ServerId) -> Option<&HostEntry> {
        self.hosts.get(&self.entries.get(&id)?.record.spec.host)
    }

    fn notice(
        &self,
        severity: Severity,
        server: Option<ServerId>,
        text: impl Into<String>,
        details: impl Into<String>,
    ) {
        self.alert(Topic::Other, severity, server, text, details);
    }

    /// A notice that somebody may have chosen to be told of wherever they are.
    fn alert(
        &self,
        topic: Topic,
        severity: Severity,
        server: Option<ServerId>,
        text: impl Into<String>,
        details: impl Into<String>,
    ) {
        let (text, details) = (text.into(), details.into());
        let notice = Notice { at: Timestamp::now(), severity, topic, server, text, details };
        // Nobody may be listening.
        let _ = self.ways.events.send(Event::Notice(notice));
    }
}
