//! A reader of a console over WebSocket, by hand: it has to cost little beside what is measured.

use std::{io::BufReader, io::Read, net::TcpStream};

use anyhow::{Result, ensure};

use crate::service::{Service, upgraded};

/// A console that is open.
pub struct Socket {
    stream: BufReader<TcpStream>,
    buffer: Vec<u8>,
}

impl Socket {
    /// With the last lines first.
    pub fn open(service: &Service, server: &str, tail: usize) -> Result<Self> {
        let path = format!("/api/servers/console/{server}?tail={tail}");
        // Any key will do here (RFC 6455, 1.3): whose answer it is needs no proof.
        let more = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
        Ok(Self { stream: upgraded(service, &path, more)?, buffer: Vec::new() })
    }

    /// The next message (RFC 6455, 5.2); the service masks none and splits none.
    pub fn next(&mut self) -> Result<&[u8]> {
        loop {
            let mut head = [0; 2];
            self.stream.read_exact(&mut head)?;
            let length = match head[1] & 0x7f {
                126 => {
                    let mut more = [0; 2];
                    self.stream.read_exact(&mut more)?;
                    usize::from(u16::from_be_bytes(more))
                }
                127 => {
                    let mut more = [0; 8];
                    self.stream.read_exact(&mut more)?;
                    usize::try_from(u64::from_be_bytes(more))?
                }
                length => usize::from(length),
            };
            self.buffer.resize(length, 0);
            self.stream.read_exact(&mut self.buffer)?;
            match head[0] & 0x0f {
                1 | 2 => return Ok(&self.buffer),
                8 => ensure!(false, "the service closes the console"),
                _ => {}
            }
        }
    }
}
