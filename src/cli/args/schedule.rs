//! `mineclifford schedule …`

use clap::{Args, Subcommand, ValueEnum};

use crate::model::schedule::{Condition, Missed, Task};

/// What to do with schedules.
#[derive(Subcommand, Clone, Debug)]
pub enum ScheduleCommand {
    /// List schedules: when each is due next, and how its last run went
    #[command(visible_alias = "ls")]
    #[command(
        after_help = "With --json, for each schedule: id, name, task, commands, servers (names; null is all that were \
created here), every_seconds, cron, zone, when (in words), condition, jitter_seconds, at_once, missed, paused, \
all_paused, running, next, last {due, began, ended, outcome (done, skipped or failed), why}, skips."
    )]
    List,
    /// Make a schedule
    Add(Box<AddArgs>),
    /// Change a schedule; what is not named stays as it is
    Edit(Box<EditArgs>),
    /// Do now what a schedule does, and wait for its end; its next time stays
    #[command(
        after_help = "Before a restart or stop, players who are on are warned for ten minutes; where nobody is on, it is done \
at once. With --json the schedule is printed as `schedule list --json` does."
    )]
    Run(ScheduleArgs),
    /// Let a schedule rest, or all of them
    Pause(RestArgs),
    /// Wake a schedule, or all of them; each keeps its own rest
    Resume(RestArgs),
    /// Forget schedules
    #[command(visible_alias = "rm")]
    Delete(NamesArgs),
    /// Show when schedules are due, each in its own time zone
    #[command(after_help = "With --json: an array of {id, name, zone, times}.")]
    Next(NextArgs),
}

/// One schedule.
#[derive(Args, Clone, Debug)]
pub struct ScheduleArgs {
    /// The schedule: its name, or the beginning or end of its id
    pub name: String,
}

/// Some schedules.
#[derive(Args, Clone, Debug)]
pub struct NamesArgs {
    /// The schedules: names, or beginnings or ends of ids
    #[arg(required = true, value_name = "NAME")]
    pub names: Vec<String>,
}

/// Some schedules, or all.
#[derive(Args, Clone, Debug)]
pub struct RestArgs {
    /// The schedules: names, or beginnings or ends of ids
    #[arg(required_unless_present = "all", value_name = "NAME")]
    pub names: Vec<String>,
    /// All of them, those that are made later included
    #[arg(long, conflicts_with = "names")]
    pub all: bool,
}

/// Arguments of `schedule next`.
#[derive(Args, Clone, Debug)]
pub struct NextArgs {
    /// The schedules; without a name, all
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// So many times of each
    #[arg(long, short = 'n', value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub count: u32,
}

/// Arguments of `schedule add`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  mineclifford schedule add nightly --do backup --every 24h --if running
  mineclifford schedule add morning --do restart --server survival --cron '0 5 * * *' --zone Europe/Berlin
  mineclifford schedule add greet --command 'say Good morning' --cron '0 8 * * MON-FRI'

Schedules are done while `mineclifford serve` or a dashboard runs. Before a restart or stop, players are told 10, 5 and 1 \
minutes and 10 seconds before the time. With --json the new schedule is printed as `schedule list --json` does.")]
pub struct AddArgs {
    /// What it is called
    pub name: String,
    /// What it is.
    #[command(flatten)]
    pub plan: PlanOptions,
    /// Make it, but let it rest
    #[arg(long)]
    pub paused: bool,
}

/// Arguments of `schedule edit`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  mineclifford schedule edit nightly --cron '30 3 * * *'
  mineclifford schedule edit nightly --name early --server survival --server creative

With --json the schedule is printed as `schedule list --json` does.")]
pub struct EditArgs {
    /// The schedule: its name, or the beginning or end of its id
    pub schedule: String,
    /// Its new name
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// What it is.
    #[command(flatten)]
    pub plan: PlanOptions,
}

/// What a schedule is.
#[derive(Args, Clone, Debug, Default)]
pub struct PlanOptions {
    /// What is done
    #[arg(long = "do", value_name = "TASK", value_enum, conflicts_with = "command")]
    pub task: Option<TaskWord>,
    /// Type this into the console; several times for several lines
    #[arg(long, value_name = "LINE")]
    pub command: Vec<String>,
    /// On this server, also an adopted one; several times for several. Without it: all that were created here
    #[arg(long, value_name = "NAME", conflicts_with = "created")]
    pub server: Vec<String>,
    /// On all servers that were created here, those that come later included
    #[arg(long)]
    pub created: bool,
    /// Each time after so long: 90m, 24h, 7d
    #[arg(long, value_name = "DURATION", conflicts_with = "cron")]
    pub every: Option<String>,
    /// Cron expression of five fields (minute, hour, day, month, weekday), or six with seconds first
    #[arg(long, value_name = "EXPRESSION")]
    pub cron: Option<String>,
    /// Time zone of the expression, such as Europe/Berlin [default: this machine's]
    #[arg(long, value_name = "ZONE", conflicts_with = "every")]
    pub zone: Option<String>,
    /// Only on servers that are so when the time has come [default: always]
    #[arg(long = "if", value_name = "CONDITION", value_enum)]
    pub condition: Option<ConditionWord>,
    /// Begin up to so much later, by chance: 0s to 1h [default: 0s]
    #[arg(long, value_name = "DURATION")]
    pub jitter: Option<String>,
    /// So many servers at once, 1 to 64 [default: 1]
    #[arg(long, value_name = "N")]
    pub at_once: Option<u32>,
    /// What is done about times that passed while nothing ran here [default: run-once]
    #[arg(long, value_name = "WHAT", value_enum)]
    pub missed: Option<MissedWord>,
}

/// What is done, as it is typed.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum TaskWord {
    /// Back it up, then remove what is too old
    Backup,
    /// Warn players, save, stop, start
    Restart,
    /// Start it
    Start,
    /// Warn players, save, stop
    Stop,
    /// Read its newest backup again
    Verify,
    /// Boot its newest backup in a container that is thrown away
    TestRestore,
    /// Remove backups that are too old
    Prune,
}

impl From<TaskWord> for Task {
    fn from(word: TaskWord) -> Self {
        match word {
            TaskWord::Backup => Self::Backup,
            TaskWord::Restart => Self::Restart,
            TaskWord::Start => Self::Start,
            TaskWord::Stop => Self::Stop,
            TaskWord::Verify => Self::Verify,
            TaskWord::TestRestore => Self::TestRestore,
            TaskWord::Prune => Self::Prune,
        }
    }
}

/// A condition, as it is typed.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConditionWord {
    /// Always
    Always,
    /// Only while it runs
    Running,
    /// Only while players are on it
    WithPlayers,
    /// Only while nobody is on it
    WithoutPlayers,
}

impl From<ConditionWord> for Condition {
    fn from(word: ConditionWord) -> Self {
        match word {
            ConditionWord::Always => Self::Always,
            ConditionWord::Running => Self::Running,
            ConditionWord::WithPlayers => Self::WithPlayers,
            ConditionWord::WithoutPlayers => Self::WithoutPlayers,
        }
    }
}

/// What becomes of missed times, as it is typed.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum MissedWord {
    /// Done once, however many there were
    RunOnce,
    /// Only noted
    Skip,
}

impl From<MissedWord> for Missed {
    fn from(word: MissedWord) -> Self {
        match word {
            MissedWord::RunOnce => Self::RunOnce,
            MissedWord::Skip => Self::Skip,
        }
    }
}
