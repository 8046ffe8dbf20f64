//! A form, joined with what it is for.

use crossterm::event::KeyEvent;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use crate::model::Fault;

use super::{
    form::{Form, Reaction},
    styles::FormStyles,
};

/// A field whose value breaks a rule.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{field}: {rule}")]
pub struct BadField {
    /// The field, as the model names it.
    pub field: String,
    /// What the value must be.
    pub rule: String,
}

impl BadField {
    /// This field breaks this rule.
    pub fn new(field: impl Into<String>, rule: impl Into<String>) -> Self {
        Self { field: field.into(), rule: rule.into() }
    }

    /// The field and rule that a fault names.
    pub(super) fn from_fault(fault: Fault) -> Self {
        let field = fault.field.unwrap_or_default();
        let rule = fault.what.strip_prefix(&format!("{field}: ")).map(str::to_owned).unwrap_or(fault.what);
        Self { field, rule }
    }
}

/// What has become of a form.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome<T> {
    /// It is still being filled in. Draw it again.
    Editing,
    /// The person does not want it any more. Close it.
    Cancelled,
    /// The person wants this. Keep the form until the engine has accepted it; [`Dialog::refuse`] shows what the
    /// engine says against it.
    Submitted(T),
}

/// What a form is for.
pub trait Content {
    /// What comes out of it.
    type Value;

    /// Says on the form which rules its values break and what follows from them. Called after each change.
    fn check(&self, form: &mut Form);

    /// What the form's values mean.
    ///
    /// # Errors
    /// The first field whose value breaks its rule.
    fn value(&self, form: &Form) -> Result<Self::Value, BadField>;
}

/// A form that can be filled in, and what it is for.
#[derive(Clone, Debug)]
pub struct Dialog<C> {
    form: Form,
    content: C,
}

impl<C: Content> Dialog<C> {
    pub(super) fn with(form: Form, content: C) -> Self {
        let mut dialog = Self { form, content };
        dialog.content.check(&mut dialog.form);
        dialog
    }

    fn after(&mut self, reaction: Reaction) -> Outcome<C::Value> {
        match reaction {
            Reaction::Ignored => Outcome::Editing,
            Reaction::Moved | Reaction::Changed => {
                self.content.check(&mut self.form);
                Outcome::Editing
            }
            Reaction::Cancel => Outcome::Cancelled,
            Reaction::Submit => {
                self.content.check(&mut self.form);
                match self.content.value(&self.form) {
                    Ok(value) => Outcome::Submitted(value),
                    Err(bad) => {
                        self.form.fail(&bad.field, bad.rule);
                        Outcome::Editing
                    }
                }
            }
        }
    }

    /// What a key does.
    pub fn key(&mut self, key: KeyEvent) -> Outcome<C::Value> {
        let reaction = self.form.key(key);
        self.after(reaction)
    }

    /// What a paste does. It never submits.
    pub fn paste(&mut self, text: &str) -> Outcome<C::Value> {
        let reaction = self.form.paste(text);
        self.after(reaction)
    }

    /// What a click does, where the form was drawn into `area`.
    pub fn click(&mut self, area: Rect, place: Position) -> Outcome<C::Value> {
        let reaction = self.form.click(area, place);
        self.after(reaction)
    }

    /// What the wheel does; negative is up.
    pub fn wheel(&mut self, rows: i16) -> Outcome<C::Value> {
        let reaction = self.form.wheel(rows);
        self.after(reaction)
    }

    /// What the values mean now.
    ///
    /// # Errors
    /// The first field whose value breaks its rule.
    pub fn value(&self) -> Result<C::Value, BadField> {
        self.content.value(&self.form)
    }

    /// Shows what the engine says against what was submitted: at the field that it names, else at the bottom.
    pub fn refuse(&mut self, fault: &Fault) {
        let known = fault.field.as_deref().filter(|id| self.form.field(id).is_some());
        let Some(id) = known.map(str::to_owned) else {
            self.form.refusal = Some(fault.to_string());
            return;
        };
        let bad = BadField::from_fault(fault.clone());
        self.form.fail(&id, bad.rule.clone());
        if let Some(field) = self.form.field_mut(&id) {
            field.refusal = Some(bad.rule);
        }
    }

    /// Whether something would be lost if it were closed.
    pub fn is_dirty(&self) -> bool {
        self.form.is_dirty()
    }

    /// Its fields.
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// What it is for.
    pub(super) fn content(&self) -> &C {
        &self.content
    }

    /// What it is for, to be told news of the surroundings; call [`Dialog::recheck`] after it.
    pub fn content_mut(&mut self) -> &mut C {
        &mut self.content
    }

    /// Looks at every value again.
    pub fn recheck(&mut self) {
        self.content.check(&mut self.form);
    }

    /// Draws it into `area` and returns where the cursor belongs. Changes nothing.
    pub fn view(&self, area: Rect, buf: &mut Buffer, styles: &FormStyles) -> Option<Position> {
        self.form.view(area, buf, styles)
    }
}
