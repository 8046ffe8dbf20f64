//! The form for a server that is there.

use crate::model::{Changes, Spec};

use super::{
    dialog::{BadField, Content, Dialog},
    field::Field,
    form::Form,
    server::{self, Surroundings},
};

/// Makes [`Changes`] out of a form.
#[derive(Clone, Debug)]
pub struct Edit {
    old: Spec,
    /// What the values are looked at against. Call [`Dialog::recheck`] after a change.
    pub surroundings: Surroundings,
}

/// The form for a server that is there. Submitting it unchanged gives [`Changes`] that are empty.
pub type EditForm = Dialog<Edit>;

/// What a server keeps for life, or changes in another way; and what is said about it.
const FIXED: [(&str, &str); 3] = [
    ("name", "renaming has a form of its own"),
    ("seed", "the world has grown from it"),
    ("eula", "asked once, when a server is made"),
];

impl EditForm {
    /// Filled in from what the server is. `surroundings` leaves out what this server itself has.
    pub fn new(old: &Spec, surroundings: Surroundings) -> Self {
        let mut fields = server::fields(old);
        for field in &mut fields {
            if FIXED.iter().any(|(id, _)| *id == field.id) {
                *field = fixed(field, old);
            }
        }
        let form = Form::new(format!("Edit {}", old.name), "Save", fields);
        Self::with(form, Edit { old: old.clone(), surroundings })
    }
}

fn fixed(field: &Field, old: &Spec) -> Field {
    let value = match field.id {
        "eula" if old.eula => "accepted".to_owned(),
        "eula" => "not known".to_owned(),
        "seed" if field.value().is_empty() => "random".to_owned(),
        _ => field.value().into_owned(),
    };
    Field::fixed(field.id, field.label, value).section(field.section)
}

impl Content for Edit {
    type Value = Changes;

    fn check(&self, form: &mut Form) {
        server::check(form, &self.old, &self.surroundings);
        for (id, why) in FIXED {
            form.set_error(id, None);
            form.set_warning(id, None);
            form.set_note(id, Some(why.to_owned()));
        }
        form.show_what_was();
    }

    fn value(&self, form: &Form) -> Result<Changes, BadField> {
        // Containers of other makers do not always say that somebody accepted it; editing is not the place to ask.
        let asked = Spec { eula: true, ..self.old.clone() };
        let new = server::read(form, &asked, self.surroundings.limits)?;
        Ok(Changes::between(&self.old, &new))
    }
}
