//! What can be done to a server as it is, and why not.

use crate::{
    model::{Server, State},
    tui::action::Action,
};

/// Whether an action makes sense for a server.
///
/// # Errors
/// Why not, as a sentence.
pub fn fits(action: Action, server: &Server) -> Result<(), String> {
    let state = server.state;
    let managed = server.about.ownership.is_managed();
    let no = |why: &str| Err(format!("{} {why}", server.name()));
    if !managed && !matches!(action, Action::Adopt) {
        return no("was made by somebody else. Adopt it first.");
    }
    let working = matches!(state, State::Pulling | State::Creating);
    match action {
        Action::Adopt if managed => no("is managed already."),
        Action::Forget if state != State::Missing => {
            no("is not missing. Only a server without container is forgotten.")
        }
        Action::Start if state.is_running() && state != State::Stopping => no("runs already."),
        Action::Stop | Action::Kill | Action::Restart if !state.is_running() && state != State::Looping => {
            no("does not run.")
        }
        Action::Start
        | Action::Stop
        | Action::Kill
        | Action::Restart
        | Action::Edit
        | Action::Rename
        | Action::Clone
            if state == State::Missing =>
        {
            no("has no container any more.")
        }
        Action::Start | Action::Edit | Action::Rename | Action::Clone if working => {
            no("is still being made.")
        }
        Action::Edit if server.about.ownership == crate::model::Ownership::Adopted => {
            no("is adopted, so it is never made anew. Clone it to change it.")
        }
        _ => Ok(()),
    }
}
