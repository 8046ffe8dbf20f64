//! Lines that a person or a file types, bounded.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// One line of input.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// Without its line break; bytes that are not UTF-8 are replaced.
    Line(String),
    /// It was longer than allowed, and let go as a whole.
    TooLong,
}

/// Reads lines of bounded length. A read that is given up half-way loses nothing.
pub struct Lines<R> {
    reader: BufReader<R>,
    line: Vec<u8>,
    long: bool,
    max: usize,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    /// Lines of at most `max` bytes.
    pub fn new(reader: R, max: usize) -> Self {
        Self { reader: BufReader::new(reader), line: Vec::new(), long: false, max }
    }

    /// The next line; `None` at the end. What stands after the last line break is a line too.
    ///
    /// # Errors
    /// That the input cannot be read.
    pub async fn next(&mut self) -> io::Result<Option<Input>> {
        loop {
            let available = self.reader.fill_buf().await?;
            if available.is_empty() {
                let rest = self.long || !self.line.is_empty();
                return Ok(rest.then(|| self.take()));
            }
            let end = available.iter().position(|byte| *byte == b'\n');
            let part = end.unwrap_or(available.len());
            self.long |= self.line.len() + part > self.max;
            if self.long {
                self.line.clear();
            } else {
                self.line.extend_from_slice(&available[..part]);
            }
            self.reader.consume(part + usize::from(end.is_some()));
            if end.is_some() {
                return Ok(Some(self.take()));
            }
        }
    }

    fn take(&mut self) -> Input {
        let line = std::mem::take(&mut self.line);
        if std::mem::take(&mut self.long) {
            return Input::TooLong;
        }
        let mut line = String::from_utf8_lossy(&line).into_owned();
        if line.ends_with('\r') {
            line.pop();
        }
        Input::Line(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_of_any_manner_and_long_ones_let_go() {
        let text = format!("one\r\n\n{}\ntwo\u{ff}\nlast", "x".repeat(100_000));
        let mut bytes = text.into_bytes();
        bytes.push(0xff);
        let mut lines = Lines::new(bytes.as_slice(), 20);
        let mut all = Vec::new();
        while let Some(input) = lines.next().await.unwrap() {
            all.push(input);
        }
        let line = |text: &str| Input::Line(text.into());
        assert_eq!(all, [line("one"), line(""), Input::TooLong, line("two\u{ff}"), line("last\u{fffd}")]);
    }
}
