//! Where notices are sent to: one section for each place, with a name that people choose.

use std::{collections::BTreeMap, path::PathBuf};

use super::{
    keys::file_name,
    value::{Rule, Value},
};
use crate::model::{Secret, Topic};

/// The section that has the sections of the targets.
pub(super) const TARGETS: &str = "notices.targets";
/// Most targets.
const TARGETS_MAX: usize = 32;

/// Who is told elsewhere of what happens.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NoticesSettings {
    /// Hosts that may be on this machine or in its network.
    pub private_hosts: Vec<String>,
    /// By their names.
    pub targets: BTreeMap<String, NoticeTarget>,
}

/// What a target understands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum NoticeKind {
    /// A webhook of a Discord channel.
    Discord,
    /// An incoming webhook of Slack.
    Slack,
    /// Any program.
    #[default]
    Json,
}

impl std::str::FromStr for NoticeKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "discord" => Ok(Self::Discord),
            "slack" => Ok(Self::Slack),
            "json" => Ok(Self::Json),
            _ => Err("must be one of \"discord\", \"slack\", \"json\"".into()),
        }
    }
}

/// Text that need not be in the settings file itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kept {
    /// It is there, all the same.
    Here(Secret),
    /// In the first line of this file.
    File(PathBuf),
    /// In this variable of the environment.
    Variable(String),
}

/// One place that notices are sent to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoticeTarget {
    /// What it understands.
    pub kind: NoticeKind,
    /// Where it is. The keys that set it are several, so that two of them can be seen.
    pub urls: Vec<Kept>,
    /// What messages to it are signed with.
    pub secrets: Vec<Kept>,
    /// What it is told of.
    pub topics: Vec<Topic>,
}

impl Default for NoticeTarget {
    /// Told of everything but players, who come too often for most.
    fn default() -> Self {
        let topics = Topic::CHOICES.iter().copied().filter(|topic| *topic != Topic::PlayerJoined);
        Self { kind: NoticeKind::Json, urls: Vec::new(), secrets: Vec::new(), topics: topics.collect() }
    }
}

/// A key that a target may have.
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) set: fn(&mut NoticeTarget, &Value<'_>) -> Result<(), Rule>,
}

macro_rules! keys {
    ($($name:literal => |$target:ident, $value:ident| $set:expr;)+) => {
        /// All of them.
        pub(super) const KEYS: &[Key] = &[$(Key {
            name: $name,
            set: |$target, $value| {
                $set;
                Ok(())
            },
        }),+];
    };
}

keys! {
    "kind" => |t, v| t.kind = v.choice()?;
    "url" => |t, v| t.urls.push(Kept::Here(Secret(v.text()?.to_owned())));
    "url_file" => |t, v| t.urls.push(Kept::File(v.path()?));
    "url_variable" => |t, v| t.urls.push(Kept::Variable(variable(v)?));
    "secret_file" => |t, v| t.secrets.push(Kept::File(v.path()?));
    "secret_variable" => |t, v| t.secrets.push(Kept::Variable(variable(v)?));
    "events" => |t, v| t.topics = topics(v)?;
}

/// What a target must have, after its keys were read.
pub(super) fn check(name: &str, target: &NoticeTarget, there: usize) -> Result<(), Rule> {
    if there >= TARGETS_MAX {
        return Err(format!("must be one of at most {TARGETS_MAX} targets"));
    }
    file_name(name).map_err(|_| "must have a name of at most 64 letters, digits, '-' and '_'")?;
    if target.urls.len() != 1 {
        return Err("must have one of url, url_file and url_variable".into());
    }
    match (target.secrets.len(), target.kind) {
        (0, _) | (1, NoticeKind::Json) => Ok(()),
        (1, _) => Err("must have no secret: only targets of the kind \"json\" look at signatures".into()),
        _ => Err("must have at most one of secret_file and secret_variable".into()),
    }
}

fn variable(value: &Value<'_>) -> Result<String, Rule> {
    let text = value.text()?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if (1..=128).contains(&text.len()) && text.chars().all(allowed) {
        return Ok(text.to_owned());
    }
    Err("must be the name of a variable of the environment: letters, digits and '_'".into())
}

fn topics(value: &Value<'_>) -> Result<Vec<Topic>, Rule> {
    let known =
        || Topic::CHOICES.iter().map(|topic| format!("\"{}\"", topic.word())).collect::<Vec<_>>().join(", ");
    let words = value.texts(|word| match Topic::of(word) {
        Some(_) => Ok(()),
        None => Err(format!("must be a list of some of {}", known())),
    })?;
    Ok(words.iter().filter_map(|word| Topic::of(word)).collect())
}
