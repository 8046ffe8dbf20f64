//! Takes the terminal over and gives it back: after quitting, a signal, a panic, or a hang-up.

use std::{
    cell::Cell,
    io, panic,
    sync::{
        Once,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use rustix::{
    process::{Signal, kill_current_process_group},
    stdio::stdout,
};

use super::job::has_a_shell;

/// Whether the terminal is ours now. A panic may happen in any thread, so this is the one thing shared by all.
static TAKEN: AtomicBool = AtomicBool::new(false);
thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}
static HOOK: Once = Once::new();

/// Alternate screen, no cursor, pasted text marked as such.
const ENTER: &str = "\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[2J\x1b[H";
/// Everything back: synchronized output ended, mouse off, paste unmarked, colours and cursor restored.
const LEAVE: &str = "\x1b[?2026l\x1b[?1006l\x1b[?1015l\x1b[?1003l\x1b[?1002l\x1b[?1000l\x1b[?2004l\x1b[0m\x1b[?1049l\x1b[?25h";
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1002l\x1b[?1000l";

/// Longest that giving back waits for a terminal that does not read.
const PATIENCE: Duration = Duration::from_millis(500);

/// The terminal while it is ours. Dropping it gives it back.
#[derive(Debug)]
pub struct Takeover {
    mouse: bool,
}

impl Takeover {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// That it is no terminal, or does not take its settings.
    pub fn enter(mouse: bool) -> io::Result<Self> {
        HOOK.call_once(|| {
            let before = panic::take_hook();
            panic::set_hook(Box::new(move |info| {
                if TAKEN.load(Ordering::SeqCst) && !ends_the_program() {
                    // A task of the engine, which goes on without it: nothing may be written over the dashboard.
                    tracing::error!("a task ended by a bug: {info}");
                    return;
                }
                give_back();
                before(info);
            }));
        });
        take(mouse)?;
        Ok(Self { mouse })
    }

    /// Switches the mouse on or off. Off, the terminal's own selection works.
    pub fn mouse(&mut self, on: bool) {
        self.mouse = on;
        say(if on { MOUSE_ON } else { MOUSE_OFF });
    }

    /// Gives the terminal back, stops this process and its job until it is continued, and takes it over again. `false`
    /// where no shell would continue it: nothing is done then.
    ///
    /// # Errors
    /// As [`Takeover::enter`].
    pub fn suspend(&mut self) -> io::Result<bool> {
        if !has_a_shell() {
            return Ok(false);
        }
        give_back();
        // TSTP has a handler here, so it would not stop us; STOP does. The whole job, as the terminal would do it.
        kill_current_process_group(Signal::STOP)?;
        take(self.mouse)?;
        Ok(true)
    }

    /// Takes the terminal over again after somebody else stopped and continued this process.
    ///
    /// # Errors
    /// As [`Takeover::enter`].
    pub fn again(&mut self) -> io::Result<()> {
        take(self.mouse)
    }
}

impl Drop for Takeover {
    fn drop(&mut self) {
        give_back();
    }
}

/// Does something whose panic ends the dashboard, so that the terminal must be given back before it is told.
pub fn guarded<T>(work: impl FnOnce() -> T) -> T {
    let before = GUARDED.replace(true);
    let result = work();
    GUARDED.set(before);
    result
}

fn ends_the_program() -> bool {
    GUARDED.get() || thread::current().name() == Some("main")
}

fn take(mouse: bool) -> io::Result<()> {
    crossterm::terminal::enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    say(ENTER);
    if mouse {
        say(MOUSE_ON);
    }
    Ok(())
}

/// Gives the terminal back if it is ours. Says nothing where it fails: nobody is there to read it.
fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    say(LEAVE);
    let _ = crossterm::terminal::disable_raw_mode();
}

/// Writes to the terminal, and waits only so long for one that does not read. Around the lock of
/// [`std::io::Stdout`], which a frame that cannot be written may hold.
fn say(text: &'static str) {
    let writer = thread::Builder::new().name("terminal".into()).spawn(move || {
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            match rustix::io::write(stdout(), rest) {
                Ok(written) => rest = &rest[written..],
                Err(rustix::io::Errno::INTR) => {}
                Err(_) => return,
            }
        }
    });
    let Ok(writer) = writer else { return };
    let begun = Instant::now();
    while !writer.is_finished() && begun.elapsed() < PATIENCE {
        thread::sleep(Duration::from_micros(200));
    }
}
