//! A small RCON client: one command, one answer packet.

use std::io::{Error, ErrorKind, Read as _, Result, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use practice::rcon::packet;
use practice::tools;

/// A connection that is logged in.
pub struct Client(TcpStream);

impl Client {
    /// Connects and logs in.
    pub fn connect(address: SocketAddr, password: &str, patience: Duration) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, patience)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(patience))?;
        let mut client = Self(stream);
        let (id, _) = client.exchange(3, password)?;
        if id == -1 {
            return Err(Error::new(ErrorKind::PermissionDenied, "authentication failed"));
        }
        Ok(client)
    }

    /// Sends one packet and reads one.
    pub fn exchange(&mut self, kind: i32, body: &str) -> Result<(i32, String)> {
        if body.len() > 1014 {
            return Err(Error::new(ErrorKind::InvalidInput, "command too long"));
        }
        self.0.write_all(&packet(42, kind, body.as_bytes()))?;
        let mut head = [0; 12];
        self.0.read_exact(&mut head)?;
        let number = |at: usize| i32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let length = usize::try_from(number(0)).unwrap_or(0);
        if !(10..=64 * 1024).contains(&length) {
            return Err(Error::new(ErrorKind::InvalidData, "not an RCON packet"));
        }
        let mut rest = vec![0; length - 8];
        self.0.read_exact(&mut rest)?;
        rest.truncate(length - 10);
        Ok((number(4), String::from_utf8_lossy(&rest).into_owned()))
    }
}

/// The password that the image wrote for its own tools.
pub fn password() -> String {
    let text = std::fs::read_to_string(super::data().join(".rcon-cli.env")).unwrap_or_default();
    tools::rcon_env_password(&text).to_owned()
}

/// Gives one command to the server of this container.
pub fn command(line: &str, patience: Duration) -> Result<String> {
    let address = SocketAddr::from(([127, 0, 0, 1], super::ports::rcon()));
    let mut client = Client::connect(address, &password(), patience)?;
    Ok(client.exchange(2, line)?.1)
}
