//! What a person is told when Docker refuses or is not there: what happened, what it means for the server, what to do.

use crate::model::{Fault, FaultKind};

use super::error::Error;

const UNKNOWN: &str = "Servers there may be running; nothing is known of them until it answers.";
const UNCHANGED: &str = "Nothing was changed.";

impl Error {
    /// The fault that is shown and that scripts act on, with the causes in its details.
    pub fn fault(&self) -> Fault {
        let (kind, means, next) = self.advice();
        Fault::new(kind, sentence(&self.to_string()), means, next).because(self)
    }

    /// The kind, what it means, and what to do next.
    fn advice(&self) -> (FaultKind, String, String) {
        let (kind, means, next): (_, &str, String) = match self {
            Self::Absent { .. } => (
                FaultKind::Unreachable,
                UNKNOWN,
                "Install Docker or start it (`sudo systemctl start docker`), or try `mineclifford demo`, which needs none."
                    .into(),
            ),
            Self::Forbidden { .. } => (
                FaultKind::Unreachable,
                UNKNOWN,
                "Run `sudo usermod -aG docker \"$USER\"`, then log out and in again. (That group is as powerful as root.)"
                    .into(),
            ),
            Self::TooOld { .. } => (
                FaultKind::Unreachable,
                UNKNOWN,
                "Update the engine: Docker 20.10, Podman 4.0 or anything newer works.".into(),
            ),
            Self::Unreachable { .. } | Self::Interrupted { .. } => (
                FaultKind::Unreachable,
                UNKNOWN,
                "Check that the engine runs and that the network reaches it; it is tried again.".into(),
            ),
            Self::TimedOut { .. } => (
                FaultKind::Unreachable,
                "What was asked for may still happen.",
                "Look again in a moment; if it stays so, look at the host's load and at `journalctl -u docker`.".into(),
            ),
            Self::BadEndpoint { .. } => (
                FaultKind::Invalid,
                UNCHANGED,
                "Correct --docker, DOCKER_HOST or the context, such as unix:///var/run/docker.sock.".into(),
            ),
            Self::NotFound { .. } => (
                FaultKind::NotFound,
                "It was removed, or was never there.",
                "Look at the list again.".into(),
            ),
            Self::NameTaken { .. } => (FaultKind::Conflict, UNCHANGED, "Choose another name.".into()),
            Self::PortTaken { port } => (
                FaultKind::Conflict,
                "The server was not started.",
                format!("Choose another port, 0 for a free one, or stop what uses {port} (`ss -ltnp` shows it)."),
            ),
            Self::NoSuchImage { .. } => (
                FaultKind::Invalid,
                UNCHANGED,
                "Check the image's name and tag.".into(),
            ),
            Self::PullDenied { .. } => (
                FaultKind::Invalid,
                UNCHANGED,
                "Check the image's name; a private one must be fetched first with `docker login` and `docker pull`."
                    .into(),
            ),
            Self::Registry { .. } => (
                FaultKind::Failed,
                "The image is not complete, so no server was made from it.",
                "Check that the Docker host reaches the registry, and try again: layers already fetched are kept."
                    .into(),
            ),
            Self::NoSpace { .. } => (
                FaultKind::Failed,
                "What was under way is not complete, and running servers may be unable to save.",
                "Free space on the Docker host, for example with `docker system prune`, and try again.".into(),
            ),
            Self::Conflict { .. } => (
                FaultKind::Conflict,
                UNCHANGED,
                "Look at the server's state, and try again when it fits.".into(),
            ),
            Self::BadReply { .. } => (
                FaultKind::Failed,
                "It is not known whether Docker did it.",
                "Look at the server's state; if this comes again, what answers there may not be Docker.".into(),
            ),
            Self::Input { .. } => (
                FaultKind::Failed,
                "What was sent before that is in the container; it is not complete.",
                "Look at the reason, and do it again.".into(),
            ),
            Self::Api { .. } => (
                FaultKind::Failed,
                "Docker did not do it.",
                "The reason is Docker's own; `journalctl -u docker` on its host may say more.".into(),
            ),
        };
        (kind, means.to_owned(), next)
    }
}

/// The text with a capital first and a full stop last.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let mut out: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
    out.push_str(characters.as_str());
    if !out.ends_with(['.', '!', '?']) {
        out.push('.');
    }
    out
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::time::Duration;

    use super::*;

    fn all() -> Vec<(Error, FaultKind)> {
        let at = || "unix:///var/run/docker.sock".to_owned();
        let text = || "x".to_owned();
        vec![
            (
                Error::Absent { endpoint: at(), source: io::ErrorKind::NotFound.into() },
                FaultKind::Unreachable,
            ),
            (
                Error::Forbidden { endpoint: at(), source: io::ErrorKind::PermissionDenied.into() },
                FaultKind::Unreachable,
            ),
            (Error::TooOld { found: "1.39".into(), needed: "1.41".into() }, FaultKind::Unreachable),
            (Error::Unreachable { endpoint: at(), reason: text() }, FaultKind::Unreachable),
            (Error::TimedOut { what: text(), limit: Duration::from_secs(5) }, FaultKind::Unreachable),
            (Error::Interrupted { what: text() }, FaultKind::Unreachable),
            (Error::BadEndpoint { endpoint: text(), reason: text() }, FaultKind::Invalid),
            (Error::NotFound { what: text() }, FaultKind::NotFound),
            (Error::NameTaken { name: text() }, FaultKind::Conflict),
            (Error::PortTaken { port: 25565 }, FaultKind::Conflict),
            (Error::Conflict { message: text() }, FaultKind::Conflict),
            (Error::NoSuchImage { reference: text() }, FaultKind::Invalid),
            (Error::PullDenied { reference: text(), message: text() }, FaultKind::Invalid),
            (Error::Registry { reference: text(), message: text() }, FaultKind::Failed),
            (Error::NoSpace { message: text() }, FaultKind::Failed),
            (Error::BadReply { what: text(), reason: text() }, FaultKind::Failed),
            (Error::Input { source: io::Error::other("x") }, FaultKind::Failed),
            (Error::Api { status: 500, message: text() }, FaultKind::Failed),
        ]
    }

    #[test]
    fn every_error_has_three_sentences_and_its_kind() {
        for (error, kind) in all() {
            let fault = error.fault();
            assert_eq!(fault.kind, kind, "{error:?}");
            for part in [&fault.what, &fault.means, &fault.next] {
                assert!(part.ends_with(['.', ')']), "{error:?}: {part}");
                assert!(!part.starts_with(char::is_lowercase), "{error:?}: {part}");
            }
            assert_eq!(fault.chain[0], error.to_string());
            assert_eq!(kind == FaultKind::Unreachable, error.is_unreachable(), "{error:?}");
            assert_eq!(kind == FaultKind::NotFound, error.is_gone(), "{error:?}");
        }
    }

    #[test]
    fn the_three_ways_docker_is_not_there_say_what_to_do() {
        let faults: Vec<Fault> = all().iter().take(3).map(|(error, _)| error.fault()).collect();
        assert!(faults[0].next.contains("mineclifford demo"));
        assert!(faults[1].next.contains("usermod -aG docker"));
        assert!(faults[2].what.contains("1.39") && faults[2].what.contains("1.41"));
    }
}
