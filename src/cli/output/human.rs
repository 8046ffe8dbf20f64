//! Words, amounts and sentences for people.

use jiff::Timestamp;

use super::clean;
use crate::model::{Explanation, Fault, Sample, Server, State, Units};

/// What stands where nothing is known.
pub const NOTHING: &str = "-";
/// A moment by this machine's clock, to the minute.
pub fn moment(at: Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// A fault as sentences: what happened, what it means, what to do next, and the causes beneath.
pub fn fault(fault: &Fault, about: Option<&str>) -> String {
    let mut text = String::from("error: ");
    if let Some(name) = about {
        text.push_str(&clean::plain(name));
        text.push_str(": ");
    }
    text.push_str(&clean::plain(&fault.what));
    for more in [&fault.means, &fault.next] {
        if !more.is_empty() {
            text.push_str("\n  ");
            text.push_str(&clean::plain(more));
        }
    }
    for cause in &fault.chain {
        text.push_str("\n  caused by: ");
        text.push_str(&clean::plain(cause));
    }
    text
}

/// An explanation in the same form.
pub fn explanation(explanation: &Explanation) -> String {
    [&explanation.what, &explanation.means, &explanation.next]
        .into_iter()
        .filter(|sentence| !sentence.is_empty())
        .map(|sentence| clean::plain(sentence).into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The state's word, with the percentage while a world is loading.
pub fn state(state: State) -> String {
    match state {
        State::Loading(Some(percent)) => format!("loading {percent}%"),
        other => other.word().to_owned(),
    }
}

/// The colour that a state is shown in, as an SGR parameter.
pub fn colour(state: State) -> Option<&'static str> {
    match state {
        State::Ready => Some("32"),
        State::Pulling | State::Creating | State::Starting | State::Loading(_) | State::Stopping => {
            Some("36")
        }
        State::Crashed | State::Looping => Some("31"),
        State::Unhealthy | State::Paused | State::Missing | State::Unknown => Some("33"),
        State::Stopped => None,
    }
}

/// Bytes as people write them: `1.5 GiB`.
pub fn bytes(bytes: u64) -> String {
    Units::Binary.write(bytes)
}

/// A share of one core: `12.3 %`.
pub fn cpu(sample: &Sample) -> String {
    format!("{:.1} %", sample.cpu_percent)
}

/// Used memory and its limit: `1.2 GiB / 2.5 GiB`.
pub fn memory(sample: &Sample, units: Units) -> String {
    format!("{} / {}", units.write(sample.memory_bytes), units.write(sample.memory_limit_bytes))
}

/// A duration in its two largest units: `3d 4h`, `12m 5s`.
pub fn duration(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m {}s", seconds % 60),
        (0, _, _) => format!("{hours}h {minutes}m"),
        _ => format!("{days}d {hours}h"),
    }
}

/// How long a server has been running.
pub fn uptime(server: &Server, now: Timestamp) -> String {
    server.uptime_seconds(now).map_or_else(|| NOTHING.to_owned(), duration)
}

/// Players that are on, and how many may be.
pub fn players(server: &Server) -> String {
    server
        .players
        .as_ref()
        .map_or_else(|| NOTHING.to_owned(), |players| format!("{}/{}", players.online, players.max))
}

/// The version that runs, or the one that was asked for.
pub fn version(server: &Server) -> String {
    let about = &server.about;
    clean::plain(about.version.as_deref().unwrap_or(&about.spec.version)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FaultKind;

    #[test]
    fn a_fault_says_what_it_means_and_what_to_do_and_carries_nothing_hostile() {
        let mut one = Fault::new(FaultKind::Failed, "It broke.", "The world is safe.", "Try again.");
        one.chain.push("reset by \u{1b}[31mpeer".into());
        assert_eq!(
            fault(&one, Some("a\u{1b}]0;x\u{7}b")),
            "error: ab: It broke.\n  The world is safe.\n  Try again.\n  caused by: reset by peer"
        );
    }

    #[test]
    fn durations_have_two_units() {
        let all: Vec<_> = [0, 59, 60, 3_599, 3_600, 90_061].into_iter().map(duration).collect();
        assert_eq!(all, ["0s", "59s", "1m 0s", "59m 59s", "1h 0m", "1d 1h"]);
    }
}
