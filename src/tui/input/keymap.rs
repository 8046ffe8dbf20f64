//! Which key does what, and where: shipped keymaps with a person's own over them.

use std::path::Path;

use super::{
    Key, Problem,
    parse::{self, Entry},
};
use crate::tui::action::{Action, Impact, Place};

/// The keymaps that come with the program: name, text.
pub const SHIPPED: &[(&str, &str)] = &[
    ("default", include_str!("../../../keymaps/default.toml")),
    ("vim", include_str!("../../../keymaps/vim.toml")),
    ("emacs", include_str!("../../../keymaps/emacs.toml")),
];

/// How many keymaps may stand on each other.
const INHERIT_MAX: usize = 8;

/// One key or chord with its meaning in one place.
#[derive(Clone, PartialEq, Debug)]
pub struct Binding {
    /// One key or a chord.
    pub keys: Vec<Key>,
    /// Where.
    pub place: Place,
    /// What it does.
    pub action: Action,
    /// Where it is written: an index into the files that were read, and the line.
    source: (usize, usize),
}

impl Binding {
    /// As people read it: `g g`.
    pub fn label(&self) -> String {
        label(&self.keys)
    }
}

/// Keys as people read them.
pub fn label(keys: &[Key]) -> String {
    keys.iter().map(Key::to_string).collect::<Vec<_>>().join(" ")
}

/// What keys mean.
#[derive(Clone, PartialEq, Debug)]
pub enum Found<'a> {
    /// This.
    Action(Action),
    /// They begin these chords.
    Prefix(Vec<&'a Binding>),
    /// Nothing.
    Nothing,
}

/// Every binding that holds.
#[derive(Clone, Debug, Default)]
pub struct Keymap {
    name: String,
    bindings: Vec<Binding>,
    files: Vec<String>,
}

impl Keymap {
    /// The keymap with this name (`default` where none is given), from the person's `keymaps/NAME.toml` or the
    /// shipped ones, with the person's `keymap.toml` over it. Whatever is wrong is reported; the rest holds.
    pub fn load(name: Option<&str>, folder: Option<&Path>) -> (Self, Vec<Problem>) {
        let name = name.unwrap_or("default");
        let mut problems = Vec::new();
        let mut layers = Vec::new();
        let own = folder.map(|folder| folder.join("keymap.toml")).filter(|path| path.exists());
        let mut next = Some(name.to_owned());
        if let Some(path) = own {
            let file = path.display().to_string();
            match read_file(&path) {
                Ok(text) => layers.push((file, text)),
                Err(what) => problems.push(Problem { file, line: 1, what }),
            }
        }
        while let Some(wanted) = next.take() {
            if layers.len() > INHERIT_MAX {
                let what = format!("keymaps inherit from each other without end; {wanted:?} is left out");
                problems.push(Problem { file: wanted, line: 1, what });
                break;
            }
            match find(&wanted, folder) {
                Ok((file, text)) => {
                    next = parse::read(&file, &text).inherits;
                    layers.push((file, text));
                }
                Err(problem) => {
                    problems.push(problem);
                    // A person without any key could not even leave.
                    next = (wanted != "default"
                        && !layers.iter().any(|(file, _)| file == "keymaps/default.toml"))
                    .then(|| "default".to_owned());
                }
            }
        }
        layers.reverse();
        let mut keymap = Self { name: name.to_owned(), ..Self::default() };
        for (file, text) in &layers {
            keymap.layer(file, text, &mut problems);
        }
        keymap.check_quit(&mut problems);
        (keymap, problems)
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Puts a file over what is there.
    fn layer(&mut self, name: &str, text: &str, problems: &mut Vec<Problem>) {
        let file = parse::read(name, text);
        problems.extend(file.problems);
        let index = self.files.len();
        self.files.push(name.to_owned());
        for entry in &file.entries {
            for place in &entry.places {
                if let Err(what) = self.add(entry, *place, index) {
                    problems.push(Problem { file: name.to_owned(), line: entry.line, what });
                }
            }
        }
    }

    fn add(&mut self, entry: &Entry, place: Place, file: usize) -> Result<(), String> {
        let keys = label(&entry.keys);
        let Some(action) = entry.action else {
            let before = self.bindings.len();
            self.bindings.retain(|binding| binding.keys != entry.keys || binding.place != place);
            if self.bindings.len() == before {
                return Err(format!("{keys}: nothing is bound to it in {place}, so nothing was unbound"));
            }
            return Ok(());
        };
        check_key(entry, action, place)?;
        let mut hidden = None;
        for binding in self.bindings.iter().filter(|binding| binding.place == place) {
            let same = binding.keys == entry.keys;
            let clash = binding.keys.starts_with(&entry.keys) || entry.keys.starts_with(&binding.keys);
            if !clash {
                continue;
            }
            let older_layer = binding.source.0 != file;
            let other = format!("{} ({}:{})", binding.action, self.files[binding.source.0], binding.source.1);
            if same && binding.action == action {
                return match older_layer {
                    true => Ok(()),
                    false => Err(format!("{keys}: bound to {action} twice; also at {other}")),
                };
            } else if older_layer {
                hidden = Some(());
            } else if same {
                return Err(format!(
                    "{keys}: bound to {action}, but it is bound to {other} already, which holds"
                ));
            } else {
                return Err(format!(
                    "{keys}: {action} is left out; beside {other} one of both could never be reached, because it begins with the keys of the other"
                ));
            }
        }
        if hidden.is_some() {
            self.bindings.retain(|binding| {
                binding.place != place
                    || !(binding.keys.starts_with(&entry.keys) || entry.keys.starts_with(&binding.keys))
            });
        }
        self.bindings.push(Binding { keys: entry.keys.clone(), place, action, source: (file, entry.line) });
        Ok(())
    }

    fn check_quit(&mut self, problems: &mut Vec<Problem>) {
        if self.keys_of(Action::Quit, Place::Everywhere).is_some() {
            return;
        }
        let file = self.files.last().cloned().unwrap_or_default();
        problems.push(Problem {
            file,
            line: 1,
            what: format!("no key is bound to {}; ctrl-c is, so that you can leave", Action::Quit),
        });
        let keys = parse::chord_of("ctrl-c").unwrap_or_default();
        self.bindings.retain(|binding| !binding.keys.starts_with(&keys));
        self.bindings.push(Binding { keys, place: Place::Everywhere, action: Action::Quit, source: (0, 1) });
    }

    /// What keys mean where the person is. What is bound in `place` comes before what is bound everywhere.
    pub fn find(&self, place: Place, keys: &[Key]) -> Found<'_> {
        let mut longer = Vec::new();
        for here in [place, Place::Everywhere] {
            for binding in self.bindings.iter().filter(|binding| binding.place == here) {
                if binding.keys == keys {
                    return match longer.is_empty() {
                        true => Found::Action(binding.action),
                        false => Found::Prefix(longer),
                    };
                }
                if binding.keys.starts_with(keys) {
                    longer.push(binding);
                }
            }
            if place == Place::Everywhere {
                break;
            }
        }
        if longer.is_empty() { Found::Nothing } else { Found::Prefix(longer) }
    }

