//! Starting what a command stands on: the settings, the engine, the dashboard. The only folder of this room that knows
//! more of the engine than its handle. A file for each face; here is what they share.

mod api;
mod client;
mod dashboard;
mod demo;
mod doctor;
mod local;
mod notices;
mod reload;
mod remote;
mod serve;
mod stdio;

use std::collections::BTreeMap;

pub use client::api;
pub use dashboard::dashboard;
pub use demo::demo;
pub use doctor::doctor;
pub use notices::notify;
pub use serve::serve;
pub use stdio::link_stdio;

use tokio::sync::watch;

use self::{local::Found, remote::Remote};
use super::{
    args::{Global, Look},
    io::Io,
};
use crate::{
    config::{self, Overrides, Settings, Warning},
    docker::Endpoint,
    engine::{
        BackupSettings, BackupTuning, Clock, ConsoleLimits, Engine, Handle, Keep, LoopRule, Setup, Tuning,
    },
    link::{Backend, Joining, Relayed, Target, relay},
    model::{Fault, FaultKind, HostId, Memory, Origin, Spec},
};

/// An engine, in this process or another, and the way into it.
pub struct Running {
    /// The way in.
    pub handle: Handle,
    /// What a new server is where nothing else is said.
    pub base: Spec,
    /// The process whose engine it is, where that is another one of this machine.
    pub attached: Option<u32>,
    behind: Behind,
}

/// What is behind a handle.
enum Behind {
    Own(Box<Engine>),
    Other,
    Far(Relayed<Remote>),
}

impl Running {
    /// Ends the engine in order where it is this process's own, or leaves the other one. Servers go on running in
    /// Docker.
    pub async fn end(self) {
        match self.behind {
            Behind::Own(engine) => engine.shutdown().await,
            Behind::Other => {}
            Behind::Far(relayed) => _ = relayed.end().await,
        }
    }
}

fn settings(global: &Global) -> Result<(Settings, Vec<Warning>), Fault> {
    looking(global, &Look::default())
}

/// The settings with what the command line says of the dashboard's look over them.
fn looking(global: &Global, look: &Look) -> Result<(Settings, Vec<Warning>), Fault> {
    let none = global.no_color || look.plain;
    let overrides = Overrides {
        config: global.config.clone(),
        data_dir: global.data_dir.clone(),
        docker: global.docker.clone(),
        read_only: global.read_only,
        color: look.color.or_else(|| none.then_some(config::ColorChoice::None)),
        theme: look.theme.clone(),
        keymap: look.keymap.clone(),
        ascii: look.ascii || look.plain,
        ..Overrides::default()
    };
    let (mut settings, warnings) =
        config::load(&overrides, &config::environment).map_err(|error| error.fault())?;
    settings.mouse &= !look.plain;
    Ok((settings, warnings))
}

/// What the engine is started with for these settings.
///
/// # Errors
/// That the choice of a Docker engine is none.
pub fn setup(settings: &Settings) -> Result<Setup, Fault> {
    let endpoints = Endpoint::discover(settings.docker.as_deref(), &config::environment)
        .map_err(|error| error.fault())?;
    let Tuning { read_only, console, loop_rule, stop_grace, backups } = tuning(settings);
    Ok(Setup {
        keep: Keep::Folder(settings.data_dir.clone()),
        hosts: BTreeMap::from([(HostId::local(), endpoints)]),
        read_only,
        demo: false,
        console,
        loop_rule,
        stop_grace,
        live: true,
        first_schedule: true,
        clock: Clock::system(),
        backups: BackupSettings { folder: settings.backup_folder(), tuning: backups },
    })
}

/// The part of these settings that can change while the engine runs.
fn tuning(settings: &Settings) -> Tuning {
    Tuning {
        read_only: settings.read_only,
        console: ConsoleLimits { lines: settings.console.lines, bytes: settings.console.bytes },
        loop_rule: LoopRule { exits: settings.looping.exits, life: settings.looping.within },
        stop_grace: settings.stop_grace,
        backups: BackupTuning {
            packing: settings.backups.packing,
            threads: settings.backups.threads.map_or(0, usize::from),
            rate: settings.backups.rate.map(Memory::as_bytes),
            leave_free: settings.backups.leave_free.as_bytes(),
            retention: settings.backups.keep,
        },
    }
}

/// What a new server is where nothing else is said.
pub fn base(settings: &Settings) -> Spec {
    let defaults = &settings.defaults;
    Spec {
        server_type: defaults.server_type,
        version: defaults.version.clone(),
        memory: defaults.memory,
        port: defaults.port,
        bind: defaults.bind,
        time_zone: defaults.time_zone.clone(),
        ..Spec::default()
    }
}

/// The engine for a command: one that runs, or else one that is started for it. What is odd in the settings is remarked
/// on.
///
/// # Errors
/// Settings that cannot be read, a database that cannot be opened.
pub async fn engine(global: &Global, io: &mut Io) -> Result<Running, Fault> {
    let (settings, warnings) = settings(global)?;
    for warning in &warnings {
        io.remark(&format!("warning: {warning}"));
    }
    io.units = settings.units;
    start(global, &settings).await
}

async fn start(global: &Global, settings: &Settings) -> Result<Running, Fault> {
    let base = base(settings);
    let joining = joining(settings, Origin::CommandLine);
    if let Some(url) = &global.connect {
        let (remote, first) = Remote::open(Target::parse(url)?, joining).await?;
        let (standing, _) = watch::channel(remote.standing());
        let relayed = relay(remote, first, standing, Origin::CommandLine);
        let handle = relayed.handle.clone();
        return Ok(Running { handle, base, attached: None, behind: Behind::Far(relayed) });
    }
    // What a command starts ends with it: it leaves schedules to those that stay.
    match local::find(settings, &joining, |setup| (setup.live, setup.first_schedule) = (false, false)).await?
    {
        Found::Own(engine) => {
            let handle = engine.handle(Origin::CommandLine);
            Ok(Running { handle, base, attached: None, behind: Behind::Own(engine) })
        }
        Found::Attached(backend) => {
            own_docker(global, &backend)?;
            let attached = Some(backend.pid);
            Ok(Running { handle: backend.handle, base, attached, behind: Behind::Other })
        }
    }
}

/// As whom a face of these settings joins an engine.
fn joining(settings: &Settings, origin: Origin) -> Joining {
    Joining { origin, read_only: settings.read_only }
}

/// An engine that runs has its Docker; another one cannot be wished for.
fn own_docker(global: &Global, backend: &Backend) -> Result<(), Fault> {
    if global.docker.is_none() {
        return Ok(());
    }
    Err(Fault::new(
        FaultKind::Conflict,
        format!("An engine runs already (process {}), with a Docker of its own.", backend.pid),
        "Nothing was done.",
        "Leave --docker out to use that engine, or name another --data-dir to start one beside it.",
    ))
}
