//! The form for a new server.

use crate::model::Spec;

use super::{
    dialog::{BadField, Content, Dialog},
    form::Form,
    server::{self, Surroundings},
};

/// Makes a [`Spec`] out of a form.
#[derive(Clone, Debug)]
pub struct Create {
    defaults: Spec,
    /// What the values are looked at against. Call [`Dialog::recheck`] after a change.
    pub surroundings: Surroundings,
}

/// The form for a new server.
pub type CreateForm = Dialog<Create>;

impl CreateForm {
    /// Filled in from `defaults`; what has no field (provider, host, volume) is taken from there too.
    pub fn new(defaults: &Spec, surroundings: Surroundings) -> Self {
        let form = Form::new("New server", "Create", server::fields(defaults));
        Self::with(form, Create { defaults: defaults.clone(), surroundings })
    }
}

impl Content for Create {
    type Value = Spec;

    fn check(&self, form: &mut Form) {
        server::check(form, &self.defaults, &self.surroundings);
        // A rule about the whole, such as the EULA's, belongs to no single value.
        if let Err(bad) = self.value(form) {
            form.set_error(&bad.field, Some(bad.rule));
        }
    }

    fn value(&self, form: &Form) -> Result<Spec, BadField> {
        server::read(form, &self.defaults, self.surroundings.limits)
    }
}
