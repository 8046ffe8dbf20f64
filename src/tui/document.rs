//! Reads the TOML files that a person may write, keymaps and themes, so that a broken line breaks only itself.

use std::{fs, path::Path};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{files, input::Problem};

/// Most mistakes of form that are told of one file; one at the top can lead to very many.
const MISTAKES_MAX: usize = 20;

/// A file as far as it can be read, with what is wrong in its form.
pub fn read<'a>(name: &str, text: &'a str) -> (DeTable<'a>, Vec<Problem>) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let problems = errors.iter().take(MISTAKES_MAX).map(|error| {
        let byte = error.span().map_or(0, |span| span.start);
        let what = error.message().replace('\n', ", ");
        Problem::at(name, text, byte, format!("{what}; what can be read of the file holds"))
    });
    let problems = problems.collect();
    (table.into_inner(), problems)
}

/// A text of a table; a value that is none is told.
pub fn text<'a>(
    name: &str,
    source: &str,
    key: &str,
    value: &'a Spanned<DeValue<'_>>,
    problems: &mut Vec<Problem>,
) -> Option<&'a str> {
    let text = value.get_ref().as_str();
    if text.is_none() {
        let what = format!("`{key}` must be a text; it is left out");
        problems.push(Problem::at(name, source, value.span().start, what));
    }
    text
}

/// Something at the top of a file that is not known.
pub fn odd(name: &str, source: &str, key: &Spanned<impl AsRef<str>>, known: &[&str]) -> Problem {
    let what = format!(
        "{:?} is not known here; it may be {}; it is left out",
        key.get_ref().as_ref(),
        known.join(", ")
    );
    Problem::at(name, source, key.span().start, what)
}

/// Something that can be chosen by name: a theme, a keymap.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choice {
    /// Its name: letters, digits, `-` and `_`.
    pub name: String,
    /// What it says of itself; harmless to draw, may be empty.
    pub about: String,
}

/// Most files of a person's folder that are looked at.
const OWN_MAX: usize = 200;
/// Largest file that is looked at, in bytes.
const MAX_BYTES: usize = 256 * 1024;

/// The shipped ones in their order, then the person's own by name: `FOLDER/KIND/*.toml`. An own one takes the place of
/// a shipped one with the same name.
pub fn choices(kind: &str, folder: Option<&Path>, shipped: &[(&str, &str)]) -> Vec<Choice> {
    let choice = |name: &str, text: &str| Choice { name: name.to_owned(), about: about(text) };
    let mut choices: Vec<_> = shipped.iter().map(|(name, text)| choice(name, text)).collect();
    let entries = folder.and_then(|folder| fs::read_dir(folder.join(kind)).ok());
    let mut own: Vec<_> = entries
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_name()?.to_str()?.strip_suffix(".toml")?.to_owned();
            is_name(&name).then_some((name, path))
        })
        .take(OWN_MAX)
        .collect();
    own.sort();
    for (name, path) in own {
        let text = files::read(&path, MAX_BYTES).unwrap_or_default();
        match choices.iter_mut().find(|choice| choice.name == name) {
            Some(shipped) => shipped.about = about(&text),
            None => choices.push(choice(&name, &text)),
        }
    }
    choices
}

/// Whether this can be the name of a theme or keymap.
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
}

fn about(text: &str) -> String {
    let (table, _) = read("", text);
    let about = table.get("about").and_then(|value| value.get_ref().as_str()).unwrap_or_default();
    super::safe::line(about).into_owned()
}
