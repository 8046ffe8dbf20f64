//! Restores a backup into a server that is there: staged beside its data, put in place by renames, kept only after it was
//! seen to work.

pub mod script;
#[cfg(test)]
mod script_tests;
