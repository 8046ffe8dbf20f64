//! What a command reads, writes and is interrupted by: the terminal, a pipe, or a test's buffers.

use std::{
    io::{self, IsTerminal, Write},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

use tokio::io::AsyncRead;
use tokio_util::sync::CancellationToken;

use super::{
    args::Global,
    exit::{Exit, Failure, Outcome},
    output::{clean, json},
    terminal::Keys,
};
use crate::model::{Fault, Units};

/// What is known of the three streams.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts {
    /// Whether input comes from a terminal.
    pub in_terminal: bool,
    /// Whether output goes to a terminal.
    pub out_terminal: bool,
    /// Whether messages go to a terminal.
    pub err_terminal: bool,
    /// The terminal's width in columns; `None` where output is not a terminal, and nothing is cut.
    pub width: Option<usize>,
    /// Whether colours may be written to the output.
    pub colour: bool,
}

impl Facts {
    /// Those of this process.
    pub fn of_process(global: &Global) -> Self {
        let out_terminal = io::stdout().is_terminal();
        let wanted = !global.no_color
            && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        Self {
            in_terminal: io::stdin().is_terminal(),
            out_terminal,
            err_terminal: io::stderr().is_terminal(),
            width: out_terminal
                .then(|| rustix::termios::tcgetwinsize(io::stdout()).ok())
                .flatten()
                .map(|size| usize::from(size.ws_col))
                .filter(|columns| *columns > 0),
            colour: out_terminal && wanted,
        }
    }
}

/// A request to end, from ctrl-c or from whoever stops this process.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    token: CancellationToken,
    exit: Arc<AtomicU8>,
}

impl Interrupt {
    /// Makes it known. The first one decides the exit code.
    pub fn raise(&self, exit: Exit) {
        let _ = self.exit.compare_exchange(0, exit.code(), Ordering::SeqCst, Ordering::SeqCst);
        self.token.cancel();
    }

    /// Whether one came.
    pub fn is_raised(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Waits for one.
    pub async fn raised(&self) {
        self.token.cancelled().await;
    }

    /// The exit code that it asks for.
    pub fn exit(&self) -> Exit {
        if self.exit.load(Ordering::SeqCst) == Exit::Terminated.code() {
            Exit::Terminated
        } else {
            Exit::Interrupted
        }
    }

    /// Does `work` unless an interrupt comes first.
    ///
    /// # Errors
    /// [`Failure::Told`] with the interrupt's exit code; the error of `work`.
    pub async fn guard<T, E>(&self, work: impl Future<Output = Result<T, E>>) -> Outcome<T>
    where
        Failure: From<E>,
    {
        tokio::select! {
            biased;
            () = self.raised() => Err(Failure::Told(self.exit())),
            done = work => Ok(done?),
        }
    }
}

/// What a command reads, writes and is interrupted by.
pub struct Io {
    /// What was asked for goes here.
    pub out: Box<dyn Write + Send>,
    /// Messages, progress and errors go here. What cannot be written is let go.
    pub err: Box<dyn Write + Send>,
    /// What the person types.
    pub input: Box<dyn AsyncRead + Send + Unpin>,
    /// What is known of these.
    pub facts: Facts,
    /// Whether the output is JSON.
    pub json: bool,
    /// Whether to leave out what was not asked for.
    pub quiet: bool,
    /// In which steps amounts of bytes are written.
    pub units: Units,
    /// Raised by ctrl-c.
    pub interrupt: Interrupt,
    /// Makes the terminal hand over each key as it is pressed, until what this returns is dropped. A test has none.
    pub keys: Option<fn() -> io::Result<Keys>>,
}

impl Io {
    /// The streams of this process.
    pub fn of_process(global: &Global, interrupt: Interrupt) -> Self {
        Self {
            out: Box::new(io::BufWriter::with_capacity(64 * 1024, io::stdout())),
            err: Box::new(io::stderr()),
            input: Box::new(tokio::io::stdin()),
            facts: Facts::of_process(global),
            json: global.json,
            quiet: global.quiet,
            units: Units::default(),
            interrupt,
            keys: Some(Keys::take),
        }
    }

    /// Writes a value as JSON, over several lines. Characters that a terminal would act on are escaped.
    ///
    /// # Errors
    /// That the output is closed.
    pub fn document(&mut self, value: &impl serde::Serialize) -> Outcome {
        writeln!(self.out, "{}", json::pretty(value)?)?;
        Ok(self.out.flush()?)
    }

    /// Writes a value as JSON on one line.
    ///
    /// # Errors
    /// That the output is closed.
    pub fn line_of_json(&mut self, value: &impl serde::Serialize) -> Outcome {
        Ok(writeln!(self.out, "{}", json::line(value)?)?)
    }

    /// Writes text that is ready for the output, and a line break.
    ///
    /// # Errors
    /// That the output is closed.
    pub fn say(&mut self, text: &str) -> Outcome {
        writeln!(self.out, "{text}")?;
        Ok(self.out.flush()?)
    }

    /// A confirmation for a person: left out with `--quiet` and with `--json`.
    ///
    /// # Errors
    /// That the output is closed.
    pub fn confirm(&mut self, text: &str) -> Outcome {
        if self.quiet || self.json { Ok(()) } else { self.say(text) }
    }

    /// A remark on the error output: left out with `--quiet` and with `--json`.
    pub fn remark(&mut self, text: &str) {
        if !self.quiet && !self.json {
            let _ = writeln!(self.err, "{}", clean::plain(text));
        }
    }

    /// Tells what went wrong, as sentences or as JSON; `about` is the name of the server in question.
    pub fn tell(&mut self, fault: &Fault, about: Option<&str>) {
        let _ = self.out.flush();
        let text = if self.json {
            json::line(&json::Told::new(fault, about)).unwrap_or_default()
        } else {
            super::output::human::fault(fault, about)
        };
        let _ = writeln!(self.err, "{text}");
        let _ = self.err.flush();
    }

    /// The code that a command's end asks for; what was not told yet is told.
    pub fn finish(&mut self, outcome: Outcome) -> Exit {
        let outcome = outcome.and_then(|()| Ok(self.out.flush()?));
        match outcome {
            // Ctrl-c came too late to stop anything, and a script that was interrupted must know it all the same.
            Ok(()) if self.interrupt.is_raised() => self.interrupt.exit(),
            Ok(()) => Exit::Done,
            Err(Failure::Told(exit)) => exit,
            Err(Failure::Fault(fault)) => {
                self.tell(&fault, None);
                fault.kind.into()
            }
            // Whoever read our output has seen enough: `mineclifford server list | head -1` is no failure.
            Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
            Err(Failure::Output(error)) => {
                let fault = Fault::new(
                    crate::model::FaultKind::Failed,
                    "The output could not be written.",
                    "What was asked for may have been done all the same.",
                    "Make room on the disk, or send the output somewhere else.",
                );
                self.tell(&fault.because(&error), None);
                Exit::Failed
            }
        }
    }
}
