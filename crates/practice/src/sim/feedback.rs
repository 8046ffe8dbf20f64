//! What a command answers, and where the answer goes.

use super::{Context, Server};
use crate::flavour::Family;
use crate::log::without_colours;
use crate::output::Event;

/// Who gave a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Standard input.
    Console,
    /// An RCON connection.
    Rcon(u64),
}

impl Source {
    /// The name in chat and in ban lists.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Console => "Server",
            Self::Rcon(_) => "Rcon",
        }
    }
}

/// The messages of one command.
#[derive(Debug, Default)]
pub(super) struct Feedback {
    lines: Vec<(String, bool)>,
    logged: usize,
}

impl Feedback {
    /// An answer that only the sender sees.
    pub(super) fn say(&mut self, text: impl Into<String>) {
        self.lines.push((text.into(), false));
    }

    /// An answer that operators and the log are told, too.
    pub(super) fn announce(&mut self, text: impl Into<String>) {
        self.lines.push((text.into(), true));
    }

    /// An error; only the sender sees it.
    pub(super) fn fail(&mut self, text: impl Into<String>) {
        self.say(text);
    }
}

impl Server {
    /// Sends the answer: to the log for the console, back to the client for RCON. What operators are told about an
    /// RCON command is also in the log, as `[Rcon: …]`.
    pub(super) fn deliver(&mut self, cx: &mut Context<'_>, source: Source, mut feedback: Feedback) {
        self.deliver_early(cx, source, &mut feedback);
        if let Source::Rcon(ticket) = source {
            let mut text = String::new();
            for (line, _) in &feedback.lines {
                text.push_str(line);
                if self.kind.family != Family::Vanilla {
                    text.push('\n');
                }
            }
            cx.out.push(Event::RconReply { ticket, text });
        }
    }

    /// Logs what there is so far.
    pub(super) fn deliver_early(&mut self, cx: &mut Context<'_>, source: Source, feedback: &mut Feedback) {
        for (line, announced) in &feedback.lines[feedback.logged..] {
            match source {
                Source::Console => self.system_chat(cx, &without_colours(line)),
                Source::Rcon(_) if *announced && self.properties.truth("broadcast-rcon-to-ops") => {
                    self.system_chat(cx, &format!("[Rcon: {}]", without_colours(line)));
                }
                Source::Rcon(_) => {}
            }
        }
        feedback.logged = feedback.lines.len();
    }
}
