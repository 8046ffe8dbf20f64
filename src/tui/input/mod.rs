//! What a person does with hands: keys, chords, and the keymaps that give them a meaning.

pub mod key;
pub mod keymap;
mod parse;
mod problem;

pub use key::Key;
pub use keymap::{Found, Keymap};
pub use problem::Problem;
