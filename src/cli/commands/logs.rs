//! `logs`

use std::{borrow::Cow, time::Duration};

use jiff::Timestamp;
use tokio::{sync::mpsc, time::timeout};

use super::reach;
use crate::{
    cli::{
        args::LogsArgs,
        exit::{Failure, Outcome},
        io::Io,
        output::{clean, json::LineView},
    },
    engine::{From, Handle},
    model::console::{Batch, Line, Ring},
};

/// Most lines that are asked for.
const MOST: usize = 1_000_000;
/// Most bytes of them that are held back while the last ones are looked for.
const HELD: usize = 64 * 1024 * 1024;
/// How long the first lines may take; Docker may have to be asked for them.
const FIRST: Duration = Duration::from_secs(3);
/// Silence after which what is kept has been read.
const QUIET: Duration = Duration::from_millis(300);

/// Prints a server's log, and goes on with it where that is wanted.
///
/// # Errors
/// That there is no such server; that the engine ended; that the output is closed; an interrupt.
pub async fn run(handle: &Handle, io: &mut Io, args: &LogsArgs) -> Outcome {
    let server = reach::find(handle, io, &args.name).await?;
    let wanted = args.tail.map_or(MOST, |tail| tail as usize);
    let mut lines = io.interrupt.guard(handle.watch(server.id(), From::Tail(wanted))).await?;
    let printer = Printer { timestamps: args.timestamps };
    if wanted > 0 || !args.follow {
        kept(io, &mut lines, printer, wanted, args.follow).await?;
    }
    if !args.follow {
        return Ok(());
    }
    while let Some(batch) = next(io, &mut lines).await? {
        printer.batch(io, &batch)?;
    }
    // An engine that has ended knows nothing of the server: that is another thing than a server that is gone.
    handle.history(server.id()).await?;
    io.remark("The log has ended: the server is no longer known.");
    Ok(())
}

async fn next(io: &Io, lines: &mut mpsc::Receiver<Batch>) -> Outcome<Option<Batch>> {
    io.interrupt.guard(async { Ok::<_, Failure>(lines.recv().await) }).await
}

/// Prints the last `wanted` of the lines that are kept. An engine that has just started is still reading them from
/// Docker, so more may come than were asked for; they end with an empty batch, with silence, or with a line that is
/// younger than this command.
async fn kept(
    io: &mut Io,
    lines: &mut mpsc::Receiver<Batch>,
    printer: Printer,
    wanted: usize,
    follow: bool,
) -> Outcome {
    let began = Timestamp::now();
    let mut ring = Ring::new(wanted.saturating_add(512), HELD);
    let mut patience = FIRST;
    let mut lost = 0;
    while let Ok(more) = timeout(patience, next(io, lines)).await {
        let Some(batch) = more?.filter(|batch| !batch.lines.is_empty()) else { break };
        ring.extend(&batch.lines);
        lost = batch.skipped;
        patience = QUIET;
        if batch.lines.lines().last().is_some_and(|line| line.at > began) {
            break;
        }
    }
    if lost > 0 && wanted == MOST {
        io.remark(&format!("{lost} older lines are no longer kept."));
    }
    let from = ring.next().saturating_sub(wanted as u64).max(ring.first());
    for line in ring.from(from).filter(|line| follow || line.at <= began) {
        printer.line(io, &line)?;
    }
    Ok(io.out.flush()?)
}

/// Writes lines of a log.
#[derive(Clone, Copy, Debug)]
pub struct Printer {
    /// Whether the time stands before each line.
    pub timestamps: bool,
}

impl Printer {
    /// Writes lines and hands them on at once.
    ///
    /// # Errors
    /// That the output is closed.
    pub fn batch(&self, io: &mut Io, batch: &Batch) -> Outcome {
        if batch.skipped > 0 {
            io.remark(&format!(
                "{} lines were lost: they came faster than they could be written.",
                batch.skipped
            ));
        }
        for line in batch.lines.lines() {
            self.line(io, &line)?;
        }
        Ok(io.out.flush()?)
    }

    /// Writes one line.
    ///
    /// # Errors
    /// That the output is closed.
    pub fn line(&self, io: &mut Io, line: &Line<'_>) -> Outcome {
        if io.json {
            return io.line_of_json(&LineView::new(line));
        }
        let text = shown(line.text, io.facts.colour);
        if self.timestamps {
            writeln!(io.out, "{:.3} {text}", line.at)?;
        } else {
            writeln!(io.out, "{text}")?;
        }
        Ok(())
    }
}

/// The text with its colours where they may be, without them elsewhere.
pub fn shown(text: &str, colour: bool) -> Cow<'_, str> {
    if colour { clean::coloured(text) } else { clean::plain(text) }
}
