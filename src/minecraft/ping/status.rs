//! The status that a server tells, read from its JSON. What is missing, unknown or odd is left out: proxies and
//! plugins write all sorts of things there.

use std::time::Duration;

use serde_json::{Map, Value};

use super::codec::LegacyFields;
use crate::minecraft::text::{plain, strip_section};

/// The longest message of the day that is kept, in characters.
pub const MAX_MOTD: usize = 512;
/// The most players of the sample that are kept.
pub const MAX_SAMPLE: usize = 100;
/// The longest name or version that is kept, in characters.
const MAX_WORD: usize = 64;
/// How deep chat components may nest.
const MAX_DEPTH: usize = 16;

/// What a server says of itself. All text is harmless, without colours, and bounded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// The version's name, such as `1.21.4` or `Paper 1.21.4`.
    pub version: Option<String>,
    /// The protocol's number.
    pub protocol: Option<i32>,
    /// How many players are online.
    pub online: Option<u32>,
    /// How many there may be.
    pub max: Option<u32>,
    /// Some of the players: never a roster, and plugins put advertisements there.
    pub sample: Vec<SamplePlayer>,
    /// The message of the day in one line.
    pub motd: Option<String>,
    /// How long an echo took; `None` where the server did not send one.
    pub latency: Option<Duration>,
}

/// One of [`Status::sample`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SamplePlayer {
    /// The name, which need not be a player's.
    pub name: String,
    /// The id.
    pub id: Option<uuid::Uuid>,
}

impl Status {
    /// Whether the server answered without knowing anything yet: it accepts connections and still starts.
    pub fn is_starting(&self) -> bool {
        self.version.is_none() && self.protocol.is_none() && self.online.is_none() && self.max.is_none()
    }
}

/// Reads a status from its JSON; `None` when it is no JSON object.
pub fn status(json: &str) -> Option<Status> {
    let Value::Object(fields) = serde_json::from_str(json).ok()? else { return None };
    let object = |name: &str| fields.get(name).and_then(Value::as_object);
    let version = object("version");
    let players = object("players");
    let sample = players.and_then(|p| p.get("sample")).and_then(Value::as_array);
    Some(Status {
        version: version.and_then(|v| v.get("name")).and_then(Value::as_str).map(word),
        protocol: version.and_then(|v| v.get("protocol")).and_then(number).map(|n| n as i32),
        online: players.and_then(|p| p.get("online")).and_then(number).map(|n| n.max(0.0) as u32),
        max: players.and_then(|p| p.get("max")).and_then(number).map(|n| n.max(0.0) as u32),
        sample: sample
            .map(|list| list.iter().filter_map(player).take(MAX_SAMPLE).collect())
            .unwrap_or_default(),
        motd: fields.get("description").map(flatten),
        latency: None,
    })
}

/// As a float, so that whatever JSON can hold is clamped by the conversion that follows.
fn number(value: &Value) -> Option<f64> {
    value.as_f64()
}

fn word(text: &str) -> String {
    plain(&strip_section(text), MAX_WORD)
}

fn player(value: &Value) -> Option<SamplePlayer> {
    let name = word(value.get("name")?.as_str()?);
    let id = value.get("id").and_then(Value::as_str).and_then(|id| uuid::Uuid::try_parse(id).ok());
    Some(SamplePlayer { name, id })
}

/// A chat component (string, object or list) as one line of plain text of at most [`MAX_MOTD`] characters.
pub fn flatten(component: &Value) -> String {
    let mut text = String::new();
    gather(component, 0, &mut text);
    plain(&strip_section(&text), MAX_MOTD)
}

fn gather(component: &Value, depth: usize, out: &mut String) {
    // Four times over, since `§` codes and control characters go afterwards.
    if depth > MAX_DEPTH || out.len() > MAX_MOTD * 16 {
        return;
    }
    match component {
        Value::String(text) => out.push_str(text),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Number(n) => out.push_str(&n.to_string()),
        Value::Array(parts) => parts.iter().for_each(|part| gather(part, depth + 1, out)),
        Value::Object(fields) => gather_object(fields, depth, out),
        Value::Null => {}
    }
}

