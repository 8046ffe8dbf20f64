//! The form of a log on the wire.
//!
//! Without a terminal: frames, each with a header of eight bytes — the stream, three zeros, the length, big-endian
//! (<https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach>). One
//! frame is one line, or up to 16 KiB of a longer one, and each begins with its time and a space. With a terminal: the
//! same without headers, so that the parts of a long line can only be told by their length.
//!
//! Nothing is kept but the first bytes of a frame until its time is read: a frame that says it has 4 GiB costs no more
//! than a small one.

use std::collections::VecDeque;

use bytes::Bytes;
use jiff::Timestamp;

use super::error::clean;
use super::limits;
use super::types::LogPiece;

/// Longest time before a line: `2006-01-02T15:04:05.000000000+00:00` and the space.
const TIME: usize = 36;
/// How much of a line Docker puts into one entry of a log.
const ENTRY: usize = 16 * 1024;
/// Bytes of a frame's header.
const HEADER: usize = 8;

/// Reads the bytes as they come, in pieces of any size.
#[derive(Debug)]
pub(super) struct Decoder {
    tty: bool,
    /// Bytes of a header or a time that is not whole yet.
    held: Vec<u8>,
    part: Part,
    at: Timestamp,
    stderr: bool,
    /// What the daemon says of an error of its own, while that frame is read.
    fault: Option<Vec<u8>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    /// Before or in a frame's header.
    Header,
    /// Before or in the time, with so many bytes left of the frame (terminal: any number).
    Time { left: usize },
    /// In the text; terminal: `left` is what may still belong to this entry.
    Text { left: usize },
}

impl Decoder {
    pub(super) fn new(tty: bool) -> Self {
        let part = if tty { Part::Time { left: usize::MAX } } else { Part::Header };
        Self { tty, held: Vec::new(), part, at: Timestamp::UNIX_EPOCH, stderr: false, fault: None }
    }

    /// Whether the stream may end here: between frames.
    pub(super) fn is_whole(&self) -> bool {
        self.tty || (self.part == Part::Header && self.held.is_empty())
    }

    /// Gives out what was held back when the stream ended.
    pub(super) fn finish(&mut self, out: &mut VecDeque<LogPiece>) {
        if self.tty && !self.held.is_empty() {
            let held = std::mem::take(&mut self.held);
            self.emit(&held, out);
        }
    }

    /// Reads more bytes.
    ///
    /// # Errors
    /// What makes no sense, or what the daemon says went wrong on its side.
    pub(super) fn push(&mut self, mut bytes: &[u8], out: &mut VecDeque<LogPiece>) -> Result<(), String> {
        while !bytes.is_empty() {
            bytes = match self.part {
                Part::Header => self.header(bytes)?,
                Part::Time { left } => self.time(bytes, left, out),
                Part::Text { left } => self.text(bytes, left, out),
            };
            if let (Part::Header, Some(said)) = (self.part, &self.fault) {
                return Err(clean(&String::from_utf8_lossy(said)));
            }
        }
        Ok(())
    }

    fn header<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], String> {
        let (now, rest) = bytes.split_at(bytes.len().min(HEADER - self.held.len()));
        self.held.extend_from_slice(now);
        let [stream, 0, 0, 0, a, b, c, d] = self.held[..] else {
            if self.held.len() < HEADER {
                return Ok(rest);
            }
            return Err("this is no log in frames".to_owned());
        };
        self.held.clear();
        let left = u32::from_be_bytes([a, b, c, d]) as usize;
        self.part = match stream {
            0..=2 if left == 0 => Part::Header,
            0..=2 => Part::Time { left },
            3 => {
                self.fault = Some(Vec::new());
                if left == 0 { Part::Header } else { Part::Text { left } }
            }
            _ => return Err("this is no log in frames".to_owned()),
        };
        self.stderr = stream == 2;
        Ok(rest)
    }

    fn time<'a>(&mut self, bytes: &'a [u8], left: usize, out: &mut VecDeque<LogPiece>) -> &'a [u8] {
        let room = (TIME - self.held.len()).min(left - self.held.len().min(left)).min(bytes.len());
        let space = bytes[..room].iter().position(|&byte| byte == b' ' || byte == b'\n');
        let (now, rest) = bytes.split_at(space.map_or(room, |at| at + 1));
        self.held.extend_from_slice(now);
        if space.is_none() && self.held.len() < TIME && self.held.len() < left {
            return rest;
        }
        let held = std::mem::take(&mut self.held);
        let taken = held.len();
        if let Some(at) = parse(&held) {
            self.at = at;
            self.begin_text(left, taken);
        } else {
            // No time is there (which Docker never does): the text is not lost, and gets the time of the one before.
            self.begin_text(left, 0);
            self.text_of(&held, out);
        }
        rest
    }

    fn begin_text(&mut self, left: usize, taken: usize) {
        self.part = match left - taken {
            _ if self.tty => Part::Text { left: ENTRY },
            0 => Part::Header,
            left => Part::Text { left },
        };
    }

    /// Text that was held back as a possible time.
    fn text_of(&mut self, held: &[u8], out: &mut VecDeque<LogPiece>) {
        let mut rest = held;
        while !rest.is_empty() {
            let Part::Text { left } = self.part else {
                // A terminal's line ended within it: what follows is no time either.
                self.part = Part::Text { left: ENTRY };
                continue;
            };
            rest = self.text(rest, left, out);
        }
    }

    fn text<'a>(&mut self, bytes: &'a [u8], left: usize, out: &mut VecDeque<LogPiece>) -> &'a [u8] {
        let mut room = bytes.len().min(left).min(limits::LOG_PIECE);
        let mut ended = false;
        if self.tty
            && let Some(end) = bytes[..room].iter().position(|&byte| byte == b'\n')
        {
            room = end + 1;
            ended = true;
        }
        let (now, rest) = bytes.split_at(room);
        if let Some(said) = &mut self.fault {
            let room = limits::MESSAGE.saturating_sub(said.len()).min(now.len());
            said.extend_from_slice(&now[..room]);
        } else {
            self.emit(now, out);
        }
        self.part = match left - room {
            _ if self.tty && ended => Part::Time { left: usize::MAX },
            // A full entry without an end of line: the next part of the line has a time of its own.
            0 if self.tty => Part::Time { left: usize::MAX },
            0 => Part::Header,
            left => Part::Text { left },
        };
        rest
    }

    fn emit(&self, data: &[u8], out: &mut VecDeque<LogPiece>) {
        // Copied, so that a short line does not keep the whole network buffer alive.
        out.push_back(LogPiece { at: self.at, stderr: self.stderr, data: Bytes::copy_from_slice(data) });
    }
}

/// Reads a time and the space behind it.
fn parse(held: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(held.strip_suffix(b" ")?).ok()?;
    // Jiff takes more forms than Docker writes; a line that merely begins with a date must not lose it.
    if text.len() < 20 || text.as_bytes().get(10) != Some(&b'T') {
        return None;
    }
    text.parse().ok()
}
