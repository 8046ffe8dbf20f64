//! What a server wants from its driver.

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// The exit code; 137 for a process that was killed.
    pub code: i32,
    /// The kernel's memory killer did it. A driver with a real process makes that come true by allocating until it
    /// is killed.
    pub out_of_memory: bool,
}

/// A socket that the server opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// The game itself and the list ping; 25565.
    Game,
    /// RCON; 25575 unless set otherwise.
    Rcon,
}

/// One thing for the driver to do, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Bytes for standard output; ends with `\n`.
    Stdout(Vec<u8>),
    /// Bytes for standard error; ends with `\n`.
    Stderr(Vec<u8>),
    /// Connections are accepted from now on. A driver with real sockets answers a failure with `bind_failed`.
    Listen(Port),
    /// The answer to an RCON command, for [`crate::rcon::reply`].
    RconReply {
        /// The number that was given with the command.
        ticket: u64,
        /// The text, not yet split.
        text: String,
    },
    /// A command that was started inside the container is over. Only [`crate::container::Container`] emits it.
    ExecDone {
        /// The number that was given with the command.
        ticket: u64,
        /// What it wrote to standard output.
        stdout: Vec<u8>,
        /// What it wrote to standard error.
        stderr: Vec<u8>,
        /// Its exit code.
        code: i32,
    },
    /// The end.
    Exit(Exit),
}

/// The events of some calls, drained by the driver. Text that follows text of the same stream is merged.
#[derive(Debug, Default)]
pub struct Output {
    events: Vec<Event>,
    lost: Vec<u8>,
}

/// Text is merged up to this size, so that one event stays a sensible chunk to write.
const MERGE_LIMIT: usize = 16 * 1024;

impl Output {
    /// An empty buffer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an event.
    pub fn push(&mut self, event: Event) {
        self.events.push(event);
    }

    /// The buffer that standard output is being written to.
    pub fn stdout(&mut self) -> &mut Vec<u8> {
        let fits = matches!(self.events.last(), Some(Event::Stdout(text)) if text.len() < MERGE_LIMIT);
        if !fits {
            self.events.push(Event::Stdout(Vec::new()));
        }
        self.last_text()
    }

    /// The buffer that standard error is being written to.
    pub fn stderr(&mut self) -> &mut Vec<u8> {
        let fits = matches!(self.events.last(), Some(Event::Stderr(text)) if text.len() < MERGE_LIMIT);
        if !fits {
            self.events.push(Event::Stderr(Vec::new()));
        }
        self.last_text()
    }

    fn last_text(&mut self) -> &mut Vec<u8> {
        match self.events.last_mut() {
            Some(Event::Stdout(text) | Event::Stderr(text)) => text,
            // Never: both callers have just made sure that text is last.
            _ => &mut self.lost,
        }
    }

    /// Takes everything out, oldest first.
    pub fn drain(&mut self) -> std::vec::Drain<'_, Event> {
        self.events.drain(..)
    }

    /// Takes out everything from `position` on.
    pub fn split_off(&mut self, position: usize) -> Vec<Event> {
        self.events.split_off(position.min(self.events.len()))
    }

    /// The number of events that wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }
}
