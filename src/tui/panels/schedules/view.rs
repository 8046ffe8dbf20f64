//! Draws the schedules.

use jiff::Timestamp;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
};

use super::{DETAILS, Schedules, list_rows};
use crate::{
    engine::schedules::plan,
    model::{
        Schedule, Snapshot,
        schedule::{Condition, Missed, Outcome, Targets, Task, When},
    },
    tui::{
        action::Action,
        paint,
        panels::Context,
        safe,
        theme::{Role, Theme},
    },
};

/// Cells of the columns before the timeline.
const TASK: u16 = 12;
const NEXT: u16 = 10;
const LAST: u16 = 14;
/// The least cells of a timeline that says anything.
const LINE_MIN: u16 = 18;

/// Where the columns are in a list of this width.
struct Columns {
    name: u16,
    task: u16,
    next: u16,
    last: Option<u16>,
    line: Option<(u16, u16)>,
}

impl Columns {
    fn of(width: u16) -> Self {
        let name = (width / 5).clamp(8, 24);
        let task = 4 + name + 1;
        let next = task + TASK + 1;
        let last = next + NEXT + 1;
        let line = last + LAST + 1;
        Self {
            name,
            task,
            next,
            last: (last + LAST <= width).then_some(last),
            line: (line + LINE_MIN <= width).then(|| (line, width - line)),
        }
    }
}

/// Draws the schedules by name, each with its next times on a line, and what is to be said of the chosen one.
/// Gives the cursor's place while the filter is typed.
pub fn view(schedules: &Schedules, area: Rect, buf: &mut Buffer, context: &Context<'_>) -> Option<Position> {
    let Context { snapshot, theme, .. } = *context;
    let rest = if snapshot.schedules_paused { ", all paused" } else { "" };
    let rows: Vec<_> = schedules.rows(snapshot).collect();
    let inner = context.frame(area, buf, format!("Schedules ({}{rest}) ", rows.len()));
    let (inner, typed) = schedules.filter.view(inner, buf, theme);
    if rows.is_empty() {
        let text = if schedules.filter.is_on() {
            "None of them contains this.".to_owned()
        } else {
            format!("There are none. {} makes one.", (context.keys)(Action::AddSchedule))
        };
        for (y, line) in (0..inner.height).zip(paint::wrap(&text, inner.width)) {
            paint::text(buf, inner, 0, y, &line, theme.style(Role::Muted));
        }
        return typed;
    }
    let columns = Columns::of(inner.width);
    head(schedules, &columns, inner, buf, theme);
    let high = list_rows(inner.height);
    let cursor = schedules.cursor(snapshot);
    let shown = rows.iter().enumerate().skip(schedules.choice.offset()).take(usize::from(high));
    for (at, one) in shown {
        let y = inner.y + 1 + (at - schedules.choice.offset()) as u16;
        let line = Rect { y, height: 1, ..inner };
        let over = context.chosen(at == cursor, line, buf);
        row(schedules, one, &columns, line, over, buf, context);
    }
    if inner.height > high + 1
        && let Some(one) = schedules.current(snapshot)
    {
        let below = Rect { y: inner.y + 1 + high, height: inner.height - high - 1, ..inner };
        details(one, below, buf, context);
    }
    typed
}

fn head(schedules: &Schedules, columns: &Columns, area: Rect, buf: &mut Buffer, theme: &Theme) {
    let style = theme.style(Role::Header);
    let mut put = |x: u16, wide: u16, text: &str| paint::column(buf, area, x, wide, text, style, theme);
    put(4, columns.name, "Name");
    put(columns.task, TASK, "Task");
    put(columns.next, NEXT, "Next");
    if let Some(last) = columns.last {
        put(last, LAST, "Last");
    }
    if let Some((x, wide)) = columns.line {
        put(x, wide, "now");
        let end = schedules.span.word();
        put(x + wide.saturating_sub(paint::width(end)), wide, end);
    }
}

