//! Notices that the terminal's other end is gone, also when nobody sends SIGHUP.

use std::{io, thread, time::Duration};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    stdio::stdin,
    termios::tcgetattr,
};
use tokio::sync::mpsc;

use super::Signal;

/// How often standard input is looked at.
const EVERY: Duration = Duration::from_secs(1);

/// Looks at standard input once a second from a thread of its own, since a read that waits is not always woken
/// when the other end goes. Ends when it has told, or when the receiver is dropped.
///
/// # Errors
/// That no thread could be started.
pub fn watch(to: mpsc::Sender<Signal>) -> io::Result<()> {
    thread::Builder::new().name("hangup".into()).spawn(move || {
        while !to.is_closed() {
            if is_gone() {
                let _ = to.blocking_send(Signal::HangUp);
                return;
            }
            wait();
        }
    })?;
    Ok(())
}

/// Waits for a hang-up or until it is time to look again. No input is asked for, so input does not wake it.
fn wait() {
    let mut input = [PollFd::from_borrowed_fd(stdin(), PollFlags::empty())];
    let limit = Timespec { tv_sec: EVERY.as_secs() as i64, tv_nsec: 0 };
    if poll(&mut input, Some(&limit)).is_err() {
        thread::sleep(EVERY);
    }
}

fn is_gone() -> bool {
    let mut input = [PollFd::from_borrowed_fd(stdin(), PollFlags::empty())];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    let hung_up = poll(&mut input, Some(&now)).is_ok()
        && input[0].revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL);
    hung_up || matches!(tcgetattr(stdin()), Err(Errno::IO | Errno::BADF | Errno::NXIO))
}
