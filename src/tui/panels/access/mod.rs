//! Who is attached, by which ways one can come, and the tokens that let others in.

mod view;

pub use view::describe;

use jiff::{SignedDuration, Timestamp};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{Choice, Context, Filter, Pane, Step, Within};
use crate::{
    model::{Snapshot, Token, TokenId},
    tui::paint,
};

/// Which token is chosen.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// The chosen one; the first where there is none.
    pub choice: Choice<TokenId>,
    /// What tokens must contain to show.
    pub filter: Filter,
}

impl Access {
    /// The tokens that show.
    pub fn rows<'a>(&self, snapshot: &'a Snapshot) -> impl Iterator<Item = &'a Token> + use<'a> {
        let needle = self.filter.needle();
        let fits = move |token: &&Token| {
            needle.as_ref().is_none_or(|needle| words(token).into_iter().any(|word| needle.is_in(word)))
        };
        snapshot.tokens.iter().map(|token| &**token).filter(fits)
    }

    fn ids<'a>(&self, snapshot: &'a Snapshot) -> impl Iterator<Item = TokenId> + use<'a> {
        self.rows(snapshot).map(|token| token.id)
    }

    /// The row of the chosen token.
    pub fn cursor(&self, snapshot: &Snapshot) -> usize {
        self.choice.row(self.ids(snapshot))
    }

    /// The chosen token.
    pub fn current<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a Token> {
        self.rows(snapshot).nth(self.cursor(snapshot))
    }

    fn select_row(&mut self, at: usize, snapshot: &Snapshot) {
        self.choice.choose_row(at, self.ids(snapshot));
    }

    /// Rows above the tokens and rows of them.
    fn split(&self, within: Within<'_>) -> (u16, u16) {
        view::split(within.inner.height.saturating_sub(self.filter.height()), within.snapshot)
    }
}

impl Pane for Access {
    fn view(&self, area: Rect, buf: &mut Buffer, context: &Context<'_>) -> Option<Position> {
        view::view(self, area, buf, context)
    }

    fn go(&mut self, step: Step, within: Within<'_>) {
        let at = step.from(self.cursor(within.snapshot), within.page());
        self.select_row(at, within.snapshot);
    }

    fn click(&mut self, at: Position, within: Within<'_>) {
        let (above, rows) = self.split(within);
        if let Some(row) = (at.y - within.inner.y).checked_sub(above + 1)
            && row < rows
        {
            self.select_row(self.choice.offset() + usize::from(row), within.snapshot);
        }
    }

    fn settle(&mut self, within: Within<'_>) {
        let (_, rows) = self.split(within);
        self.choice.settle(usize::from(rows), self.ids(within.snapshot));
    }

    /// How long somebody has been there, and how long a token holds, change by themselves.
    fn next_change(&self, within: Within<'_>) -> Option<Timestamp> {
        let since = within.snapshot.faces.iter().map(|face| within.now.as_second() - face.since.as_second());
        let until = within.snapshot.tokens.iter().filter_map(|token| token.plan.expires_at);
        let until = until.map(|at| at.as_second() - within.now.as_second()).filter(|left| *left > 0);
        let since = since.map(|age| paint::duration_changes_in(u64::try_from(age).unwrap_or_default()));
        // What grows smaller changes where what grows larger would have changed before.
        let until = until.map(|left| if left < 60 { 1 } else { 1 + left.unsigned_abs() % 60 });
        let seconds = i64::try_from(since.chain(until).min()?).ok()?;
        within.now.checked_add(SignedDuration::from_secs(seconds)).ok()
    }

    fn filter(&self) -> Option<&Filter> {
        Some(&self.filter)
    }

    fn filter_mut(&mut self) -> Option<&mut Filter> {
        Some(&mut self.filter)
    }
}

/// What a token can be found by.
fn words(token: &Token) -> [&str; 2] {
    [&token.plan.note, token.plan.role.as_str()]
}

#[cfg(test)]
mod tests;
