//! A link between a face and an engine made of channels: everything of it is real but the engine.

mod fake;
mod hostile;
mod keeping;
mod passing;