    /// The first keys that do this in a place, as people read them.
    pub fn keys_of(&self, action: Action, place: Place) -> Option<String> {
        [place, Place::Everywhere].into_iter().find_map(|here| {
            self.bindings
                .iter()
                .find(|binding| binding.action == action && binding.place == here)
                .filter(|binding| self.find(place, &binding.keys) == Found::Action(action))
                .map(Binding::label)
        })
    }

    /// Every binding.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }
}

/// Rules that hold for every keymap.
fn check_key(entry: &Entry, action: Action, place: Place) -> Result<(), String> {
    let keys = label(&entry.keys);
    let Some(first) = entry.keys.first() else {
        return Err("a key is missing".into());
    };
    if place.takes_text() && first.text().is_some() {
        return Err(format!(
            "{keys}: {action} could never be reached, because {keys} is typed as text in {place}"
        ));
    }
    if place != Place::Everywhere && !action.applies_in(place) {
        return Err(format!("{keys}: {action} does nothing in {place}"));
    }
    let risky = ["ctrl-d", "ctrl-k"];
    if action.info().impact == Impact::Destroys && risky.contains(&first.to_string().as_str()) {
        return Err(format!(
            "{keys}: {action} can lose something, and {first} is pressed too easily for that; it is not bound"
        ));
    }
    Ok(())
}

fn find(name: &str, folder: Option<&Path>) -> Result<(String, String), Problem> {
    let problem = |what: String| Problem { file: format!("keymap {name:?}"), line: 1, what };
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) {
        return Err(problem("a keymap's name has only letters, digits, '-' and '_'".into()));
    }
    if let Some(path) = folder.map(|folder| folder.join("keymaps").join(format!("{name}.toml")))
        && path.exists()
    {
        let text = read_file(&path).map_err(problem)?;
        return Ok((path.display().to_string(), text));
    }
    let shipped = SHIPPED.iter().find(|(shipped, _)| *shipped == name);
    shipped.map(|(name, text)| (format!("keymaps/{name}.toml"), (*text).to_owned())).ok_or_else(|| {
        let known: Vec<_> = SHIPPED.iter().map(|(name, _)| *name).collect();
        problem(format!("there is no such keymap; there are {}. The default holds", known.join(", ")))
    })
}

fn read_file(path: &Path) -> Result<String, String> {
    crate::tui::files::read(path, parse::MAX_BYTES)
}

#[cfg(test)]
#[path = "keymap_tests.rs"]
mod tests;
