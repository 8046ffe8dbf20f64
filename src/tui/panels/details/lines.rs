//! What there is to say of a server, as lines of a name and a text.

use jiff::Timestamp;

use crate::{
    model::{Ownership, Server},
    tui::{paint, safe, theme::Role},
};

/// One fact: its name, empty where it goes on from the line before, its text and how that looks.
pub struct Fact {
    pub name: &'static str,
    pub text: String,
    pub role: Role,
}

/// Everything that is known of a server, the most pressing first. Harmless to draw.
pub fn facts(server: &Server, now: Timestamp) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut add = |name, text: String, role| {
        if !text.is_empty() {
            facts.push(Fact { name, text: safe::clean(&text).into_owned(), role });
        }
    };
    let (about, spec) = (&server.about, &server.about.spec);
    if let Some(why) = &server.explanation {
        add("What", why.what.clone(), Role::Error);
        add("Means", why.means.clone(), Role::Text);
        add("Do", why.next.clone(), Role::Warning);
    }
    let plain = Role::Text;
    add("Name", about.name.clone(), plain);
    let restarts = match server.restarts {
        0 => String::new(),
        1 => ", ended by itself once".into(),
        n => format!(", ended by itself {n} times"),
    };
    add("State", format!("{}{restarts}", super::super::servers::state_text(server.state)), plain);
    if let Some(seconds) = server.uptime_seconds(now) {
        add("Uptime", paint::duration(seconds), plain);
    }
    let version = about.version.as_ref().map_or(spec.version.clone(), |known| match known == &spec.version {
        true => known.clone(),
        false => format!("{known} ({})", spec.version),
    });
    add("Version", format!("{} {version}", spec.server_type.title()), plain);
    if let Some(players) = &server.players {
        let names = players.names.join(", ");
        let colon = if names.is_empty() { "" } else { ": " };
        add("Players", format!("{} of {}{colon}{names}", players.online, players.max), plain);
    }
    let port = about.port.map_or("none".into(), |port| port.to_string());
    add("Port", spec.bind.map_or(port.clone(), |bind| format!("{port} on {bind}")), plain);
    let heap = spec.memory;
    add("Memory", format!("{heap} heap, {} limit", heap.limit_for_heap()), plain);
    add("CPUs", spec.cpus.map_or("all".into(), |cpus| cpus.to_string()), plain);
    add("Pids", spec.pids_limit.map_or("no limit".into(), |pids| format!("at most {pids}")), plain);
    let owner = match about.ownership {
        Ownership::Created => "made by mineclifford",
        Ownership::Adopted => "adopted: never recreated",
        Ownership::Found => "made by somebody else; adopt it to manage it",
    };
    add("Origin", owner.into(), plain);
    add("Host", about.host.to_string(), plain);
    add("Image", about.image.clone(), plain);
    let short = about.container_id.as_deref().map_or("", |id| id.get(..12).unwrap_or(id));
    add("Container", format!("{} {short}", about.container_name).trim().to_owned(), plain);
    add("Data", about.data.clone().unwrap_or_default(), plain);
    add(
        "Commands",
        server.via.map_or("none go through now".into(), |via| format!("by {}", via.word())),
        plain,
    );
    add("MOTD", spec.motd.clone().unwrap_or_default(), plain);
    add("Mode", spec.mode.map_or(String::new(), |mode| mode.to_string()), plain);
    add("Difficulty", spec.difficulty.map_or(String::new(), |difficulty| difficulty.to_string()), plain);
    add("Seed", spec.seed.clone().unwrap_or_default(), plain);
    add("Ops", spec.ops.join(", "), plain);
    add("Whitelist", spec.whitelist.join(", "), plain);
    add("View", spec.view_distance.map_or(String::new(), |chunks| format!("{chunks} chunks")), plain);
    add("Time zone", spec.time_zone.clone().unwrap_or_default(), plain);
    // Values may hold secrets that somebody gave a container; names are enough to know what is set.
    add("Variables", spec.env.keys().cloned().collect::<Vec<_>>().join(", "), plain);
    add("Since", about.created_at.strftime("%Y-%m-%d %H:%M UTC").to_string(), plain);
    add("Id", about.id.to_string(), Role::Muted);
    facts
}
