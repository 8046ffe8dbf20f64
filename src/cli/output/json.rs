//! What scripts read. The field names here are a promise: they are added to, never renamed.

use std::{fmt::Write, io};

use jiff::Timestamp;
use serde::Serialize;

use super::clean;
use crate::model::{
    Explanation, Extent, Fault, FaultKind, Figure, Ownership, Past, Sample, Server, ServerId, Span, Spec,
    Via, console::Line, secrecy,
};

/// As a document over several lines.
///
/// # Errors
/// A value that JSON cannot hold; none of ours is one.
pub fn pretty(value: &impl Serialize) -> io::Result<String> {
    Ok(escaped(serde_json::to_string_pretty(value)?))
}

/// On one line.
///
/// # Errors
/// A value that JSON cannot hold; none of ours is one.
pub fn line(value: &impl Serialize) -> io::Result<String> {
    Ok(escaped(serde_json::to_string(value)?))
}

/// JSON needs escapes for C0 controls only; a terminal acts on more. Such characters stand inside strings, where their
/// escapes mean the same, so nothing is lost for a script.
fn escaped(text: String) -> String {
    let hostile = |c: char| clean::is_hostile(c) && c != '\n';
    if !text.contains(hostile) {
        return text;
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if hostile(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(c);
        }
    }
    safe
}

/// A server, as `server list` gives it.
#[derive(Serialize, Debug)]
pub struct ServerView<'a> {
    id: ServerId,
    name: &'a str,
    state: &'static str,
    explanation: Option<&'a Explanation>,
    #[serde(rename = "type")]
    server_type: &'static str,
    version: &'a str,
    image: &'a str,
    host: &'a str,
    port: Option<u16>,
    container_id: Option<&'a str>,
    cpu_percent: Option<f64>,
    memory_bytes: Option<u64>,
    memory_limit_bytes: Option<u64>,
    players_online: Option<u32>,
    players_max: Option<u32>,
    uptime_seconds: Option<u64>,
    restarts: u32,
    managed: bool,
    ownership: Ownership,
}

impl<'a> ServerView<'a> {
    /// The server as it stood at `now`.
    pub fn new(server: &'a Server, now: Timestamp) -> Self {
        let about = &*server.about;
        let sample = server.sample.as_ref();
        Self {
            id: about.id,
            name: &about.name,
            state: server.state.word(),
            explanation: server.explanation.as_deref(),
            server_type: about.spec.server_type.as_str(),
            version: about.version.as_deref().unwrap_or(&about.spec.version),
            image: &about.image,
            host: &about.host.0,
            port: about.port,
            container_id: about.container_id.as_deref(),
            cpu_percent: sample.map(cpu),
            memory_bytes: sample.map(|sample| sample.memory_bytes),
            memory_limit_bytes: sample.map(|sample| sample.memory_limit_bytes),
            players_online: server.players.as_ref().map(|players| players.online),
            players_max: server.players.as_ref().map(|players| players.max),
            uptime_seconds: server.uptime_seconds(now),
            restarts: server.restarts,
            managed: about.ownership.is_managed(),
            ownership: about.ownership,
        }
    }
}

/// Hundredths are more than the measurement knows; without rounding, an `f32` shows digits that mean nothing.
fn cpu(sample: &Sample) -> f64 {
    (f64::from(sample.cpu_percent) * 100.0).round() / 100.0
}

/// A server with everything that is known, as `server show` gives it.
#[derive(Serialize, Debug)]
pub struct Details<'a> {
    #[serde(flatten)]
    view: ServerView<'a>,
    container_name: &'a str,
    data: Option<&'a str>,
    created_at: Timestamp,
    started_at: Option<Timestamp>,
    player_names: Option<&'a [String]>,
    via: Option<Via>,
    loading_percent: Option<u8>,
    spec: Spec,
}

impl<'a> Details<'a> {
    /// The server as it stood at `now`.
    pub fn new(server: &'a Server, now: Timestamp) -> Self {
        let about = &*server.about;
        let mut spec = about.spec.clone();
        for (name, value) in &mut spec.env {
            if secrecy::sounds_secret(name) {
                *value = secrecy::HIDDEN.to_owned();
            }
        }
        Self {
            view: ServerView::new(server, now),
            container_name: &about.container_name,
            data: about.data.as_deref(),
            created_at: about.created_at,
            started_at: server.started_at,
            player_names: server.players.as_ref().map(|players| players.names.as_slice()),
            via: server.via,
            loading_percent: match server.state {
                crate::model::State::Loading(percent) => percent,
                _ => None,
            },
            spec,
        }
    }
}

/// What a server costs, as `stats` gives it.
#[derive(Serialize, Debug)]
pub struct SampleView<'a> {
    id: ServerId,
    name: &'a str,
    state: &'static str,
    at: Option<Timestamp>,
    cpu_percent: Option<f64>,
    memory_bytes: Option<u64>,
    memory_limit_bytes: Option<u64>,
    net_rx_bytes: Option<u64>,
    net_tx_bytes: Option<u64>,
    block_read_bytes: Option<u64>,
    block_write_bytes: Option<u64>,
    pids: Option<u32>,
}

