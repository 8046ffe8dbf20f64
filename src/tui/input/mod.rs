//! What a person does with hands: keys, chords, and the keymaps that give them a meaning.

pub mod key;
pub mod keymap;
mod parse;
mod problem;

#[cfg(test)]
pub use key::parse_keys;

pub use key::Key;
pub use keymap::{Found, Keymap};
pub use problem::Problem;
