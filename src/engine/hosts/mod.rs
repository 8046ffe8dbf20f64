//! One task for each Docker host: it connects, lists, hears of every change, and comes back after each loss.

mod back_off;
mod task;

pub use task::{Setup, concerns, run};
