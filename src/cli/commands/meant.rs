//! Which of several things a person means.

use std::sync::Arc;

use crate::model::{Fault, FaultKind};

/// Least digits of an id that are taken for it.
const DIGITS: usize = 6;

/// The only one that is `named` so, or else the only one whose id begins or ends with `text`. `noun` is what these are
/// called, on the command line too.
///
/// # Errors
/// [`FaultKind::NotFound`], or [`FaultKind::Conflict`] when several fit.
pub fn one<'a, T>(
    all: &'a [Arc<T>],
    noun: &str,
    text: &str,
    named: impl Fn(&T) -> bool,
    id: impl Fn(&T) -> String,
) -> Result<&'a Arc<T>, Fault> {
    let mut found: Vec<_> = all.iter().filter(|one| named(one)).collect();
    let part = |one: &&Arc<T>| {
        let id = id(one);
        text.len() >= DIGITS && (id.starts_with(text) || id.ends_with(text))
    };
    if found.is_empty() {
        found.extend(all.iter().filter(part));
    }
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(Fault::new(
            FaultKind::NotFound,
            format!("There is no {noun} {text:?}."),
            "",
            format!("`mineclifford {noun} list` shows those that there are."),
        )),
        several => Err(Fault::new(
            FaultKind::Conflict,
            format!("{text:?} fits {} {noun}s.", several.len()),
            "Nothing was done.",
            format!("Give more of its id; `mineclifford {noun} list --json` shows it."),
        )),
    }
}
