//! The dashboard's state, and how it changes: [`update()`] does no I/O, [`view()`] changes nothing.

mod answer;
pub mod arrange;
mod bars;
mod effect;
mod keys;
mod looks;
mod mouse;
mod movement;
pub mod panel;
mod perform;
mod remember;
mod servers;
mod update;
mod view;

use std::sync::Arc;

use jiff::{Timestamp, tz::TimeZone};
use ratatui::layout::Size;

pub use arrange::{Areas, Shares, Split, inside};
pub use effect::{Asked, Effect, Input, Restore, What};
pub use looks::Looks;
pub use panel::Panel;
pub use remember::Remembered;
pub use update::{next_moment, update};
pub use view::view;

use super::{
    action::{Fact, Facts, Place, Scene},
    input::{Key, Keymap},
    overlays::{Overlay, toasts::Toasts},
    panels::{
        Find, Within, access::Access, audit::Audit, backups::Backups, console::Console, details::Details,
        gauges::Gauges, jobs::Jobs, schedules::Schedules, servers::Servers,
    },
    terminal::clipboard::Clipboard,
};
use crate::model::{Server, ServerId, Snapshot, Spec, Standing, Units};

/// How soon something must be drawn.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Urgency {
    /// Nothing changed.
    #[default]
    None,
    /// Only figures that change all the time: within half a second is soon enough.
    Soon,
    /// At once.
    Now,
}

/// What holds for the whole session.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Whether nothing may be changed from here.
    pub read_only: bool,
    /// Whether the demo was asked for.
    pub demo: bool,
    /// In which steps amounts of bytes are written.
    pub units: Units,
    /// Whether the mouse is listened to.
    pub mouse: bool,
    /// What the form for a new server begins with.
    pub defaults: Spec,
    /// The way to the clipboard.
    pub clipboard: Clipboard,
    /// The themes and keymaps that one can switch to.
    pub looks: Looks,
    /// This machine's time zone; UTC where it is not known.
    pub zone: Option<TimeZone>,
}

/// Everything that the dashboard knows, beside the world itself.
#[derive(Debug)]
pub struct App {
    /// The moment of the last input. Nothing here reads a clock.
    pub now: Timestamp,
    /// The terminal's size, in cells.
    pub size: Size,
    /// The panel that has the focus.
    pub focus: Panel,
    /// Whether that panel has the whole screen.
    pub zoom: bool,
    /// What shows where one looks.
    pub tab: Panel,
    /// How the room is shared out.
    pub shares: Shares,
    /// The border that the mouse is moving.
    pub dragged: Option<Split>,
    /// The server list.
    pub servers: Servers,
    /// The console.
    pub console: Console,
    /// The gauges.
    pub gauges: Gauges,
    /// The details.
    pub details: Details,
    /// The jobs.
    pub jobs: Jobs,
    /// The schedules.
    pub schedules: Schedules,
    /// The backups.
    pub backups: Backups,
    /// Who is attached, and the tokens.
    pub access: Access,
    /// The audit trail.
    pub audit: Audit,
    /// What lies over the panels; the last is on top.
    pub overlays: Vec<Overlay>,
    /// Messages.
    pub toasts: Toasts,
    /// The keys of a chord that has begun.
    pub chord: Vec<Key>,
    /// What keys mean.
    pub keymap: Keymap,
    /// What holds for the whole session.
    pub settings: Settings,
    /// How the dashboard stands to its engine.
    pub standing: Standing,
    /// How soon what changed must be drawn.
    pub urgency: Urgency,
}

