//! The dashboard.

use tokio::sync::watch;

use super::{base, joining, local::Local, looking, own_docker, remote::Remote};
use crate::{
    cli::{
        args::{Global, Look},
        exit::Outcome,
        io::Io,
        logging,
    },
    config::{self, Settings},
    engine::Engine,
    link::{Target, relay},
    model::{Fault, FaultKind, Origin, Standing},
    tui,
};

/// Opens the dashboard.
///
/// # Errors
/// That there is no terminal; as [`super::engine`].
pub async fn dashboard(global: &Global, look: Look, io: &mut Io) -> Outcome {
    on_a_terminal(io)?;
    let (settings, _) = looking(global, &look)?;
    log_to_file(&settings, global);
    let joining = joining(&settings, Origin::Dashboard);
    let options = options(&settings);
    if let Some(url) = &global.connect {
        let (remote, first) = Remote::open(Target::parse(url)?, joining).await?;
        let standing = remote.standing();
        let relayed = relay(remote, first, watch::channel(standing).0, Origin::Dashboard);
        let shown = tui::run(relayed.handle.clone(), options).await;
        relayed.end().await;
        return told(shown);
    }
    let (local, first, standing) = Local::open(&settings, joining).await?;
    if standing != Standing::Inside
        && let Err(fault) = own_docker(global, &first)
    {
        return Err(fault.into());
    }
    let relayed = relay(local, first, watch::channel(standing).0, Origin::Dashboard);
    let shown = tui::run(relayed.handle.clone(), options).await;
    if let Some(local) = relayed.end().await {
        local.close().await;
    }
    told(shown)
}

fn told(shown: Result<(), tui::Error>) -> Outcome {
    shown.map_err(|error| Fault::new(FaultKind::Failed, error.to_string(), "", "").because(&error).into())
}

/// Shows the dashboard until it is left, then ends the engine in order.
pub(super) async fn show(engine: Engine, options: tui::Options) -> Outcome {
    let shown = tui::run(engine.handle(Origin::Dashboard), options).await;
    engine.shutdown().await;
    told(shown)
}

fn log_to_file(settings: &Settings, global: &Global) {
    if let Some(folder) = settings.log.file.parent() {
        // A dashboard without a log is better than none.
        let _ = logging::to_file(folder, global.verbose);
    }
}

pub(super) fn options(settings: &Settings) -> tui::Options {
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
        units: settings.units,
        mouse: settings.mouse,
        frame_rate: settings.frame_rate.unwrap_or(0),
        read_only: settings.read_only,
        demo: false,
        defaults: base(settings),
    }
}

/// The dashboard draws on a terminal; a script that opens it by mistake is told what it may have meant.
pub(super) fn on_a_terminal(io: &Io) -> Result<(), Fault> {
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
