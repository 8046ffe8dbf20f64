//! A plan in words.

use crate::model::{
    Fault,
    schedule::{Task, When},
};

use super::check;

/// When it is due, in words: "at 04:00 every day in Europe/Berlin", "every 24 hours".
///
/// # Errors
/// The field and the rule that it breaks.
pub fn explain(when: &When) -> Result<String, Fault> {
    match when {
        When::Every(seconds) => {
            check::every(*seconds)?;
            Ok(format!("every {}", span(*seconds)))
        }
        When::Cron { expression, zone } => {
            let (cron, fields) = check::cron(expression)?;
            check::zone(zone)?;
            let text = cron.describe();
            let text = text.trim_end_matches('.');
            let text =
                text.strip_prefix("At every ").map_or_else(|| lower(text), |rest| format!("every {rest}"));
            // The library says nothing of days when all are meant.
            let daily = fields.iter().rev().take(3).all(|field| matches!(*field, "*" | "?"));
            let days = if daily && text.starts_with("at ") { " every day" } else { "" };
            Ok(format!("{text}{days} in {zone}"))
        }
    }
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

/// A short form of when it is due, as lists show it: `every 24h`, `0 4 * * * (Europe/Berlin)`.
pub fn when(when: &When) -> String {
    match when {
        When::Every(seconds) => {
            format!("every {}", humantime::format_duration(std::time::Duration::from_secs(*seconds)))
        }
        When::Cron { expression, zone } => format!("{expression} ({zone})"),
    }
}

/// So many seconds, in the largest unit that goes into them: "24 hours", "90 minutes", "1 minute".
pub fn span(seconds: u64) -> String {
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    // A day is told as 24 hours: it is no day of the calendar, which may have 23 or 25.
    let fits = |size: u64| seconds.is_multiple_of(size) && (seconds > size || size < 86_400);
    let (size, unit) = units.into_iter().find(|(size, _)| fits(*size)).unwrap_or((1, "second"));
    let count = seconds / size;
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// What a schedule does, in a few words: "back up, then prune", "type 2 commands".
pub fn task(task: &Task) -> String {
    match task {
        Task::Backup => "back up, then remove what is too old".into(),
        Task::Restart => "warn players, save, restart".into(),
        Task::Start => "start".into(),
        Task::Stop => "warn players, save, stop".into(),
        Task::Commands(lines) => match lines.as_slice() {
            [line] => format!("type {:?}", crate::minecraft::text::plain(line, 60)),
            lines => format!("type {} commands", lines.len()),
        },
        Task::Verify => "read the newest backup again".into(),
        Task::TestRestore => "boot the newest backup and throw it away".into(),
        Task::Prune => "remove backups that are too old".into(),
    }
}
