//! What somebody wants, and what they are told.

use serde::{Deserialize, Serialize};

use super::{
    BackupId, BackupWish, Caller, Changes, JobId, Patterns, ScheduleId, Secret, ServerId, Spec, TokenId,
    TokenPlan,
    backup::{Scope, Target},
    schedule::Plan,
};

/// Which face a command came through. The audit trail keeps it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The dashboard.
    Dashboard,
    /// The command line.
    CommandLine,
    /// The engine itself.
    Engine,
    /// A schedule.
    Schedule,
    /// The API: whoever holds a token.
    Api(Box<Caller>),
}

impl Origin {
    /// Who it was, as people read it. What a token is noted with is as it was typed.
    pub fn words(&self) -> String {
        match self {
            Self::Dashboard => "dashboard".into(),
            Self::CommandLine => "command line".into(),
            Self::Engine => "engine".into(),
            Self::Schedule => "schedule".into(),
            Self::Api(caller) => match (caller.token, caller.address) {
                (None, _) => "API, this machine's user".into(),
                (Some(_), None) => format!("API, {}", caller.note),
                (Some(_), Some(address)) => format!("API, {} from {address}", caller.note),
            },
        }
    }
}

/// How a line reaches the server's console.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// The container's standard input, attached.
    Stdin,
    /// RCON, spoken by this program.
    Rcon,
    /// `rcon-cli` run in the container.
    RconCli,
}

impl Via {
    /// As people read it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stdin => "stdin",
            Self::Rcon => "rcon",
            Self::RconCli => "rcon-cli",
        }
    }
}

/// What somebody wants.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Command {
    /// Through which face.
    pub origin: Origin,
    /// What.
    pub order: Order,
}

/// What is wanted, and of which server.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Make a server from this, and start it.
    Create(Box<Spec>),
    /// Start it.
    Start(ServerId),
    /// Stop it in peace: the world is saved.
    Stop(ServerId),
    /// Stop it in peace, then start it.
    Restart(ServerId),
    /// End it at once: what was not saved is lost.
    Kill(ServerId),
    /// Change it; its container is made anew, its data kept.
    Edit(ServerId, Box<Changes>),
    /// Give it another name.
    Rename(ServerId, String),
    /// Remove its container; and its data too, when `data` and `confirm` is its name.
    Delete {
        /// Which.
        server: ServerId,
        /// Whether its world goes as well.
        data: bool,
        /// The server's name as the person typed it; must match where `data` is wanted.
        confirm: Option<String>,
    },
    /// Make another server with the same settings and a copy of the data.
    Clone {
        /// Which is copied.
        server: ServerId,
        /// The new one's name.
        name: String,
        /// The new one's port; 0 lets Docker choose.
        port: u16,
    },
    /// Take over a container that somebody else made, as it is.
    Adopt(ServerId),
    /// Forget a server whose container is gone. Data volumes are kept.
    Forget(ServerId),
    /// Type a line into its console.
    Console {
        /// Which.
        server: ServerId,
        /// One line, without a line break.
        line: String,
        /// Whether the reply is wanted: then a way is taken that gives one.
        reply: bool,
    },
    /// Cancel a job.
    Cancel(JobId),
    /// Back a server up.
    Backup(ServerId, BackupWish),
    /// What of a server's data goes into its backups from now on.
    SetPatterns(ServerId, Patterns),
    /// Restore a backup, or a part of it.
    Restore {
        /// Which.
        backup: BackupId,
        /// Where to.
        target: Target,
        /// How much of it.
        scope: Scope,
    },
    /// Read a backup again, as a whole.
    Verify(BackupId),
    /// Boot a backup in a container that is thrown away.
    TestRestore(BackupId),
    /// Keep a backup from being removed, or let go of it.
    Lock(BackupId, bool),
    /// Remove a backup and its file. One that is locked is refused.
    DeleteBackup(BackupId),
    /// Remove those backups of a server that its retention does not keep.
    Prune(ServerId),
    /// Make a schedule; its name must be free.
    AddSchedule(Box<Plan>),
    /// Change a schedule.
    EditSchedule(ScheduleId, Box<Plan>),
    /// Forget a schedule.
    DeleteSchedule(ScheduleId),
    /// Do now what a schedule does; its next time stays.
    RunSchedule(ScheduleId),
    /// Let a schedule rest, or wake it.
    PauseSchedule(ScheduleId, bool),
    /// Let every schedule rest, or wake them all; each keeps its own rest.
    PauseSchedules(bool),
    /// Make a token.
    CreateToken(Box<TokenPlan>),
    /// Make a token worthless, and close what is open with it.
    RevokeToken(TokenId),
}

/// What the person is told when a command was accepted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It is done.
    Done,
    /// A job does it; its end is in the snapshot and among the events.
    Started {
        /// The job.
        job: JobId,
        /// The server that it works on or makes.
        server: ServerId,
    },
    /// A schedule was made.
    Scheduled(ScheduleId),
    /// A token was made. Nobody can ever ask for its secret again.
    Token {
        /// Which.
        id: TokenId,
        /// What its holder shows.
        secret: Secret,
    },
    /// The line was sent.
    Sent {
        /// Which way.
        via: Via,
        /// What the server said to it, where a reply was wanted and came; may have several lines.
        reply: Option<String>,
    },
}
