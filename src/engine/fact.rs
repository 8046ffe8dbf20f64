//! What the engine's tasks tell its core.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use tokio::sync::oneshot;

use super::{
    backups::{book::Change, shelf::Seen},
    core::{Kept, NewServer},
    disks::Measured,
    schedules,
    servers::mend::Outcome,
    supervisor::Tuning,
};
use crate::{
    docker::{Container, ContainerEvent, Detail, Docker, Endpoint, EngineInfo},
    minecraft::log::Problem,
    model::{
        AuditLine, Backup, BackupId, Fault, HostId, JobId, Progress, Sample, ServerId, Severity, State, Via,
        Way,
    },
    store::{self, JobRecord, SavingOff, ServerRecord},
};

/// What happened somewhere in the engine.
pub enum Fact {
    /// The settings were read again.
    Tuned(Tuning),
    /// A host's task has news.
    Host(HostId, HostFact),
    /// A console's lines told something.
    Told(ServerId, Timestamp, Told),
    /// A console has read its log to the end: there is no more, or not now.
    Read(ServerId),
    /// A console has read what its container wrote before it ended, as far as it came soon.
    HeardOut(ServerId),
    /// Commands reach a console another way now.
    Reached(ServerId, Option<Via>),
    /// A measurement of this container.
    Measured(ServerId, String, Sample),
    /// The game in this container was asked whether it can be joined.
    Probed(ServerId, String, Option<Probe>),
    /// A job has news.
    Job(JobId, JobFact),
    /// A write to the database ended.
    Saved(Result<(), store::Error>),
    /// A write of the audit trail ended.
    Audited(Result<(), store::Error>),
    /// Something else is to be written down in the audit trail.
    WriteDown(Box<AuditLine>),
    /// A token was written down, or could not be.
    Token(Box<Kept>),
    /// The scheduler has news.
    Schedules(Box<schedules::Told>),
    /// The backup folder was looked at, or is to be.
    Shelf(ShelfFact),
    /// Who had this number is no longer attached.
    Left(u64),
    /// A way in is open.
    WayOpen(Box<Way>),
    /// The disks were looked at.
    Disks(Vec<Measured>),
    /// A server's saving, which a backup had left off, was tried to be switched on, or needs no more trying.
    SavingTried(ServerId, SavingTried),
    /// Jobs that an earlier run left unfinished were looked after: what was found, in words; and those that could not
    /// be looked after yet.
    Mended(Vec<(JobRecord, Outcome, String)>, Vec<JobRecord>),
    /// Those of this host that could not be looked after are to be tried again.
    MendAgain(HostId),
    /// What a backup says of its server is known: one is to be made from it.
    NewServer(Box<NewServer>),
}

/// News of the backup folder.
pub enum ShelfFact {
    /// It is time to look at it.
    Due,
    /// Looking takes long.
    Slow,
    /// This was seen.
    Seen(Result<Seen, Fault>),
}

/// What came of trying to switch a server's saving on again.
pub enum SavingTried {
    /// It is still off; this goes on.
    Once,
    /// It is on; in words.
    Over(String),
}

/// News of a host.
pub enum HostFact {
    /// It answers.
    Up(Docker, EngineInfo, Endpoint),
    /// It does not.
    Down(Fault),
    /// All its containers.
    Listed(Vec<Container>),
    /// One of them in detail.
    Detail(Box<Detail>),
    /// Each of them that concerns us has been told in detail, or is gone.
    Looked,
    /// Something happened to one of them.
    Happened(ContainerEvent),
    /// One of them is gone.
    Gone(String),
}

/// What a line of a console told.
#[derive(Clone, PartialEq, Debug)]
pub enum Told {
    /// A new run of the server began.
    Began,
    /// Its Minecraft version.
    Version(String),
    /// The world is being loaded; percent where it says.
    Loading(Option<u8>),
    /// Loading is over.
    Done,
    /// The world was written as a whole.
    Saved,
    /// It ends in peace.
    Stopping,
    /// The image froze it, or let it go on.
    Suspended(bool),
    /// A player came.
    Joined(String),
    /// A player went.
    Left(String),
    /// Who is on, as the server itself listed them.
    Listed(u32, u32, Vec<String>),
    /// Ticks a second, and milliseconds of a tick, as far as the server told.
    Ticks(Option<f32>, Option<f32>),
    /// Something is wrong.
    Problem(Problem),
}

/// What a game answered to whoever asked whether it can be joined.
#[derive(Clone, PartialEq, Debug)]
pub struct Probe {
    /// Players on it, where it said.
    pub online: Option<u32>,
    /// At most.
    pub max: Option<u32>,
    /// Its version, where it said.
    pub version: Option<String>,
    /// Whether the image has frozen it for want of players.
    pub suspended: bool,
    /// How long the answer took, where it was asked by a list ping.
    pub latency: Option<std::time::Duration>,
}

/// News of a job.
pub enum JobFact {
    /// It is further.
    Progress(Progress),
    /// It can, or can no longer, be cancelled.
    Cancellable(bool),
    /// What its server is doing while no container can tell.
    Phase(Option<State>),
    /// Keep this about its server, durably; then tell.
    Save(Box<ServerRecord>, oneshot::Sender<Result<(), Fault>>),
    /// Forget its server, durably; then tell.
    Forget(ServerId, oneshot::Sender<Result<(), Fault>>),
    /// Containers changed: look at this one now; then tell.
    Look(Box<Detail>, oneshot::Sender<()>),
    /// Something became of a backup: keep that durably; then tell.
    Backup(BackupId, Change, oneshot::Sender<Result<(), Fault>>),
    /// Its server's saving is off from now on, or on again. That is durable already.
    Saving(ServerId, Option<SavingOff>),
    /// Tell which backups of its server no rule keeps any more. Until the job ends, nobody else works on them.
    Surplus(oneshot::Sender<Vec<Arc<Backup>>>),
    /// Tell people.
    Notice(Severity, String, String),
    /// It cannot undo what it did, not yet: it is looked after as if the program had ended in the middle of it.
    Unfinished(Box<JobRecord>),
    /// It ended.
    Ended(Result<(), Fault>),
}

/// Variables of a container, by name.
pub type Env = BTreeMap<String, String>;
