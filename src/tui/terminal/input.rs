//! Reads what is typed, and notices that the terminal's other end is gone, also when nobody sends SIGHUP.

use std::{io, thread, time::Duration};

use crossterm::event::{self, Event};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    stdio::stdin,
    termios::tcgetattr,
};
use tokio::sync::mpsc;

/// How often the terminal is asked whether it is still there. A kernel says so by itself; some do not always.
const EVERY: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };
/// How long crossterm may look for more of what was read already. It does not sleep meanwhile, so this is short.
const LOOK: Duration = Duration::from_micros(20);
/// So often it must find nothing: a thread that is held up for so long finds nothing where something is.
const LOOKS: u32 = 2;

/// Sends what is typed, from a thread of its own, and an error as the last when the terminal is gone. Ends then, or
/// when the receiver is dropped. Changes of the size are left to [`super::watch_signals`].
///
/// # Errors
/// That no thread could be started.
pub fn watch(to: mpsc::Sender<io::Result<Event>>) -> io::Result<()> {
    thread::Builder::new().name("input".into()).spawn(move || {
        while !to.is_closed() {
            let taken = if is_there() { take(&to) } else { Err(io::ErrorKind::BrokenPipe.into()) };
            if let Err(error) = taken {
                let _ = to.blocking_send(Err(error));
                return;
            }
        }
    })?;
    Ok(())
}

/// Waits for input, or until it is time to look again; whether the terminal is there. Crossterm is asked only after this:
/// by itself it would read a closed terminal over and over.
fn is_there() -> bool {
    let mut input = [PollFd::from_borrowed_fd(stdin(), PollFlags::IN)];
    let polled = poll(&mut input, Some(&EVERY));
    if input[0].revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
        return false;
    }
    match polled {
        Ok(0) => !matches!(tcgetattr(stdin()), Err(Errno::IO | Errno::BADF | Errno::NXIO)),
        Ok(_) | Err(Errno::INTR) => true,
        Err(_) => false,
    }
}

/// Sends all that has come.
fn take(to: &mpsc::Sender<io::Result<Event>>) -> io::Result<()> {
    let mut nothing = 0;
    while nothing < LOOKS {
        if !event::poll(LOOK)? {
            nothing += 1;
            continue;
        }
        nothing = 0;
        match event::read()? {
            Event::Resize(..) => {}
            event => {
                if to.blocking_send(Ok(event)).is_err() {
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}