fn row(
    schedules: &Schedules,
    one: &Schedule,
    columns: &Columns,
    area: Rect,
    over: Style,
    buf: &mut Buffer,
    context: &Context<'_>,
) {
    let Context { snapshot, theme, now, .. } = *context;
    let (glyph, role) = glyph(one, snapshot, theme);
    paint::text(buf, area, 2, 0, glyph, theme.style(role).patch(over));
    let style = theme.style(Role::Text).patch(over);
    paint::column(buf, area, 4, columns.name, &safe::line(&one.plan.name), style, theme);
    paint::column(buf, area, columns.task, TASK, one.plan.task.word(), style, theme);
    paint::column(buf, area, columns.next, NEXT, &next(one, snapshot, now), style, theme);
    if let Some(x) = columns.last {
        let (text, role) = last(one, now);
        paint::column(buf, area, x, LAST, &text, theme.style(role).patch(over), theme);
    }
    if let Some((x, wide)) = columns.line {
        let line = Rect { x: area.x + x, width: wide, ..area };
        timeline(schedules, one, line, over, buf, context);
    }
}

fn glyph(one: &Schedule, snapshot: &Snapshot, theme: &Theme) -> (&'static str, Role) {
    let symbols = theme.symbols;
    match one.last.as_ref().map(|last| &last.outcome) {
        _ if one.running => (symbols.busy, Role::Busy),
        _ if one.plan.paused || snapshot.schedules_paused => (symbols.paused, Role::Muted),
        Some(Outcome::Failed(_)) => (symbols.failed, Role::Error),
        Some(Outcome::Skipped(_)) => (symbols.warning, Role::Warning),
        Some(Outcome::Done) => (symbols.good, Role::Good),
        None => (symbols.stopped, Role::Muted),
    }
}

fn next(one: &Schedule, snapshot: &Snapshot, now: Timestamp) -> String {
    match one.next {
        _ if one.plan.paused => "paused".into(),
        Some(next) => format!("in {}", away(next, now)),
        None if snapshot.schedules_paused => "all paused".into(),
        None => "never".into(),
    }
}

fn away(at: Timestamp, now: Timestamp) -> String {
    paint::duration(u64::try_from(at.as_second() - now.as_second()).unwrap_or_default())
}

fn last(one: &Schedule, now: Timestamp) -> (String, Role) {
    let Some(last) = &one.last else { return ("not yet".into(), Role::Muted) };
    let (word, role) = match last.outcome {
        _ if one.running => return ("under way".into(), Role::Busy),
        Outcome::Done => ("done", Role::Good),
        Outcome::Skipped(_) => ("skipped", Role::Warning),
        Outcome::Failed(_) => ("failed", Role::Error),
    };
    (format!("{word} {}", away(now, last.ended)), role)
}

/// A line from now to the end of the span, with a mark at each time.
fn timeline(
    schedules: &Schedules,
    one: &Schedule,
    area: Rect,
    over: Style,
    buf: &mut Buffer,
    context: &Context<'_>,
) {
    let Context { theme, now, .. } = *context;
    let (length, wide) = (schedules.span.length().as_secs(), i64::from(area.width));
    for x in 0..area.width {
        paint::text(buf, area, x, 0, theme.symbols.horizontal, theme.style(Role::GaugeEmpty).patch(over));
    }
    let times = schedules.times(one);
    let cell = |at: &Timestamp| (at.as_second() - now.as_second()).max(0) * wide / length;
    let mark = theme.style(Role::Gauge).patch(over);
    for at in times {
        if let Ok(x) = u16::try_from(cell(at))
            && x < area.width
        {
            paint::text(buf, area, x, 0, theme.symbols.ready, mark);
        }
    }
    // Where they are too many to be found one by one, they go on.
    if times.len() == super::TIMES_MAX
        && let Some(from) = times.last().and_then(|at| u16::try_from(cell(at)).ok())
    {
        (from..area.width).for_each(|x| _ = paint::text(buf, area, x, 0, theme.symbols.ready, mark));
    }
}

