//! The API of a service: started from the settings, found by commands through a file in the data folder.

use std::{
    fs,
    io::{self, Read as _},
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::base;
use crate::{
    api::{Server, Setup, Tls, Tuning},
    cli::args::{Listen, ServeArgs},
    config::Settings,
    engine::Engine,
    model::{Fault, FaultKind, Origin, Secret, Way, face::WayKind},
};

/// Longest token of a scraper, in bytes.
const TOKEN_MAX: u64 = 1_024;

/// Where a service's API is, for the commands of this machine.
#[derive(Serialize, Deserialize, Debug)]
pub struct Signpost {
    /// `http://127.0.0.1:8000`
    pub url: String,
    /// The certificate that it shows, where it signs itself.
    pub certificate: Option<PathBuf>,
}

/// The file with the [`Signpost`] of a data folder.
pub fn signpost(data_dir: &Path) -> PathBuf {
    data_dir.join("run").join("api.json")
}

/// The API and its signpost.
pub struct Running {
    server: Server,
    signpost: PathBuf,
}

/// Starts the API where it is wanted.
///
/// # Errors
/// As [`Server::start`]; a scraper's token that cannot be read.
pub async fn start(
    settings: &Settings,
    arguments: &ServeArgs,
    engine: &Engine,
    run: Uuid,
) -> Result<Option<Running>, Fault> {
    let Some(listen) = address(settings, arguments) else { return Ok(None) };
    let tls = tls(settings, arguments, listen)?;
    let signed = matches!(tls, Some(Tls::SelfSigned(..)));
    let setup = Setup {
        engine: engine.handle(Origin::Engine),
        run,
        listen,
        tls,
        plain_anywhere: arguments.plain_http_beyond_this_machine
            || settings.api.plain_http_beyond_this_machine,
        base: base(settings),
        tuning: tuning(settings)?,
    };
    let server = Server::start(setup).await?;
    let signpost = signpost(&settings.data_dir);
    let post = Signpost { url: server.url(), certificate: server.certificate().filter(|_| signed).cloned() };
    if let Err(error) = put(&signpost, &post) {
        tracing::warn!(%error, "commands cannot find the API by themselves");
    }
    tracing::info!(url = server.url(), "the API listens");
    let private = server.certificate().is_some() || listen.ip().is_loopback();
    engine.open(Way { kind: WayKind::Api, address: server.url(), private }).await;
    Ok(Some(Running { server, signpost }))
}

impl Running {
    /// Lets other settings hold.
    ///
    /// # Errors
    /// What cannot be read; what held before holds on.
    pub fn tune(&self, settings: &Settings) -> Result<(), Fault> {
        self.server.tune(&tuning(settings)?)
    }

    /// Ends it in order.
    pub async fn close(self) {
        // It is only untidy when it stays.
        let _ = fs::remove_file(&self.signpost);
        self.server.close().await;
    }
}

fn put(path: &Path, post: &Signpost) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, serde_json::to_vec(post)?)
}

fn address(settings: &Settings, arguments: &ServeArgs) -> Option<SocketAddr> {
    match arguments.listen {
        None => settings.api.listen,
        Some(Listen::Usual) => settings.api.listen.or(Some(SocketAddr::from(([127, 0, 0, 1], 8000)))),
        Some(Listen::At(address)) => Some(address),
        Some(Listen::Nowhere) => None,
    }
}

fn tls(settings: &Settings, arguments: &ServeArgs, listen: SocketAddr) -> Result<Option<Tls>, Fault> {
    let api = &settings.api;
    match (&api.certificate, &api.key, arguments.self_signed || api.self_signed) {
        (Some(certificate), Some(key), false) => Ok(Some(Tls::Files(certificate.clone(), key.clone()))),
        (None, None, true) => {
            let mut names = api.hosts.clone();
            names.push(listen.ip().to_string());
            Ok(Some(Tls::SelfSigned(settings.data_dir.join("tls"), names)))
        }
        (None, None, false) => Ok(None),
        (Some(_), None, _) => Err(Fault::invalid("api.key", "must be given with api.certificate")),
        (None, Some(_), _) => Err(Fault::invalid("api.certificate", "must be given with api.key")),
        (Some(_), Some(_), true) => Err(Fault::invalid(
            "api.self_signed",
            "must not be asked for beside api.certificate: one of them is shown",
        )),
    }
}

fn tuning(settings: &Settings) -> Result<Tuning, Fault> {
    let metrics_token = settings.metrics.token_file.as_deref().map(token).transpose()?;
    Ok(Tuning {
        hosts: settings.api.hosts.clone(),
        origins: settings.api.origins.clone(),
        metrics_token,
        metrics_every: settings.metrics.every,
    })
}

fn token(file: &Path) -> Result<Secret, Fault> {
    let unread = |why: &str| {
        Fault::new(
            FaultKind::Invalid,
            format!("The scraper's token cannot be read from {}: {why}.", file.display()),
            "The metrics would be open to everybody on this machine, so they are not served that way.",
            "`metrics.token_file` must be a file with one line of text.",
        )
    };
    let mut text = String::new();
    let opened = fs::File::open(file).map_err(|error| unread(&error.to_string()).because(&error))?;
    opened
        .take(TOKEN_MAX)
        .read_to_string(&mut text)
        .map_err(|error| unread(&error.to_string()).because(&error))?;
    match text.trim() {
        "" => Err(unread("it is empty")),
        token if token.chars().any(char::is_whitespace) => Err(unread("it has more than one word")),
        token => Ok(Secret(token.to_owned())),
    }
}
