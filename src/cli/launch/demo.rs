//! `demo`: the dashboard on an embedded engine of practice servers.

use std::{collections::BTreeMap, path::Path};

use super::{
    dashboard::{on_a_terminal, options, show},
    looking, setup,
};
use crate::{
    cli::{
        args::{DemoArgs, Global, Look},
        exit::Outcome,
        io::Io,
    },
    config::Settings,
    demo::{self, Demo, Soon},
    docker::Endpoint,
    engine::{BackupSettings, Engine, Keep, Setup},
    model::{Fault, FaultKind, HostId},
    tui,
};

/// Opens the dashboard on an embedded engine of practice servers; or only serves that engine, on a socket.
///
/// # Errors
/// That there is no terminal; that the socket cannot be made.
pub async fn demo(global: &Global, look: &Look, arguments: &DemoArgs, io: &mut Io) -> Outcome {
    let identity = uuid::Uuid::now_v7();
    let cast = demo::Options { engine: identity, ..demo_options(arguments) };
    if let Some(socket) = &arguments.listen {
        return serve(&Demo::start(cast), socket).await;
    }
    on_a_terminal(io)?;
    let demo = Soon::start(cast);
    let (settings, _) = looking(global, &look.clone().then(arguments.look.clone()))?;
    // Its backups are as short-lived as its worlds.
    let backups = std::env::temp_dir().join(format!("mineclifford-demo-{identity}"));
    let setup = Setup {
        keep: Keep::Memory(identity),
        hosts: BTreeMap::from([(HostId::local(), vec![Endpoint::InProcess(demo.connector())])]),
        demo: true,
        first_schedule: false,
        backups: BackupSettings::in_folder(&backups),
        ..setup(&Settings { docker: None, ..settings.clone() })?
    };
    let engine = Engine::start(setup).await?;
    let shown = show(engine, tui::Options { demo: true, state_dir: None, ..options(&settings) }).await;
    // Not there where no backup was made.
    let _ = std::fs::remove_dir_all(&backups);
    shown
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
