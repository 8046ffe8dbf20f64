//! Tests of the room as the engine meets it: through [`Store`](super::Store), on real files.