impl<'a> SampleView<'a> {
    /// The server's latest measurement.
    pub fn new(server: &'a Server) -> Self {
        let sample = server.sample.as_ref();
        Self {
            id: server.id(),
            name: server.name(),
            state: server.state.word(),
            at: sample.map(|sample| sample.at),
            cpu_percent: sample.map(cpu),
            memory_bytes: sample.map(|sample| sample.memory_bytes),
            memory_limit_bytes: sample.map(|sample| sample.memory_limit_bytes),
            net_rx_bytes: sample.map(|sample| sample.net_rx_bytes),
            net_tx_bytes: sample.map(|sample| sample.net_tx_bytes),
            block_read_bytes: sample.map(|sample| sample.block_read_bytes),
            block_write_bytes: sample.map(|sample| sample.block_write_bytes),
            pids: sample.map(|sample| sample.pids),
        }
    }
}

/// What was measured of a server before, as `stats --history` gives it.
#[derive(Serialize, Debug)]
pub struct PastView {
    id: ServerId,
    name: String,
    span: &'static str,
    step_seconds: u64,
    /// Oldest first; those of which nothing is known are left out.
    steps: Vec<StepView>,
}

/// One step of it.
#[derive(Serialize, Debug)]
struct StepView {
    at: Timestamp,
    cpu_percent: Option<Extent>,
    memory_bytes: Option<Extent>,
    net_rx_bytes_per_second: Option<Extent>,
    net_tx_bytes_per_second: Option<Extent>,
    block_read_bytes_per_second: Option<Extent>,
    block_write_bytes_per_second: Option<Extent>,
    players: Option<Extent>,
    tick_milliseconds: Option<Extent>,
}

impl PastView {
    /// What is known of it.
    pub fn new(server: &Server, span: Span, past: &Past) -> Self {
        let known = past.points.iter().enumerate().filter(|(_, point)| !point.is_empty());
        let steps = known.map(|(at, point)| StepView {
            at: past.begin(at),
            cpu_percent: point.get(Figure::Cpu),
            memory_bytes: point.get(Figure::Memory),
            net_rx_bytes_per_second: point.get(Figure::NetRx),
            net_tx_bytes_per_second: point.get(Figure::NetTx),
            block_read_bytes_per_second: point.get(Figure::BlockRead),
            block_write_bytes_per_second: point.get(Figure::BlockWrite),
            players: point.get(Figure::Players),
            tick_milliseconds: point.get(Figure::Tick),
        });
        Self {
            id: server.id(),
            name: server.name().to_owned(),
            span: span.word(),
            step_seconds: past.step.as_secs(),
            steps: steps.collect(),
        }
    }
}

/// A line of a log, as `logs` gives it.
#[derive(Serialize, Debug)]
pub struct LineView<'a> {
    seq: u64,
    at: Timestamp,
    level: crate::model::console::Level,
    kind: crate::model::console::LineKind,
    text: std::borrow::Cow<'a, str>,
}

impl<'a> LineView<'a> {
    /// The line without its colours.
    pub fn new(line: &Line<'a>) -> Self {
        Self { seq: line.seq, at: line.at, level: line.level, kind: line.kind, text: clean::plain(line.text) }
    }
}

/// What became of one server among several.
#[derive(Serialize, Debug)]
pub struct OutcomeView<'a> {
    /// As it was named on the command line.
    pub name: &'a str,
    /// The server, where there is one.
    pub id: Option<ServerId>,
    /// start, stop, restart or kill.
    pub action: &'static str,
    /// Whether it was done.
    pub ok: bool,
    /// Its state afterwards.
    pub state: Option<&'static str>,
    /// What went wrong.
    pub error: Option<FaultView<'a>>,
}

/// A fault, as scripts read it.
#[derive(Serialize, Debug)]
pub struct FaultView<'a> {
    kind: FaultKind,
    field: Option<&'a str>,
    what: &'a str,
    means: &'a str,
    next: &'a str,
    chain: &'a [String],
}

impl<'a> From<&'a Fault> for FaultView<'a> {
    fn from(fault: &'a Fault) -> Self {
        Self {
            kind: fault.kind,
            field: fault.field.as_deref(),
            what: &fault.what,
            means: &fault.means,
            next: &fault.next,
            chain: &fault.chain,
        }
    }
}

/// An error on the error output: `{"error": {kind, field, what, means, next, chain}}`, with `name` where several
/// servers were named.
#[derive(Serialize, Debug)]
pub struct Told<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    error: FaultView<'a>,
}

impl<'a> Told<'a> {
    /// The fault, and the server it is about where there were several.
    pub fn new(fault: &'a Fault, name: Option<&'a str>) -> Self {
        Self { name, error: fault.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_escaped_and_nothing_is_lost() {
        let name = "a\u{1b}[31m\u{9b}\u{202e}\u{e0041}\u{7f}ü\n";
        for text in [pretty(&[name]).unwrap(), line(&[name]).unwrap()] {
            assert!(!text.trim().replace('\n', "").contains(clean::is_hostile), "{text:?}");
            assert_eq!(serde_json::from_str::<Vec<String>>(&text).unwrap(), [name]);
        }
    }
}
