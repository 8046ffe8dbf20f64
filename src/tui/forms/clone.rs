//! The form for a copy of a server.

use crate::model::field as rule;

use super::{
    dialog::{BadField, Content, Dialog},
    field::Field,
    form::Form,
    server::{PORT_RULE, Taken},
};

/// What a copy needs that the original cannot give it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CopyOf {
    /// Its name.
    pub name: String,
    /// Its port; 0 takes a free one.
    pub port: u16,
}

/// Makes a [`CopyOf`] out of a form.
#[derive(Clone, Debug)]
pub struct CloneServer {
    /// What other servers have, the original among them.
    pub taken: Taken,
}

/// The form for a copy of a server.
pub type CloneForm = Dialog<CloneServer>;

impl CloneForm {
    /// With a name made from the original's that nobody has yet, and a free port.
    pub fn new(original: &str, taken: Taken) -> Self {
        let names = (1..100)
            .map(|n| if n == 1 { format!("{original}-copy") } else { format!("{original}-copy-{n}") });
        let name = names.into_iter().find(|name| taken.name(name).is_none()).unwrap_or_default();
        let fields = vec![
            Field::text("name", "Name", &name).help("Letters, digits, '.', '_' and '-'."),
            Field::number("port", "Port", "0")
                .help("The host's port that players connect to; 0 takes a free one."),
        ];
        Self::with(Form::new(format!("Clone {original}"), "Clone", fields), CloneServer { taken })
    }
}

impl Content for CloneServer {
    type Value = CopyOf;

    fn check(&self, form: &mut Form) {
        let (name, port) = (form.value("name"), form.value("port").parse::<u16>());
        form.set_error("name", rule::name(&name).err());
        form.set_warning("name", self.taken.name(&name));
        form.set_error("port", port.is_err().then(|| PORT_RULE.to_owned()));
        form.set_warning("port", port.ok().and_then(|port| self.taken.port(port)));
    }

    fn value(&self, form: &Form) -> Result<CopyOf, BadField> {
        let name = form.value("name");
        rule::name(&name).map_err(|rule| BadField::new("name", rule))?;
        let port = form.value("port").parse().map_err(|_| BadField::new("port", PORT_RULE))?;
        Ok(CopyOf { name, port })
    }
}
