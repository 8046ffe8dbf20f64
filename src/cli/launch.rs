//! Starting what a command stands on: the settings, the engine, the dashboard. The only file of this room that knows
//! more of the engine than its handle.

use std::{collections::BTreeMap, path::Path};

use super::{
    args::{DemoArgs, Global},
    exit::Outcome,
    io::Io,
};
use crate::{
    cli::{
        commands::doctor::{self, Ground},
        logging,
    },
    config::{self, Overrides, Settings, Warning},
    demo::{self, Demo},
    docker::Endpoint,
    engine::{ConsoleLimits, Engine, Handle, Keep, LoopRule, Setup},
    model::{Fault, FaultKind, HostId, Origin, Spec},
    tui,
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
    Ok(Setup {
        keep: Keep::Folder(settings.data_dir.clone()),
        hosts: BTreeMap::from([(HostId::local(), endpoints)]),
        read_only: settings.read_only,
        demo: false,
        console: ConsoleLimits { lines: settings.console.lines, bytes: settings.console.bytes },
        loop_rule: LoopRule { exits: settings.looping.exits, life: settings.looping.within },
        stop_grace: settings.stop_grace,
    })
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

/// Opens the dashboard.
///
/// # Errors
/// That there is no terminal; as [`engine`].
pub async fn dashboard(global: &Global, io: &mut Io) -> Outcome {
    on_a_terminal(io)?;
    let (settings, _) = settings(global)?;
    log_to_file(&settings, global);
    let engine = Engine::start(setup(&settings)?).await?;
    show(engine, options(&settings)).await
}

/// Opens the dashboard on an embedded engine of practice servers; or only serves that engine, on a socket.
///
/// # Errors
/// That there is no terminal; that the socket cannot be made.
pub async fn demo(global: &Global, arguments: &DemoArgs, io: &mut Io) -> Outcome {
    let identity = uuid::Uuid::now_v7();
    let demo = Demo::start(demo::Options { engine: identity, ..demo_options(arguments) });
    if let Some(socket) = &arguments.listen {
        return serve(&demo, socket).await;
    }
    on_a_terminal(io)?;
    let (settings, _) = settings(global)?;
    let setup = Setup {
        keep: Keep::Memory(identity),
        hosts: BTreeMap::from([(HostId::local(), vec![Endpoint::InProcess(demo.connector())])]),
        demo: true,
        ..setup(&Settings { docker: None, ..settings.clone() })?
    };
    let engine = Engine::start(setup).await?;
    show(engine, tui::Options { demo: true, state_dir: None, ..options(&settings) }).await
}

fn demo_options(arguments: &DemoArgs) -> demo::Options {
    match arguments.servers {
        Some(servers) => demo::Options::fleet(servers, arguments.running.unwrap_or(servers)),
        None => demo::Options::default(),
    }
}

async fn serve(demo: &Demo, socket: &Path) -> Outcome {
    let listening = demo.listen(socket).map_err(|error| {
        Fault::new(
            FaultKind::Failed,
            format!("The socket {} cannot be made: {error}.", socket.display()),
            "Nothing was started.",
            "Name a path in a folder that you may write to.",
        )
    })?;
    // Whatever comes of waiting, there is nothing more to do than to end.
    let _ = tokio::signal::ctrl_c().await;
    drop(listening);
    Ok(())
}

/// Shows the dashboard until it is left, then ends the engine in order.
async fn show(engine: Engine, options: tui::Options) -> Outcome {
    let shown = tui::run(engine.handle(Origin::Dashboard), options).await;
    engine.shutdown().await;
    shown.map_err(|error| Fault::new(FaultKind::Failed, error.to_string(), "", "").because(&error).into())
}

fn log_to_file(settings: &Settings, global: &Global) {
    if let Some(folder) = settings.log.file.parent() {
        // A dashboard without a log is better than none.
        let _ = logging::to_file(folder, global.verbose);
    }
}

fn options(settings: &Settings) -> tui::Options {
    tui::Options {
        theme: settings.theme.clone(),
        keymap: settings.keymap.clone(),
        config_dir: Some(settings.paths.config.clone()),
        state_dir: Some(settings.paths.state.clone()),
        ascii: settings.ascii,
        depth: match settings.color {
            config::ColorChoice::Auto => tui::ColorDepth::Auto,
            config::ColorChoice::Truecolor => tui::ColorDepth::Truecolor,
            config::ColorChoice::C256 => tui::ColorDepth::C256,
            config::ColorChoice::C16 => tui::ColorDepth::C16,
            config::ColorChoice::None => tui::ColorDepth::None,
        },
        mouse: settings.mouse,
        frame_rate: settings.frame_rate.unwrap_or(0),
        read_only: settings.read_only,
        demo: false,
        defaults: base(settings),
    }
}

/// Checks what is there, the engine included, and ends it again.
///
/// # Errors
/// As [`doctor::run`].
pub async fn doctor(global: &Global, io: &mut Io) -> Outcome {
    let (settings, warnings) = match settings(global) {
        Ok(loaded) => loaded,
        Err(fault) => {
            let ground = Ground { config: Some(Err(fault.clone())), ..Ground::default() };
            return doctor::run(&ground, Err(&fault), io, &config::environment).await;
        }
    };
    let file = global.config.clone().unwrap_or_else(|| settings.paths.config_file());
    let ground = Ground {
        config: file.exists().then_some(Ok(file)),
        warnings: warnings.iter().map(ToString::to_string).collect(),
        data_dir: Some(settings.data_dir.clone()),
        image: None,
    };
    match start(&settings).await {
        Ok(running) => {
            let outcome = doctor::run(&ground, Ok(&running.handle), io, &config::environment).await;
            running.end().await;
            outcome
        }
        Err(fault) => doctor::run(&ground, Err(&fault), io, &config::environment).await,
    }
}

/// The dashboard draws on a terminal; a script that opens it by mistake is told what it may have meant.
fn on_a_terminal(io: &Io) -> Result<(), Fault> {
    if io.facts.in_terminal && io.facts.out_terminal && !io.json {
        return Ok(());
    }
    Err(Fault::new(
        FaultKind::Invalid,
        "The dashboard needs a terminal.",
        "Nothing was started.",
        "`mineclifford server list` and the other commands work without one; `mineclifford --help` lists them.",
    ))
}
