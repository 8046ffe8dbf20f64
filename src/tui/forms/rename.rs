//! The form for a server's new name.

use crate::model::field as rule;

use super::{
    dialog::{BadField, Content, Dialog},
    field::Field,
    form::Form,
    server::Taken,
};

/// Makes a name out of a form.
#[derive(Clone, Debug)]
pub struct Rename {
    /// What other servers have; without the one that is renamed.
    pub taken: Taken,
}

/// The form for a server's new name.
pub type RenameForm = Dialog<Rename>;

impl RenameForm {
    /// Filled in with the old name. `taken` leaves out what this server itself has.
    pub fn new(old: &str, taken: Taken) -> Self {
        let name = Field::text("name", "New name", old).help("Letters, digits, '.', '_' and '-'.");
        Self::with(Form::new(format!("Rename {old}"), "Rename", vec![name]), Rename { taken })
    }
}

impl Content for Rename {
    type Value = String;

    fn check(&self, form: &mut Form) {
        let name = form.value("name");
        form.set_error("name", rule::name(&name).err());
        form.set_warning("name", self.taken.name(&name));
    }

    fn value(&self, form: &Form) -> Result<String, BadField> {
        let name = form.value("name");
        rule::name(&name).map_err(|rule| BadField::new("name", rule))?;
        Ok(name)
    }
}
