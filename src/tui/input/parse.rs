//! Reads a keymap file into its lines. What each line means is decided in [`super::keymap`].

use toml::{Spanned, de::DeValue};

use super::{Key, Problem, problem::line_of};
use crate::tui::{
    action::{Action, Place, When},
    document,
};

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

/// Reads a keymap. `name` is the file as the person may know it.
pub fn read(name: &str, text: &str) -> File {
    if text.len() > MAX_BYTES {
        let what = format!("the keymap has more than {MAX_BYTES} bytes; it is not used");
        return File { problems: vec![Problem::at(name, text, 0, what)], ..File::default() };
    }
    let (table, problems) = document::read(name, text);
    let mut file = File { problems, ..File::default() };
    for (key, value) in &table {
        match key.get_ref().as_ref() {
            "inherits" => {
                file.inherits =
                    document::text(name, text, "inherits", value, &mut file.problems).map(str::to_owned);
            }
            "about" => _ = document::text(name, text, "about", value, &mut file.problems),
            "bind" => lines(name, text, value, true, &mut file),
            "unbind" => lines(name, text, value, false, &mut file),
            _ => file.problems.push(document::odd(name, text, key, &["about", "inherits", "unbind", "bind"])),
        }
    }
    // What is taken away makes room for what is bound.
    file.entries.sort_by_key(|entry| entry.action.is_some());
    file.problems.sort_by_key(|problem| problem.line);
    file
}

/// The lines of `bind` or `unbind`.
fn lines(name: &str, text: &str, value: &Spanned<DeValue<'_>>, binds: bool, file: &mut File) {
    let Some(list) = value.get_ref().as_array() else {
        let what = "must be a list such as [{ keys = \"q\", action = \"app.quit\" }]; it is left out";
        file.problems.push(Problem::at(name, text, value.span().start, what));
        return;
    };
    for line in list.iter() {
        let byte = line.span().start;
        match entries(line.get_ref(), binds, line_of(text, byte)) {
            Ok(entries) => file.entries.extend(entries),
            Err(what) => file.problems.push(Problem::at(name, text, byte, what)),
        }
    }
}

/// The entries of one line: one for each chord that it lists.
fn entries(value: &DeValue<'_>, binds: bool, line: usize) -> Result<Vec<Entry>, String> {
    let table = value.as_table().ok_or("must be a table such as { keys = \"q\", action = \"app.quit\" }")?;
    let known: &[&str] = if binds { &["keys", "action", "when"] } else { &["keys", "when"] };
    if let Some(odd) = table.keys().map(|key| key.get_ref()).find(|key| !known.contains(&key.as_ref())) {
        return Err(format!("{odd:?} is not known here; it may be {}", known.join(", ")));
    }
    let get = |name: &str| table.get(name).map(Spanned::get_ref);
    let chords = strings(get("keys").ok_or("`keys` is missing")?)
        .ok_or("`keys` must be a text such as \"g g\", or a list of them")?;
    let action = match (binds, get("action").map(DeValue::as_str)) {
        (false, _) => None,
        (true, Some(Some(id))) => Some(
            Action::named(id).ok_or_else(|| format!("{}: no action is called {id:?}", chords.join(", ")))?,
        ),
        (true, _) => return Err(format!("{}: `action` is missing", chords.join(", "))),
    };
    let when = match get("when") {
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

fn strings(value: &DeValue<'_>) -> Option<Vec<String>> {
    match value {
        DeValue::String(text) => Some(vec![text.to_string()]),
        DeValue::Array(list) if !list.is_empty() => {
            list.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect()
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
