//! Fields under headings, with a focus, messages and two buttons.

use super::field::{Field, Input};
use super::pairs::Pairs;

/// What an input did to a form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reaction {
    /// Nothing: it is somebody else's.
    Ignored,
    /// The focus moved, or something opened or closed.
    Moved,
    /// A value changed.
    Changed,
    /// The person wants what the form is for.
    Submit,
    /// The person does not want it any more.
    Cancel,
}

/// A form. Its state only; what it is for is a [`super::dialog::Content`]'s.
#[derive(Clone, Debug)]
pub struct Form {
    pub(super) title: String,
    pub(super) submit: &'static str,
    pub(super) fields: Vec<Field>,
    /// A field's index, or one of the two after the last: the buttons.
    pub(super) focus: usize,
    /// The line that is chosen in the list that has dropped down.
    pub(super) list: Option<usize>,
    /// Whether the person is asked if what they typed may be thrown away.
    pub(super) asking: bool,
    /// Whether it was tried to submit it: then every error shows.
    pub(super) tried: bool,
    /// Rows that the wheel has scrolled away from the focus.
    pub(super) wheeled: i32,
    /// What the engine said that is about no field.
    pub(super) refusal: Option<String>,
}

impl Form {
    /// A form with this title, this word on its first button, and the focus on its first field that can have it.
    pub fn new(title: impl Into<String>, submit: &'static str, fields: Vec<Field>) -> Self {
        let focus = fields.iter().position(Field::takes_focus).unwrap_or(fields.len());
        Self {
            title: title.into(),
            submit,
            fields,
            focus,
            list: None,
            asking: false,
            tried: false,
            wheeled: 0,
            refusal: None,
        }
    }

