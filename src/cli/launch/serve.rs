//! `serve`: the engine without a screen, in the foreground, for service managers and containers.

use std::time::Duration;

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::{Instant, sleep},
};
use uuid::Uuid;

use super::{api, local, notices, reload, settings, setup};
use crate::{
    cli::{
        args::{Global, ServeArgs},
        exit::Outcome,
        io::Io,
        logging,
    },
    config::Settings,
    engine::{Engine, Handle},
    link::{Error, Listen, Server, Target, take_over},
    model::{Event, Fault, FaultKind, JobState, Origin, Severity},
    notify::Notices,
};

/// How long one that holds the database and hands nothing over is waited for: a command that is at work, an engine that
/// is ending.
const PATIENCE: Duration = Duration::from_secs(25);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(200);

/// Serves until it is told to end (SIGTERM, SIGINT), and ends in order. SIGHUP reads the settings again.
///
/// # Errors
/// Settings that cannot be read, a database that cannot be opened or is in use.
pub async fn serve(global: &Global, arguments: &ServeArgs, _io: &mut Io) -> Outcome {
    let (settings, warnings) = settings(global)?;
    let log = logging::to_stdout(arguments.log_format, settings.log.level, global.verbose);
    for warning in &warnings {
        tracing::warn!("{warning}");
    }
    let mut signals = Signals::new()?;
    let targets = notices::targets(&settings)?;
    let mut engine = take(&settings).await?;
    let run = Uuid::now_v7();
    let listen = Listen {
        path: local::socket(&settings),
        group: local::group(&settings)?,
        engine: engine.handle(Origin::Engine),
        run,
        hand_over: None,
    };
    let server = match Server::start(listen).await {
        Ok(server) => server,
        Err(fault) => {
            engine.shutdown().await;
            return Err(fault.into());
        }
    };
    let api = match api::start(&settings, arguments, &engine, run).await {
        Ok(api) => api,
        Err(fault) => {
            server.close().await;
            engine.shutdown().await;
            return Err(fault.into());
        }
    };
    engine.open(local::way(&settings)).await;
    let told = tokio::spawn(tell(engine.handle(Origin::Engine)));
    let notices = Notices::start(engine.handle(Origin::Engine), engine.events(), targets);
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        pid = std::process::id(),
        data_dir = %settings.data_dir.display(),
        socket = %local::socket(&settings).display(),
        "the engine runs"
    );
    // Every other way in is opened above this line: whoever waits for READY=1 may use them.
    notify(&[sd_notify::NotifyState::Ready]);

    let mut now = settings;
    loop {
        match signals.next().await {
            Told::Reload => {
                notify_reloading();
                reload::reload(global, &mut now, &engine, api.as_ref(), &notices, &log).await;
                notify(&[sd_notify::NotifyState::Ready]);
            }
            Told::End(name) => {
                tracing::info!(signal = name, "ending: jobs are brought to an end, consoles are closed");
                break;
            }
        }
    }
    notify(&[sd_notify::NotifyState::Stopping]);
    if let Some(api) = api {
        api.close().await;
    }
    server.close().await;
    engine.shutdown().await;
    notices.close().await;
    told.abort();
    tracing::info!("ended; servers go on running in Docker");
    Ok(())
}

/// Starts the engine. A dashboard that holds the database hands it over; another service does not.
async fn take(settings: &Settings) -> Result<Engine, Fault> {
    let until = Instant::now() + PATIENCE;
    let target = Target::Socket(local::socket(settings));
    loop {
        let refused = match Engine::start(setup(settings)?).await {
            Ok(engine) => return Ok(engine),
            Err(fault) if fault.kind == FaultKind::Conflict => fault,
            Err(fault) => return Err(fault),
        };
        let asked = async {
            let stream = target.dial().await?;
            tracing::info!("another engine holds the database; it is asked to hand it over");
            take_over(stream, |note| tracing::info!("waiting: {note}")).await
        };
        match asked.await {
            Ok(()) => tracing::info!("the database was handed over"),
            Err(Error::Refused(fault)) => return Err(fault),
            // A command that is at work, or an engine that is just starting or ending.
            Err(error) if error.passes() && Instant::now() < until => sleep(LOOK).await,
            Err(Error::Nobody(_)) => return Err(refused),
            Err(error) => return Err(error.fault(&target.place())),
        }
    }
}

/// What the system tells a service.
enum Told {
    Reload,
    End(&'static str),
}

struct Signals {
    term: Signal,
    int: Signal,
    hup: Signal,
}

impl Signals {
    fn new() -> Result<Self, Fault> {
        let hear = |kind| {
            signal(kind).map_err(|error| {
                Fault::new(
                    FaultKind::Failed,
                    "This process cannot hear signals, so it could not be ended in order.",
                    "Nothing was started.",
                    "Try again; the details help whoever looks into it.",
                )
                .because(&error)
            })
        };
        Ok(Self {
            term: hear(SignalKind::terminate())?,
            int: hear(SignalKind::interrupt())?,
            hup: hear(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Told {
        tokio::select! {
            _ = self.term.recv() => Told::End("SIGTERM"),
            _ = self.int.recv() => Told::End("SIGINT"),
            _ = self.hup.recv() => Told::Reload,
        }
    }
}

/// Tells the service manager, where there is one (`NOTIFY_SOCKET`, see sd_notify(3)).
fn notify(state: &[sd_notify::NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "the service manager could not be told");
    }
}

/// systemd 253 and newer want the moment with it.
fn notify_reloading() {
    match sd_notify::NotifyState::monotonic_usec_now() {
        Ok(now) => notify(&[sd_notify::NotifyState::Reloading, now]),
        Err(_) => notify(&[sd_notify::NotifyState::Reloading]),
    }
}

/// Writes to the log what a person at a dashboard would be told.
async fn tell(engine: Handle) {
    use tokio::sync::broadcast::error::RecvError;
    let mut events = engine.events();
    loop {
        match events.recv().await {
            Ok(Event::Notice(notice)) => {
                let server = notice.server.map(|id| id.to_string()).unwrap_or_default();
                let (text, details) = (&notice.text, &notice.details);
                match notice.severity {
                    Severity::Error => tracing::error!(server, details, "{text}"),
                    Severity::Warning => tracing::warn!(server, details, "{text}"),
                    Severity::Info | Severity::Success => tracing::info!(server, details, "{text}"),
                }
            }
            Ok(Event::JobEnded { job, state }) => {
                let now = engine.now();
                let about = now.job(job);
                let kind = about.map_or("job", |job| job.kind.word());
                let server = about.map(|job| job.server_name.as_str()).unwrap_or_default();
                match state {
                    JobState::Failed(fault) => tracing::error!(%job, server, %fault, "{kind} failed"),
                    JobState::Cancelled => tracing::info!(%job, server, "{kind} was cancelled"),
                    JobState::Done | JobState::Running => tracing::info!(%job, server, "{kind} done"),
                }
            }
            Ok(Event::Joined { server, player, .. }) => tracing::debug!(%server, player, "a player came"),
            Err(RecvError::Lagged(missed)) => {
                tracing::warn!(missed, "too much happened at once to log it all")
            }
            Err(RecvError::Closed) => return,
        }
    }
}
