//! Which ports of a host are taken, before anything is made.

use std::net::{IpAddr, Ipv4Addr, TcpListener};

use crate::{docker::Container, model::Fault, model::FaultKind};

/// Where the search for a free port begins: Minecraft's own.
const FIRST: u16 = 25565;

/// Ports of a host that containers have, with the container's name and whether it runs.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    ports: Vec<(Option<IpAddr>, u16, String, bool)>,
    /// Whether the host is this machine, so that a port can be tried.
    local: bool,
}

impl Taken {
    /// From all the containers of a host.
    pub fn of<'a>(containers: impl IntoIterator<Item = &'a Container>, local: bool) -> Self {
        let mut ports = Vec::new();
        for container in containers {
            for port in container.ports.iter().filter(|port| !port.udp) {
                if let Some((address, host)) = port.host {
                    let address = Some(address).filter(|address| !address.is_unspecified());
                    ports.push((address, host, container.name.clone(), container.state.is_alive()));
                }
            }
        }
        Self { ports, local }
    }

    /// The same without the ports of one container: a server does not stand in its own way.
    pub fn without(mut self, container: &str) -> Self {
        self.ports.retain(|(_, _, name, _)| name != container);
        self
    }

    /// A server that is being made will have this port.
    pub fn reserve(&mut self, bind: Option<IpAddr>, port: u16, name: &str) {
        self.ports.push((bind, port, name.to_owned(), true));
    }

    /// Whether `port` can be opened on `bind`.
    ///
    /// # Errors
    /// Who has it.
    pub fn check(&self, bind: Option<IpAddr>, port: u16) -> Result<(), Fault> {
        let clash = |address: &Option<IpAddr>| address.is_none() || bind.is_none() || *address == bind;
        let holder =
            self.ports.iter().find(|(address, taken, _, live)| *live && *taken == port && clash(address));
        if let Some((_, _, name, _)) = holder {
            return Err(taken(port, &format!("the container {name} has it")));
        }
        if self.local && !can_open(bind, port) {
            return Err(taken(port, "another program on this machine has it"));
        }
        Ok(())
    }

    /// A free port, from Minecraft's own upwards. Ports of containers that do not run count as taken here: there are
    /// enough others.
    ///
    /// # Errors
    /// That there is none among the next thousand.
    pub fn free(&self, bind: Option<IpAddr>) -> Result<u16, Fault> {
        self.free_above(bind, FIRST - 1)
    }

    /// A free port above this one.
    ///
    /// # Errors
    /// That there is none.
    pub fn free_above(&self, bind: Option<IpAddr>, port: u16) -> Result<u16, Fault> {
        (port.saturating_add(1)..FIRST + 1_000)
            .find(|port| {
                !self.ports.iter().any(|(_, taken, _, _)| taken == port) && self.check(bind, *port).is_ok()
            })
            .ok_or_else(|| {
                Fault::new(
                    FaultKind::Conflict,
                    format!("No port from {FIRST} to {} is free.", FIRST + 999),
                    "Nothing was made.",
                    "Name a port that is free.",
                )
            })
    }
}

fn can_open(bind: Option<IpAddr>, port: u16) -> bool {
    let address = bind.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    match TcpListener::bind((address, port)) {
        Ok(_) => true,
        // Only "in use" is an answer; whether Docker may open it is Docker's to say.
        Err(error) => error.kind() != std::io::ErrorKind::AddrInUse,
    }
}

fn taken(port: u16, who: &str) -> Fault {
    Fault {
        field: Some("port".into()),
        ..Fault::new(
            FaultKind::Conflict,
            format!("port: {port} is in use: {who}."),
            "Nothing was changed.",
            "Choose another port, or 0 for a free one.",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(ports: &[(&str, u16, bool)]) -> Taken {
        let ports = ports
            .iter()
            .map(|(address, port, live)| (address.parse().ok(), *port, format!("c{port}"), *live))
            .collect();
        Taken { ports, local: false }
    }

    #[test]
    fn a_clash_names_who_has_the_port() {
        let taken = taken(&[("", 25565, true), ("127.0.0.1", 25570, true), ("", 25580, false)]);
        let fault = taken.check(None, 25565).unwrap_err();
        assert!(fault.what.contains("25565") && fault.what.contains("c25565"), "{fault}");
        assert_eq!(fault.kind, FaultKind::Conflict);
        assert!(taken.check(None, 25570).is_err());
        assert!(taken.check("127.0.0.1".parse().ok(), 25570).is_err());
        assert!(taken.check("10.0.0.1".parse().ok(), 25570).is_ok());
        assert!(taken.check(None, 25580).is_ok(), "its server is stopped");
    }

    #[test]
    fn the_free_port_is_nobodys() {
        let taken = taken(&[("", 25565, true), ("127.0.0.1", 25566, true), ("", 25567, false)]);
        assert_eq!(taken.free(None).unwrap(), 25568);
    }

    #[test]
    fn another_programs_port_is_seen_on_this_machine() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let here = Taken { local: true, ..Taken::default() };
        assert!(here.check("127.0.0.1".parse().ok(), port).unwrap_err().what.contains("another program"));
    }
}
