//! Where the panels are: a pure function of the terminal's size and of what the person wants to see.

use ratatui::layout::{Constraint, Layout, Position, Rect, Size};

use super::panel::Panel;
use crate::tui::paint;

/// Narrowest screen that the dashboard is drawn on, in columns.
pub const MIN_WIDTH: u16 = 40;
/// Lowest screen that the dashboard is drawn on, in rows.
pub const MIN_HEIGHT: u16 = 10;
/// From here on the list stands beside what is looked at, in columns.
const WIDE: u16 = 100;
/// Below this only one panel shows at a time, in rows between header and footer.
const LOW: u16 = 16;
/// From here on a narrow screen has room for strip and details too, in the same rows.
const TALL: u16 = 40;
/// Rows that the details get where they have a place of their own.
const DETAILS: u16 = 16;

/// A border that can be moved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Split {
    /// Between the list and what is looked at.
    List,
    /// Between what is looked at and the strip below it.
    Strip,
}

/// How the room is shared out, in percent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shares {
    /// The list's share of the width, where it stands at the left.
    pub side: u16,
    /// The list's share of the height, where it stands at the top.
    pub top: u16,
    /// The strip's share of the height; `None` gives it what it needs.
    pub strip: Option<u16>,
}

impl Default for Shares {
    fn default() -> Self {
        Self { side: 45, top: 37, strip: None }
    }
}

impl Shares {
    /// What makes sense of shares that come from outside.
    #[must_use]
    pub fn bounded(self) -> Self {
        let bound = |share: u16| share.clamp(10, 85);
        Self { side: bound(self.side), top: bound(self.top), strip: self.strip.map(bound) }
    }
}

/// What a person wants to see.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// The panel that has the focus.
    pub focus: Panel,
    /// Whether it has the whole screen.
    pub zoom: bool,
    /// What shows where one looks.
    pub tab: Panel,
    /// How the room is shared out.
    pub shares: Shares,
    /// How many jobs run.
    pub working: usize,
}

/// Where everything is. A panel that does not show has no place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Areas {
    /// Whether the screen is too small for anything but saying so.
    pub too_small: bool,
    /// The line at the top.
    pub header: Option<Rect>,
    /// The panels, by their number.
    panels: [Option<Rect>; Panel::COUNT],
    /// The panel whose title has the tabs of those that do not show.
    pub main: Option<Panel>,
    /// Where the borders that can be moved are.
    splits: [Option<(Split, Rect)>; 2],
    /// Whether the list stands at the left.
    pub wide: bool,
    /// What lies between header and footer.
    pub body: Rect,
    /// The line at the bottom.
    pub footer: Rect,
}

impl Areas {
    /// Where a panel is.
    pub fn of(&self, panel: Panel) -> Option<Rect> {
        self.panels[panel as usize]
    }

