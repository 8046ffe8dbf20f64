//! How a face stands to its engine.

use serde::{Deserialize, Serialize};

/// How a face stands to its engine: what a person should know about the way there.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nothing that a person needs to know.
    #[default]
    Plain,
    /// The engine is inside this program and ends with it: schedules stop then.
    Inside,
    /// The engine is another process's.
    Attached {
        /// Which, as people read it: `process 123`, `mc@example.org`.
        place: String,
    },
    /// The way to the engine is broken and is being mended. What is shown is as last seen.
    Reconnecting {
        /// Where to.
        place: String,
        /// Why, in one sentence.
        why: String,
    },
}
