//! Starting what a command stands on: the settings, the engine, the dashboard. The only folder of this room that knows
//! more of the engine than its handle. A file for each face; here is what they share.

mod dashboard;
mod demo;
mod doctor;
mod reload;
mod serve;

use std::collections::BTreeMap;

pub use dashboard::dashboard;
pub use demo::demo;
pub use doctor::doctor;
pub use serve::serve;

use super::{args::Global, io::Io};
use crate::{
    config::{self, Overrides, Settings, Warning},
    docker::Endpoint,
    engine::{ConsoleLimits, Engine, Handle, Keep, LoopRule, Setup, Tuning},
    model::{Fault, HostId, Origin, Spec},
};

/// An engine inside this process, and the way into it.
pub struct Running {
    /// The way in.
    pub handle: Handle,
    /// What a new server is where nothing else is said.
    pub base: Spec,
    engine: Engine,
}

impl Running {
    /// Ends the engine in order. Servers go on running in Docker.
    pub async fn end(self) {
        self.engine.shutdown().await;
    }
}

fn settings(global: &Global) -> Result<(Settings, Vec<Warning>), Fault> {
    let overrides = Overrides {
        config: global.config.clone(),
        data_dir: global.data_dir.clone(),
        docker: global.docker.clone(),
        read_only: global.read_only,
        color: global.no_color.then_some(config::ColorChoice::None),
        ..Overrides::default()
    };
    config::load(&overrides, &config::environment).map_err(|error| error.fault())
}

/// What the engine is started with for these settings.
///
/// # Errors
/// That the choice of a Docker engine is none.
pub fn setup(settings: &Settings) -> Result<Setup, Fault> {
    let endpoints = Endpoint::discover(settings.docker.as_deref(), &config::environment)
        .map_err(|error| error.fault())?;
    let Tuning { read_only, console, loop_rule, stop_grace } = tuning(settings);
    Ok(Setup {
        keep: Keep::Folder(settings.data_dir.clone()),
        hosts: BTreeMap::from([(HostId::local(), endpoints)]),
        read_only,
        demo: false,
        console,
        loop_rule,
        stop_grace,
    })
}

/// The part of these settings that can change while the engine runs.
fn tuning(settings: &Settings) -> Tuning {
    Tuning {
        read_only: settings.read_only,
        console: ConsoleLimits { lines: settings.console.lines, bytes: settings.console.bytes },
        loop_rule: LoopRule { exits: settings.looping.exits, life: settings.looping.within },
        stop_grace: settings.stop_grace,
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

/// Starts an engine for a command. What is odd in the settings is remarked on.
///
/// # Errors
/// Settings that cannot be read, a database that cannot be opened.
pub async fn engine(global: &Global, io: &mut Io) -> Result<Running, Fault> {
    let (settings, warnings) = settings(global)?;
    for warning in &warnings {
        io.remark(&format!("warning: {warning}"));
    }
    start(&settings).await
}

async fn start(settings: &Settings) -> Result<Running, Fault> {
    let engine = Engine::start(setup(settings)?).await?;
    Ok(Running { handle: engine.handle(Origin::CommandLine), base: base(settings), engine })
}
