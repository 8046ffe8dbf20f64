//! Where the panels are: a pure function of the terminal's size and of what the person wants to see.

use ratatui::layout::{Constraint, Layout, Rect, Size};

/// Narrowest screen that the dashboard is drawn on, in columns.
pub const MIN_WIDTH: u16 = 40;
/// Lowest screen that the dashboard is drawn on, in rows.
pub const MIN_HEIGHT: u16 = 10;

/// A part of the screen that can have the focus.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Panel {
    Servers,
    Console,
    Gauges,
    Details,
    Jobs,
}

impl Panel {
    /// Every panel, in the order of their numbers.
    pub const ALL: [Self; 5] = [Self::Servers, Self::Console, Self::Gauges, Self::Details, Self::Jobs];

    /// What it is called.
    pub fn title(self) -> &'static str {
        match self {
            Self::Servers => "Servers",
            Self::Console => "Console",
            Self::Gauges => "Gauges",
            Self::Details => "Details",
            Self::Jobs => "Jobs",
        }
    }

    /// The next one, or the one before.
    pub fn step(self, forwards: bool) -> Self {
        let by = if forwards { 1 } else { Self::ALL.len() - 1 };
        Self::ALL[(self as usize + by) % Self::ALL.len()]
    }
}

/// Where everything is. A panel that does not show has no place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Areas {
    /// Whether the screen is too small for anything but saying so.
    pub too_small: bool,
    /// The line at the top.
    pub header: Option<Rect>,
    /// The panels, by their number.
    pub panels: [Option<Rect>; 5],
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

    /// What is inside a panel's border.
    pub fn inside(&self, panel: Panel) -> Rect {
        self.of(panel).map(inside).unwrap_or_default()
    }

    /// The panel at a place.
    pub fn at(&self, x: u16, y: u16) -> Option<Panel> {
        Panel::ALL.into_iter().find(|panel| {
            self.of(*panel).is_some_and(|area| area.contains(ratatui::layout::Position { x, y }))
        })
    }

    fn put(&mut self, panel: Panel, area: Rect) {
        self.panels[panel as usize] = Some(area);
    }
}

/// What is inside a border of one cell.
pub fn inside(area: Rect) -> Rect {
    area.inner(ratatui::layout::Margin { horizontal: 1, vertical: 1 })
}

/// Lays the panels out. `split` is the server list's share in percent, `working` how many jobs run.
pub fn arrange(size: Size, focus: Panel, zoom: bool, split: u16, working: usize) -> Areas {
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
    if zoom || body.height < 16 {
        areas.put(focus, body);
    } else if size.width >= 100 {
        wide(&mut areas, focus, split, working);
    } else {
        stacked(&mut areas, focus, split, working);
    }
    areas
}

/// List at the left, console at the right, gauges below it; details and jobs below the list where there is room.
fn wide(areas: &mut Areas, focus: Panel, split: u16, working: usize) {
    let body = areas.body;
    let left = (body.width * split / 100).clamp(38, body.width.saturating_sub(40));
    let [left, right] = Layout::horizontal([Constraint::Length(left), Constraint::Fill(1)]).areas(body);
    let jobs = match (working, focus) {
        (0, Panel::Jobs) => 8,
        (0, _) => 0,
        (n, _) => (n as u16 + 2).clamp(3, 8),
    };
    let details =
        if body.height >= 36 + jobs || focus == Panel::Details && body.height >= 24 + jobs { 16 } else { 0 };
    let gauges = if body.height >= 40 { 10 } else { 6 };
    let [servers, details, jobs] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(details), Constraint::Length(jobs)])
            .areas(left);
    let [console, gauges] = Layout::vertical([Constraint::Fill(1), Constraint::Length(gauges)]).areas(right);
    areas.put(Panel::Servers, servers);
    areas.put(Panel::Console, console);
    areas.put(Panel::Gauges, gauges);
    if jobs.height > 0 {
        areas.put(Panel::Jobs, jobs);
    }
    if details.height > 0 {
        areas.put(Panel::Details, details);
    } else if focus == Panel::Details {
        // Too low for both: what is looked at takes the console's place.
        areas.panels[Panel::Console as usize] = None;
        areas.put(Panel::Details, console);
    }
}

/// One below the other: the list, then what is looked at, then the gauges where there is room.
fn stacked(areas: &mut Areas, focus: Panel, split: u16, working: usize) {
    let body = areas.body;
    let list = (body.height * split.saturating_sub(8) / 100).clamp(5, body.height.saturating_sub(8));
    let gauges = if body.height >= 30 || focus == Panel::Gauges { 6 } else { 0 };
    let jobs = match (working, focus) {
        (0, _) => 0,
        (n, _) if body.height >= 20 => (n as u16 + 2).clamp(3, 5),
        _ => 0,
    };
    let [servers, main, jobs, gauges] = Layout::vertical([
        Constraint::Length(list),
        Constraint::Fill(1),
        Constraint::Length(jobs),
        Constraint::Length(gauges),
    ])
    .areas(body);
    areas.put(Panel::Servers, servers);
    if gauges.height > 0 {
        areas.put(Panel::Gauges, gauges);
    }
    if jobs.height > 0 {
        areas.put(Panel::Jobs, jobs);
    }
    match focus {
        Panel::Details => areas.put(Panel::Details, main),
        Panel::Jobs if jobs.height == 0 => areas.put(Panel::Jobs, main),
        _ => areas.put(Panel::Console, main),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_panel_shows_when_it_has_the_focus_and_nothing_overlaps_at_any_size() {
        for width in (0..220).step_by(5).chain([39, 41, 99, 101]) {
            for height in (0..70).step_by(3) {
                for focus in Panel::ALL {
                    for (zoom, working) in [(false, 0), (false, 9), (true, 2)] {
                        let areas = arrange(Size { width, height }, focus, zoom, 45, working);
                        if areas.too_small {
                            assert!(width < MIN_WIDTH || height < MIN_HEIGHT);
                            continue;
                        }
                        let area = areas.of(focus).unwrap();
                        assert!(area.height >= 3 && area.width >= 38, "{width}x{height} {focus:?} {area}");
                        let shown: Vec<_> = areas.panels.into_iter().flatten().collect();
                        for (n, one) in shown.iter().enumerate() {
                            assert_eq!(one.intersection(areas.body), *one);
                            assert!(shown[n + 1..].iter().all(|other| !one.intersects(*other)));
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn tab_goes_round() {
        let round = Panel::ALL.iter().fold(Panel::Servers, |panel, _| panel.step(true));
        assert_eq!(round, Panel::Servers);
        assert_eq!(Panel::Servers.step(false), Panel::Jobs);
    }
}
