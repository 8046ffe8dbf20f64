//! Draws the gauges.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    Gauges,
    rows::{ROWS, Row, places},
};
use crate::{
    model::{Extent, Figure, Past, Server},
    tui::{
        paint,
        panels::Context,
        theme::Role,
        widgets::{
            chart::{self, Chart},
            gauge::Gauge,
            sparkline::{SparkSymbols, Sparkline},
        },
    },
};

/// Cells for a label.
const LABEL: u16 = 8;
/// From so many rows on a history has a scale.
const CHART: u16 = 5;

/// Draws the gauges of the chosen server.
pub fn view(gauges: &Gauges, area: Rect, buf: &mut Buffer, context: &Context<'_>) {
    let Context { server, theme, now, .. } = *context;
    let title = match gauges.alone {
        true => format!("{}, {} ", ROWS[gauges.chosen].title(), gauges.span.word()),
        false => format!("Gauges, {} ", gauges.span.word()),
    };
    let inner = context.frame(area, buf, title);
    let muted = theme.style(Role::Muted);
    let Some(server) = server else {
        paint::text(buf, inner, 0, 0, "No server is selected.", muted);
        return;
    };
    let measured = server.sample.is_some() && server.state.is_running();
    if !measured && gauges.history().is_empty() {
        let text = if server.state.is_running() { "Measuring." } else { "It does not run." };
        paint::text(buf, inner, 0, 0, text, muted);
        return;
    }
    let past = gauges.history().past(gauges.span, gauges.until(now));
    for (row, place) in places(gauges, inner) {
        let chosen = context.focused && row == gauges.chosen;
        let one = One { row: ROWS[row], gauges, server, past: &past, chosen, context };
        one.view(place, buf);
    }
}

/// One row, with all that it is drawn from.
struct One<'a> {
    row: Row,
    gauges: &'a Gauges,
    server: &'a Server,
    past: &'a Past,
    chosen: bool,
    context: &'a Context<'a>,
}

impl One<'_> {
    fn view(&self, area: Rect, buf: &mut Buffer) {
        let line = Rect { height: 1, ..area };
        let below = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        match area.height {
            0 => {}
            // Beside each other in one row, below each other where there is more.
            1 => {
                let half = area.width / 2;
                self.now(Rect { width: half, ..line }, buf);
                let rest = Rect { x: area.x + half + 1, width: area.width - half - 1, ..line };
                self.spark(rest, buf);
            }
            high if high > CHART && area.width >= 30 => {
                self.now(line, buf);
                self.chart(below, buf);
            }
            _ => {
                self.now(line, buf);
                self.spark(below, buf);
            }
        }
    }

    fn limit(&self) -> Option<f64> {
        let hosts = &self.context.snapshot.hosts;
        let host = hosts.iter().find(|host| host.id == self.server.about.host);
        self.row.limit(self.server, host.map(|host| &**host))
    }

    /// How it is now.
    fn now(&self, area: Rect, buf: &mut Buffer) {
        let Context { theme, units, .. } = *self.context;
        let label = if self.chosen { theme.style(Role::Selection) } else { theme.style(Role::Text) };
        let title = self.row.title();
        match self.row {
            Row::Network | Row::Disk => {
                let symbols = theme.symbols;
                let rate = |figure: Figure| match self.gauges.history().latest(figure) {
                    Some(rate) => self.row.unit(units).write(f64::from(rate)),
                    None => "-".to_owned(),
                };
                let [down, up] = match self.row {
                    Row::Network => [Figure::NetRx, Figure::NetTx],
                    _ => [Figure::BlockRead, Figure::BlockWrite],
                };
                paint::text(buf, area, 0, 0, title, label);
                let text = format!("{} {}  {} {}", symbols.down, rate(down), symbols.up, rate(up));
                paint::text(buf, area, LABEL, 0, &text, theme.style(Role::Text));
            }
            _ => {
                let value = match self.row {
                    Row::Players => self.server.players.as_ref().map(|players| f64::from(players.online)),
                    row => self.gauges.history().latest(row.figures()[0]).map(f64::from),
                };
                let unit = self.row.unit(units);
                let gauge = Gauge { label_width: LABEL, ..Gauge::new(title, value, self.limit(), unit) };
                let mut styles = theme.gauge();
                styles.label = label;
                gauge.render(area, buf, &styles);
            }
        }
    }

    fn spark(&self, area: Rect, buf: &mut Buffer) {
        let theme = self.context.theme;
        let symbols = if theme.is_ascii() { SparkSymbols::Ascii } else { SparkSymbols::Blocks };
        let spark = Sparkline { symbols, style: theme.style(Role::Spark), max: self.limit() };
        let columns = self.row.columns(self.past, usize::from(area.width));
        // What peaked for a moment shows also where a column is minutes wide.
        let values = columns.into_iter().map(|column| column.map_or(f64::NAN, |(_, max)| max));
        spark.render(values, area, buf);
    }

    fn chart(&self, area: Rect, buf: &mut Buffer) {
        let Context { theme, units, .. } = *self.context;
        let unit = self.row.unit(units);
        let muted = theme.style(Role::Muted);
        let span = format!("-{}", self.gauges.span.word());
        let chart = Chart {
            unit,
            // Against its limit where it has one: how much is left is what one wants to know. Players would be a line
            // at the bottom, and a load of one core of many too.
            max: self.limit().filter(|_| matches!(self.row, Row::Memory | Row::Tick)).map(|limit| {
                let columns = self.row.columns(self.past, 1);
                columns[0].map_or(limit, |(_, max)| limit.max(max))
            }),
            time: (&span, "now"),
            mean: theme.style(Role::Spark),
            peak: muted,
            label: muted,
            ascii: theme.is_ascii(),
        };
        let wide = usize::from(chart::columns(area)).max(1);
        let mut plot = area;
        if self.gauges.alone && area.height > CHART {
            plot.height -= 1;
            let words = self.summary();
            paint::text(buf, Rect { y: area.bottom() - 1, height: 1, ..area }, 0, 0, &words, muted);
        }
        chart.render(&self.row.columns(self.past, wide), plot, buf);
    }

    /// Least, average and greatest value of all that shows.
    fn summary(&self) -> String {
        let unit = self.row.unit(self.context.units);
        let extents: Vec<Extent> =
            self.past.points.iter().filter_map(|point| self.row.extent(point)).collect();
        let Some(least) = extents.iter().map(|extent| extent.min).reduce(f32::min) else {
            return "Nothing was measured in this time.".into();
        };
        let greatest = extents.iter().map(|extent| extent.max).fold(0.0, f32::max);
        let mean = extents.iter().map(|extent| extent.mean).sum::<f32>() / extents.len() as f32;
        let [least, mean, greatest] = [least, mean, greatest].map(|value| unit.write(f64::from(value)));
        let mut text = format!("least {least}   average {mean}   most {greatest}");
        if self.row == Row::Tick
            && let Some(rate) = self.server.ticks.and_then(crate::model::Ticks::per_second)
        {
            text += &format!("   {rate:.1} ticks a second");
        }
        text
    }
}
