//! What is done at set times.
//!
//! [`plan`] says when something is due and in which words. The [`desk`] is the task that owns all schedules: its [`book`]
//! knows what is due and what was missed, its [`clock`] is the one timer. A [`run`] gives orders as any face does.
//! Everything is on the disk before it is done, so that a program that is killed neither doubles nor forgets a run.

mod book;
mod clock;
mod desk;
pub mod plan;
mod run;

#[cfg(test)]
mod testkit;
#[cfg(test)]
mod tests;

pub use clock::Clock;
pub use desk::{ASKS, Ask, Desk, Ground, Told};
