//! The whole scheduler with a clock that is set by hand.

mod clocks;
mod limits;
mod missed;
mod warned;
mod year;
