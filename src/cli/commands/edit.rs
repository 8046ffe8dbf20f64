//! `server edit`, `rename`, `clone`, `adopt`

use super::{create, reach};
use crate::{
    cli::{
        args::{
            Wait,
            server::{AdoptArgs, CloneArgs, EditArgs, RenameArgs},
        },
        exit::Outcome,
        io::Io,
    },
    engine::Handle,
    model::{Answer, Fault, Order, Spec, field},
};

/// Only what Docker has done is waited for.
fn no_wait() -> Wait {
    Wait { wait: false, no_wait: true, timeout: std::time::Duration::ZERO }
}

/// Changes a server.
///
/// # Errors
/// A field that breaks its rule, an edit that changes nothing, or whatever the engine has against it.
pub async fn edit(handle: &Handle, io: &mut Io, args: &EditArgs) -> Outcome {
    let changes = args.shared.to_changes(&args.edit)?;
    if changes.is_empty() {
        let mut fault = Fault::invalid("options", "at least one is needed");
        fault.what = "There is nothing to change: no option was given.".into();
        fault.next = "`mineclifford server edit --help` lists what can be changed.".into();
        return Err(fault.into());
    }
    // What was named is checked without Docker, by way of a spec that is right elsewhere; the engine checks the whole.
    let right = Spec { name: "any".into(), eula: true, ..Spec::default() };
    field::check(&changes.applied_to(&right), field::HostLimits::default())?;
    let server = reach::find(handle, io, &args.name).await?;
    reach::follow_aloud(handle, io, Order::Edit(server.id(), Box::new(changes))).await?;
    create::finish(handle, io, server.id(), &args.wait, "changed").await
}

/// Gives a server another name.
///
/// # Errors
/// A name that breaks the rule or is taken; whatever else the engine has against it.
pub async fn rename(handle: &Handle, io: &mut Io, args: &RenameArgs) -> Outcome {
    field::name(&args.to).map_err(|rule| Fault::invalid("name", rule))?;
    let server = reach::find(handle, io, &args.name).await?;
    reach::follow_aloud(handle, io, Order::Rename(server.id(), args.to.clone())).await?;
    create::finish(handle, io, server.id(), &no_wait(), &format!("was {}", server.name())).await
}

/// Makes another server with the same settings and a copy of the world.
///
/// # Errors
/// A name that breaks the rule or is taken; whatever else the engine has against it.
pub async fn copy(handle: &Handle, io: &mut Io, args: &CloneArgs) -> Outcome {
    field::name(&args.to).map_err(|rule| Fault::invalid("name", rule))?;
    let server = reach::find(handle, io, &args.name).await?;
    let order = Order::Clone { server: server.id(), name: args.to.clone(), port: args.port };
    match reach::follow_aloud(handle, io, order).await? {
        Answer::Started { server: copy, .. } => {
            let done = format!("copied from {}", server.name());
            create::finish(handle, io, copy, &no_wait(), &done).await
        }
        _ => Ok(()),
    }
}

/// Takes over a container that somebody else made.
///
/// # Errors
/// That there is no such container, or it is managed already.
pub async fn adopt(handle: &Handle, io: &mut Io, args: &AdoptArgs) -> Outcome {
    let server = reach::find(handle, io, &args.container).await?;
    let answer = reach::follow_aloud(handle, io, Order::Adopt(server.id())).await?;
    let id = match answer {
        Answer::Started { server, .. } => server,
        _ => server.id(),
    };
    create::finish(handle, io, id, &no_wait(), "adopted").await
}
