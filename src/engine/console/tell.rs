//! What a line tells the engine.

use crate::{
    engine::fact::Told,
    minecraft::log::{Event, Line, TickQuery, TickTimes, Tps},
    model::console::LineKind,
};

/// What the core should hear of it, if anything, and what kind of line it is.
pub fn told(line: &Line<'_>, event: Option<Event<'_>>) -> (Option<Told>, LineKind) {
    let Some(event) = event else { return (ticks(line.text), LineKind::Output) };
    let told = match event {
        Event::Chat { .. } => return (None, LineKind::Chat),
        // The first thing that the image says; every later line of it is no news.
        Event::Init { .. } if line.text.starts_with("Running as uid") => Told::Began,
        Event::StartingServer { version } => Told::Version(version.to_owned()),
        Event::PreparingLevel => Told::Loading(None),
        Event::SpawnProgress { percent } => Told::Loading(Some(percent)),
        Event::Done { .. } => Told::Done,
        Event::Stopping => Told::Stopping,
        Event::AllSaved => Told::Saved,
        Event::Join { name, .. } => Told::Joined(name.to_owned()),
        Event::Leave { name } => Told::Left(name.to_owned()),
        Event::PlayerList(list) => Told::Listed(list.online, list.max, list.names),
        Event::Problem(problem) => Told::Problem(problem),
        _ => return (None, LineKind::Output),
    };
    (Some(told), LineKind::Output)
}

/// How fast the server ticks, where somebody or something made it say so.
pub fn ticks(text: &str) -> Option<Told> {
    if let Some(Tps([minute, ..])) = Tps::find(text) {
        return Some(Told::Ticks(Some(minute), None));
    }
    if let Some(TickTimes([_, [average, ..], _])) = TickTimes::find(text) {
        return Some(Told::Ticks(None, Some(average)));
    }
    let took = TickQuery::find(text)?.average_ms?;
    Some(Told::Ticks(None, Some(took)))
}
