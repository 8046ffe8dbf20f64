//! Deaths. Nothing marks them in the log: they are an online player's name and a phrase that the game knows.

use super::line::{Level, Line, Source};
use super::server::{leading_name, strip_system};

/// A player's death.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Death<'a> {
    /// Who.
    pub name: &'a str,
    /// How, as the game put it, without the name.
    pub how: &'a str,
}

/// The beginnings of the game's death messages (`death.*` in its language file).
const PHRASES: &[&str] = &[
    "blew up",
    "burned to death",
    "died",
    "didn't want to live in the same world as ",
    "discovered the floor was lava",
    "drowned",
    "experienced kinetic energy",
    "fell ",
    "froze to death",
    "hit the ground too hard",
    "left the confines of this world",
    "starved to death",
    "suffocated in a wall",
    "tried to swim in lava",
    "walked into ",
    "was blown up by ",
    "was burned to a crisp",
    "was burnt to a crisp",
    "was doomed to fall",
    "was fireballed by ",
    "was frozen to death",
    "was impaled ",
    "was killed",
    "was obliterated by ",
    "was poked to death",
    "was pricked to death",
    "was pummeled by ",
    "was roasted in dragon",
    "was shot by ",
    "was skewered by ",
    "was slain by ",
    "was smashed by ",
    "was speared by ",
    "was squashed by ",
    "was squished too much",
    "was struck by lightning",
    "was stung to death",
    "was too soft for this world",
    "went off with a bang",
    "went up in flames",
    "withered away",
];

/// The death that a line tells of. `is_online` says whether a player of that name is in the game: without it, the
/// name of a pet or an invented one would count.
pub fn death<'a>(line: &Line<'a>, is_online: impl Fn(&str) -> bool) -> Option<Death<'a>> {
    if line.source != Source::Server || line.level != Level::Info {
        return None;
    }
    let (text, _) = strip_system(line.text);
    let (name, rest) = leading_name(text)?;
    let how = rest.strip_prefix(' ')?;
    let known = PHRASES.iter().any(|phrase| {
        how.strip_prefix(phrase).is_some_and(|rest| {
            // A whole word: `died` must not be found in `diedX`.
            phrase.ends_with(' ')
                || !rest.starts_with(|c: char| c.is_alphanumeric())
                || phrase.ends_with("dragon")
        })
    });
    (known && is_online(name)).then_some(Death { name, how })
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn only_the_online_die_and_only_of_known_causes() {
        let online = |name: &str| name == "Alice";
        let dies = |text: &str| {
            let line = format!("[12:34:56] [Server thread/INFO]: {text}");
            death(&parse(&line), online).map(|d| d.how.to_owned())
        };
        assert_eq!(dies("Alice fell from a high place").as_deref(), Some("fell from a high place"));
        assert_eq!(dies("System chat: Alice was slain by Zombie").as_deref(), Some("was slain by Zombie"));
        assert_eq!(dies("Alice died").as_deref(), Some("died"));
        assert_eq!(dies("Bob drowned"), None, "not online");
        assert_eq!(dies("Alice issued server command: /kill"), None);
        assert_eq!(dies("Alice diedX"), None);
        assert_eq!(dies("<Alice> Alice drowned"), None);
        assert_eq!(dies("[Alice] Alice drowned"), None);
        assert_eq!(dies("* Alice drowned"), None);
        assert_eq!(death(&parse("Alice drowned"), online), None, "no server wrote it");
    }
}
