//! Why a server ended, in words: from what its log said, and only then from its exit code, which lies (a crash and a
//! taken port exit with 0).

mod cause;
mod words;

pub use cause::{Cause, End, cause};
pub use words::explain;
