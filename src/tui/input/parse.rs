//! Reads a keymap file into its lines. What each line means is decided in [`super::keymap`].

use serde::Deserialize;
use toml::{Spanned, Value};

use super::{Key, Problem, problem::line_of};
use crate::tui::action::{Action, Place, When};

/// Largest keymap that is read, in bytes.
pub const MAX_BYTES: usize = 256 * 1024;
/// Longest chord, in keys.
pub const CHORD_MAX: usize = 4;

/// A good line of a keymap.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// One key or a chord.
    pub keys: Vec<Key>,
    /// Where, and what must be so there.
    pub when: Vec<When>,
    /// What it does; `None` takes the key away.
    pub action: Option<Action>,
    /// Its line, from 1.
    pub line: usize,
}

/// A keymap file as read.
#[derive(Clone, Debug, Default)]
pub struct File {
    /// The keymap under this one.
    pub inherits: Option<String>,
    /// Its good lines, in order, the unbindings first.
    pub entries: Vec<Entry>,
    /// Its bad ones.
    pub problems: Vec<Problem>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    inherits: Option<String>,
    #[serde(default)]
    #[allow(dead_code)]
    about: Option<String>,
    #[serde(default)]
    bind: Vec<Spanned<Value>>,
    #[serde(default)]
    unbind: Vec<Spanned<Value>>,
}

/// Reads a keymap. `name` is the file as the person may know it.
pub fn read(name: &str, text: &str) -> File {
    if text.len() > MAX_BYTES {
        let what = format!("the keymap has more than {MAX_BYTES} bytes; it is not used");
        return File { problems: vec![Problem::at(name, text, 0, what)], ..File::default() };
    }
    let raw: Raw = match toml::from_str(text) {
        Ok(raw) => raw,
        Err(error) => {
            let byte = error.span().map_or(0, |span| span.start);
            let what = format!("{}; the file is not used", error.message().replace('\n', ", "));
            return File { problems: vec![Problem::at(name, text, byte, what)], ..File::default() };
        }
    };
    let mut file = File { inherits: raw.inherits, ..File::default() };
    let lines = raw.unbind.iter().map(|line| (line, false)).chain(raw.bind.iter().map(|line| (line, true)));
    for (line, binds) in lines {
        let byte = line.span().start;
        match entries(line.get_ref(), binds, line_of(text, byte)) {
            Ok(entries) => file.entries.extend(entries),
            Err(what) => file.problems.push(Problem::at(name, text, byte, what)),
        }
    }
    file
}

/// The entries of one line: one for each chord that it lists.
fn entries(value: &Value, binds: bool, line: usize) -> Result<Vec<Entry>, String> {
    let table = value.as_table().ok_or("must be a table such as { keys = \"q\", action = \"app.quit\" }")?;
    let known: &[&str] = if binds { &["keys", "action", "when"] } else { &["keys", "when"] };
    if let Some(odd) = table.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(format!("{odd:?} is not known here; it may be {}", known.join(", ")));
    }
    let chords = strings(table.get("keys").ok_or("`keys` is missing")?)
        .ok_or("`keys` must be a text such as \"g g\", or a list of them")?;
    let action = match (binds, table.get("action").map(Value::as_str)) {
        (false, _) => None,
        (true, Some(Some(id))) => Some(
            Action::named(id).ok_or_else(|| format!("{}: no action is called {id:?}", chords.join(", ")))?,
        ),
        (true, _) => return Err(format!("{}: `action` is missing", chords.join(", "))),
    };
    let when = match table.get("when") {
        None => vec![When::at(Place::Everywhere)],
        Some(when) => strings(when)
            .ok_or("`when` must be a text such as \"servers\" or \"servers & filtered\", or a list of them")?
            .iter()
            .map(|text| text.parse().map_err(|error| format!("{}: {error}", chords.join(", "))))
            .collect::<Result<_, _>>()?,
    };
    chords
        .iter()
        .map(|chord| Ok(Entry { keys: chord_of(chord)?, when: when.clone(), action, line }))
        .collect()
}

fn strings(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(vec![text.clone()]),
        Value::Array(list) if !list.is_empty() => {
            list.iter().map(|item| item.as_str().map(str::to_owned)).collect()
        }
        _ => None,
    }
}

/// The keys of a chord, written with spaces between them.
pub fn chord_of(text: &str) -> Result<Vec<Key>, String> {
    let keys: Vec<Key> = text
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()
        .map_err(|error| format!("{text:?}: {error}"))?;
    match keys.len() {
        0 => Err("a key is missing".into()),
        n if n > CHORD_MAX => Err(format!("{text:?}: a chord has at most {CHORD_MAX} keys")),
        _ => Ok(keys),
    }
}