    /// The field with this id.
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }

    pub(super) fn field_mut(&mut self, id: &str) -> Option<&mut Field> {
        self.fields.iter_mut().find(|field| field.id == id)
    }

    /// Gives the field with this id the focus.
    pub(super) fn go_to(&mut self, id: &str) {
        self.focus = self.fields.iter().position(|field| field.id == id).unwrap_or(self.focus);
    }

    /// The ids of its fields in order.
    pub fn ids(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.fields.iter().map(|field| field.id)
    }

    /// The value of the field with this id as text, without spaces at its ends; empty when there is no such field.
    pub fn value(&self, id: &str) -> String {
        self.field(id).map(|field| field.value().trim().to_owned()).unwrap_or_default()
    }

    /// The same with its spaces.
    pub fn value_as_typed(&self, id: &str) -> String {
        self.field(id).map(|field| field.value().into_owned()).unwrap_or_default()
    }

    /// The values of a list: what is between commas, without spaces at its ends, empty ones left out.
    pub fn values(&self, id: &str) -> Vec<String> {
        let text = self.value(id);
        text.split(',').map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned).collect()
    }

    /// The lines of the field with this id.
    pub fn pairs(&self, id: &str) -> Option<&Pairs> {
        match &self.field(id)?.input {
            Input::Pairs(pairs) => Some(pairs),
            _ => None,
        }
    }

    /// Whether a value was changed, and not back again.
    pub fn is_dirty(&self) -> bool {
        self.fields.iter().any(Field::is_dirty)
    }

    /// The id of the field with the focus; `None` while a button has it.
    pub fn focused(&self) -> Option<&'static str> {
        self.fields.get(self.focus).map(|field| field.id)
    }

    /// Says which rule a field's value breaks, or that it breaks none.
    pub fn set_error(&mut self, id: &str, error: Option<String>) {
        if let Some(field) = self.field_mut(id) {
            field.error = error;
        }
    }

    /// Says what deserves a second look.
    pub fn set_warning(&mut self, id: &str, warning: Option<String>) {
        if let Some(field) = self.field_mut(id) {
            field.warning = warning;
        }
    }

    /// Says what follows from a field's value.
    pub fn set_note(&mut self, id: &str, note: Option<String>) {
        if let Some(field) = self.field_mut(id) {
            field.note = note;
        }
    }

    /// Lets a field show, or hides it: it means something only beside certain values of others.
    pub fn show(&mut self, id: &str, shown: bool) {
        if let Some(field) = self.field_mut(id) {
            field.hidden = !shown;
        }
    }

    /// The lines of the field with this id, without empty ones.
    pub fn lines(&self, id: &str) -> Vec<String> {
        self.pairs(id).map(Pairs::lines).unwrap_or_default()
    }

    /// What an empty field shows.
    pub fn set_placeholder(&mut self, id: &str, placeholder: String) {
        if let Some(field) = self.field_mut(id) {
            field.placeholder = placeholder;
        }
    }

    /// Adds to the note of each field that was changed what it was before.
    pub(super) fn show_what_was(&mut self) {
        for field in self.fields.iter_mut().filter(|field| field.is_dirty()) {
            let was = match &field.input {
                Input::Pairs(_) | Input::List(_) | Input::Fixed(_) => continue,
                _ if field.initial.is_empty() => "was empty".to_owned(),
                _ => format!("was {}", field.initial),
            };
            let after =
                if field.note.as_deref().is_some_and(|note| note.contains('\n')) { "\n" } else { "; " };
            field.note = Some(field.note.take().map_or(was.clone(), |note| format!("{note}{after}{was}")));
        }
    }

    /// It could not be submitted because of this field: shows every error and goes there.
    pub(super) fn fail(&mut self, id: &str, rule: String) {
        self.tried = true;
        self.wheeled = 0;
        match self.fields.iter().position(|field| field.id == id) {
            Some(index) => {
                self.fields[index].error = Some(rule);
                if self.fields[index].takes_focus() {
                    self.focus = index;
                }
            }
            None => self.refusal = Some(format!("{id}: {rule}")),
        }
    }

    /// The message under a field that is an error, if it may be shown already.
    pub(super) fn shown_error(&self, index: usize) -> Option<&str> {
        let field = self.fields.get(index)?;
        let shown = field.error.as_deref().filter(|_| field.touched || self.tried);
        field.refusal.as_deref().or(shown)
    }

    pub(super) fn submit_button(&self) -> usize {
        self.fields.len()
    }

    pub(super) fn cancel_button(&self) -> usize {
        self.fields.len() + 1
    }

    fn takes_focus(&self, index: usize) -> bool {
        self.fields.get(index).is_none_or(Field::takes_focus)
    }

    pub(super) fn set_focus(&mut self, to: usize) -> Reaction {
        if let Some(left) = self.fields.get_mut(self.focus).filter(|_| to != self.focus) {
            left.touched = true;
            if let Input::Choice(choices) = &mut left.input {
                choices.typed.clear();
            }
        }
        self.focus = to;
        self.list = None;
        Reaction::Moved
    }

    /// Moves the focus to the next place that takes it, or the one before, round the ends.
    pub(super) fn step(&mut self, forward: bool) -> Reaction {
        let count = self.fields.len() + 2;
        let mut to = self.focus;
        loop {
            to = (to + if forward { 1 } else { count - 1 }) % count;
            if self.takes_focus(to) {
                let reaction = self.set_focus(to);
                // As everywhere: what is there when one comes to a field gives way to what is typed. A list grows.
                if let Some(Input::Text(input) | Input::Number(input)) =
                    self.fields.get_mut(to).map(|field| &mut field.input)
                {
                    input.pick();
                }
                return reaction;
            }
        }
    }

    /// Moves the focus to the first field of the next section, or of this one or the one before.
    pub(super) fn step_section(&mut self, forward: bool) -> Reaction {
        let starts =
            |index: usize| index == 0 || self.fields[index].section != self.fields[index - 1].section;
        // Where a section begins with a field that takes no focus, its first that does is meant.
        let first = |start: usize| (start..self.fields.len()).find(|&index| self.fields[index].takes_focus());
        let mut targets = (0..self.fields.len()).filter(|&index| starts(index)).filter_map(first);
        let to = if forward {
            targets.find(|&to| to > self.focus).unwrap_or(self.submit_button())
        } else {
            targets.rfind(|&to| to < self.focus).unwrap_or(self.focus.min(self.submit_button()))
        };
        self.set_focus(to)
    }

    /// Esc, or the button: asks first when something would be lost.
    pub(super) fn leave(&mut self) -> Reaction {
        if self.is_dirty() {
            self.asking = true;
            return Reaction::Moved;
        }
        Reaction::Cancel
    }
}