    /// The panels that show, and where.
    pub fn shown(&self) -> impl Iterator<Item = (Panel, Rect)> + '_ {
        Panel::ALL.iter().filter_map(|panel| Some((*panel, self.of(*panel)?)))
    }

    /// What is inside a panel's border.
    pub fn inside(&self, panel: Panel) -> Rect {
        self.of(panel).map(inside).unwrap_or_default()
    }

    /// The panel at a place.
    pub fn at(&self, place: Position) -> Option<Panel> {
        self.shown().find(|(_, area)| area.contains(place)).map(|(panel, _)| panel)
    }

    /// The border that can be moved, at a place.
    pub fn split_at(&self, place: Position) -> Option<Split> {
        self.splits.iter().flatten().find(|(_, area)| area.contains(place)).map(|(split, _)| *split)
    }

    /// The names of the panels that do not show and where they stand in the border of the one that shows in their
    /// stead; only their numbers where there is little room.
    pub fn tabs(&self) -> Vec<(Panel, Rect, String)> {
        /// What is left to the title of the panel that shows.
        const TITLE: u16 = 40;
        let Some(area) = self.main.and_then(|panel| self.of(panel)) else { return Vec::new() };
        let hidden = || Panel::ALL.iter().copied().filter(|panel| self.of(*panel).is_none());
        let names = |long: bool| {
            hidden().map(move |panel| match long {
                true => format!(" {} {} ", panel.number(), panel.title()),
                false => format!(" {} ", panel.number()),
            })
        };
        let wide = |long: bool| names(long).map(|name| paint::width(&name)).sum::<u16>();
        let long = wide(true) + TITLE <= area.width;
        let mut x = area.right().saturating_sub(1 + wide(long));
        let place = |(panel, name): (Panel, String)| {
            let place = Rect { x, y: area.y, width: paint::width(&name), height: 1 };
            x += place.width;
            (panel, place, name)
        };
        hidden().zip(names(long)).map(place).collect()
    }

    /// The shares after a split was dragged to a place.
    pub fn dragged(&self, split: Split, to: Position, shares: Shares) -> Shares {
        let percent =
            |part: u16, whole: u16| (u32::from(part) * 100).div_ceil(u32::from(whole.max(1))) as u16;
        let down = to.y.saturating_sub(self.body.y);
        let shares = match split {
            Split::List if self.wide => {
                Shares { side: percent(to.x.saturating_sub(self.body.x), self.body.width), ..shares }
            }
            Split::List => Shares { top: percent(down, self.body.height), ..shares },
            Split::Strip => {
                let from_below = self.strip_bottom().saturating_sub(to.y);
                Shares { strip: Some(percent(from_below, self.body.height)), ..shares }
            }
        };
        shares.bounded()
    }

    /// The shares after a split was moved by so many percent, towards more room for the list or the strip.
    pub fn nudged(&self, split: Split, by: i16, shares: Shares) -> Shares {
        let moved = |share: u16| share.saturating_add_signed(by);
        let shares = match split {
            Split::List if self.wide => Shares { side: moved(shares.side), ..shares },
            Split::List => Shares { top: moved(shares.top), ..shares },
            Split::Strip => {
                let now =
                    self.of(Panel::Gauges).map_or(15, |area| area.height * 100 / self.body.height.max(1));
                Shares { strip: Some(moved(shares.strip.unwrap_or(now))), ..shares }
            }
        };
        shares.bounded()
    }

    fn strip_bottom(&self) -> u16 {
        self.of(Panel::Gauges).map_or(self.body.bottom(), |area| area.bottom())
    }

    fn put(&mut self, panel: Panel, area: Rect) {
        self.panels[panel as usize] = (area.height > 0).then_some(area);
    }

    /// Puts what is looked at where it belongs: what has the focus and no place of its own, else what was looked at
    /// before, else the console.
    fn look(&mut self, wanted: Wanted, area: Rect) {
        let free = |panel: &Panel| self.of(*panel).is_none();
        let console = [wanted.focus, wanted.tab, Panel::Console];
        let panel = console.into_iter().find(free).unwrap_or(Panel::Console);
        self.put(panel, area);
        self.main = Some(panel);
    }
}

/// What is inside a border of one cell.
pub fn inside(area: Rect) -> Rect {
    area.inner(ratatui::layout::Margin { horizontal: 1, vertical: 1 })
}

/// Lays the panels out.
pub fn arrange(size: Size, wanted: Wanted) -> Areas {
    let mut areas = Areas::default();
    let screen = Rect::new(0, 0, size.width, size.height);
    if size.width < MIN_WIDTH || size.height < MIN_HEIGHT {
        return Areas { too_small: true, body: screen, ..areas };
    }
    let head = u16::from(size.height >= 14);
    let [header, body, footer] =
        Layout::vertical([Constraint::Length(head), Constraint::Fill(1), Constraint::Length(1)])
            .areas(screen);
    areas.header = (head > 0).then_some(header);
    (areas.body, areas.footer) = (body, footer);
    if wanted.zoom || body.height < LOW {
        areas.put(wanted.focus, body);
        areas.main = Some(wanted.focus);
    } else if size.width >= WIDE {
        wide(&mut areas, wanted);
    } else {
        stacked(&mut areas, wanted);
    }
    areas
}

