//! What is known of each server, and what can be done with it.

pub mod clone;
pub mod create;
pub mod delete;
pub mod edit;
pub mod entry;
pub mod halt;
pub mod image;
pub mod labels;
pub mod lifecycle;
pub mod lives;
pub mod make;
pub mod mend;
pub mod milestones;
pub mod peek;
pub mod plan;
pub mod ports;
pub mod rename;
pub mod secret;
pub mod status;
