//! The rules that a plan keeps, each told by the field that breaks it.

use std::{ops::RangeInclusive, time::Duration};

use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};
use jiff::{Timestamp, tz::TimeZone};

use super::times::Due;
use crate::{
    minecraft::command,
    model::{
        Fault,
        schedule::{Plan, Targets, Task, When},
    },
};

/// Seconds between two times of an interval: a minute to a year.
pub const EVERY: RangeInclusive<u64> = 60..=31_536_000;
/// Most seconds of jitter.
pub const JITTER_MAX: u32 = 3_600;
/// How many servers may be worked on at once.
pub const AT_ONCE: RangeInclusive<u32> = 1..=64;
/// Most lines that one schedule types.
pub const COMMANDS_MAX: usize = 32;
/// Most servers that one schedule names.
const TARGETS_MAX: usize = 1_000;
/// Longest name, in characters.
const NAME_MAX: usize = 64;
/// Longest expression, in bytes: every field of one can be a long list.
const EXPRESSION_MAX: usize = 512;
/// The years that are searched.
const YEARS: &str = "1970-2200";
/// The least seconds between two times of an expression with seconds.
const SECONDS_APART: u32 = 10;

/// Checks everything that can be said of a plan by itself. Whether its servers are there, and its name is free, only the
/// engine knows.
///
/// # Errors
/// [`crate::model::FaultKind::Invalid`] with the field: `name`, `servers`, `every`, `cron`, `zone`, `command`, `jitter`
/// or `at_once`.
pub fn check(plan: &Plan) -> Result<(), Fault> {
    check_name(&plan.name)?;
    if let Targets::Servers(servers) = &plan.targets {
        if servers.is_empty() {
            return Err(Fault::invalid("servers", "name at least one, or choose all"));
        }
        if servers.len() > TARGETS_MAX {
            return Err(Fault::invalid("servers", format!("{TARGETS_MAX} are the most")));
        }
    }
    check_when(&plan.when)?;
    if let Task::Commands(lines) = &plan.task {
        check_commands(lines)?;
    }
    if plan.jitter_seconds > JITTER_MAX {
        return Err(Fault::invalid("jitter", format!("must be at most {JITTER_MAX} seconds (1h)")));
    }
    if let When::Every(seconds) = plan.when
        && u64::from(plan.jitter_seconds) >= seconds
    {
        return Err(Fault::invalid("jitter", "must be shorter than the interval"));
    }
    if !AT_ONCE.contains(&plan.at_once) {
        return Err(Fault::invalid(
            "at_once",
            format!("must be from {} to {}", AT_ONCE.start(), AT_ONCE.end()),
        ));
    }
    Ok(())
}

/// What people call a schedule.
///
/// # Errors
/// Its field and rule.
pub fn check_name(name: &str) -> Result<(), Fault> {
    let rule = |rule: String| Err(Fault::invalid("name", rule));
    if name.is_empty() || name.chars().count() > NAME_MAX {
        return rule(format!("must have 1 to {NAME_MAX} characters"));
    }
    if name.trim() != name {
        return rule("must not begin or end with a space".into());
    }
    if name.starts_with('-') {
        return rule("must not begin with '-': it would be read as an option".into());
    }
    let odd = |c: &char| !(c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | ':' | '(' | ')'));
    match name.chars().find(odd) {
        Some(odd) => rule(format!(
            "must not contain {:?}; letters, digits, spaces and - _ . : ( ) may be there",
            odd.to_string()
        )),
        None => Ok(()),
    }
}

/// When it is due.
///
/// # Errors
/// Its field and rule; that it never is due.
pub fn check_when(when: &When) -> Result<(), Fault> {
    let due = Due::new(when, Timestamp::UNIX_EPOCH)?;
    match due.after(Timestamp::now()) {
        Some(_) => Ok(()),
        None => Err(Fault::invalid("cron", "never is due: no day in the next hundred years fits")),
    }
}

fn check_commands(lines: &[String]) -> Result<(), Fault> {
    if lines.is_empty() || lines.len() > COMMANDS_MAX {
        return Err(Fault::invalid("command", format!("must be 1 to {COMMANDS_MAX} lines")));
    }
    for line in lines {
        command::validate(line)
            .map_err(|error| Fault::invalid("command", format!("{:?}: {error}", shown(line))))?;
    }
    Ok(())
}

fn shown(text: &str) -> String {
    crate::minecraft::text::plain(text, 60)
}

pub(super) fn every(seconds: u64) -> Result<(), Fault> {
    if EVERY.contains(&seconds) {
        return Ok(());
    }
    Err(Fault::invalid("every", "must be from 1m to 365d"))
}