fn gather_object(fields: &Map<String, Value>, depth: usize, out: &mut String) {
    // Only the server's language file could translate a key; its own name is better than nothing.
    let own = ["text", "fallback", "translate"].iter().find_map(|key| fields.get(*key)?.as_str());
    out.push_str(own.unwrap_or_default());
    if let Some(extra) = fields.get("extra") {
        gather(extra, depth + 1, out);
    }
}

pub(super) fn from_legacy(fields: &LegacyFields) -> Status {
    let count = |text: &str| text.parse::<i64>().ok().map(|n| u32::try_from(n.max(0)).unwrap_or(u32::MAX));
    Status {
        version: Some(word(&fields.version)),
        protocol: fields.protocol.parse().ok(),
        online: count(&fields.online),
        max: count(&fields.max),
        motd: Some(plain(&strip_section(&fields.motd), MAX_MOTD)),
        ..Status::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_usual_status() {
        let json = r#"{"version":{"name":"1.21.4","protocol":769},"enforcesSecureChat":true,"favicon":"data:x",
            "players":{"online":2,"max":20,"sample":[{"name":"Alice","id":"069a79f4-44e9-4726-a5be-fca90e38aaf5"},
            {"name":"§aBuy \u001b[31mnow","id":"?"},{"id":"no name"},7]},"description":"§aA §lServer"}"#;
        let status = status(json).unwrap();
        assert_eq!((status.version.as_deref(), status.protocol), (Some("1.21.4"), Some(769)));
        assert_eq!((status.online, status.max), (Some(2), Some(20)));
        assert_eq!(status.motd.as_deref(), Some("A Server"));
        let names: Vec<_> = status.sample.iter().map(|p| (p.name.as_str(), p.id.is_some())).collect();
        assert_eq!(names, [("Alice", true), ("Buy now", false)]);
        assert!(!status.is_starting());
    }

    #[test]
    fn early_odd_and_hostile_ones() {
        assert!(status("{}").unwrap().is_starting());
        for json in ["", "[]", "{", "7", "null"] {
            assert_eq!(status(json), None);
        }
        let odd = status(
            r#"{"version":{"name":7,"protocol":1e300},"players":{"online":-5,"max":99999999999,"sample":{}},
               "description":{"text":"a","extra":["b",{"text":"c\n\u202e\u001b]0;x\u0007","extra":[{"translate":"d"}]}]}}"#,
        )
        .unwrap();
        assert_eq!((odd.version, odd.protocol), (None, Some(i32::MAX)));
        assert_eq!((odd.online, odd.max), (Some(0), Some(u32::MAX)));
        assert_eq!(odd.motd.as_deref(), Some("abc d"));
        let crowd = vec![r#"{"name":"x"}"#; 1000].join(",");
        assert_eq!(
            status(&format!(r#"{{"players":{{"sample":[{crowd}]}}}}"#)).unwrap().sample.len(),
            MAX_SAMPLE
        );
        let deep = format!("{{\"description\":{}{}}}", "[".repeat(100), "]".repeat(100));
        assert_eq!(status(&deep).unwrap().motd.as_deref(), Some(""));
        assert_eq!(status(&"[".repeat(100_000)), None);
        let long = format!("{{\"description\":\"{}\"}}", "x".repeat(50_000));
        assert_eq!(status(&long).unwrap().motd.unwrap().chars().count(), MAX_MOTD);
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(json in "[\\[\\]{}\":,a-e0-9.\\\\§\\-]{0,80}|\\PC{0,80}") {
            let _ = status(&json);
            let _ = status(&format!("{{\"description\":{json}}}"));
        }

        #[test]
        fn what_is_told_comes_back(name in "[ -~]{0,60}", online: u32, max: u32, protocol: i32, motd in "[ -~]{0,90}") {
            let json = serde_json::json!({
                "version": {"name": name, "protocol": protocol},
                "players": {"online": online, "max": max},
                "description": {"text": motd},
            });
            let told = status(&json.to_string()).unwrap();
            prop_assert_eq!(told.version, Some(name));
            prop_assert_eq!((told.protocol, told.online, told.max), (Some(protocol), Some(online), Some(max)));
            prop_assert_eq!(told.motd, Some(motd));
        }
    }
}
