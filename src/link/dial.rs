//! Where an engine is, and how a byte stream to it comes about.

use std::{io, path::PathBuf};

use tokio::net::UnixStream;

use super::{codec::Boxed, protocol::Error};
use crate::{
    model::Fault,
    ssh::{self, Address, clean},
};

/// Where an engine is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// A socket of this machine.
    Socket(PathBuf),
    /// Another machine, through the person's own ssh and the program there.
    Ssh {
        /// Which.
        address: Address,
        /// The socket there, where it is not the usual one.
        socket: Option<String>,
    },
}

impl Target {
    /// Reads `unix:///path`, or `ssh://[user@]host[:port][/path/of/the/socket]`.
    ///
    /// # Errors
    /// The rule that is broken.
    pub fn parse(url: &str) -> Result<Self, Fault> {
        let bad = |rule: &str| Fault::invalid("connect", rule);
        if url.len() > 1024 || url.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(bad("must not be longer than 1024 bytes or hold spaces and control characters"));
        }
        if let Some(path) = url.strip_prefix("unix://") {
            return match path.starts_with('/') {
                true => Ok(Self::Socket(path.into())),
                false => Err(bad("the path of the socket must begin with /: unix:///path")),
            };
        }
        let rest = url
            .strip_prefix("ssh://")
            .ok_or_else(|| bad("must be ssh://user@host[:port] or unix:///path/of/the/socket"))?;
        let (machine, socket) = match rest.split_once('/') {
            None | Some((_, "")) => (rest, None),
            Some((machine, path)) => (machine, Some(format!("/{path}"))),
        };
        // A shell on the other side reads it.
        let harmless = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '@' | '+');
        if socket.as_ref().is_some_and(|path| !path.chars().all(harmless)) {
            return Err(bad("the path of the socket may hold only letters, digits and / . - _ @ +"));
        }
        Ok(Self::Ssh { address: Address::parse(machine).map_err(bad)?, socket })
    }

    /// As a person may see it.
    pub fn place(&self) -> String {
        match self {
            Self::Socket(path) => clean(&path.display().to_string()),
            Self::Ssh { address, .. } => address.to_string(),
        }
    }

    /// Opens a byte stream.
    ///
    /// # Errors
    /// [`Error::Nobody`] where no engine listens; [`Error::Broken`].
    pub async fn dial(&self) -> Result<Boxed, Error> {
        match self {
            Self::Socket(path) => match UnixStream::connect(path).await {
                Ok(stream) => Ok(Box::new(stream)),
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) =>
                {
                    Err(Error::Nobody(error))
                }
                Err(error) => Err(Error::Broken(error)),
            },
            Self::Ssh { address, socket } => {
                let mut command = vec!["mineclifford", "link-stdio"];
                if let Some(socket) = socket {
                    command.extend(["--socket", socket]);
                }
                Ok(Box::new(ssh::open("ssh", address, &command)?))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_nothing_in_them_is_obeyed() {
        assert_eq!(Target::parse("unix:///run/x.sock"), Ok(Target::Socket("/run/x.sock".into())));
        let place = |url: &str| Target::parse(url).unwrap().place();
        assert_eq!(place("ssh://mc@host:22"), "mc@host:22");
        assert_eq!(place("ssh://host/"), "host");
        let with = Target::parse("ssh://host/run/mc/engine.sock").unwrap();
        assert!(matches!(with, Target::Ssh { socket: Some(path), .. } if path == "/run/mc/engine.sock"));
        for url in [
            "",
            "host",
            "unix://relative",
            "tcp://host",
            "ssh://-oProxyCommand=id",
            "ssh://user@-oProxyCommand=id",
            "ssh://-l@host",
            "ssh://host/$(id)",
            "ssh://host/a;id",
            "ssh://host/a b",
            "ssh://host/`id`",
            "ssh://user:secret@host",
        ] {
            let fault = Target::parse(url).unwrap_err();
            assert!(!fault.to_string().contains("secret"), "{fault}");
        }
    }
}