/// What is said of the chosen one below the list.
fn details(one: &Schedule, area: Rect, buf: &mut Buffer, context: &Context<'_>) {
    let Context { snapshot, theme, .. } = *context;
    let rule = theme.symbols.horizontal.repeat(usize::from(area.width));
    paint::text(buf, area, 0, 0, &rule, theme.style(Role::Border));
    let told = describe(one, snapshot).into_iter().take(usize::from(DETAILS) - 1);
    for (y, (role, text)) in (1..area.height).zip(told) {
        let line = Rect { y: area.y + y, height: 1, ..area };
        paint::column(buf, line, 0, line.width, &text, theme.style(role), theme);
    }
}

/// Everything there is to say about a schedule, as paragraphs; the most important first. Harmless to draw.
pub fn describe(one: &Schedule, snapshot: &Snapshot) -> Vec<(Role, String)> {
    let plan = &one.plan;
    let zone = match &plan.when {
        When::Cron { zone, .. } => zone.clone(),
        When::Every(_) => plan::here(),
    };
    let words = plan::explain(&plan.when).unwrap_or_else(|_| plan::when(&plan.when));
    let condition = match plan.condition {
        Condition::Always => "",
        Condition::Running => ", where they run",
        Condition::WithPlayers => ", where players are on",
        Condition::WithoutPlayers => ", where nobody is on",
    };
    let mut lines = vec![(Role::Text, format!("{}, {words}", plan::task(&plan.task)))];
    lines.push((Role::Text, format!("on {}{condition}", servers(one, snapshot))));
    let last = one.last.as_ref().map(|last| match &last.outcome {
        Outcome::Done => (Role::Good, format!("last run: done, {}", paint::clock(last.ended, &zone))),
        Outcome::Skipped(why) => {
            (Role::Warning, format!("skipped, {}: {why}", paint::clock(last.ended, &zone)))
        }
        Outcome::Failed(why) => (Role::Error, format!("failed, {}: {why}", paint::clock(last.ended, &zone))),
    });
    lines.extend(last);
    let next: Vec<_> = one.next.map(|next| plan::coming(&plan.when, next, 5)).unwrap_or_default();
    for (at, word) in next.iter().zip(std::iter::once("next: ").chain(std::iter::repeat("then: "))) {
        lines.push((Role::Muted, format!("{word}{}", paint::clock(*at, &zone))));
    }
    if let Task::Commands(commands) = &plan.task {
        lines.extend(commands.iter().map(|command| (Role::Text, format!("types: {command}"))));
    }
    let missed = match plan.missed {
        Missed::RunOnce => "What passes while nothing runs here is done once.",
        Missed::Skip => "What passes while nothing runs here is skipped.",
    };
    lines.push((Role::Muted, missed.into()));
    lines.push((Role::Muted, format!("{} skipped so far; {} at once.", one.skips, plan.at_once)));
    if plan.jitter_seconds > 0 {
        let text = format!("Begins up to {} late, by chance.", plan::span(u64::from(plan.jitter_seconds)));
        lines.push((Role::Muted, text));
    }
    lines.into_iter().map(|(role, text)| (role, safe::clean(&text).into_owned())).collect()
}

fn servers(one: &Schedule, snapshot: &Snapshot) -> String {
    let Targets::Servers(servers) = &one.plan.targets else { return "all that were created here".into() };
    let names = servers.iter().take(3).map(|id| {
        snapshot
            .server(*id)
            .map_or_else(|| "a server that is gone".to_owned(), |server| server.name().to_owned())
    });
    let more = if servers.len() > 3 { format!(" and {} more", servers.len() - 3) } else { String::new() };
    names.collect::<Vec<_>>().join(", ") + &more
}
