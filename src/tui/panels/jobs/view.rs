//! Draws the jobs.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
};

use super::Jobs;
use crate::{
    model::{Job, JobState, Units, job::Unit},
    tui::{paint, panels::Context, safe, theme::Role},
};

/// Draws the jobs, the newest first. Gives the cursor's place while the filter is typed.
pub fn view(jobs: &Jobs, area: Rect, buf: &mut Buffer, context: &Context<'_>) -> Option<Position> {
    let Context { snapshot, theme, focused, .. } = *context;
    let running = snapshot.jobs.iter().filter(|job| job.is_running()).count();
    let inner = context.frame(area, buf, format!("Jobs ({running} running) "));
    if snapshot.jobs.is_empty() {
        paint::text(buf, inner, 0, 0, "Nothing was done yet.", theme.style(Role::Muted));
        return None;
    }
    let (body, typed) = jobs.filter.view(inner, buf, theme);
    let cursor = jobs.cursor(snapshot);
    let mut any = false;
    for (at, job) in jobs.rows(snapshot).enumerate().skip(jobs.choice.offset()).take(usize::from(body.height))
    {
        any = true;
        let line = Rect { y: body.y + (at - jobs.choice.offset()) as u16, height: 1, ..body };
        draw(job, focused && at == cursor, line, buf, context);
    }
    if !any {
        paint::text(buf, body, 0, 0, "No job contains this. Esc shows all again.", theme.style(Role::Muted));
    }
    typed
}

/// Draws a job in a line.
pub fn draw(job: &Job, chosen: bool, area: Rect, buf: &mut Buffer, context: &Context<'_>) {
    let theme = context.theme;
    let over = paint::chosen(buf, area, chosen.then_some(Role::Selection), theme);
    let symbols = theme.symbols;
    let (glyph, role) = match &job.state {
        JobState::Running => (symbols.busy, Role::Busy),
        JobState::Done => (symbols.good, Role::Good),
        JobState::Failed(_) => (symbols.failed, Role::Error),
        JobState::Cancelled => (symbols.stopped, Role::Muted),
    };
    let style = theme.style(role).patch(over);
    paint::text(buf, area, 2, 0, glyph, style);
    let what = format!("{} {}", job.kind.word(), safe::line(&job.server_name));
    let wide = (area.width / 3).clamp(12, 28);
    paint::column(buf, area, 4, wide, &what, theme.style(Role::Text).patch(over), theme);
    let x = 4 + wide + 1;
    let rest = Rect { x: area.x + x, width: area.width.saturating_sub(x), ..area };
    match &job.state {
        JobState::Running => progress(job, rest, buf, context, style),
        JobState::Done => _ = paint::text(buf, rest, 0, 0, "done", style),
        JobState::Cancelled => _ = paint::text(buf, rest, 0, 0, "cancelled", style),
        JobState::Failed(fault) => {
            paint::column(buf, rest, 0, rest.width, &safe::line(&fault.what), style, theme);
        }
    }
}

/// A bar where the share is known, then what is being done.
fn progress(job: &Job, area: Rect, buf: &mut Buffer, context: &Context<'_>, style: Style) {
    let Context { theme, units, .. } = *context;
    let mut x = 0;
    if let Some(fraction) = job.progress.fraction() {
        let wide = (area.width / 3).min(16);
        let full = (f64::from(wide) * fraction).round() as u16;
        for n in 0..wide {
            let (symbol, role) = match n < full {
                true => (theme.symbols.bar_full, Role::Gauge),
                false => (theme.symbols.bar_empty, Role::GaugeEmpty),
            };
            paint::text(buf, area, n, 0, symbol, theme.style(role));
        }
        x = paint::text(buf, area, wide, 0, &format!(" {:>3.0}% ", fraction * 100.0), style);
    }
    let text = step(job, units);
    paint::column(buf, area, x, area.width.saturating_sub(x), &text, style, theme);
}

/// What a job is doing, with its count.
fn step(job: &Job, units: Units) -> String {
    let progress = &job.progress;
    let step = safe::line(&progress.step);
    let mut text = match (progress.unit, progress.total) {
        (Unit::Bytes, Some(total)) => {
            format!("{step}  {} of {}", units.write_short(progress.done), units.write_short(total))
        }
        (Unit::Bytes, None) if progress.done > 0 => format!("{step}  {}", units.write_short(progress.done)),
        _ => step.into_owned(),
    };
    if let (Unit::Bytes, Some(rate)) = (progress.unit, progress.rate) {
        text += &format!(", {}/s", units.write_short(rate));
    }
    if let Some(left) = progress.left() {
        text += &format!(", {} left", paint::duration(left.as_secs()));
    }
    text
}

/// Everything there is to say about a job, as paragraphs. Harmless to draw.
pub fn describe(job: &Job, units: Units) -> Vec<(Role, String)> {
    let mut lines = vec![(Role::Text, format!("{} {}", job.kind.word(), safe::line(&job.server_name)))];
    let mut add = |role, text: &str| {
        if !text.is_empty() {
            lines.push((role, safe::clean(text).into_owned()));
        }
    };
    match &job.state {
        JobState::Running => add(Role::Busy, &step(job, units)),
        JobState::Done => add(Role::Good, "Done."),
        JobState::Cancelled => add(Role::Muted, "Cancelled; what it had made was undone."),
        JobState::Failed(fault) => {
            add(Role::Error, &fault.what);
            add(Role::Text, &fault.means);
            add(Role::Warning, &fault.next);
            for cause in &fault.chain {
                add(Role::Muted, cause);
            }
        }
    }
    let time = |at: jiff::Timestamp| at.strftime("%H:%M:%S UTC").to_string();
    add(Role::Muted, &format!("Began at {}", time(job.started_at)));
    if let Some(ended) = job.ended_at {
        add(Role::Muted, &format!("Ended at {}", time(ended)));
    }
    lines
}
