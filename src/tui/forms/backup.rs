//! The form for a new backup.

use crate::model::{BackupWish, backup::Packing};

use super::{
    dialog::{BadField, Content, Dialog},
    field::Field,
    form::Form,
};

/// Longest label, in characters.
const LABEL_MAX: usize = 200;

/// Makes a [`BackupWish`] out of a form.
#[derive(Clone, Debug)]
pub struct Wished;

/// The form for a new backup.
pub type BackupForm = Dialog<Wished>;

impl BackupForm {
    /// Of this server.
    pub fn new(server: &str) -> Self {
        let packings = [
            ("", "as the settings say"),
            ("gzip", "tar.gz: every tar opens it"),
            ("zstd", "tar.zst: faster, smaller"),
        ];
        let fields = vec![
            Field::choice("packing", "Packed as", packings, ""),
            Field::toggle("locked", "Locked", false).help("It is then never removed by itself."),
            Field::text("label", "Label", "")
                .placeholder("none; such as before the update")
                .help("What you will know it by."),
        ];
        let mut form = Form::new(format!("Back up {server}"), "Back up", fields);
        // The label is what most want to say; Enter in it is the end.
        form.go_to("label");
        Self::with(form, Wished)
    }
}

impl Content for Wished {
    type Value = BackupWish;

    fn check(&self, form: &mut Form) {
        let error = self.value(form).err().map(|bad| bad.rule);
        form.set_error("label", error);
    }

    fn value(&self, form: &Form) -> Result<BackupWish, BadField> {
        let label = form.value("label");
        if label.chars().count() > LABEL_MAX {
            return Err(BadField::new("label", format!("must have at most {LABEL_MAX} characters")));
        }
        let packing: Option<Packing> = form.value("packing").parse().ok();
        let label = if label.is_empty() { None } else { Some(label) };
        Ok(BackupWish { label, locked: form.value("locked") == "true", packing })
    }
}
