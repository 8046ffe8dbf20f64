//! The real Docker, and programs on it.

use crate::program::{Going, Program};

/// A program on the machine's own Docker. What it makes is removed with it.
pub struct Stage {
    pub program: Program,
}

impl Stage {
    pub fn new(name: &str) -> Self {
        Self { program: Program::new(name) }
    }

    /// Starts the service and waits until it can be attached to.
    pub fn serve(&self, more: &[&str]) -> Going {
        let mut line = vec!["serve"];
        line.extend(more);
        let going = self.program.start(&line);
        going.says("the engine runs");
        going
    }
}
