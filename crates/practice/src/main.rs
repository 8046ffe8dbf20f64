//! The practice server as a program.
fn main() {}
