//! `server delete`, `forget`

use serde::Serialize;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

use super::reach;
use crate::{
    cli::{
        args::server::{DeleteArgs, NameArgs},
        exit::Outcome,
        io::Io,
        output::clean,
    },
    engine::Handle,
    model::{Fault, FaultKind, Order, Server, ServerId},
};

/// Nobody types a longer name.
const TYPED_MAX: u64 = 1024;

#[derive(Serialize)]
struct Deleted<'a> {
    id: ServerId,
    name: &'a str,
    deleted: bool,
    data_deleted: bool,
    data: Option<&'a str>,
}

/// Removes a server's container, and its world where that is wanted and confirmed.
///
/// # Errors
/// Usage, when a world should go and nobody can be asked; that the name was not typed; whatever the engine has
/// against it.
pub async fn delete(handle: &Handle, io: &mut Io, args: &DeleteArgs) -> Outcome {
    let can_ask = io.facts.in_terminal && io.facts.err_terminal;
    if args.data && !args.yes && !can_ask {
        let mut fault = Fault::invalid("yes", "--data needs --yes where nobody can be asked");
        fault.next =
            "Add --yes to delete the world without being asked, or leave out --data to keep it.".into();
        return Err(fault.into());
    }
    let server = reach::find(handle, io, &args.name).await?;
    let confirm = match (args.data, args.yes) {
        (false, _) => None,
        (true, true) => Some(server.name().to_owned()),
        (true, false) => Some(ask(io, &server).await?),
    };
    let order = Order::Delete { server: server.id(), data: args.data, confirm };
    reach::follow_aloud(handle, io, order).await?;
    let data = server.about.data.as_deref();
    if io.json {
        let (id, name) = (server.id(), server.name());
        return io.document(&Deleted { id, name, deleted: true, data_deleted: args.data, data });
    }
    let name = clean::plain(server.name());
    match data {
        _ if args.data => io.confirm(&format!("{name}: deleted, and its world with it")),
        Some(data) => io.confirm(&format!("{name}: deleted; its world is kept in {}", clean::plain(data))),
        None => io.confirm(&format!("{name}: deleted")),
    }
}

/// Has the person type the server's name.
async fn ask(io: &mut Io, server: &Server) -> Outcome<String> {
    let data = server.about.data.as_deref().unwrap_or("its volume");
    let question = format!(
        "The world of {} in {} will be deleted. This cannot be undone.",
        clean::plain(server.name()),
        clean::plain(data)
    );
    let _ = write!(io.err, "{question}\nType the server's name to go on: ");
    let _ = io.err.flush();
    let mut typed = Vec::new();
    let mut input = BufReader::new((&mut io.input).take(TYPED_MAX));
    io.interrupt.guard(input.read_until(b'\n', &mut typed)).await?;
    let typed = String::from_utf8_lossy(&typed).trim().to_owned();
    if typed == server.name() {
        return Ok(typed);
    }
    Err(Fault::new(
        FaultKind::Cancelled,
        "The name that was typed is not the server's.",
        "Nothing was deleted.",
        "Ask again, and type the name exactly as it is shown.",
    )
    .into())
}

/// Forgets a server whose container is gone.
///
/// # Errors
/// That its container is there; that there is no such server.
pub async fn forget(handle: &Handle, io: &mut Io, args: &NameArgs) -> Outcome {
    let server = reach::find(handle, io, &args.name).await?;
    reach::follow_aloud(handle, io, Order::Forget(server.id())).await?;
    if io.json {
        let (id, name, data) = (server.id(), server.name(), server.about.data.as_deref());
        return io.document(&Deleted { id, name, deleted: true, data_deleted: false, data });
    }
    io.confirm(&format!("{}: forgotten", clean::plain(server.name())))
}
