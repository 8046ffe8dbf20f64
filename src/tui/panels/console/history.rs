//! The commands that were typed before, and going through them without losing what is being typed.

/// Most commands that are kept here; the engine keeps its own number.
const MAX: usize = 500;

/// The commands of one console, oldest first.
#[derive(Clone, Debug, Default)]
pub struct History {
    commands: Vec<String>,
    /// Where one is while going through them, and what was being typed.
    at: Option<(usize, String)>,
}

impl History {
    /// Puts older ones before those that are here.
    pub fn fill(&mut self, mut older: Vec<String>) {
        older.extend(self.commands.drain(..).filter(|_| self.at.is_none()));
        self.commands = older;
        self.trim();
    }

    /// Adds one; the same as the last is not added again.
    pub fn push(&mut self, command: &str) {
        self.at = None;
        if self.commands.last().is_none_or(|last| last != command) {
            self.commands.push(command.to_owned());
            self.trim();
        }
    }

    fn trim(&mut self) {
        let extra = self.commands.len().saturating_sub(MAX);
        self.commands.drain(..extra);
    }

    /// All of them, oldest first.
    pub fn all(&self) -> &[String] {
        &self.commands
    }

    /// The one before; `typed` is kept for the way back.
    pub fn older(&mut self, typed: &str) -> Option<&str> {
        let (index, typed) = match self.at.take() {
            None => (self.commands.len().checked_sub(1)?, typed.to_owned()),
            Some((index, kept)) => (index.saturating_sub(1), kept),
        };
        self.at = Some((index, typed));
        self.commands.get(index).map(String::as_str)
    }

    /// The one after, at last what was being typed.
    pub fn newer(&mut self) -> Option<String> {
        let (index, typed) = self.at.take()?;
        match self.commands.get(index + 1) {
            Some(command) => {
                self.at = Some((index + 1, typed));
                Some(command.clone())
            }
            None => Some(typed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn going_through_it_and_back_loses_nothing() {
        let mut history = History::default();
        history.push("say b");
        history.push("say b");
        history.fill(vec!["list".into(), "say a".into()]);
        assert_eq!(history.older("half ty"), Some("say b"));
        assert_eq!(history.older("say b"), Some("say a"));
        assert_eq!(history.older("say a"), Some("list"));
        assert_eq!(history.older("list"), Some("list"));
        assert_eq!(history.newer().as_deref(), Some("say a"));
        assert_eq!(history.newer().as_deref(), Some("say b"));
        assert_eq!(history.newer().as_deref(), Some("half ty"));
        assert_eq!(history.newer(), None);
        assert_eq!(History::default().older("x"), None);
    }

    #[test]
    fn it_is_bounded() {
        let mut history = History::default();
        (0..2_000).for_each(|n| history.push(&n.to_string()));
        assert_eq!(history.commands.len(), MAX);
        assert_eq!(history.older(""), Some("1999"));
    }
}
