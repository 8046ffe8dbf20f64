//! What a plan says: whether it can be, when it is due, and how that reads. Pure: the forms and the command line ask
//! here while a person types, and the scheduler decides with the same functions.

mod check;
mod times;
mod words;

pub use check::{
    AT_ONCE, COMMANDS_MAX, EVERY, JITTER_MAX, check, check_name, check_when, duration, zones_like,
};
pub use times::{Due, coming, here, next, upcoming};
pub use words::{explain, span, task, when};

#[cfg(test)]
mod tests;