impl App {
    /// A dashboard that has seen nothing yet.
    pub fn new(now: Timestamp, size: Size, keymap: Keymap, settings: Settings) -> Self {
        let mut console = Console::default();
        console.look.zone = settings.zone.clone().unwrap_or(TimeZone::UTC);
        Self {
            now,
            size,
            focus: Panel::Servers,
            zoom: false,
            tab: Panel::Console,
            shares: Shares::default(),
            dragged: None,
            servers: Servers::default(),
            console,
            gauges: Gauges::default(),
            details: Details::default(),
            jobs: Jobs::default(),
            schedules: Schedules::default(),
            backups: Backups::default(),
            access: Access::default(),
            audit: Audit::default(),
            overlays: Vec::new(),
            toasts: Toasts::default(),
            chord: Vec::new(),
            keymap,
            settings,
            standing: Standing::default(),
            urgency: Urgency::Now,
        }
    }

    /// Where the person is, as keymaps name it.
    pub fn place(&self) -> Place {
        if !self.overlays.is_empty() {
            return Place::Dialog;
        }
        match self.focus {
            panel if self.pane(panel).is_finding() => Place::Filter,
            Panel::Console if self.console.is_typing() => Place::Console,
            panel => panel.place(),
        }
    }

    /// Where the person is and what is so there, which says what keys mean.
    pub fn scene(&self, snapshot: &Snapshot) -> Scene {
        let (console, log) = (&self.console, self.focus == Panel::Console);
        let searched = log && console.log.searched().is_some();
        let scrolled = log && !console.log.is_following();
        let selected = log && console.log.cursor().is_some();
        let facts = Facts::NONE
            .with(Fact::Filtered, self.pane(self.focus).is_filtered())
            .with(Fact::Messages, self.toasts.next_change(self.now).is_some())
            .with(Fact::Zoomed, self.zoom)
            .with(Fact::Scrolled, scrolled)
            .with(Fact::Searched, searched)
            .with(Fact::Selected, selected)
            .with(Fact::ReadOnly, self.is_read_only(snapshot));
        Scene { place: self.place(), facts }
    }

    /// Where the panels are.
    pub fn areas(&self, snapshot: &Snapshot) -> Areas {
        let working = snapshot.jobs.iter().rev().take_while(|job| job.is_running()).count();
        // A filter needs a row of its own.
        let working = working + usize::from(self.jobs.filter.height());
        let Self { focus, zoom, tab, shares, .. } = *self;
        arrange::arrange(self.size, arrange::Wanted { focus, zoom, tab, shares, working })
    }

    /// The chosen server, if it is there.
    pub fn selected<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a Arc<Server>> {
        self.servers.selected_in(snapshot)
    }

    /// The chosen server's id; it may be one that is only about to be made.
    pub fn selected_id(&self) -> Option<ServerId> {
        self.servers.selected
    }

    /// Whether nothing may be changed.
    pub fn is_read_only(&self, snapshot: &Snapshot) -> bool {
        self.settings.read_only || snapshot.read_only
    }

    /// Where a panel is, and the world around it.
    fn within<'a>(&self, inner: ratatui::layout::Rect, snapshot: &'a Snapshot) -> Within<'a> {
        let server = self.selected(snapshot).map(|server| &**server);
        Within { inner, snapshot, server, now: self.now }
    }

    /// Does something with the text by which the focused panel is filtered or searched.
    fn find(&mut self, snapshot: &Snapshot, find: Find<'_>) {
        let within = self.within(self.areas(snapshot).inside(self.focus), snapshot);
        self.pane_mut(self.focus).find(find, within);
    }

    /// Gives a panel the focus.
    fn look_at(&mut self, panel: Panel) {
        if self.focus != panel {
            self.pane_mut(self.focus).leave();
        }
        self.focus = panel;
        self.touch();
    }

    fn touch(&mut self) {
        self.urgency = Urgency::Now;
    }
}

#[cfg(test)]
pub mod gallery;
#[cfg(test)]
mod log_tests;
#[cfg(test)]
mod looks_tests;
#[cfg(test)]
mod snapshots;
#[cfg(test)]
mod surface_tests;
#[cfg(test)]
pub mod testkit;
#[cfg(test)]
mod tests;
