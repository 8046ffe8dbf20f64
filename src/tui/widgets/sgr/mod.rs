//! Text with colour sequences (SGR, ECMA-48 section 8.3.117) turned into styled cells.
//!
//! The engine has already made console text harmless; this lets nothing through all the same: every control
//! sequence but SGR, every control character, and every character that reorders text is dropped here too.

mod depth;
mod glyphs;
mod state;

pub use depth::ColourDepth;
pub use glyphs::{Glyph, Glyphs, draw, draw_glyphs, is_hostile, plain, put, spans, width};

#[cfg(test)]
pub(crate) use glyphs::hostile_text;
