//! Minecraft's versions: reading, ordering, and what follows from them.

mod number;
mod rules;

pub use number::{ParseError, Version};
pub use rules::image_tag;
