//! Forms: fields with rules, filled in by keys, paste and mouse.
//!
//! [`form::Form`] knows nothing of servers. [`dialog::Dialog`] joins it with what it is for: [`create`], [`edit`],
//! [`rename`], [`clone`], [`schedule`], [`backup`], [`restore`]. Every rule about a value comes from [`crate::model::field`], and those about times from
//! [`crate::engine::schedules::plan`].

pub mod backup;
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
pub mod restore;
pub mod schedule;
mod server;
pub mod styles;
pub mod token;
mod view;

#[cfg(test)]
mod tests;

pub use dialog::{BadField, Dialog, Outcome};
pub use server::{Surroundings, Taken};
pub use styles::FormStyles;
