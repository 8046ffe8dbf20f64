//! Which row of a list is chosen, and which of its rows is the first that shows.

/// The chosen row is known by what it is and not by where it is, so it stays the same one while others come and go.
#[derive(Clone, Copy, Debug)]
pub struct Choice<Id> {
    chosen: Option<Id>,
    offset: usize,
}

impl<Id> Default for Choice<Id> {
    /// The first row.
    fn default() -> Self {
        Self { chosen: None, offset: 0 }
    }
}

impl<Id: Copy + PartialEq> Choice<Id> {
    /// What was chosen; `None` where nothing was yet, which means the first row.
    pub fn id(&self) -> Option<Id> {
        self.chosen
    }

    /// Chooses this one, also where it does not show yet.
    pub fn choose(&mut self, id: Id) {
        self.chosen = Some(id);
    }

    /// The first row that shows.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The row of the chosen one among these; the first where it is not among them.
    pub fn row(&self, mut ids: impl Iterator<Item = Id>) -> usize {
        self.chosen.and_then(|chosen| ids.position(|id| id == chosen)).unwrap_or(0)
    }

    /// Chooses a row of these; the last where there are fewer.
    pub fn choose_row(&mut self, at: usize, ids: impl Iterator<Item = Id>) {
        self.chosen = ids.take(at.saturating_add(1)).last().or(self.chosen);
    }

    /// Makes the chosen row show where so many rows of these do.
    pub fn settle(&mut self, rows: usize, ids: impl Iterator<Item = Id>) {
        let row = self.row(ids);
        self.offset = self.offset.min(row).max((row + 1).saturating_sub(rows.max(1)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stays_with_what_was_chosen_and_within_what_shows() {
        let mut choice = Choice::default();
        assert_eq!((choice.id(), choice.row(1..=9)), (None, 0));
        choice.choose_row(6, 1..=9);
        assert_eq!(
            (choice.id(), choice.row(1..=9), choice.row(4..=9), choice.row(8..=9)),
            (Some(7), 6, 3, 0)
        );
        choice.settle(3, 1..=9);
        assert_eq!(choice.offset(), 4);
        choice.choose_row(usize::MAX, 1..=9);
        choice.settle(3, 1..=9);
        assert_eq!((choice.id(), choice.offset()), (Some(9), 6));
        choice.choose_row(0, 1..=9);
        choice.settle(0, 1..=9);
        assert_eq!((choice.id(), choice.offset()), (Some(1), 0));
        choice.choose_row(3, 1..1);
        choice.choose(5);
        assert_eq!(choice.id(), Some(5));
    }
}
