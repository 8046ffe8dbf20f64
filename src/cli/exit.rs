//! How a command ends: its exit code, and what stands behind one that failed.

use std::io;

use crate::model::{Fault, FaultKind};

/// The exit code of the program. Scripts rely on these numbers; where several things went wrong, the highest wins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Exit {
    /// 0: done.
    Done = 0,
    /// 1: tried, and it went wrong; or not allowed; or cancelled.
    Failed = 1,
    /// 2: the command line or a value in it breaks a rule. Nothing was done.
    Usage = 2,
    /// 3: there is no such server.
    NotFound = 3,
    /// 4: it clashes with what is there.
    Conflict = 4,
    /// 5: Docker cannot be reached.
    Unreachable = 5,
    /// 130: ended by ctrl-c (128 + SIGINT, as shells count).
    Interrupted = 130,
    /// 143: ended by a request to end (128 + SIGTERM).
    Terminated = 143,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        self as u8
    }
}

impl From<FaultKind> for Exit {
    fn from(kind: FaultKind) -> Self {
        match kind {
            FaultKind::Invalid => Self::Usage,
            FaultKind::NotFound => Self::NotFound,
            FaultKind::Conflict => Self::Conflict,
            FaultKind::Unreachable => Self::Unreachable,
            FaultKind::Denied | FaultKind::Unauthenticated | FaultKind::Cancelled | FaultKind::Failed => {
                Self::Failed
            }
        }
    }
}

/// Why a command did not end with [`Exit::Done`].
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Something a person must be told.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// Whoever reads our output went away or cannot take it.
    #[error("The output could not be written.")]
    Output(#[from] io::Error),
    /// Everything was said already; only the code is left.
    #[error("ended with exit code {}", .0.code())]
    Told(Exit),
}

/// How a command's function ends.
pub type Outcome<T = ()> = Result<T, Failure>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_that_scripts_rely_on() {
        let code = |kind| Exit::from(kind).code();
        assert_eq!(code(FaultKind::Invalid), 2);
        assert_eq!(code(FaultKind::NotFound), 3);
        assert_eq!(code(FaultKind::Conflict), 4);
        assert_eq!(code(FaultKind::Unreachable), 5);
        for kind in [FaultKind::Denied, FaultKind::Cancelled, FaultKind::Failed] {
            assert_eq!(code(kind), 1, "{kind:?}");
        }
        assert_eq!((Exit::Done.code(), Exit::Interrupted.code(), Exit::Terminated.code()), (0, 130, 143));
        assert!(Exit::Unreachable > Exit::Conflict && Exit::Interrupted > Exit::Unreachable);
    }
}
