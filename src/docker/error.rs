//! What can go wrong with Docker, and what a person is told about it.

pub(super) use crate::ssh::clean;

use std::io;
use std::time::Duration;

use super::limits;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing listens there.
    #[error("no Docker engine answers at {endpoint}")]
    Absent {
        /// Where it was looked for.
        endpoint: String,
        /// What the operating system says.
        source: io::Error,
    },
    /// The socket is there, and this user may not use it.
    #[error("this user may not use the Docker engine at {endpoint}")]
    Forbidden {
        /// Where it is.
        endpoint: String,
        /// What the operating system says.
        source: io::Error,
    },
    /// It answers, and speaks only an API that is too old.
    #[error("the engine speaks the Docker API {found}; {needed} or newer is needed")]
    TooOld {
        /// Its newest version.
        found: String,
        /// The oldest that works.
        needed: String,
    },
    /// It is not reached, or the connection was lost before the answer was whole.
    #[error("the Docker engine at {endpoint} cannot be reached: {reason}")]
    Unreachable {
        /// Where it should be.
        endpoint: String,
        /// What stands in the way.
        reason: String,
    },
    /// It did not answer in time. What was asked for may still happen.
    #[error("Docker did not answer in {} s: {what}", limit.as_secs())]
    TimedOut {
        /// What was asked for.
        what: String,
        /// How long was waited.
        limit: Duration,
    },
    /// There is no such container, volume, path or command.
    #[error("Docker knows no {what}")]
    NotFound {
        /// What was asked for, such as `container "survival"`.
        what: String,
    },
    /// Another container has this name.
    #[error("a container named {name:?} is there already")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// Something on the host uses this port.
    #[error("port {port} of the host is in use")]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// Neither the host nor the registry has this image.
    #[error("there is no image {reference}")]
    NoSuchImage {
        /// The image.
        reference: String,
    },
    /// The registry does not give this image to us (it says the same of one that does not exist).
    #[error("the registry does not give out {reference}: {message}")]
    PullDenied {
        /// The image.
        reference: String,
        /// What the registry says.
        message: String,
    },
    /// The registry cannot be reached or failed.
    #[error("the image {reference} could not be fetched: {message}")]
    Registry {
        /// The image.
        reference: String,
        /// What Docker says.
        message: String,
    },
    /// A stream ended before its end. Says nothing about the container.
    #[error("the connection to Docker broke off: {what}")]
    Interrupted {
        /// What was under way.
        what: String,
    },
    /// The host's disk is full.
    #[error("the host's disk is full: {message}")]
    NoSpace {
        /// What Docker says.
        message: String,
    },
    /// What was asked for does not fit the container's state.
    #[error("Docker refused: {message}")]
    Conflict {
        /// What Docker says.
        message: String,
    },
    /// The address is none, or names a context or certificates that are not there.
    #[error("{endpoint:?} is no address of a Docker engine: {reason}")]
    BadEndpoint {
        /// What was given.
        endpoint: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The answer makes no sense, or is larger than any should be.
    #[error("Docker's answer cannot be read ({what}): {reason}")]
    BadReply {
        /// What was asked for.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// What was to be sent could not be read on this side.
    #[error("what was to be sent could not be read: {source}")]
    Input {
        /// Why.
        source: io::Error,
    },
    /// Anything else that Docker refuses.
    #[error("Docker answered {status}: {message}")]
    Api {
        /// The HTTP status.
        status: u16,
        /// What Docker says.
        message: String,
    },
}

impl Error {
    /// Whether the container, volume or path is no longer there.
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// Whether nothing is known because the engine was not reached: never to be read as "the container ended".
    pub fn is_unreachable(&self) -> bool {
        matches!(
            self,
            Self::Absent { .. }
                | Self::Forbidden { .. }
                | Self::TooOld { .. }
                | Self::Unreachable { .. }
                | Self::TimedOut { .. }
                | Self::Interrupted { .. }
        )
    }
}

/// What a call is about: it makes a status into an error that names the thing.
#[derive(Clone, Copy, Debug)]
pub(super) enum About<'a> {
    Engine,
    Container(&'a str),
    Create {
        name: &'a str,
        image: &'a str,
    },
    Image(&'a str),
    /// The error is named by the one who pulls.
    Pull,
    Volume(&'a str),
    Path {
        container: &'a str,
        path: &'a str,
    },
}

impl About<'_> {
    pub(super) fn words(self) -> String {
        match self {
            Self::Engine => "information about the engine".to_owned(),
            Self::Pull => "image".to_owned(),
            Self::Container(id) | Self::Create { name: id, .. } => format!("container {:?}", clean(id)),
            Self::Image(reference) => format!("image {:?}", clean(reference)),
            Self::Volume(name) => format!("volume {:?}", clean(name)),
            Self::Path { container, path } => {
                format!("path {:?} in container {:?}", clean(path), clean(container))
            }
        }
    }
}

/// Makes Docker's refusal into an error.
pub(super) fn from_status(status: u16, message: &str, about: About<'_>) -> Error {
    let lower = message.to_ascii_lowercase();
    let message = clean(message);
    if lower.contains("no space left on device") || lower.contains("disk quota exceeded") {
        return Error::NoSpace { message };
    }
    if let Some(port) = taken_port(&lower) {
        return Error::PortTaken { port };
    }
    match (status, about) {
        (404, About::Create { image, .. }) if lower.contains("image") => {
            Error::NoSuchImage { reference: clean(image) }
        }
        (_, About::Pull) => Error::Api { status, message },
        (404, About::Image(reference)) => Error::NoSuchImage { reference: clean(reference) },
        (404, _) => Error::NotFound { what: about.words() },
        // Podman answers 500 where Docker answers 404.
        (500, About::Container(_) | About::Path { .. }) if lower.contains("no such container") => {
            Error::NotFound { what: about.words() }
        }
        (_, About::Create { name, .. }) if lower.contains("already in use") && lower.contains("name") => {
            Error::NameTaken { name: clean(name) }
        }
        (409, _) => Error::Conflict { message },
        _ => Error::Api { status, message },
    }
}

/// The port that a message says is in use: `Bind for 0.0.0.0:25565 failed: port is already allocated`,
/// `listen tcp4 0.0.0.0:25565: bind: address already in use`.
fn taken_port(message: &str) -> Option<u16> {
    if !message.contains("port is already allocated") && !message.contains("address already in use") {
        return None;
    }
    // The host's side comes first where both are named, as in `0.0.0.0:25565:172.17.0.2:25565/tcp`.
    message
        .split(|c: char| c.is_whitespace())
        .filter_map(|word| {
            let word = word.trim_end_matches([':', ',', '.']);
            let word = word.split_once('/').map_or(word, |(address, _)| address);
            word.rsplit_once(':')?.1.parse().ok().filter(|&port: &u16| port != 0)
        })
        .next_back()
}

/// Makes a failed connection into an error.
pub(super) fn from_connect(endpoint: &str, source: io::Error) -> Error {
    let endpoint = endpoint.to_owned();
    let local = endpoint.starts_with("unix:");
    match source.kind() {
        io::ErrorKind::PermissionDenied => Error::Forbidden { endpoint, source },
        io::ErrorKind::NotFound => Error::Absent { endpoint, source },
        io::ErrorKind::ConnectionRefused if local => Error::Absent { endpoint, source },
        _ => Error::Unreachable { endpoint, reason: chain(&source) },
    }
}

/// Makes a failure of the HTTP connection into an error.
pub(super) fn from_hyper(endpoint: &str, error: &hyper::Error) -> Error {
    Error::Unreachable { endpoint: endpoint.to_owned(), reason: chain(error) }
}

/// Makes one of bollard's errors into one of ours.
pub(super) fn from_bollard(endpoint: &str, error: bollard::errors::Error, about: About<'_>) -> Error {
    use bollard::errors::Error as B;
    match error {
        B::DockerResponseServerError { status_code, message } => from_status(status_code, &message, about),
        B::IOError { err } => from_connect(endpoint, err),
        B::HyperResponseError { err } => from_hyper(endpoint, &err),
        B::RequestTimeoutError => Error::TimedOut { what: about.words(), limit: limits::CALL },
        other => Error::BadReply { what: about.words(), reason: chain(&other) },
    }
}

/// An error with its causes in one line, safe to show.
pub(super) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    for _ in 0..8 {
        let Some(error) = cause else { break };
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    clean(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_become_errors_that_name_the_thing() {
        let create = About::Create { name: "survival", image: "a/b:c" };
        let named = "Conflict. The container name \"/survival\" is already in use by container \"0af\".";
        assert!(matches!(from_status(409, named, create), Error::NameTaken { name } if name == "survival"));
        assert!(matches!(from_status(404, "No such image: a/b:c", create), Error::NoSuchImage { .. }));
        let gone = from_status(404, "No such container: x", About::Container("x"));
        assert!(gone.is_gone() && gone.to_string().contains("\"x\""));
        let podman = from_status(
            500,
            "no container with name or ID \"x\" found: no such container",
            About::Container("x"),
        );
        assert!(podman.is_gone());
        assert!(matches!(from_status(409, "is not running", About::Container("x")), Error::Conflict { .. }));
        assert!(matches!(from_status(500, "boom", About::Engine), Error::Api { status: 500, .. }));
        let full = "failed to create: write /var/lib/docker/x: no space left on device";
        assert!(matches!(from_status(500, full, create), Error::NoSpace { .. }));
    }

    #[test]
    fn a_port_in_use_is_found_in_the_words_of_each_engine() {
        for message in [
            "driver failed programming external connectivity on endpoint a (0f): Bind for 0.0.0.0:25565 failed: port is already allocated",
            "driver failed: Error starting userland proxy: listen tcp4 0.0.0.0:25565: bind: address already in use",
            "failed to bind host port for :::25565:172.17.0.2:25565/tcp: address already in use",
            "rootlessport listen tcp 0.0.0.0:25565: bind: address already in use",
            "failed to set up container networking: failed to bind host port 0.0.0.0:25565/tcp: address already in use",
        ] {
            let error = from_status(500, message, About::Container("x"));
            assert!(matches!(error, Error::PortTaken { port: 25565 }), "{message}: {error:?}");
        }
        let odd = from_status(500, "address already in use", About::Container("x"));
        assert!(matches!(odd, Error::Api { .. }));
    }

    #[test]
    fn a_daemons_words_are_made_safe() {
        let nasty = "a\u{1b}[2J\u{202e}b\r\nc\0\u{9b}31m";
        assert_eq!(clean(nasty), "a[2Jb c31m");
        assert_eq!(clean(&"x".repeat(10_000)).chars().count(), crate::ssh::MESSAGE_MAX + 1);
    }

    #[test]
    fn failed_connections_are_told_apart() {
        let of = |at: &str, kind: io::ErrorKind| from_connect(at, kind.into());
        assert!(matches!(of("unix:///x", io::ErrorKind::NotFound), Error::Absent { .. }));
        assert!(matches!(of("unix:///x", io::ErrorKind::ConnectionRefused), Error::Absent { .. }));
        assert!(matches!(of("unix:///x", io::ErrorKind::PermissionDenied), Error::Forbidden { .. }));
        assert!(matches!(of("tcp://x:1", io::ErrorKind::ConnectionRefused), Error::Unreachable { .. }));
        assert!(matches!(of("unix:///x", io::ErrorKind::ConnectionReset), Error::Unreachable { .. }));
    }
}
