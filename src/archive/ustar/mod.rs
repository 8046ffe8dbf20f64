//! Tar streams, read and written a piece at a time, with every length bounded (POSIX.1-2001 `ustar` and `pax`, and the
//! long names of GNU tar). Headers and checksums are those of the `tar` crate.

mod members;
mod tape;
mod write;

pub use members::{Kind, Member, Members, OtherKind, Trust};
pub use tape::{Pull, Tape};
pub use write::{Head, ZEROS, padding, write_head};

use super::error::{Error, Refusal};

/// Bytes of a block of tar.
pub const BLOCK: usize = 512;

/// What is wrong with a tar stream.
#[derive(Debug)]
pub enum Fail {
    /// It ended before it was whole.
    Cut,
    /// It is no tar stream.
    Bad(String),
    /// A member that must not be; its name, escaped.
    Refused(String, Refusal),
    /// What it is read from gave an error.
    Pull(Error),
}
