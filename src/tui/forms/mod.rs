//! Forms: fields with rules, filled in by keys, paste and mouse.
//!
//! [`form::Form`] knows nothing of servers. [`dialog::Dialog`] joins it with what it is for: [`create`], [`edit`],
//! [`rename`], [`clone`]. Every rule about a value comes from [`crate::model::field`].

pub mod clone;
pub mod create;
pub mod dialog;
pub mod edit;
pub mod field;
pub mod form;
mod geometry;
mod keys;
mod pairs;
pub mod rename;
mod server;
pub mod styles;
mod view;

#[cfg(test)]
mod tests;

pub use dialog::{BadField, Dialog, Outcome};
pub use server::{Surroundings, Taken};
pub use styles::FormStyles;
