//! Which key does what, and where: shipped keymaps with a person's own over them.

use std::path::Path;

use super::{
    Key, Problem,
    parse::{self, Entry},
};
use crate::tui::{
    action::{Action, Impact, Place, Scene, When},
    document::{self, Choice},
};

/// The keymaps that come with the program: name, text.
pub const SHIPPED: &[(&str, &str)] = &[
    ("default", include_str!("../../../keymaps/default.toml")),
    ("vim", include_str!("../../../keymaps/vim.toml")),
    ("emacs", include_str!("../../../keymaps/emacs.toml")),
];

/// How many keymaps may stand on each other.
const INHERIT_MAX: usize = 8;

/// One key or chord with its meaning in one place, and under one condition.
#[derive(Clone, PartialEq, Debug)]
pub struct Binding {
    /// One key or a chord.
    pub keys: Vec<Key>,
    /// Where, and what must be so there.
    pub when: When,
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

/// As [`Found`], with the binding itself.
enum Look<'a> {
    Exact(&'a Binding),
    Prefix(Vec<&'a Binding>),
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
        keymap.check_reach(&mut problems);
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
            for when in &entry.when {
                if let Err(what) = self.add(entry, *when, index) {
                    problems.push(Problem { file: name.to_owned(), line: entry.line, what });
                }
            }
        }
    }

    fn add(&mut self, entry: &Entry, when: When, file: usize) -> Result<(), String> {
        let keys = label(&entry.keys);
        let Some(action) = entry.action else {
            let before = self.bindings.len();
            self.bindings.retain(|binding| binding.keys != entry.keys || !covers(when, binding.when));
            if self.bindings.len() == before {
                return Err(format!("{keys}: nothing is bound to it in {when}, so nothing was unbound"));
            }
            return Ok(());
        };
        check_key(entry, action, when.place)?;
        for binding in self.bindings.iter().filter(|binding| binding.when == when) {
            if binding.source.0 != file || !clash(binding, entry) {
                continue;
            }
            let other = self.told(binding);
            return Err(if binding.keys != entry.keys {
                format!(
                    "{keys}: {action} is left out; beside {other} one of both could never be reached, because it begins with the keys of the other"
                )
            } else if binding.action == action {
                format!("{keys}: bound to {action} twice; also at {other}")
            } else {
                format!("{keys}: bound to {action}, but it is bound to {other} already, which holds")
            });
        }
        // A line of a later file takes the place of what an earlier one says about the same keys.
        self.bindings.retain(|binding| {
            binding.source.0 == file || !clash(binding, entry) || !covers(when, binding.when)
        });
        self.bindings.push(Binding { keys: entry.keys.clone(), when, action, source: (file, entry.line) });
        Ok(())
    }

    /// A binding as messages name it: what it does, and where that is written.
    fn told(&self, binding: &Binding) -> String {
        format!("{} ({}:{})", binding.action, self.files[binding.source.0], binding.source.1)
    }

    fn check_quit(&mut self, problems: &mut Vec<Problem>) {
        if self.keys_of(Action::Quit, Scene::plain(Place::Everywhere)).is_some() {
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
        let when = When::at(Place::Everywhere);
        self.bindings.push(Binding { keys, when, action: Action::Quit, source: (0, 1) });
    }

    /// Takes out what no key press can lead to, because something that counts for more hides it in every place.
    fn check_reach(&mut self, problems: &mut Vec<Problem>) {
        let mut hidden = Vec::new();
        for (index, binding) in self.bindings.iter().enumerate() {
            let mut by = None;
            let places = Place::ALL.iter().filter(|place| **place != Place::Everywhere);
            let reached = places
                .filter(|place| [**place, Place::Everywhere].contains(&binding.when.place))
                .any(|place| match self.hides(binding, *place) {
                    None => true,
                    Some(other) => {
                        by = other.or(by);
                        false
                    }
                });
            if reached {
                continue;
            }
            let keys = binding.label();
            let why = by.map_or_else(
                || format!("{} is typed as text wherever it does something", binding.keys[0]),
                |other| format!("it is hidden by {}", self.told(other)),
            );
            let what = format!("{keys}: {} can never be reached; {why}", binding.action);
            let (file, line) = (self.files[binding.source.0].clone(), binding.source.1);
            problems.push(Problem { file, line, what });
            hidden.push(index);
        }
        for index in hidden.into_iter().rev() {
            self.bindings.remove(index);
        }
    }

    /// Nothing, where the keys of a binding lead to it in a place; else what hides it, where a binding does.
    fn hides(&self, binding: &Binding, place: Place) -> Option<Option<&Binding>> {
        if place.takes_text() && binding.keys[0].text().is_some() {
            return Some(None);
        }
        let scene = binding.when.scene(place);
        for end in 1..=binding.keys.len() {
            let found = self.look(scene, &binding.keys[..end]);
            let last = end == binding.keys.len();
            match found {
                Look::Exact(other) if last && other.action == binding.action => return None,
                Look::Exact(other) => return Some(Some(other)),
                Look::Prefix(longer) if last => return Some(longer.first().copied()),
                Look::Prefix(_) => {}
                Look::Nothing => return Some(None),
            }
        }
        None
    }

    /// What keys mean where the person is.
    pub fn find(&self, scene: Scene, keys: &[Key]) -> Found<'_> {
        match self.look(scene, keys) {
            Look::Exact(binding) => Found::Action(binding.action),
            Look::Prefix(longer) => Found::Prefix(longer),
            Look::Nothing => Found::Nothing,
        }
    }

