//! What every panel can do, so that the dashboard treats them all alike.

use crossterm::event::KeyEvent;
use jiff::Timestamp;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
    text::{Line, Span},
};

use super::Filter;
use crate::{
    model::{Server, Snapshot, Units},
    tui::{
        action::Action,
        paint,
        theme::{Role, Theme},
    },
};

/// A movement in a panel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Step {
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    First,
    Last,
}

impl Step {
    /// Where it leads from a row, in a page of so many rows.
    pub fn from(self, row: usize, page: usize) -> usize {
        match self {
            Self::Up => row.saturating_sub(1),
            Self::Down => row.saturating_add(1),
            Self::PageUp => row.saturating_sub(page),
            Self::PageDown => row.saturating_add(page),
            Self::First => 0,
            Self::Last => usize::MAX,
            Self::Left | Self::Right => row,
        }
    }
}

/// What is done with the text by which a panel is filtered or searched.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Find<'a> {
    /// Begin typing it.
    Begin,
    /// A key that is typed.
    Key(KeyEvent),
    /// Text that is pasted.
    Paste(&'a str),
    /// It is meant: typing ends.
    Accept,
    /// It is given up: typing ends, and all is as it was before.
    Dismiss,
    /// Everything shows again.
    Clear,
}

/// Where a panel is, and the world around it.
#[derive(Clone, Copy, Debug)]
pub struct Within<'a> {
    /// What is inside its border.
    pub inner: Rect,
    /// The world.
    pub snapshot: &'a Snapshot,
    /// The chosen server.
    pub server: Option<&'a Server>,
    /// The moment.
    pub now: Timestamp,
}

impl Within<'_> {
    /// Rows of a page.
    pub fn page(&self) -> usize {
        usize::from(self.inner.height.saturating_sub(2).max(1))
    }
}

/// What a panel is drawn with.
pub struct Context<'a> {
    /// The world.
    pub snapshot: &'a Snapshot,
    /// The chosen server.
    pub server: Option<&'a Server>,
    /// How things look.
    pub theme: &'a Theme,
    /// The moment.
    pub now: Timestamp,
    /// In which steps amounts of bytes are written.
    pub units: Units,
    /// Whether it has the focus.
    pub focused: bool,
    /// By which number it is jumped to.
    pub number: usize,
    /// The other panels that can be had in its place, with the columns of their names, counted from the screen's left.
    pub tabs: &'a [(u16, String)],
    /// The keys of an action, as people read them.
    pub keys: &'a dyn Fn(Action) -> String,
    /// Why an action cannot be done now, where it cannot.
    pub refusal: &'a dyn Fn(Action) -> Option<String>,
}

impl Context<'_> {
    /// Draws the border with a title, which its number is put before, and the tabs; gives what is inside.
    pub fn frame<'b>(&self, area: Rect, buf: &mut Buffer, title: impl Into<Line<'b>>) -> Rect {
        let mut line: Line<'b> = title.into();
        line.spans.insert(0, Span::raw(format!(" {} ", self.number)));
        let inner = paint::panel(buf, area, Line::default(), self.focused, self.theme);
        let style = self.theme.style(if self.focused { Role::TitleFocused } else { Role::Title });
        let end =
            self.tabs.first().map_or(area.right().saturating_sub(1), |(from, _)| from.saturating_sub(1));
        let room = end.saturating_sub(area.x + 1);
        if !area.intersection(buf.area).is_empty() {
            let line = line.style(style);
            buf.set_line(area.x + 1, area.y, &line, room);
        }
        let muted = self.theme.style(Role::Muted);
        for (from, name) in self.tabs {
            paint::text(buf, buf.area, *from, area.y, name, muted);
        }
        inner
    }

    /// Marks a row of a list where it is the chosen one, as well as the focus says; gives what the styles of its words are
    /// patched with.
    pub fn chosen(&self, chosen: bool, row: Rect, buf: &mut Buffer) -> Style {
        let role = if self.focused { Role::Selection } else { Role::SelectionUnfocused };
        paint::chosen(buf, row, chosen.then_some(role), self.theme)
    }
}

/// A panel. It changes only itself, and only in what is not drawing.
pub trait Pane {
    /// Draws it; gives the cursor's place while text is typed in it. Only rows that show are looked at.
    fn view(&self, area: Rect, buf: &mut Buffer, context: &Context<'_>) -> Option<Position>;

    /// Moves in it.
    fn go(&mut self, _step: Step, _within: Within<'_>) {}

    /// The mouse's wheel was turned over it by so many rows, down or, where negative, up.
    fn wheel(&mut self, rows: i32, within: Within<'_>) {
        let step = if rows < 0 { Step::Up } else { Step::Down };
        (0..rows.unsigned_abs()).for_each(|_| self.go(step, within));
    }

    /// What its rows must contain to show, where it is a list that can be filtered. Those that find in another way of
    /// their own say so by the four functions below.
    fn filter(&self) -> Option<&Filter> {
        None
    }

    /// The same, to change it.
    fn filter_mut(&mut self) -> Option<&mut Filter> {
        None
    }

    /// Whether a text is being typed here by which it is filtered or searched.
    fn is_finding(&self) -> bool {
        self.filter().is_some_and(Filter::is_typing)
    }

    /// Whether it shows only what contains a text.
    fn is_filtered(&self) -> bool {
        self.filter().is_some_and(Filter::is_on)
    }

    /// Something is done with that text.
    fn find(&mut self, find: Find<'_>, _within: Within<'_>) {
        if let Some(filter) = self.filter_mut() {
            filter.find(find);
        }
    }

    /// Another panel gets the focus: what is being typed here is meant.
    fn leave(&mut self) {
        if let Some(filter) = self.filter_mut() {
            filter.type_it(false);
        }
    }

    /// The mouse was pressed inside of its border.
    fn click(&mut self, _at: Position, _within: Within<'_>) {}

    /// The mouse was moved while pressed inside of its border.
    fn drag(&mut self, _at: Position, _within: Within<'_>) {}

    /// Brings what is scrolled or chosen into its bounds, after anything has changed.
    fn settle(&mut self, _within: Within<'_>) {}

    /// When something that it shows changes by itself.
    fn next_change(&self, _within: Within<'_>) -> Option<Timestamp> {
        None
    }
}
