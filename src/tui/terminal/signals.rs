//! What the system tells this process, as values.

use std::io;

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc,
};

/// What the system says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signal {
    /// Leave: TERM, INT or QUIT.
    Leave,
    /// The terminal is gone (HUP).
    HangUp,
    /// Go to the background (TSTP).
    Suspend,
    /// It is in the foreground again (CONT).
    Continue,
    /// The terminal has another size (WINCH).
    Resized,
}

/// Sends what the system says, until the receiver is dropped.
///
/// # Errors
/// That the system does not let signals be watched.
pub fn watch(to: mpsc::Sender<Signal>) -> io::Result<()> {
    let mut term = signal(SignalKind::terminate())?;
    let mut int = signal(SignalKind::interrupt())?;
    let mut quit = signal(SignalKind::quit())?;
    let mut hup = signal(SignalKind::hangup())?;
    let mut stop = signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?;
    let mut cont = signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?;
    let mut winch = signal(SignalKind::window_change())?;
    tokio::spawn(async move {
        loop {
            let signal = tokio::select! {
                _ = term.recv() => Signal::Leave,
                _ = int.recv() => Signal::Leave,
                _ = quit.recv() => Signal::Leave,
                _ = hup.recv() => Signal::HangUp,
                _ = stop.recv() => Signal::Suspend,
                _ = cont.recv() => Signal::Continue,
                _ = winch.recv() => Signal::Resized,
                () = to.closed() => return,
            };
            if to.send(signal).await.is_err() {
                return;
            }
        }
    });
    Ok(())
}
