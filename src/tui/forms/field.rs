//! One field of a form.

use std::{borrow::Cow, collections::BTreeMap};

use crate::tui::widgets::text_input::TextInput;

use super::pairs::Pairs;

/// Longest text in one field, in bytes: room for every list that the rules allow, and no more.
const TEXT_MAX: usize = 32 * 1024;

/// One value to choose, and what people read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choice {
    /// The value.
    pub value: String,
    /// What is shown.
    pub label: String,
}

/// Values to choose from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choices {
    pub(super) all: Vec<Choice>,
    pub(super) selected: usize,
    /// What was typed to jump to one.
    pub(super) typed: String,
}

impl Choices {
    /// Moves on by so many, round the end.
    pub(super) fn cycle(&mut self, by: isize) {
        self.typed.clear();
        let count = self.all.len().max(1) as isize;
        self.selected = (self.selected as isize + by).rem_euclid(count) as usize;
    }

    /// The choice that what was typed so far leads to. What leads nowhere begins anew with the last character.
    pub(super) fn jump(&mut self, c: char) -> Option<usize> {
        self.typed.extend(c.to_lowercase());
        let find = |typed: &str| {
            let begins = |choice: &Choice| {
                choice.label.to_lowercase().starts_with(typed)
                    || choice.value.to_lowercase().starts_with(typed)
            };
            self.all.iter().position(begins)
        };
        let found = find(&self.typed);
        if found.is_none() {
            self.typed = c.to_lowercase().collect();
            return find(&self.typed);
        }
        found
    }
}

/// What a field takes.
#[derive(Clone, Debug)]
pub enum Input {
    /// One line.
    Text(TextInput),
    /// One line with a number, perhaps with a unit; Ctrl-Up and Ctrl-Down count it up and down.
    Number(TextInput),
    /// One line with several values, separated by commas.
    List(TextInput),
    /// One of several.
    Choice(Choices),
    /// Yes or no.
    Toggle(bool),
    /// Lines of text, such as `NAME=value`.
    Pairs(Box<Pairs>),
    /// What cannot be changed here.
    Fixed(String),
}

/// One field: its input, and what is said about it.
#[derive(Clone, Debug)]
pub struct Field {
    pub(super) id: &'static str,
    pub(super) label: &'static str,
    pub(super) section: &'static str,
    pub(super) help: &'static str,
    pub(super) statement: &'static str,
    pub(super) placeholder: String,
    pub(super) input: Input,
    pub(super) initial: String,
    /// Whether it means nothing beside the values of others: then it does not show.
    pub(super) hidden: bool,
    /// Whether it was changed or left: only then is its error shown before the form is submitted.
    pub(super) touched: bool,
    pub(super) error: Option<String>,
    /// What the engine said of it; until it is changed.
    pub(super) refusal: Option<String>,
    pub(super) warning: Option<String>,
    pub(super) note: Option<String>,
}

impl Field {
    fn new(id: &'static str, label: &'static str, input: Input) -> Self {
        let mut field = Self {
            id,
            label,
            section: "",
            help: "",
            statement: "",
            placeholder: String::new(),
            input,
            initial: String::new(),
            hidden: false,
            touched: false,
            error: None,
            refusal: None,
            warning: None,
            note: None,
        };
        field.initial = field.value().into_owned();
        field
    }

    /// One line of text. `id` is the name that the model gives the field.
    pub fn text(id: &'static str, label: &'static str, value: &str) -> Self {
        Self::new(id, label, Input::Text(TextInput::with(value, TEXT_MAX)))
    }

    /// A number, perhaps with a unit.
    pub fn number(id: &'static str, label: &'static str, value: &str) -> Self {
        Self::new(id, label, Input::Number(TextInput::with(value, 64)))
    }

    /// Values separated by commas.
    pub fn list(id: &'static str, label: &'static str, values: &[String]) -> Self {
        Self::new(id, label, Input::List(TextInput::with(&values.join(", "), TEXT_MAX)))
    }

    /// One of several values, each with what people read. A value that is not among them selects the first.
    pub fn choice<V, L>(
        id: &'static str,
        label: &'static str,
        all: impl IntoIterator<Item = (V, L)>,
        value: &str,
    ) -> Self
    where
        V: Into<String>,
        L: Into<String>,
    {
        let all: Vec<_> = all
            .into_iter()
            .map(|(value, label)| Choice { value: value.into(), label: label.into() })
            .collect();
        let selected = all.iter().position(|choice| choice.value == value).unwrap_or(0);
        Self::new(id, label, Input::Choice(Choices { all, selected, typed: String::new() }))
    }

    /// Yes or no.
    pub fn toggle(id: &'static str, label: &'static str, on: bool) -> Self {
        Self::new(id, label, Input::Toggle(on))
    }

    /// Lines of `NAME=value`.
    pub fn pairs(id: &'static str, label: &'static str, values: &BTreeMap<String, String>) -> Self {
        Self::new(id, label, Input::Pairs(Box::new(Pairs::new(values))))
    }

    /// Lines of text.
    pub fn lines(id: &'static str, label: &'static str, lines: &[String]) -> Self {
        Self::new(id, label, Input::Pairs(Box::new(Pairs::of_lines(lines.to_vec()))))
    }

    /// A value that cannot be changed here.
    pub fn fixed(id: &'static str, label: &'static str, value: impl Into<String>) -> Self {
        Self::new(id, label, Input::Fixed(value.into()))
    }

    /// Under which heading it is.
    pub fn section(self, section: &'static str) -> Self {
        Self { section, ..self }
    }

    /// What is said about it while it has the focus.
    pub fn help(self, help: &'static str) -> Self {
        Self { help, ..self }
    }

    /// What is always said about it.
    pub fn statement(self, statement: &'static str) -> Self {
        Self { statement, ..self }
    }

    /// What it shows while it is empty.
    pub fn placeholder(self, placeholder: impl Into<String>) -> Self {
        Self { placeholder: placeholder.into(), ..self }
    }

    /// Its value as text: a toggle's is `true` or `false`.
    pub fn value(&self) -> Cow<'_, str> {
        match &self.input {
            Input::Text(input) | Input::Number(input) | Input::List(input) => Cow::Borrowed(input.text()),
            Input::Choice(choices) => {
                Cow::Borrowed(choices.all.get(choices.selected).map_or("", |choice| choice.value.as_str()))
            }
            Input::Toggle(on) => Cow::Borrowed(if *on { "true" } else { "false" }),
            Input::Pairs(pairs) => Cow::Owned(pairs.text()),
            Input::Fixed(value) => Cow::Borrowed(value),
        }
    }

    /// Whether it was changed, and not back again.
    pub fn is_dirty(&self) -> bool {
        self.value() != self.initial
    }

    /// Whether the focus can be on it.
    pub(super) fn takes_focus(&self) -> bool {
        !self.hidden && !matches!(self.input, Input::Fixed(_))
    }

    /// The rows that its input takes.
    pub(super) fn rows(&self) -> usize {
        match &self.input {
            Input::Pairs(pairs) => pairs.rows(),
            _ => 1,
        }
    }
}