/// Rows for the jobs where they have a place of their own: only while something is done.
fn job_rows(working: usize, most: u16) -> u16 {
    if working == 0 { 0 } else { u16::try_from(working + 2).unwrap_or(most).clamp(3, most) }
}

/// Rows for the strip: what it needs, or the share that it was given.
fn strip_rows(shares: Shares, needs: u16, body: Rect, room: u16) -> u16 {
    let rows = shares.strip.map_or(needs, |share| body.height * share / 100);
    rows.clamp(3, room.saturating_sub(5).max(3))
}

/// The list at the left, what is looked at at the right with the strip below it; jobs and details below the list where
/// there is room.
fn wide(areas: &mut Areas, wanted: Wanted) {
    let (body, shares) = (areas.body, wanted.shares);
    areas.wide = true;
    let left = (body.width * shares.side / 100).clamp(38, body.width.saturating_sub(40));
    let [left, right] = Layout::horizontal([Constraint::Length(left), Constraint::Fill(1)]).areas(body);
    let jobs = job_rows(wanted.working, 8);
    let details = if body.height >= 20 + DETAILS + jobs { DETAILS } else { 0 };
    let strip = strip_rows(shares, if body.height >= TALL { 10 } else { 6 }, body, right.height);
    let [servers, details, jobs] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(details), Constraint::Length(jobs)])
            .areas(left);
    let [main, strip] = Layout::vertical([Constraint::Fill(1), Constraint::Length(strip)]).areas(right);
    areas.put(Panel::Servers, servers);
    areas.put(Panel::Details, details);
    areas.put(Panel::Jobs, jobs);
    areas.put(Panel::Gauges, strip);
    areas.splits = [
        Some((Split::List, Rect { x: main.x.saturating_sub(1), width: 2, ..body })),
        Some((Split::Strip, Rect { y: strip.y.saturating_sub(1), height: 2, ..strip })),
    ];
    areas.look(wanted, main);
}

