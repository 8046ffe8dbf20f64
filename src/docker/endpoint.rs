//! Where a Docker engine is, and where to look for one.

use std::net::IpAddr;
use std::path::PathBuf;

use super::connector::Connector;
use super::context;
use super::error::{Error, clean};
use crate::ssh::{Address, host_and_port};

/// Where a Docker engine is.
#[derive(Clone, Debug)]
pub enum Endpoint {
    /// A socket of this machine.
    Unix(PathBuf),
    /// `host:port`, not encrypted: whoever reaches it is root there.
    Tcp(String),
    /// `host:port` with certificates on both sides.
    Tls {
        /// `host:port`.
        address: String,
        /// The folder with `ca.pem`, `cert.pem` and `key.pem`.
        certs: PathBuf,
    },
    /// Another machine's engine, through its `docker system dial-stdio`.
    Ssh {
        /// The user there; ssh's own choice where `None`.
        user: Option<String>,
        /// The machine, as ssh knows it.
        host: String,
        /// Its port; ssh's own choice where `None`.
        port: Option<u16>,
    },
    /// An engine in this process, such as the demo's.
    InProcess(Connector),
}

fn bad(url: &str, reason: impl Into<String>) -> Error {
    Error::BadEndpoint { endpoint: clean(url), reason: reason.into() }
}

impl Endpoint {
    /// Reads an address as the `docker` command takes it: `unix:///path`, `tcp://host[:port]`, `http://…` (the same),
    /// `ssh://[user@]host[:port]`, or an absolute path.
    ///
    /// # Errors
    /// [`Error::BadEndpoint`] with the reason.
    pub fn parse(url: &str) -> Result<Self, Error> {
        if url.len() > 1024 || url.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(bad(url, "it is too long or holds spaces or control characters"));
        }
        if url.starts_with('/') {
            return Ok(Self::Unix(PathBuf::from(url)));
        }
        let Some((scheme, rest)) = url.split_once("://") else {
            return Err(bad(url, "it must begin with unix://, tcp:// or ssh://"));
        };
        match scheme {
            "unix" if rest.starts_with('/') => Ok(Self::Unix(PathBuf::from(rest))),
            "unix" => Err(bad(url, "the path of the socket must begin with /")),
            "tcp" | "http" => Ok(Self::Tcp(authority(url, rest, 2375)?)),
            "https" => Err(bad(url, "for TLS write tcp:// and set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH")),
            "ssh" => ssh(url, rest),
            "npipe" => Err(bad(url, "named pipes exist only on Windows")),
            _ => Err(bad(url, "it must begin with unix://, tcp:// or ssh://")),
        }
    }

    /// Finds engines as the `docker` command does. In this order: `wanted` (the `--docker` flag), `DOCKER_HOST` (with
    /// `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH`), `DOCKER_CONTEXT`, the current context of the configuration. Each of
    /// these is a choice, and gives exactly one candidate. Without any, the sockets that are there: Docker's, rootless
    /// Docker's, Docker Desktop's, Podman's; and where there is none, Docker's own, to fail with its name.
    ///
    /// Reads small files; does not connect.
    ///
    /// # Errors
    /// [`Error::BadEndpoint`] when a choice is none.
    pub fn discover(wanted: Option<&str>, env: &dyn Fn(&str) -> Option<String>) -> Result<Vec<Self>, Error> {
        let env = |name: &str| env(name).filter(|value| !value.is_empty());
        let chosen = wanted.map(str::to_owned).filter(|url| !url.is_empty()).or_else(|| env("DOCKER_HOST"));
        if let Some(url) = chosen {
            let endpoint = Self::parse(&url)?;
            return Ok(vec![endpoint.with_tls(&env)?]);
        }
        if let Some(endpoint) = context::current(&env)? {
            return Ok(vec![endpoint]);
        }
        let mut found: Vec<PathBuf> = Vec::new();
        let mut real: Vec<PathBuf> = Vec::new();
        for socket in sockets(&env) {
            // One socket under two names (a link, as the podman-docker package makes one) is one engine.
            let Ok(path) = socket.canonicalize() else { continue };
            if !real.contains(&path) {
                real.push(path);
                found.push(socket);
            }
        }
        if found.is_empty() {
            found.push(PathBuf::from(DEFAULT_SOCKET));
        }
        Ok(found.into_iter().map(Self::Unix).collect())
    }

    /// `DOCKER_TLS_VERIFY` turns TCP into TLS, with the certificates in `DOCKER_CERT_PATH` or `~/.docker`.
    fn with_tls(self, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, Error> {
        match self {
            Self::Tcp(address) if env("DOCKER_TLS_VERIFY").is_some() => {
                let certs = env("DOCKER_CERT_PATH").map(PathBuf::from).or_else(|| context::folder(env));
                match certs {
                    Some(certs) => Ok(Self::Tls { address, certs }),
                    None => Err(bad(&address, "DOCKER_TLS_VERIFY is set, and DOCKER_CERT_PATH is not")),
                }
            }
            other => Ok(other),
        }
    }

    /// The address as a person may see it. It holds no secret, and says when the way there is not encrypted.
    pub fn describe(&self) -> String {
        match self {
            Self::Unix(path) => clean(&format!("unix://{}", path.display())),
            Self::Tcp(address) if is_loopback(address) => format!("tcp://{address}"),
            Self::Tcp(address) => format!("tcp://{address} (not encrypted)"),
            Self::Tls { address, .. } => format!("tcp://{address} (TLS)"),
            Self::Ssh { user, host, port } => {
                let user = user.as_ref().map(|user| format!("{user}@")).unwrap_or_default();
                let port = port.map(|port| format!(":{port}")).unwrap_or_default();
                format!("ssh://{user}{host}{port}")
            }
            Self::InProcess(_) => "in this program".to_owned(),
        }
    }
}

