//! `server show`

use jiff::Timestamp;

use super::reach;
use crate::{
    cli::{
        args::server::NameArgs,
        exit::Outcome,
        io::Io,
        output::{clean, human, json::Details},
    },
    engine::Handle,
    model::{Server, Spec, Units, secrecy},
};

/// Shows everything about one server.
///
/// # Errors
/// That there is none; that Docker cannot be reached; that the output is closed.
pub async fn run(handle: &Handle, io: &mut Io, args: &NameArgs) -> Outcome {
    let id = reach::find(handle, io, &args.name).await?.id();
    reach::measured(handle, io, reach::MEASURE, |server| server.id() == id).await?;
    let snapshot = handle.now();
    let server = match snapshot.server(id) {
        Some(server) => server,
        None => snapshot.find(&args.name)?,
    };
    let now = Timestamp::now();
    if io.json {
        return io.document(&Details::new(server, now));
    }
    let text = describe(server, now, io.units);
    io.say(&text)
}

/// The server, a line a property.
fn describe(server: &Server, now: Timestamp, units: Units) -> String {
    let about = &server.about;
    let mut rows: Vec<(&str, String)> = vec![
        ("name", about.name.clone()),
        ("id", about.id.to_string()),
        ("state", human::state(server.state)),
    ];
    let mut add = |label, value: Option<String>| rows.extend(value.map(|value| (label, value)));
    add("why", server.explanation.as_deref().map(human::explanation));
    add("type", Some(about.spec.server_type.title().to_owned()));
    add("version", Some(human::version(server)));
    add("port", about.port.map(|port| port.to_string()));
    add("players", server.players.as_ref().map(|_| human::players(server)));
    add(
        "on it",
        server.players.as_ref().map(|players| players.names.join(", ")).filter(|names| !names.is_empty()),
    );
    add("cpu", server.sample.as_ref().map(human::cpu));
    add("memory", server.sample.as_ref().map(|sample| human::memory(sample, units)));
    add("processes", server.sample.as_ref().map(|sample| sample.pids.to_string()));
    add("uptime", server.uptime_seconds(now).map(human::duration));
    add("restarts", (server.restarts > 0).then(|| server.restarts.to_string()));
    add("host", Some(about.host.to_string()));
    add("container", Some(about.container_name.clone()));
    add("container id", about.container_id.clone());
    add("image", Some(about.image.clone()));
    add("data", about.data.clone());
    add("commands go by", server.via.map(|via| via.word().to_owned()));
    add(
        "managed",
        Some(
            match about.ownership {
                crate::model::Ownership::Created => "yes, made by this program",
                crate::model::Ownership::Adopted => "yes, adopted",
                crate::model::Ownership::Found => "no; `mineclifford server adopt` takes it over",
            }
            .to_owned(),
        ),
    );
    rows.extend(settings(&about.spec));
    let width = rows.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
    rows.iter()
        .map(|(label, value)| format!("{label:width$}  {}", clean::plain(value)))
        .collect::<Vec<_>>()
        .join("\n")
}

/// What a person decided about it.
fn settings(spec: &Spec) -> Vec<(&'static str, String)> {
    fn text<T: ToString>(value: &Option<T>) -> Option<String> {
        value.as_ref().map(ToString::to_string)
    }
    let list = |names: &[String]| (!names.is_empty()).then(|| names.join(", "));
    let mut rows: Vec<_> = [
        ("heap", Some(format!("{} (container: {})", spec.memory, spec.memory.limit_for_heap()))),
        ("cpus", text(&spec.cpus)),
        ("pids limit", text(&spec.pids_limit)),
        ("bind", text(&spec.bind)),
        ("motd", spec.motd.clone()),
        ("mode", text(&spec.mode)),
        ("difficulty", text(&spec.difficulty)),
        ("max players", text(&spec.max_players)),
        ("seed", spec.seed.clone()),
        ("ops", list(&spec.ops)),
        ("whitelist", list(&spec.whitelist)),
        ("view distance", text(&spec.view_distance)),
        ("time zone", spec.time_zone.clone()),
    ]
    .into_iter()
    .filter_map(|(label, value)| Some((label, value?)))
    .collect();
    rows.extend(spec.env.iter().map(|(name, value)| {
        ("env", format!("{name}={}", if secrecy::sounds_secret(name) { secrecy::HIDDEN } else { value }))
    }));
    rows
}
