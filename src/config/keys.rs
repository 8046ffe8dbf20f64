//! Every key that the file may have: its name, its rule, and what it sets.

use std::time::Duration;

use super::{
    Settings,
    value::{Rule, Value},
};
use crate::model::{
    Memory, field,
    quantity::{GIB, MIB},
};

/// A key that the file may have.
pub(super) struct Key {
    /// With its section: `console.lines`.
    pub(super) name: &'static str,
    /// Takes the value, or says the rule that it breaks.
    pub(super) set: fn(&mut Settings, &Value<'_>) -> Result<(), Rule>,
}

macro_rules! keys {
    ($($name:literal => |$settings:ident, $value:ident| $place:expr => $taken:expr;)+) => {
        /// All of them, in the order of `config.example.toml`.
        pub(super) const KEYS: &[Key] = &[$(Key {
            name: $name,
            set: |$settings, $value| {
                $place = $taken;
                Ok(())
            },
        }),+];
    };
}

const SECOND: Duration = Duration::from_secs(1);

keys! {
    "data_dir" => |s, v| s.data_dir => v.path()?;
    "docker" => |s, v| s.docker => v.text_or_none(|_| Ok(()))?;
    "read_only" => |s, v| s.read_only => v.flag()?;
    "stop_grace" => |s, v| s.stop_grace => v.duration(15 * SECOND..=3600 * SECOND)?;

    "theme" => |s, v| s.theme => v.text_or_none(file_name)?;
    "keymap" => |s, v| s.keymap => v.text_or_none(file_name)?;
    "ascii" => |s, v| s.ascii => v.flag()?;
    "color" => |s, v| s.color => v.choice()?;
    "units" => |s, v| s.units => v.choice()?;
    "mouse" => |s, v| s.mouse => v.flag()?;
    "frame_rate" => |s, v| s.frame_rate => v.whole_or("auto", 1..=120)?;

    "console.lines" => |s, v| s.console.lines => v.whole(100..=1_000_000)?;
    "console.bytes" => |s, v| s.console.bytes => bytes(v)?;

    "looping.exits" => |s, v| s.looping.exits => v.whole(2..=1_000)?;
    "looping.within" => |s, v| s.looping.within => v.duration(10 * SECOND..=86_400 * SECOND)?;

    "defaults.memory" => |s, v| s.defaults.memory => v.size(Memory::mib(256)..=Memory::bytes(1024 * GIB))?;
    "defaults.server_type" => |s, v| s.defaults.server_type => v.choice()?;
    "defaults.version" => |s, v| s.defaults.version => kept(v, field::version)?;
    "defaults.port" => |s, v| s.defaults.port => v.whole(0..=u16::MAX)?;
    "defaults.bind" => |s, v| s.defaults.bind => address(v)?;
    "defaults.time_zone" => |s, v| s.defaults.time_zone => v.text_or_none(field::time_zone)?;

    "backups.folder" => |s, v| s.backups.folder => v.path_or_none()?;
    "backups.packing" => |s, v| s.backups.packing => v.choice()?;
    "backups.threads" => |s, v| s.backups.threads => v.whole_or("auto", 1..=256)?;
    "backups.rate" => |s, v| s.backups.rate => rate(v)?;
    "backups.leave_free" => |s, v| s.backups.leave_free => v.size(Memory::bytes(0)..=Memory::bytes(1024 * GIB))?;
    "backups.keep_last" => |s, v| s.backups.keep.last => v.whole(1..=10_000)?;
    "backups.keep_days" => |s, v| s.backups.keep.days => v.whole(0..=36_500)?;
    "backups.keep_daily" => |s, v| s.backups.keep.daily => v.whole(0..=10_000)?;
    "backups.keep_weekly" => |s, v| s.backups.keep.weekly => v.whole(0..=10_000)?;
    "backups.keep_monthly" => |s, v| s.backups.keep.monthly => v.whole(0..=10_000)?;
    "backups.keep_safety" => |s, v| s.backups.keep.safety => v.whole(0..=10_000)?;

    "attach.socket" => |s, v| s.attach.socket => v.path_or_none()?;
    "attach.group" => |s, v| s.attach.group => v.text_or_none(group_name)?;

    "api.listen" => |s, v| s.api.listen => listen(v)?;
    "api.self_signed" => |s, v| s.api.self_signed => v.flag()?;
    "api.certificate" => |s, v| s.api.certificate => v.path_or_none()?;
    "api.key" => |s, v| s.api.key => v.path_or_none()?;
    "api.hosts" => |s, v| s.api.hosts => v.texts(host_name)?;
    "api.origins" => |s, v| s.api.origins => v.texts(origin)?;
    "api.plain_http_beyond_this_machine" => |s, v| s.api.plain_http_beyond_this_machine => v.flag()?;

    "metrics.every" => |s, v| s.metrics.every => v.duration(SECOND..=3600 * SECOND)?;
    "metrics.token_file" => |s, v| s.metrics.token_file => v.path_or_none()?;

    "notices.private_hosts" => |s, v| s.notices.private_hosts => v.texts(private_host)?;

    "log.level" => |s, v| s.log.level => v.choice()?;
    "log.file" => |s, v| s.log.file => v.path()?;
}

/// The name of a theme or keymap: a file's name without its ending, so that it never leaves its folder.
pub(super) fn file_name(name: &str) -> Result<(), Rule> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if (1..=64).contains(&name.len()) && name.chars().all(allowed) {
        return Ok(());
    }
    Err("must be a name of at most 64 letters, digits, '-' and '_', without its .toml".into())
}