/// Reads a length of time such as `24h`, `90m` or `1d 12h`, in whole seconds. A bare number is refused: it could be
/// anything.
///
/// # Errors
/// The field and its rule.
pub fn duration(field: &'static str, text: &str) -> Result<Duration, Fault> {
    let read = humantime::parse_duration(text.trim());
    let read = read.map_err(|_| {
        Fault::invalid(
            field,
            format!("{:?} is no length of time; write it as 30s, 15m, 24h or 7d", shown(text)),
        )
    })?;
    if read.subsec_nanos() != 0 {
        return Err(Fault::invalid(field, "must be whole seconds"));
    }
    Ok(read)
}

pub(super) fn zone(name: &str) -> Result<TimeZone, Fault> {
    // "local" would mean something else on another machine, and a bare offset knows no daylight saving.
    match TimeZone::get(name).ok().filter(|zone| zone.iana_name().is_some()) {
        Some(zone) => Ok(zone),
        None => {
            let like = zones_like(name, 1);
            let hint = like.first().map(|like| format!("; did you mean {like}?")).unwrap_or_default();
            Err(Fault::invalid(
                "zone",
                format!("there is no time zone {:?}; names are like Europe/Berlin or UTC{hint}", shown(name)),
            ))
        }
    }
}

/// Names of time zones that somebody who typed this may mean, the likeliest first.
pub fn zones_like(text: &str, count: usize) -> Vec<String> {
    let text = text.trim().to_lowercase().replace(' ', "_");
    if text.is_empty() || text.len() > 64 {
        return Vec::new();
    }
    let mut found: Vec<_> = jiff::tz::db()
        .available()
        .map(|name| name.as_str().to_owned())
        .filter_map(|name| {
            let lower = name.to_lowercase();
            let city = lower.rsplit('/').next().unwrap_or_default();
            let likeness = strsim::jaro_winkler(&lower, &text).max(strsim::jaro_winkler(city, &text));
            let holds = if lower.contains(&text) { 1.0 } else { 0.0 };
            (likeness + holds > 0.85).then_some((likeness + holds, name))
        })
        .collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    found.into_iter().map(|(_, name)| name).take(count).collect()
}

/// The fields of an expression: what each is called, and what it holds.
const FIELDS: [(&str, &str); 6] = [
    ("second", "0 to 59"),
    ("minute", "0 to 59"),
    ("hour", "0 to 23"),
    ("day of the month", "1 to 31, L for the last, 15W for the weekday nearest to the 15th"),
    ("month", "1 to 12 or JAN to DEC"),
    (
        "day of the week",
        "0 to 7 or SUN to SAT (0 and 7 are Sunday), MON#2 for the second Monday, FRI#L for the last",
    ),
];

/// Reads an expression, and gives back its fields with it.
pub(super) fn cron(expression: &str) -> Result<(Cron, Vec<&str>), Fault> {
    let rule = |rule: String| Fault::invalid("cron", rule);
    if expression.len() > EXPRESSION_MAX {
        return Err(rule(format!("must have at most {EXPRESSION_MAX} characters")));
    }
    let fields: Vec<&str> = expression.split_whitespace().collect();
    if !matches!(fields.len(), 5 | 6) {
        return Err(rule(format!(
            "must have five fields (minute, hour, day of the month, month, day of the week), or six with the second \
             first; it has {}",
            fields.len()
        )));
    }
    let parser = CronParser::builder().seconds(Seconds::Optional).year(Year::Disallowed).build();
    let parse = |text: &str| parser.parse(text);
    let first = 6 - fields.len();
    for (index, field) in fields.iter().enumerate() {
        let mut alone = ["0", "*", "*", "*", "*", "*"];
        alone[first + index] = field;
        let (name, holds) = FIELDS[first + index];
        let plain = field.chars().all(|c| c.is_ascii_alphanumeric() || "*,-/?#+".contains(c));
        if !plain || parse(&alone.join(" ")).is_err() {
            return Err(rule(format!(
                "{:?} is no {name}: that is {holds}; also *, lists as 1,3, ranges as 1-5 and steps as */2",
                shown(field)
            )));
        }
    }
    let cron = parse(&fields.join(" ")).map_err(|error| rule(error.to_string()))?;
    if fields.len() == 6 {
        let seconds: Vec<u32> =
            (0..60).filter(|second| cron.pattern.second_match(*second).unwrap_or(false)).collect();
        let wrapped = seconds.iter().skip(1).copied().chain(seconds.first().map(|first| first + 60));
        if seconds.iter().zip(wrapped).any(|(a, b)| b - a < SECONDS_APART) {
            return Err(rule(format!(
                "its seconds must be at least {SECONDS_APART} apart, also from one minute to the next"
            )));
        }
    }
    Ok((cron, fields))
}

/// The same pattern without its far years: a search for what never comes ends sooner, and people type while it goes on.
pub(super) fn of_near_years(cron: Cron, fields: &[&str]) -> Cron {
    let parser = CronParser::builder().seconds(Seconds::Required).year(Year::Required).build();
    let second = if fields.len() == 6 { "" } else { "0 " };
    parser.parse(&format!("{second}{} {YEARS}", fields.join(" "))).unwrap_or(cron)
}
