//! Notices to others: their targets from the settings, and the command that tries them.

use std::{fs, io::Read as _};

use jiff::Timestamp;
use serde::Serialize;

use super::settings;
use crate::{
    cli::{
        args::{Global, NotifyCommand},
        exit::{Exit, Failure, Outcome},
        io::Io,
        listen,
        output::table::{Cell, Column, Table},
    },
    config::{Kept, NoticeKind, NoticeTarget, Settings, environment},
    model::{Fault, FaultKind, Secret, Topic},
    notify::{Address, Kind, Message, Poster, Target},
};

/// Longest URL or secret in a file, in bytes.
const KEPT_MAX: u64 = 4_096;

/// The targets that the settings name.
///
/// # Errors
/// The first one whose URL or secret cannot be read or used.
pub fn targets(settings: &Settings) -> Result<Vec<Target>, Fault> {
    let notices = &settings.notices;
    notices.targets.iter().map(|(name, one)| target(name, one, &notices.private_hosts)).collect()
}

fn target(name: &str, set: &NoticeTarget, private: &[String]) -> Result<Target, Fault> {
    let field = |key: &str| format!("notices.targets.{name}.{key}");
    let url = set.urls.first().ok_or_else(|| Fault::invalid(field("url"), "must be there"))?;
    let address =
        Address::parse(&read(url, &field("url"))?.0).map_err(|rule| Fault::invalid(field("url"), rule))?;
    let secret = set.secrets.first().map(|kept| read(kept, &field("secret"))).transpose()?;
    let allowed = private.iter().any(|host| host.trim_end_matches('.').eq_ignore_ascii_case(address.host()));
    Ok(Target {
        name: name.to_owned(),
        kind: match set.kind {
            NoticeKind::Discord => Kind::Discord,
            NoticeKind::Slack => Kind::Slack,
            NoticeKind::Json => Kind::Json,
        },
        secret,
        topics: set.topics.clone(),
        private: allowed,
        address,
    })
}

/// One line of text from where it is kept. The text is in no error.
fn read(kept: &Kept, field: &str) -> Result<Secret, Fault> {
    let (from, text) = match kept {
        Kept::Here(text) => (String::new(), Ok(text.0.clone())),
        Kept::Variable(name) => {
            let text = environment(name).ok_or_else(|| "it is not set".to_owned());
            (format!("the variable {name}"), text)
        }
        Kept::File(path) => {
            let mut text = String::new();
            let opened = fs::File::open(path).and_then(|file| file.take(KEPT_MAX).read_to_string(&mut text));
            (path.display().to_string(), opened.map(|_| text).map_err(|error| error.to_string()))
        }
    };
    let text = text.and_then(|text| match text.trim() {
        "" => Err("it is empty".to_owned()),
        text if text.chars().any(char::is_control) => Err("it has more than one line".to_owned()),
        text => Ok(Secret(text.to_owned())),
    });
    text.map_err(|why| {
        let what = match from.as_str() {
            "" => format!("{field} cannot be used: {why}."),
            from => format!("{field} cannot be read from {from}: {why}."),
        };
        let mut fault = Fault::new(
            FaultKind::Invalid,
            what,
            "No notice can be sent there.",
            "Correct the settings, or the file or variable that they name.",
        );
        fault.field = Some(field.to_owned());
        fault
    })
}

/// Lists targets, or tries them.
///
/// # Errors
/// Settings that cannot be read; a name that no target has; that one of them did not take it.
pub async fn notify(global: &Global, command: &NotifyCommand, io: &mut Io) -> Outcome {
    let (settings, warnings) = settings(global)?;
    for warning in &warnings {
        io.remark(&format!("warning: {warning}"));
    }
    let targets = targets(&settings)?;
    match command {
        NotifyCommand::List => list(&targets, io),
        NotifyCommand::Test { name } => {
            listen(&io.interrupt);
            let interrupt = io.interrupt.clone();
            interrupt.guard(test(&targets, name.as_deref(), io)).await
        }
    }
}

#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    kind: &'static str,
    host: &'a str,
    events: Vec<&'static str>,
    signed: bool,
    private: bool,
}

fn listed(target: &Target) -> Listed<'_> {
    Listed {
        name: &target.name,
        kind: match target.kind {
            Kind::Discord => "discord",
            Kind::Slack => "slack",
            Kind::Json => "json",
        },
        host: target.address.host(),
        events: target.topics.iter().copied().map(Topic::word).collect(),
        signed: target.secret.is_some(),
        private: target.private,
    }
}

fn list(targets: &[Target], io: &mut Io) -> Outcome {
    if io.json {
        return io.document(&targets.iter().map(listed).collect::<Vec<_>>());
    }
    if targets.is_empty() {
        io.remark("No notices are sent. A section [notices.targets.name] in the settings names where to.");
        return Ok(());
    }
    let mut table = Table::new(vec![
        Column::text("NAME"),
        Column::text("KIND"),
        Column::elastic("HOST"),
        Column::text("SIGNED"),
        Column::elastic("TOLD OF"),
    ]);
    for one in targets.iter().map(listed) {
        let signed = if one.signed { "yes" } else { "-" };
        table.row(vec![
            Cell::from(one.name),
            Cell::from(one.kind),
            Cell::from(one.host),
            Cell::from(signed),
            Cell::from(one.events.join(", ")),
        ]);
    }
    io.say(table.render(io.facts.width, io.facts.colour).trim_end_matches('\n'))
}

#[derive(Serialize)]
struct Tried<'a> {
    name: &'a str,
    arrived: bool,
    problem: Option<String>,
}

async fn test(targets: &[Target], name: Option<&str>, io: &mut Io) -> Outcome {
    let chosen: Vec<_> =
        targets.iter().filter(|target| name.is_none_or(|name| target.name == name)).collect();
    if chosen.is_empty() {
        return Err(Fault::new(
            FaultKind::NotFound,
            match name {
                Some(name) => format!("The settings name no place {:?} for notices.", name.escape_default().to_string()),
                None => "The settings name no place for notices.".to_owned(),
            },
            "Nothing was sent.",
            "Name one in a section [notices.targets.name]; `mineclifford notify list` shows those that there are.",
        )
        .into());
    }
    let (poster, message) = (Poster::default(), Message::test(Timestamp::now()));
    let mut failed = false;
    let mut tried = Vec::new();
    for target in chosen {
        let posted = poster.post(target, &message).await;
        failed |= posted.is_err();
        if !io.json {
            io.say(&match &posted {
                Ok(_) => format!("{}: arrived at {}", target.name, target.address.host()),
                Err(error) => format!("{}: not delivered to {}: {error}", target.name, target.address.host()),
            })?;
        }
        let problem = posted.err().map(|error| error.to_string());
        tried.push(Tried { name: &target.name, arrived: problem.is_none(), problem });
    }
    if io.json {
        io.document(&tried)?;
    }
    if failed { Err(Failure::Told(Exit::Failed)) } else { Ok(()) }
}
