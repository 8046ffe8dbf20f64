//! The console on a terminal: the log goes by above the line that is being typed.

use tokio::{io::AsyncReadExt, sync::mpsc};

use super::{LINE_MAX, PRINTER, command, ended};
use crate::{
    cli::{
        editor::{Act, Editor},
        exit::{Failure, Outcome},
        io::Io,
    },
    engine::Handle,
    model::{ServerId, console::Batch},
};

/// Takes the line that is being typed away.
const AWAY: &str = "\r\x1b[K";

/// Shows the log and sends what is typed, until ctrl-d.
///
/// # Errors
/// That the output is closed; an interrupt.
pub async fn run(handle: &Handle, io: &mut Io, server: ServerId, log: &mut mpsc::Receiver<Batch>) -> Outcome {
    // What was typed earlier is a convenience: where it cannot be had, the console works without.
    let history = handle.typed(server).await.unwrap_or_default();
    let mut editor = Editor::new(history, LINE_MAX);
    let _keys = io.keys.map(|take| take()).transpose()?;
    io.remark("Type commands; ctrl-d ends the console, the server goes on.");
    let outcome = talk(handle, io, server, log, &mut editor).await;
    // Whatever ended it, the shell's prompt gets a row of its own.
    let _ = write!(io.out, "{AWAY}");
    let _ = io.out.flush();
    outcome
}

async fn talk(
    handle: &Handle,
    io: &mut Io,
    server: ServerId,
    log: &mut mpsc::Receiver<Batch>,
    editor: &mut Editor,
) -> Outcome {
    let mut input = std::mem::replace(&mut io.input, Box::new(tokio::io::empty()));
    let interrupt = io.interrupt.clone();
    let width = io.facts.width.unwrap_or(80);
    let mut keys = [0; 256];
    loop {
        write!(io.out, "{}", editor.draw(width))?;
        io.out.flush()?;
        tokio::select! {
            () = interrupt.raised() => return Err(Failure::Told(interrupt.exit())),
            batch = log.recv() => {
                write!(io.out, "{AWAY}")?;
                match batch {
                    Some(batch) => PRINTER.batch(io, &batch)?,
                    None => return ended(io),
                }
            }
            read = input.read(&mut keys) => {
                let read = read?;
                if read == 0 {
                    return Ok(());
                }
                for byte in &keys[..read] {
                    match editor.feed(*byte) {
                        Act::Typed => {}
                        Act::End => return Ok(()),
                        Act::Line(line) => {
                            // What was typed stays in sight, as if it were part of the log.
                            writeln!(io.out, "{AWAY}> {line}")?;
                            io.out.flush()?;
                            command(handle, io, server, line).await?;
                        }
                    }
                }
            }
        }
    }
}
