//! Console lines.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::console::{Level, Line, LineKind};

/// A line of a console.
#[derive(Serialize, ToSchema, Clone, Debug)]
#[schema(as = Line)]
pub struct LineView<'a> {
    /// Grows by one with each line; begins anew when the engine is started anew.
    pub seq: u64,
    /// When it was written.
    pub at: Timestamp,
    /// `trace`, `debug`, `info`, `warn` or `error`.
    pub level: &'static str,
    /// `output`, `chat`, `command` or `remark`.
    pub kind: &'static str,
    /// The text. With colours, the only control sequences in it are those of SGR.
    pub text: Cow<'a, str>,
}

impl<'a> LineView<'a> {
    /// The line, with its colours or without.
    pub fn new(line: &Line<'a>, colors: bool) -> Self {
        let level = match line.level {
            Level::Trace => "trace",
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        };
        let kind = match line.kind {
            LineKind::Output => "output",
            LineKind::Chat => "chat",
            LineKind::Command => "command",
            LineKind::Remark => "remark",
        };
        let text = if colors { Cow::Borrowed(line.text) } else { plain(line.text) };
        Self { seq: line.seq, at: line.at, level, kind, text }
    }

    /// The same, for longer.
    pub fn owned(self) -> LineView<'static> {
        LineView { text: Cow::Owned(self.text.into_owned()), ..self }
    }
}

/// The text without SGR, the only sequences that a line can hold.
fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains('\u{1b}') {
        return Cow::Borrowed(text);
    }
    let mut pieces = text.split('\u{1b}');
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        plain.push_str(piece.split_once('m').map_or("", |(_, rest)| rest));
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_taken_out() {
        assert_eq!(plain("plain m"), "plain m");
        assert_eq!(plain("\u{1b}[31mred\u{1b}[0m and \u{1b}[1;38;5;2mmore\u{1b}[m"), "red and more");
    }
}
