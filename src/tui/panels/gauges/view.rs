//! Draws the gauges.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Gauges, Rates};
use crate::tui::{
    paint,
    panels::Context,
    theme::{Role, Theme},
    widgets::{
        gauge::{Gauge, Unit},
        sparkline::{SparkSymbols, Sparkline},
    },
};

/// Cells for a label.
const LABEL: u16 = 8;

/// Draws the gauges of the chosen server.
pub fn view(gauges: &Gauges, area: Rect, buf: &mut Buffer, context: &Context<'_>) {
    let Context { server, theme, snapshot, .. } = *context;
    let inner = context.frame(area, buf, "Gauges ");
    let Some(server) = server else {
        paint::text(buf, inner, 0, 0, "No server is selected.", theme.style(Role::Muted));
        return;
    };
    let Some(sample) = server.sample.as_ref().filter(|_| server.state.is_running()) else {
        let text = if server.state.is_running() { "Measuring." } else { "It does not run." };
        paint::text(buf, inner, 0, 0, text, theme.style(Role::Muted));
        return;
    };
    let host = snapshot.hosts.iter().find(|host| host.id == server.about.host);
    let cores = host.map_or(0, |host| host.cpus);
    let cpu_max =
        server.about.spec.cpus.or((cores > 0).then_some(f64::from(cores))).map(|cores| cores * 100.0);
    let limit = (sample.memory_limit_bytes > 0).then_some(sample.memory_limit_bytes as f64);
    let rates = gauges.rates().next_back().unwrap_or_default();
    let rows = [
        Row::Gauge("CPU", Some(f64::from(sample.cpu_percent)), cpu_max, Unit::Percent),
        Row::Gauge("Memory", Some(sample.memory_bytes as f64), limit, Unit::Bytes),
        Row::Rate("Network", rates.net_rx, rates.net_tx, |rates| rates.net_rx + rates.net_tx),
        Row::Rate("Disk", rates.block_read, rates.block_write, |rates| rates.block_read + rates.block_write),
    ];
    // Each figure has a row, and below it a history as high as there is room for.
    let high = inner.height / rows.len() as u16;
    for (n, row) in rows.iter().enumerate() {
        let top = inner.y + high.max(1) * n as u16;
        if top >= inner.bottom() {
            break;
        }
        let place = Rect { y: top, height: high.max(1).min(inner.bottom() - top), ..inner };
        row.view(gauges, place, buf, theme);
    }
}

enum Row {
    Gauge(&'static str, Option<f64>, Option<f64>, Unit),
    Rate(&'static str, f64, f64, fn(Rates) -> f64),
}

impl Row {
    fn view(&self, gauges: &Gauges, area: Rect, buf: &mut Buffer, theme: &Theme) {
        let line = Rect { height: 1, ..area };
        // Beside each other in one row, below each other where there is more.
        let (figures, history) = match area.height {
            1 => {
                let half = area.width / 2;
                (
                    Rect { width: half, ..line },
                    Rect { x: area.x + half + 1, width: area.width - half - 1, ..line },
                )
            }
            _ => (line, Rect { y: area.y + 1, height: area.height - 1, ..area }),
        };
        let spark = Sparkline {
            symbols: if theme.is_ascii() { SparkSymbols::Ascii } else { SparkSymbols::Blocks },
            style: theme.style(Role::Spark),
            max: None,
        };
        match self {
            Self::Gauge(label, value, max, unit) => {
                let gauge = Gauge { label_width: LABEL, ..Gauge::new(label, *value, *max, *unit) };
                gauge.render(figures, buf, &theme.gauge());
                let spark = Sparkline { max: *max, ..spark };
                let samples = gauges.samples().iter();
                match unit {
                    Unit::Percent => {
                        spark.render(samples.map(|sample| f64::from(sample.cpu_percent)), history, buf)
                    }
                    _ => spark.render(samples.map(|sample| sample.memory_bytes as f64), history, buf),
                };
            }
            Self::Rate(label, down, up, of) => {
                let symbols = theme.symbols;
                let rate = |value: &f64| Unit::BytesPerSecond.write(*value);
                paint::text(buf, figures, 0, 0, label, theme.style(Role::Text));
                let text = format!("{} {}  {} {}", symbols.down, rate(down), symbols.up, rate(up));
                paint::text(buf, figures, LABEL, 0, &text, theme.style(Role::Text));
                spark.render(gauges.rates().map(of), history, buf);
            }
        }
    }
}
