//! The terminal's manner of handing over what is typed.

use std::{io, sync::Mutex};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// How the terminal was before, while it is otherwise. It belongs to the process, as the terminal does: a second
/// ctrl-c ends the process from another task, and must leave a terminal that can be typed into.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// While this lives, the terminal hands over each key as it is pressed and shows none of them by itself. Ctrl-c goes on
/// being a signal.
#[derive(Debug)]
pub struct Keys(());

impl Keys {
    /// Begins with it.
    ///
    /// # Errors
    /// That the input is no terminal.
    pub fn take() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut keys = before.clone();
        keys.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO | LocalModes::IEXTEN);
        if let Ok(mut kept) = BEFORE.lock() {
            kept.get_or_insert(before);
        }
        tcsetattr(io::stdin(), OptionalActions::Now, &keys)?;
        Ok(Self(()))
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal its former manner back, where it was changed.
pub fn restore() {
    if let Ok(mut kept) = BEFORE.lock()
        && let Some(before) = kept.take()
    {
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &before);
    }
}
