//! The settings file: read within bounds, and its keys laid over what is there already.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    Error, Settings,
    error::{Problem, Warning},
    explain::Place,
    keys::KEYS,
    notices::{self, NoticeTarget},
    value::Value,
};

/// A larger file is refused.
pub(super) const FILE_MAX: u64 = 1024 * 1024;
/// More warnings, or problems, than this are not listed.
const LISTED: usize = 20;

/// The file's text; `None` when it is not there.
pub(super) fn read(path: &Path) -> Result<Option<String>, Error> {
    let unreadable = |source| Error::Unreadable { path: path.to_owned(), source };
    match fs::metadata(path) {
        // A pipe or a device might never end, or never begin.
        Ok(about) if !about.is_file() => {
            return Err(unreadable(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file")));
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    }
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(FILE_MAX + 1).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    if bytes.len() as u64 > FILE_MAX {
        return Err(Error::TooLarge { path: path.to_owned(), max: FILE_MAX });
    }
    String::from_utf8(bytes).map(Some).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes());
        let place = Place::of(path, &text, good..good + 1);
        let rule = "there is a byte that is not UTF-8 text".into();
        Error::Invalid { problems: vec![Problem { place, key: None, rule }] }
    })
}

/// Lays the file's text over `settings`.
pub(super) fn apply(settings: &mut Settings, path: &Path, text: &str) -> Result<Vec<Warning>, Error> {
    let document = DeTable::parse(text).map_err(|error| {
        let span = error.span().unwrap_or(text.len()..text.len());
        let place = Place::of(path, text, span);
        // The message may quote what it met.
        let message: String = error.message().chars().filter(|c| !c.is_control()).collect();
        let rule = format!("this is not TOML: {message}");
        Error::Invalid { problems: vec![Problem { place, key: None, rule }] }
    })?;
    let paths = settings.paths.clone();
    let mut layer = Layer { settings, paths: &paths, path, text, warnings: Vec::new(), problems: Vec::new() };
    layer.table("", document.get_ref());
    let Layer { mut warnings, mut problems, .. } = layer;
    if !problems.is_empty() {
        problems.sort_by_key(|problem| (problem.place.line, problem.place.column));
        problems.truncate(LISTED);
        return Err(Error::Invalid { problems });
    }
    warnings.sort_by_key(|warning| (warning.place.line, warning.place.column));
    warnings.truncate(LISTED);
    Ok(warnings)
}

struct Layer<'a> {
    settings: &'a mut Settings,
    paths: &'a super::Paths,
    path: &'a Path,
    text: &'a str,
    warnings: Vec<Warning>,
    problems: Vec<Problem>,
}

impl Layer<'_> {
    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let name = format!("{prefix}{}", key.get_ref());
            let section = format!("{name}.");
            if name == notices::TARGETS {
                self.targets(value);
            } else if let Some(known) = KEYS.iter().find(|known| known.name == name) {
                let given = Value { value: value.get_ref(), paths: self.paths, file: self.path };
                if let Err(rule) = (known.set)(self.settings, &given) {
                    self.problem(name, rule, value);
                }
            } else if KEYS.iter().any(|known| known.name.starts_with(&section)) {
                match value.get_ref() {
                    DeValue::Table(inner) => self.table(&section, inner),
                    _ => self.problem(name.clone(), format!("must be a section, written [{name}]"), value),
                }
            } else if self.warnings.len() < LISTED * 10 {
                self.unknown(&name, key.span());
            }
        }
    }

    /// Sections with names that people choose: one for each place that notices are sent to.
    fn targets(&mut self, value: &Spanned<DeValue<'_>>) {
        let DeValue::Table(targets) = value.get_ref() else {
            let rule = format!("must be sections, written [{}.name]", notices::TARGETS);
            return self.problem(notices::TARGETS.into(), rule, value);
        };
        for (key, value) in targets {
            let section = format!("{}.{}", notices::TARGETS, key.get_ref());
            let DeValue::Table(inner) = value.get_ref() else {
                let rule = format!("must be a section, written [{section}]");
                self.problem(section, rule, value);
                continue;
            };
            let mut target = NoticeTarget::default();
            for (key, value) in inner {
                let name = format!("{section}.{}", key.get_ref());
                let given = Value { value: value.get_ref(), paths: self.paths, file: self.path };
                match notices::KEYS.iter().find(|known| known.name == key.get_ref().as_ref()) {
                    None => self.unknown(&name, key.span()),
                    Some(known) => {
                        if let Err(rule) = (known.set)(&mut target, &given) {
                            self.problem(name, rule, value);
                        }
                    }
                }
            }
            match notices::check(key.get_ref(), &target, self.settings.notices.targets.len()) {
                Ok(()) => _ = self.settings.notices.targets.insert(key.get_ref().to_string(), target),
                Err(rule) => self.problem(section, rule, value),
            }
        }
    }

    fn problem(&mut self, key: String, rule: String, value: &Spanned<DeValue<'_>>) {
        if self.problems.len() < LISTED * 10 {
            let place = Place::of(self.path, self.text, value.span());
            self.problems.push(Problem { place, key: Some(key), rule });
        }
    }

    fn unknown(&mut self, name: &str, span: std::ops::Range<usize>) {
        let shown: String = name.chars().take(80).flat_map(char::escape_default).collect();
        let mut text = format!("there is no setting {shown}; it is passed over");
        if let Some(near) = nearest(name) {
            text = format!("{text}. Did you mean {near}?");
        }
        self.warnings.push(Warning { place: Place::of(self.path, self.text, span), text });
    }
}

/// The known key or section that somebody who wrote `name` most likely meant.
fn nearest(name: &str) -> Option<&'static str> {
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    if name.len() > 64 {
        return None;
    }
    let sections = KEYS.iter().filter_map(|key| key.name.split_once('.')).map(|(section, _)| section);
    let candidates = KEYS.iter().map(|key| key.name).chain(sections);
    // A key in the wrong section counts as one step away; one that is spelt wrong, by its letters.
    let distance = |known: &str| {
        let whole = strsim::damerau_levenshtein(&name.to_ascii_lowercase(), known);
        let moved = 1 + strsim::damerau_levenshtein(&last(name), &last(known));
        whole.min(moved)
    };
    let best = candidates.min_by_key(|known| distance(known))?;
    (distance(best) <= 1 + last(name).len() / 4).then_some(best)
}
