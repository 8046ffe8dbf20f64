//! Commands against an engine made of channels.

mod fake;
mod help;
mod interrupts;
mod orders;
mod reading;
mod restores;
mod schedules;
