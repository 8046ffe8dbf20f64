//! The columns of the server list: their order, width and text, and how they sort.

use std::cmp::Ordering;

use jiff::Timestamp;

use crate::{
    model::{Server, State, Units},
    tui::paint,
};

/// A column.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs)]
pub enum Column {
    State,
    #[default]
    Name,
    Players,
    Cpu,
    Memory,
    Port,
    Uptime,
}

/// Narrowest column of names, in cells.
const NAME_MIN: u16 = 12;

impl Column {
    /// Every column, from left to right.
    pub const ALL: [Self; 7] =
        [Self::State, Self::Name, Self::Players, Self::Cpu, Self::Memory, Self::Port, Self::Uptime];

    /// What stands above it; also its name where the order is remembered.
    pub fn title(self) -> &'static str {
        match self {
            Self::State => "State",
            Self::Name => "Name",
            Self::Players => "Players",
            Self::Cpu => "CPU",
            Self::Memory => "Memory",
            Self::Port => "Port",
            Self::Uptime => "Uptime",
        }
    }

    /// The column with this title.
    pub fn named(title: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.title() == title)
    }

    /// The next one.
    pub fn next(self) -> Self {
        Self::ALL[(self as usize + 1) % Self::ALL.len()]
    }

    /// Cells that it takes; the name takes what is left.
    fn width(self) -> u16 {
        match self {
            Self::State => 13,
            Self::Name => NAME_MIN,
            Self::Players => 7,
            Self::Cpu => 5,
            Self::Memory => 6,
            Self::Port => 5,
            Self::Uptime => 6,
        }
    }

    /// Whether numbers in it stand at the right.
    pub fn is_number(self) -> bool {
        !matches!(self, Self::State | Self::Name)
    }

    /// The columns that fit into so many cells, with their places and widths. Those that matter least go first.
    pub fn fit(wide: u16) -> Vec<(Self, u16, u16)> {
        let mut shown = Self::ALL.to_vec();
        let needed = |shown: &[Self]| shown.iter().map(|column| column.width() + 1).sum::<u16>() - 1;
        for drop in [Self::Port, Self::Uptime, Self::Memory, Self::Cpu, Self::Players] {
            if needed(&shown) > wide {
                shown.retain(|column| *column != drop);
            }
        }
        let spare = wide.saturating_sub(needed(&shown));
        let mut x = 0;
        shown
            .into_iter()
            .map(|column| {
                let width = if column == Self::Name { NAME_MIN + spare } else { column.width() };
                let place = (column, x, width);
                x += width + 1;
                place
            })
            .collect()
    }

    /// Whether a column is among those that fit into so many cells.
    pub fn fits(self, wide: u16) -> bool {
        Self::fit(wide).iter().any(|(column, ..)| *column == self)
    }

    /// How two servers stand to each other in this column, the most interesting first.
    pub fn compare(self, a: &Server, b: &Server) -> Ordering {
        let sample = |server: &Server| server.sample.map_or((-1.0, 0), |s| (s.cpu_percent, s.memory_bytes));
        match self {
            Self::State => rank(a.state).cmp(&rank(b.state)),
            Self::Name => Ordering::Equal,
            Self::Players => {
                let online = |server: &Server| server.players.as_ref().map(|players| players.online);
                online(b).cmp(&online(a))
            }
            Self::Cpu => sample(b).0.total_cmp(&sample(a).0),
            Self::Memory => sample(b).1.cmp(&sample(a).1),
            Self::Port => a.about.port.unwrap_or(u16::MAX).cmp(&b.about.port.unwrap_or(u16::MAX)),
            Self::Uptime => {
                let since = |server: &Server| server.started_at.unwrap_or(Timestamp::MAX);
                since(a).cmp(&since(b))
            }
        }
    }

    /// What it says of a server; state and name are drawn by themselves.
    pub fn text(self, server: &Server, now: Timestamp, units: Units) -> String {
        let sample = server.sample.as_ref().filter(|_| server.state.is_running());
        match self {
            Self::State => state_text(server.state),
            Self::Name => server.name().to_owned(),
            Self::Players => server
                .players
                .as_ref()
                .map_or(String::new(), |players| format!("{}/{}", players.online, players.max)),
            Self::Cpu => sample.map_or(String::new(), |sample| format!("{:.0}%", sample.cpu_percent)),
            Self::Memory => {
                sample.map_or(String::new(), |sample| paint::bytes_short(sample.memory_bytes, units))
            }
            Self::Port => server.about.port.map_or(String::new(), |port| port.to_string()),
            Self::Uptime => server.uptime_seconds(now).map_or(String::new(), paint::duration),
        }
    }
}

/// The word for a state, with the percentage where there is one.
pub fn state_text(state: State) -> String {
    match state {
        // The last of it is that the game answers. Three digits would be cut to the first two.
        State::Loading(Some(percent)) => format!("{} {}%", state.word(), percent.min(99)),
        state => state.word().to_owned(),
    }
}

/// What wants a person's eye comes first.
fn rank(state: State) -> u8 {
    match state {
        State::Crashed | State::Looping => 0,
        State::Unhealthy => 1,
        State::Pulling | State::Creating | State::Starting | State::Loading(_) | State::Stopping => 2,
        State::Ready => 3,
        State::Paused => 4,
        State::Stopped => 5,
        State::Missing | State::Unknown => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_fits_into_its_column() {
        let others =
            [State::Unhealthy, State::Creating, State::Stopping, State::Loading(None), State::Unknown];
        for state in others.into_iter().chain((0..=100).map(|percent| State::Loading(Some(percent)))) {
            // Its glyph and a space stand before it.
            assert!(state_text(state).len() + 2 <= usize::from(Column::State.width()), "{state:?}");
        }
    }
}
