//! Copies of worlds: which are kept, and how one is put back.

pub mod restore;
pub mod retention;