/// The name of a group, as the system's files have it.
fn group_name(name: &str) -> Result<(), Rule> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.len() <= 64 && name.chars().all(allowed) {
        return Ok(());
    }
    Err("must be the name of a group: letters, digits, '-', '_' and '.'".into())
}

fn kept(value: &Value<'_>, rule: impl Fn(&str) -> Result<(), Rule>) -> Result<String, Rule> {
    let text = value.text()?;
    rule(text).map(|()| text.to_owned())
}

fn bytes(value: &Value<'_>) -> Result<usize, Rule> {
    let size = value.size(Memory::bytes(16 * 1024)..=Memory::bytes(256 * MIB))?;
    usize::try_from(size.as_bytes()).map_err(|_| "must fit into this machine's memory".into())
}

/// Bytes a second, or `none`.
fn rate(value: &Value<'_>) -> Result<Option<Memory>, Rule> {
    match value.value.as_str() {
        Some("none") => Ok(None),
        _ => value
            .size(Memory::bytes(64 * 1024)..=Memory::bytes(1024 * GIB))
            .map(Some)
            .map_err(|rule| format!("{rule}, or \"none\"")),
    }
}

/// An IP address, or `*` for every address.
fn address(value: &Value<'_>) -> Result<Option<std::net::IpAddr>, Rule> {
    match value.text()? {
        "*" => Ok(None),
        text => text.parse().map(Some).map_err(|_| {
            "must be an IP address such as \"127.0.0.1\", or \"*\" for every address of the host".into()
        }),
    }
}

/// An address with a port, or `none`.
fn listen(value: &Value<'_>) -> Result<Option<std::net::SocketAddr>, Rule> {
    match value.text()? {
        "none" => Ok(None),
        text => text.parse().map(Some).map_err(|_| {
            "must be an address with a port such as \"127.0.0.1:8000\" or \"[::1]:8000\", or \"none\"".into()
        }),
    }
}

/// A host's name without a port.
fn host_name(name: &str) -> Result<(), Rule> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    if (1..=253).contains(&name.len()) && name.chars().all(allowed) {
        return Ok(());
    }
    Err("must be names of hosts without a port, such as \"mc.example.org\"".into())
}

/// A host's name, or an address.
fn private_host(name: &str) -> Result<(), Rule> {
    if name.parse::<std::net::IpAddr>().is_ok() || host_name(name).is_ok() {
        return Ok(());
    }
    Err("must be names of hosts without a port, or addresses, such as \"chat.lan\" or \"127.0.0.1\"".into())
}

/// A site, as browsers write it in `Origin`.
fn origin(text: &str) -> Result<(), Rule> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | ':' | '[' | ']');
    match rest {
        Some(rest) if (1..=260).contains(&rest.len()) && rest.chars().all(allowed) => Ok(()),
        _ => Err("must be sites as browsers write them, such as \"https://panel.example.org\"".into()),
    }
}