    /// The binding with these keys that says most about where it holds; or those that begin with them, where one of
    /// these says more.
    fn look(&self, scene: Scene, keys: &[Key]) -> Look<'_> {
        let mut exact: Option<&Binding> = None;
        let mut longer: Vec<&Binding> = Vec::new();
        for binding in &self.bindings {
            if !binding.keys.starts_with(keys) || !binding.when.holds(scene) {
                continue;
            }
            if binding.keys.len() > keys.len() {
                longer.push(binding);
            // Of two that say as much, the later one is the person's own.
            } else if exact.is_none_or(|other| other.when.weight() <= binding.when.weight()) {
                exact = Some(binding);
            }
        }
        match exact {
            Some(binding) => {
                longer.retain(|other| other.when.weight() > binding.when.weight());
                if longer.is_empty() { Look::Exact(binding) } else { Look::Prefix(longer) }
            }
            None if longer.is_empty() => Look::Nothing,
            None => {
                // Of what the same keys lead to, only what counts.
                longer.sort_by_key(|binding| std::cmp::Reverse(binding.when.weight()));
                let mut seen: Vec<&[Key]> = Vec::new();
                longer.retain(|binding| {
                    let new = !seen.contains(&binding.keys.as_slice());
                    seen.push(&binding.keys);
                    new
                });
                Look::Prefix(longer)
            }
        }
    }

    /// The first keys that do this where the person is, as people read them.
    pub fn keys_of(&self, action: Action, scene: Scene) -> Option<String> {
        let mut fitting: Vec<_> = self
            .bindings
            .iter()
            .filter(|binding| binding.action == action && binding.when.holds(scene))
            .filter(|binding| !scene.place.takes_text() || binding.keys[0].text().is_none())
            .collect();
        // What belongs to the place first; within it, as it is written.
        fitting.sort_by_key(|binding| std::cmp::Reverse(binding.when.weight()));
        fitting
            .into_iter()
            .find(|binding| self.find(scene, &binding.keys) == Found::Action(action))
            .map(Binding::label)
    }

    /// Every binding.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }
}

/// Whether only one of both can be reached.
fn clash(binding: &Binding, entry: &Entry) -> bool {
    binding.keys.starts_with(&entry.keys) || entry.keys.starts_with(&binding.keys)
}

/// Whether what is said for `when` is also said for `other`: a place alone stands for all of its conditions.
fn covers(when: When, other: When) -> bool {
    when == other || when.is_plain() && when.place == other.place
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
    if let Some((key, sent)) = entry.keys.iter().find_map(|key| Some((key, key.sent_as()?))) {
        return Err(format!(
            "{keys}: {action} could never be reached, because terminals send {sent} for {key}; bind {sent}"
        ));
    }
    let risky = ["ctrl-d", "ctrl-k"];
    if action.info().impact == Impact::Destroys && risky.contains(&first.to_string().as_str()) {
        return Err(format!(
            "{keys}: {action} can lose something, and {first} is pressed too easily for that; it is not bound"
        ));
    }
    Ok(())
}

/// Keymaps by name with what they say of themselves: the person's own and the shipped ones.
pub fn available(folder: Option<&Path>) -> Vec<Choice> {
    document::choices("keymaps", folder, SHIPPED)
}

fn find(name: &str, folder: Option<&Path>) -> Result<(String, String), Problem> {
    let problem = |what: String| Problem { file: format!("keymap {name:?}"), line: 1, what };
    if !document::is_name(name) {
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
        let known: Vec<_> = available(folder).into_iter().map(|choice| choice.name).collect();
        problem(format!("there is no such keymap; there are {}. The default holds", known.join(", ")))
    })
}

fn read_file(path: &Path) -> Result<String, String> {
    crate::tui::files::read(path, parse::MAX_BYTES)
}

#[cfg(test)]
#[path = "keymap_tests.rs"]
mod tests;