/// One below the other: the list, what is looked at, then the rest as far as there is room.
fn stacked(areas: &mut Areas, wanted: Wanted) {
    let (body, shares) = (areas.body, wanted.shares);
    let jobs = if body.height >= 20 { job_rows(wanted.working, 5) } else { 0 };
    let details = if body.height >= TALL + DETAILS { DETAILS } else { 0 };
    let strip = body.height >= 27;
    // What is looked at keeps five rows, whatever the list takes.
    let least = 5 + jobs + details + if strip { 3 } else { 0 };
    let list = (body.height * shares.top / 100).clamp(5, body.height.saturating_sub(least.max(8)));
    let room = body.height - list - jobs - details;
    let strip = match strip {
        true => strip_rows(shares, if body.height >= TALL { 10 } else { 6 }, body, room),
        false => 0,
    };
    let [servers, main, jobs, strip, details] = Layout::vertical([
        Constraint::Length(list),
        Constraint::Fill(1),
        Constraint::Length(jobs),
        Constraint::Length(strip),
        Constraint::Length(details),
    ])
    .areas(body);
    areas.put(Panel::Servers, servers);
    areas.put(Panel::Jobs, jobs);
    areas.put(Panel::Gauges, strip);
    areas.put(Panel::Details, details);
    areas.splits[0] = Some((Split::List, Rect { y: servers.bottom().saturating_sub(1), height: 2, ..body }));
    if strip.height > 0 {
        areas.splits[1] = Some((Split::Strip, Rect { y: strip.y, height: 1, ..strip }));
    }
    areas.look(wanted, main);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(focus: Panel, zoom: bool, working: usize) -> Wanted {
        Wanted { focus, zoom, tab: Panel::Console, shares: Shares::default(), working }
    }

    #[test]
    fn every_panel_shows_when_it_has_the_focus_and_nothing_overlaps_at_any_size() {
        let extreme = [10, 45, 85].map(|side| Shares { side, top: side, strip: Some(side) });
        for width in (0..220).step_by(5).chain([39, 41, 99, 101]) {
            for height in (0..70).step_by(3) {
                for focus in Panel::ALL.iter().copied() {
                    for (zoom, working) in [(false, 0), (false, 9), (true, 2)] {
                        // The solver is slow in a debug build: the extremes are tried at some widths.
                        let more = extreme.into_iter().filter(|_| width % 20 < 2);
                        for shares in [Shares::default()].into_iter().chain(more) {
                            let size = Size { width, height };
                            let areas = arrange(size, Wanted { shares, ..wanted(focus, zoom, working) });
                            check(areas, size, focus);
                        }
                    }
                }
            }
        }
    }

    fn check(areas: Areas, size: Size, focus: Panel) {
        let Size { width, height } = size;
        if areas.too_small {
            assert!(width < MIN_WIDTH || height < MIN_HEIGHT);
            return;
        }
        let area = areas.of(focus).unwrap();
        assert!(area.height >= 3 && area.width >= 38, "{width}x{height} {focus:?} {area}");
        let shown: Vec<_> = areas.shown().map(|(_, area)| area).collect();
        for (n, one) in shown.iter().enumerate() {
            assert_eq!(one.intersection(areas.body), *one);
            assert!(shown[n + 1..].iter().all(|other| !one.intersects(*other)));
        }
        // What does not show can be reached by its tab.
        let tabs = areas.tabs();
        assert_eq!(shown.len() + tabs.len(), Panel::COUNT);
        let border = areas.of(areas.main.unwrap()).unwrap();
        for (_, tab, name) in &tabs {
            assert_eq!(tab.intersection(Rect { height: 1, ..border }), *tab);
            assert_eq!(paint::width(name), tab.width);
        }
    }

    #[test]
    fn what_is_looked_at_stays_when_the_focus_moves_on() {
        let size = Size { width: 80, height: 24 };
        let look = |focus, tab| arrange(size, Wanted { tab, ..wanted(focus, false, 0) }).main;
        assert_eq!(look(Panel::Servers, Panel::Details), Some(Panel::Details));
        assert_eq!(look(Panel::Gauges, Panel::Details), Some(Panel::Gauges));
        // With a place of its own it needs no tab.
        let large = Size { width: 200, height: 60 };
        let areas = arrange(large, Wanted { tab: Panel::Details, ..wanted(Panel::Servers, false, 0) });
        assert_eq!(areas.main, Some(Panel::Console));
        assert!(areas.of(Panel::Details).is_some());
    }

    #[test]
    fn a_split_follows_the_mouse_and_keys() {
        for size in [Size { width: 120, height: 40 }, Size { width: 80, height: 50 }] {
            let at = |shares| arrange(size, Wanted { shares, ..wanted(Panel::Servers, false, 0) });
            let areas = at(Shares::default());
            let to = if areas.wide { Position::new(60, 20) } else { Position::new(5, 22) };
            let moved = at(areas.dragged(Split::List, to, Shares::default()));
            let main = moved.of(Panel::Console).unwrap();
            let edge = if areas.wide { main.x.abs_diff(to.x) } else { main.y.abs_diff(to.y) };
            assert!(edge <= 1, "{size:?} {main:?}");
            assert_eq!(moved.split_at(to), Some(Split::List));
            let up = Position::new(90.min(size.width - 1), 25);
            let moved = at(areas.dragged(Split::Strip, up, Shares::default()));
            assert!(moved.of(Panel::Gauges).unwrap().y.abs_diff(25) <= 1, "{size:?} {moved:?}");
            let more = areas.nudged(Split::Strip, 10, Shares::default());
            let before = areas.of(Panel::Gauges).unwrap().height;
            assert!(at(more).of(Panel::Gauges).unwrap().height > before);
        }
    }
}
