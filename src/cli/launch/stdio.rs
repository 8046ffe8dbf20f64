//! `link-stdio`: what ssh runs on the engine's machine.

use super::{local, settings};
use crate::{
    cli::{
        args::{Global, LinkStdioArgs},
        exit::Outcome,
    },
    link::{Error, copy_stdio},
    model::{Fault, FaultKind},
};

/// Passes bytes on between standard input and output and the engine's socket.
///
/// # Errors
/// That no engine listens there.
pub async fn link_stdio(global: &Global, arguments: &LinkStdioArgs) -> Outcome {
    let socket = match &arguments.socket {
        Some(socket) => socket.clone(),
        None => local::socket(&settings(global)?.0),
    };
    match copy_stdio(&socket).await {
        Ok(()) => Ok(()),
        Err(Error::Nobody(_)) => Err(Fault::new(
            FaultKind::NotFound,
            format!("No engine runs there (nobody listens at {}).", socket.display()),
            "Nothing was changed.",
            "Start one on that machine with `mineclifford serve`, as a service or in a terminal of its own.",
        )
        .into()),
        Err(error) => Err(error.fault("this machine").into()),
    }
}
