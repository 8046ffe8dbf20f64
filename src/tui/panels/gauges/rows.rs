//! What the gauges tell, and where each of them stands.

use ratatui::layout::Rect;

use super::Gauges;
use crate::{
    model::{Extent, Figure, Host, Past, Point, Server, Units},
    tui::widgets::{chart::Column, gauge::Unit},
};

/// One gauge with its history.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Row {
    Cpu,
    Memory,
    Network,
    Disk,
    Players,
    Tick,
}

/// All of them.
pub const ROWS: &[Row] = &[Row::Cpu, Row::Memory, Row::Network, Row::Disk, Row::Players, Row::Tick];

/// From here on they stand in two columns, in cells.
const TWO: u16 = 72;
/// A tick may take so long, in milliseconds: then there are twenty a second.
pub const TICK_MAX: f64 = 50.0;

impl Row {
    /// What it is called.
    pub fn title(self) -> &'static str {
        match self {
            Self::Cpu => "CPU",
            Self::Memory => "Memory",
            Self::Network => "Network",
            Self::Disk => "Disk",
            Self::Players => "Players",
            Self::Tick => "Tick",
        }
    }

    /// What it counts.
    pub fn unit(self, units: Units) -> Unit {
        match self {
            Self::Cpu => Unit::Percent,
            Self::Memory => Unit::Bytes(units),
            Self::Network | Self::Disk => Unit::BytesPerSecond(units),
            Self::Players => Unit::Count,
            Self::Tick => Unit::Milliseconds,
        }
    }

    /// The figures that it adds up.
    pub fn figures(self) -> &'static [Figure] {
        match self {
            Self::Cpu => &[Figure::Cpu],
            Self::Memory => &[Figure::Memory],
            Self::Network => &[Figure::NetRx, Figure::NetTx],
            Self::Disk => &[Figure::BlockRead, Figure::BlockWrite],
            Self::Players => &[Figure::Players],
            Self::Tick => &[Figure::Tick],
        }
    }

    /// The most that there can be, where there is such a limit.
    pub fn limit(self, server: &Server, host: Option<&Host>) -> Option<f64> {
        match self {
            Self::Cpu => {
                let cores = host.map(|host| f64::from(host.cpus)).filter(|cores| *cores > 0.0);
                server.about.spec.cpus.or(cores).map(|cores| cores * 100.0)
            }
            Self::Memory => {
                let limit = server.sample.map(|sample| sample.memory_limit_bytes as f64);
                limit.filter(|limit| *limit > 0.0)
            }
            Self::Players => server.players.as_ref().map(|players| f64::from(players.max)),
            Self::Tick => Some(TICK_MAX),
            Self::Network | Self::Disk => None,
        }
        .filter(|limit| *limit > 0.0)
    }

    /// What it was in a step of the past.
    pub fn extent(self, point: &Point) -> Option<Extent> {
        let mut sum: Option<Extent> = None;
        for extent in self.figures().iter().filter_map(|figure| point.get(*figure)) {
            let before = sum.unwrap_or(Extent { min: 0.0, mean: 0.0, max: 0.0 });
            sum = Some(Extent {
                min: before.min + extent.min,
                mean: before.mean + extent.mean,
                max: before.max + extent.max,
            });
        }
        sum
    }

    /// The past in so many columns, oldest first.
    pub fn columns(self, past: &Past, wide: usize) -> Vec<Column> {
        let points = past.points.len();
        let part = |column: usize| {
            let from = column * points / wide;
            let to = ((column + 1) * points / wide).max(from + 1);
            past.points.get(from..to.min(points)).unwrap_or_default()
        };
        (0..wide)
            .map(|column| {
                let extents: Vec<_> = part(column).iter().filter_map(|point| self.extent(point)).collect();
                let max = extents.iter().map(|extent| f64::from(extent.max)).reduce(f64::max)?;
                let sum: f64 = extents.iter().map(|extent| f64::from(extent.mean)).sum();
                Some((sum / extents.len() as f64, max))
            })
            .collect()
    }
}

/// Where each row that shows stands inside of the panel.
pub fn places(gauges: &Gauges, inner: Rect) -> Vec<(usize, Rect)> {
    if gauges.alone {
        return vec![(gauges.chosen, inner)];
    }
    let columns = if inner.width >= TWO { 2 } else { 1 };
    let down = (ROWS.len() as u16).div_ceil(columns);
    let high = (inner.height / down).max(1);
    let shown = inner.height.min(down);
    // Where not all rows show, the chosen one does.
    let first = (gauges.chosen as u16 % down + 1).saturating_sub(shown);
    let wide = (inner.width + 2) / columns - if columns > 1 { 2 } else { 0 };
    (0..ROWS.len() as u16)
        .filter_map(|row| {
            let y = (row % down).checked_sub(first).filter(|y| *y < shown)?;
            let x = inner.x + (row / down) * (wide + 2);
            let wide = if columns == 1 { inner.width } else { wide };
            Some((usize::from(row), Rect { x, y: inner.y + y * high, width: wide, height: high }))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_lie_beside_each_other_within_the_panel_and_the_chosen_one_shows() {
        for width in [38, 71, 72, 73, 118, 198] {
            for height in 1..50 {
                let inner = Rect::new(3, 2, width, height);
                for chosen in 0..ROWS.len() {
                    for alone in [false, true] {
                        let mut gauges = Gauges::default();
                        (gauges.chosen, gauges.alone) = (chosen, alone);
                        let places = places(&gauges, inner);
                        assert!(places.iter().any(|(row, _)| *row == chosen), "{width}x{height} {chosen}");
                        for (n, (_, place)) in places.iter().enumerate() {
                            assert_eq!(place.intersection(inner), *place, "{width}x{height}");
                            assert!(places[n + 1..].iter().all(|(_, other)| !other.intersects(*place)));
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn columns_are_as_many_as_asked_and_keep_the_greatest() {
        let mut history = crate::model::History::default();
        for at in 0..60 {
            let cpu = if at == 30 { 90.0 } else { 10.0 };
            history.push(&crate::tui::app::testkit::sample(at, cpu), None, None);
        }
        let past = history.past(crate::model::Span::Minute, crate::tui::app::testkit::later(59));
        for wide in [1, 7, 60, 61, 200] {
            let columns = Row::Cpu.columns(&past, wide);
            assert_eq!(columns.len(), wide);
            let greatest = columns.iter().flatten().map(|(_, max)| *max).fold(0.0, f64::max);
            assert!((greatest - 90.0).abs() < 0.2 && columns.iter().all(Option::is_some), "{wide}");
        }
        assert!(Row::Tick.columns(&past, 10).iter().all(Option::is_none));
    }
}
