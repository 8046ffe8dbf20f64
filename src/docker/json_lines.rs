//! Streams of JSON values, one a line: events, statistics, the progress of a pull.

use bytes::{Buf, BytesMut};
use serde::de::DeserializeOwned;

use super::error::{Error, chain, clean};
use super::limits;
use super::transport::Reply;

/// Reads a reply's values one by one.
pub(super) struct JsonLines {
    reply: Reply,
    lines: Lines,
    what: String,
}

impl JsonLines {
    /// `what` says in an error what broke off.
    pub(super) fn new(reply: Reply, what: String) -> Self {
        Self { reply, lines: Lines::default(), what: clean(&what) }
    }

    /// The next value; `None` at the stream's end.
    pub(super) async fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>, Error> {
        let unreadable =
            |reason: String, what: &str| Error::BadReply { what: what.to_owned(), reason: clean(&reason) };
        loop {
            if let Some(line) = self.lines.next().map_err(|reason| unreadable(reason, &self.what))? {
                return serde_json::from_slice(&line)
                    .map(Some)
                    .map_err(|e| unreadable(e.to_string(), &self.what));
            }
            match self.reply.chunk().await {
                Some(Ok(chunk)) => self.lines.push(&chunk),
                Some(Err(error)) => {
                    return Err(Error::Interrupted { what: format!("{} ({})", self.what, chain(&error)) });
                }
                None if self.lines.is_empty() => return Ok(None),
                // The last value needs no line's end, but it must be whole.
                None => match serde_json::from_slice(&self.lines.rest()) {
                    Ok(value) => return Ok(Some(value)),
                    Err(_) => return Err(Error::Interrupted { what: self.what.clone() }),
                },
            }
        }
    }
}

/// Splits bytes into lines, bounded.
#[derive(Default)]
struct Lines {
    held: BytesMut,
    /// So many bytes are known to hold no end of line.
    seen: usize,
}

impl Lines {
    fn push(&mut self, chunk: &[u8]) {
        self.held.extend_from_slice(chunk);
    }

    /// The next line that is not blank.
    fn next(&mut self) -> Result<Option<BytesMut>, String> {
        while let Some(at) = self.held[self.seen..].iter().position(|&byte| byte == b'\n') {
            let line = self.held.split_to(self.seen + at);
            self.held.advance(1);
            self.seen = 0;
            if !line.trim_ascii().is_empty() {
                return Ok(Some(line));
            }
        }
        self.seen = self.held.len();
        if self.seen > limits::JSON_LINE {
            return Err("a value is larger than any should be".to_owned());
        }
        Ok(None)
    }

    fn is_empty(&self) -> bool {
        self.held.trim_ascii().is_empty()
    }

    fn rest(&mut self) -> BytesMut {
        self.seen = 0;
        self.held.split()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect(lines: &mut Lines) -> Vec<String> {
        std::iter::from_fn(|| lines.next().unwrap())
            .map(|line| String::from_utf8_lossy(line.trim_ascii()).into_owned())
            .collect()
    }

    #[test]
    fn lines_come_whole_however_they_are_cut() {
        let text = b"{\"a\":1}\r\n\r\n{\"b\":2}\n{\"c\":3}";
        for size in 1..=text.len() {
            let mut lines = Lines::default();
            let mut found = Vec::new();
            for chunk in text.chunks(size) {
                lines.push(chunk);
                found.extend(collect(&mut lines));
            }
            assert_eq!(found, ["{\"a\":1}", "{\"b\":2}"]);
            assert_eq!(&lines.rest()[..], b"{\"c\":3}");
        }
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let mut lines = Lines::default();
        for _ in 0..=limits::JSON_LINE / 1024 {
            lines.push(&[b'x'; 1024]);
        }
        assert!(lines.next().is_err());
    }
}
