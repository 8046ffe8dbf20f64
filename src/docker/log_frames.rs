//! The form of a log on the wire.
//!
//! Without a terminal: frames, each with a header of eight bytes — the stream, three zeros, the length, big-endian
//! (<https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach>). One
//! frame is one line, or up to 16 KiB of a longer one, and each begins with its time and a space. With a terminal: the
//! same without headers, so that the parts of a long line can only be told by their length.
//!
//! One frame is one piece, whatever the network makes of it, so that a log read twice comes in the same pieces. A frame
//! that is larger than any entry of Docker's is cut at fixed lengths: one that says it has 4 GiB costs no more than a
//! small one.

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
    /// Text of a piece that is not whole yet.
    piece: Vec<u8>,
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
        Self {
            tty,
            held: Vec::new(),
            piece: Vec::new(),
            part,
            at: Timestamp::UNIX_EPOCH,
            stderr: false,
            fault: None,
        }
    }

    /// Whether the stream may end here: between frames.
    pub(super) fn is_whole(&self) -> bool {
        self.tty || (self.part == Part::Header && self.held.is_empty())
    }

    /// Gives out what was held back when the stream ended.
    pub(super) fn finish(&mut self, out: &mut VecDeque<LogPiece>) {
        let held = std::mem::take(&mut self.held);
        let text = [std::mem::take(&mut self.piece), held].concat();
        if self.tty && !text.is_empty() {
            self.emit(Bytes::from(text), out);
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
        let mut room = bytes.len().min(left).min(limits::LOG_PIECE - self.piece.len());
        let mut ended = false;
        if self.tty
            && let Some(end) = bytes[..room].iter().position(|&byte| byte == b'\n')
        {
            room = end + 1;
            ended = true;
        }
        let (now, rest) = bytes.split_at(room);
        self.part = match left - room {
            _ if self.tty && ended => Part::Time { left: usize::MAX },
            // A full entry without an end of line: the next part of the line has a time of its own.
            0 if self.tty => Part::Time { left: usize::MAX },
            0 => Part::Header,
            left => Part::Text { left },
        };
        if let Some(said) = &mut self.fault {
            let room = limits::MESSAGE.saturating_sub(said.len()).min(now.len());
            said.extend_from_slice(&now[..room]);
            return rest;
        }
        let whole = !matches!(self.part, Part::Text { .. });
        if whole && self.piece.is_empty() {
            // Copied, so that a short line does not keep the whole network buffer alive.
            self.emit(Bytes::copy_from_slice(now), out);
            return rest;
        }
        self.piece.extend_from_slice(now);
        if whole || self.piece.len() >= limits::LOG_PIECE {
            let piece = std::mem::take(&mut self.piece);
            self.emit(Bytes::from(piece.into_boxed_slice()), out);
        }
        rest
    }

    fn emit(&self, data: Bytes, out: &mut VecDeque<LogPiece>) {
        out.push_back(LogPiece { at: self.at, stderr: self.stderr, data });
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const AT: &str = "2026-01-02T03:04:05.000000009Z";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn frame(stream: u8, data: &[u8]) -> Vec<u8> {
        let mut frame = vec![stream, 0, 0, 0];
        frame.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        frame.extend(data);
        frame
    }

    fn timed(stream: u8, data: &[u8]) -> Vec<u8> {
        frame(stream, &[AT.as_bytes(), b" ", data].concat())
    }

    fn read(tty: bool, bytes: &[u8], size: usize) -> Result<Vec<LogPiece>, String> {
        let mut decoder = Decoder::new(tty);
        let mut out = VecDeque::new();
        for chunk in bytes.chunks(size.max(1)) {
            decoder.push(chunk, &mut out)?;
        }
        assert!(decoder.is_whole());
        decoder.finish(&mut out);
        Ok(out.into())
    }

    /// The text of all pieces of one stream.
    fn text(pieces: &[LogPiece], stderr: bool) -> Vec<u8> {
        pieces.iter().filter(|piece| piece.stderr == stderr).flat_map(|piece| piece.data.to_vec()).collect()
    }

    #[test]
    fn lines_of_both_outputs_come_with_their_times() {
        let bytes =
            [timed(1, b"one\n"), timed(2, b"two\n"), frame(1, b"2026-01-02T03:04:06Z three\n")].concat();
        for size in 1..=bytes.len() {
            let pieces = read(false, &bytes, size).unwrap();
            assert_eq!(text(&pieces, false), b"one\nthree\n");
            assert_eq!(text(&pieces, true), b"two\n");
            assert_eq!(pieces[0].at, at(AT));
            assert_eq!(pieces.last().unwrap().at, at("2026-01-02T03:04:06Z"));
        }
    }

    #[test]
    fn the_parts_of_a_long_line_join_without_their_times() {
        let part = vec![b'x'; ENTRY];
        let bytes = [timed(1, &part), timed(1, &part), timed(1, b"end\n"), timed(1, b"next\n")].concat();
        let whole = [&part[..], &part, b"end\nnext\n"].concat();
        assert_eq!(text(&read(false, &bytes, 4096).unwrap(), false), whole);
        // With a terminal there are no frames, only the length tells.
        let line = |data: &[u8]| [AT.as_bytes(), b" ", data].concat();
        let bytes = [line(&part), line(&part), line(b"end\n"), line(b"next\n")].concat();
        for size in [1, 7, 4096, bytes.len()] {
            assert_eq!(text(&read(true, &bytes, size).unwrap(), false), whole);
        }
    }

    #[test]
    fn empty_lines_and_text_that_looks_like_a_time_survive() {
        let bytes = [timed(1, b"\n"), timed(1, b"2026-01-02T03:04:05Z said the server\n")].concat();
        assert_eq!(
            text(&read(false, &bytes, 5).unwrap(), false),
            b"\n2026-01-02T03:04:05Z said the server\n"
        );
        let bytes = format!("{AT} \n{AT} a\r\n{AT} b");
        assert_eq!(text(&read(true, bytes.as_bytes(), 3).unwrap(), false), b"\na\r\nb");
    }

    #[test]
    fn a_line_without_a_time_is_not_lost() {
        let long = b"no time here, and a line that is longer than any time could be\n";
        let bytes = [timed(1, b"a\n"), frame(1, b"short\n"), frame(2, long), frame(1, b"\n")].concat();
        let pieces = read(false, &bytes, 10).unwrap();
        assert_eq!(text(&pieces, false), b"a\nshort\n\n");
        assert_eq!(text(&pieces, true), long);
        assert!(pieces.iter().all(|piece| piece.at == at(AT)));
        let bytes = b"plain\n\nlines of text that have no time at all, none whatsoever\nand end";
        assert_eq!(text(&read(true, bytes, 4).unwrap(), false), bytes);
    }

    #[test]
    fn a_huge_frame_is_passed_on_without_being_held() {
        let mut decoder = Decoder::new(false);
        let mut out = VecDeque::new();
        decoder.push(&[1, 0, 0, 0, 255, 255, 255, 255], &mut out).unwrap();
        decoder.push(format!("{AT} ").as_bytes(), &mut out).unwrap();
        let mut total = 0;
        for _ in 0..100 {
            decoder.push(&[b'x'; 100_000], &mut out).unwrap();
            assert!(out.iter().all(|piece| piece.data.len() <= limits::LOG_PIECE));
            total += out.drain(..).map(|piece| piece.data.len()).sum::<usize>();
            assert!(decoder.held.is_empty() && decoder.piece.len() < limits::LOG_PIECE);
        }
        assert_eq!(total + decoder.piece.len(), 100 * 100_000);
        assert!(!decoder.is_whole());
    }

    #[test]
    fn what_is_no_log_is_refused_and_the_daemons_own_error_is_told() {
        assert!(read(false, b"HTTP/1.1 200 OK\r\n", 100).is_err());
        assert!(read(false, &frame(9, b"x"), 100).is_err());
        let error = read(false, &frame(3, b"error from daemon in stream: \x1b[2Jbroken"), 7).unwrap_err();
        assert_eq!(error, "error from daemon in stream: [2Jbroken");
    }

    proptest! {
        #[test]
        fn no_byte_is_lost_or_added(
            lines in prop::collection::vec((1_u8..3, prop::collection::vec(any::<u8>(), 0..80)), 0..20),
            size in 1_usize..200,
        ) {
            let bytes: Vec<u8> = lines.iter().flat_map(|(stream, line)| timed(*stream, line)).collect();
            let pieces = read(false, &bytes, size).unwrap();
            // The same pieces however it is cut, one a line: whoever resumes can tell those that were seen.
            prop_assert_eq!(&pieces, &read(false, &bytes, bytes.len()).unwrap());
            prop_assert_eq!(pieces.len(), lines.iter().filter(|(_, line)| !line.is_empty()).count());
            for stream in [1, 2] {
                let sent: Vec<u8> =
                    lines.iter().filter(|(to, _)| *to == stream).flat_map(|(_, line)| line.clone()).collect();
                prop_assert_eq!(text(&pieces, stream == 2), sent);
            }
        }

        #[test]
        fn a_terminals_lines_come_back_whole(
            lines in prop::collection::vec("[^\n]{0,60}", 0..20),
            size in 1_usize..200,
        ) {
            let bytes: String = lines.iter().map(|line| format!("{AT} {line}\n")).collect();
            let sent: String = lines.iter().map(|line| format!("{line}\n")).collect();
            prop_assert_eq!(text(&read(true, bytes.as_bytes(), size).unwrap(), false), sent.into_bytes());
        }

        #[test]
        fn no_bytes_from_outside_do_harm(bytes in prop::collection::vec(any::<u8>(), 0..400), tty: bool, size in 1_usize..50) {
            let mut decoder = Decoder::new(tty);
            let mut out = VecDeque::new();
            for chunk in bytes.chunks(size) {
                if decoder.push(chunk, &mut out).is_err() {
                    break;
                }
            }
            prop_assert!(decoder.held.len() <= TIME);
            prop_assert!(out.iter().map(|piece| piece.data.len()).sum::<usize>() <= bytes.len());
        }
    }
}