const DEFAULT_SOCKET: &str = "/var/run/docker.sock";

/// Where sockets of engines are, the likeliest first.
fn sockets(env: &dyn Fn(&str) -> Option<String>) -> Vec<PathBuf> {
    let runtime =
        env("XDG_RUNTIME_DIR").unwrap_or_else(|| format!("/run/user/{}", rustix::process::getuid().as_raw()));
    let runtime = PathBuf::from(runtime);
    let mut sockets = vec![PathBuf::from(DEFAULT_SOCKET), runtime.join("docker.sock")];
    if let Some(home) = env("HOME") {
        sockets.push(PathBuf::from(home).join(".docker/run/docker.sock"));
    }
    sockets.push(runtime.join("podman/podman.sock"));
    sockets.push(PathBuf::from("/run/podman/podman.sock"));
    sockets
}

fn is_loopback(address: &str) -> bool {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn authority(url: &str, rest: &str, default_port: u16) -> Result<String, Error> {
    let (host, port) = host_and_port(rest.trim_end_matches('/')).map_err(|reason| bad(url, reason))?;
    let port = port.unwrap_or(default_port);
    Ok(if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") })
}

fn ssh(url: &str, rest: &str) -> Result<Endpoint, Error> {
    if rest.trim_end_matches('/').contains('/') {
        return Err(bad(url, "a path is not understood here; write ssh://user@host:port"));
    }
    let Address { user, host, port } = Address::parse(rest).map_err(|reason| {
        // A password would end up in the process list; it is not even repeated in the message.
        bad(if rest.contains('@') { "ssh://…" } else { url }, reason)
    })?;
    Ok(Endpoint::Ssh { user, host, port })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::fs;
    use std::path::Path;

    use super::*;

    fn describe(url: &str) -> String {
        Endpoint::parse(url).unwrap().describe()
    }

    #[test]
    fn addresses_are_read_as_the_docker_command_reads_them() {
        assert_eq!(describe("unix:///run/docker.sock"), "unix:///run/docker.sock");
        assert_eq!(describe("/run/docker.sock"), "unix:///run/docker.sock");
        assert_eq!(describe("tcp://localhost"), "tcp://localhost:2375");
        assert_eq!(describe("tcp://[::1]:99/"), "tcp://[::1]:99");
        assert_eq!(describe("http://10.0.0.1:1"), "tcp://10.0.0.1:1 (not encrypted)");
        assert_eq!(describe("ssh://mc@host.example:2222"), "ssh://mc@host.example:2222");
        assert_eq!(describe("ssh://host"), "ssh://host");
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_reason() {
        for url in [
            "",
            "docker.sock",
            "unix://docker.sock",
            "tcp://",
            "tcp://host:0",
            "tcp://host:65536",
            "tcp://[host]:1",
            "tcp://::1",
            "https://host",
            "npipe:////./pipe/docker_engine",
            "ftp://host",
            "unix:///a\nb",
            "ssh://",
            "ssh://host/path",
        ] {
            assert!(matches!(Endpoint::parse(url), Err(Error::BadEndpoint { .. })), "{url:?}");
        }
    }

    #[test]
    fn no_host_or_user_becomes_an_option_of_ssh() {
        for url in [
            "ssh://-oProxyCommand=touch$IFS/tmp/x",
            "ssh://-oProxyCommand=id@host",
            "ssh://user@-oProxyCommand=id",
            "ssh://host;id",
            "ssh://$(id)",
            "ssh://user name@host",
            "ssh://us`id`er@host",
            "ssh://a@b@-h",
            "ssh://host:-p",
            "ssh://[::1%25-x]:1",
        ] {
            assert!(matches!(Endpoint::parse(url), Err(Error::BadEndpoint { .. })), "{url:?}");
        }
        let Err(error) = Endpoint::parse("ssh://user:secret@host") else { panic!("a password") };
        assert!(!format!("{error} {error:?}").contains("secret"));
    }

    fn discover(wanted: Option<&str>, env: &[(&str, &str)]) -> Result<Vec<String>, Error> {
        let env: HashMap<_, _> = env.iter().copied().collect();
        let found = Endpoint::discover(wanted, &|name| env.get(name).map(|&value| value.to_owned()))?;
        Ok(found.iter().map(Endpoint::describe).collect())
    }

    fn context(folder: &Path, id: &str, name: &str, endpoint: &str) {
        let meta = folder.join("contexts/meta").join(id);
        fs::create_dir_all(&meta).unwrap();
        let json = format!(r#"{{"Name":"{name}","Metadata":{{}},"Endpoints":{{"docker":{endpoint}}}}}"#);
        fs::write(meta.join("meta.json"), json).unwrap();
    }

    #[test]
    fn the_flag_counts_more_than_the_variable_and_that_more_than_a_context() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().to_str().unwrap();
        context(folder.path(), "0a", "far", r#"{"Host":"ssh://far"}"#);
        context(folder.path(), "0b", "near", r#"{"Host":"unix:///near.sock"}"#);
        fs::write(folder.path().join("config.json"), r#"{"auths":{},"currentContext":"near"}"#).unwrap();
        let base = ("DOCKER_CONFIG", config);
        let host = ("DOCKER_HOST", "tcp://127.0.0.1:1");
        let chosen = ("DOCKER_CONTEXT", "far");
        let of = |wanted, env: &[(&str, &str)]| discover(wanted, env).unwrap();
        assert_eq!(of(Some("unix:///x"), &[base, host, chosen]), ["unix:///x"]);
        assert_eq!(of(None, &[base, host, chosen]), ["tcp://127.0.0.1:1"]);
        assert_eq!(of(None, &[base, chosen]), ["ssh://far"]);
        assert_eq!(of(None, &[base]), ["unix:///near.sock"]);
        let unknown = discover(None, &[base, ("DOCKER_CONTEXT", "nowhere")]);
        assert!(matches!(unknown, Err(Error::BadEndpoint { .. })));
        // Empty variables count as unset, as they do for the docker command.
        assert_eq!(of(None, &[base, ("DOCKER_HOST", ""), ("DOCKER_CONTEXT", "")]), ["unix:///near.sock"]);
        assert!(discover(Some("nonsense"), &[base]).is_err());
    }

    #[test]
    fn certificates_turn_tcp_into_tls() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().to_str().unwrap();
        context(folder.path(), "0c", "tls", r#"{"Host":"tcp://far:2376","SkipTLSVerify":false}"#);
        context(folder.path(), "0d", "blind", r#"{"Host":"tcp://far:2376","SkipTLSVerify":true}"#);
        context(folder.path(), "0e", "plain", r#"{"Host":"tcp://far:2375"}"#);
        for id in ["0c", "0d"] {
            fs::create_dir_all(folder.path().join("contexts/tls").join(id).join("docker")).unwrap();
        }
        let of = |name| discover(None, &[("DOCKER_CONFIG", config), ("DOCKER_CONTEXT", name)]);
        assert_eq!(of("tls").unwrap(), ["tcp://far:2376 (TLS)"]);
        assert_eq!(of("plain").unwrap(), ["tcp://far:2375 (not encrypted)"]);
        assert!(matches!(of("blind"), Err(Error::BadEndpoint { .. })));
        let verify = ("DOCKER_TLS_VERIFY", "1");
        let env = [("HOME", "/home/me"), verify, ("DOCKER_HOST", "tcp://far:2376")];
        assert_eq!(discover(None, &env).unwrap(), ["tcp://far:2376 (TLS)"]);
        assert!(discover(None, &env[1..]).is_err(), "no folder of certificates");
        let socket = [verify, ("DOCKER_HOST", "unix:///x")];
        assert_eq!(discover(None, &socket).unwrap(), ["unix:///x"]);
    }

    #[test]
    fn without_a_choice_the_sockets_that_are_there_are_tried_in_order() {
        let runtime = tempfile::tempdir().unwrap();
        let home = tempfile::tempdir().unwrap();
        fs::create_dir_all(runtime.path().join("podman")).unwrap();
        fs::create_dir_all(home.path().join(".docker/run")).unwrap();
        fs::write(runtime.path().join("docker.sock"), "").unwrap();
        fs::write(home.path().join(".docker/config.json"), "not { json").unwrap();
        std::os::unix::fs::symlink(
            runtime.path().join("docker.sock"),
            home.path().join(".docker/run/docker.sock"),
        )
        .unwrap();
        fs::write(runtime.path().join("podman/podman.sock"), "").unwrap();
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        let (runtime, home) = (text(runtime.path()), text(home.path()));
        let env = [("XDG_RUNTIME_DIR", runtime.as_str()), ("HOME", home.as_str())];
        let found = discover(None, &env).unwrap();
        // This machine's own sockets may be there too; the link is the same engine once more.
        let ours: Vec<_> =
            found.iter().filter(|found| found.contains(&runtime) || found.contains(&home)).collect();
        assert_eq!(
            ours,
            [&format!("unix://{runtime}/docker.sock"), &format!("unix://{runtime}/podman/podman.sock")]
        );
        assert_eq!(
            discover(None, &[("XDG_RUNTIME_DIR", "/nowhere")]).unwrap()[0],
            format!("unix://{DEFAULT_SOCKET}")
        );
    }
}
