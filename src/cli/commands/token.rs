//! `token create`, `token list`, `token revoke`

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    cli::{
        args::{TokenCommand, TokenCreateArgs},
        exit::Outcome,
        io::Io,
        output::{
            clean, human,
            table::{Cell, Column, Table},
        },
    },
    engine::Handle,
    model::{Answer, Fault, FaultKind, Order, Snapshot, Token, TokenPlan},
};

/// Makes, lists and revokes tokens.
///
/// # Errors
/// A plan that breaks a rule; a token or server that is not there; that the output is closed.
pub async fn run(handle: &Handle, io: &mut Io, command: &TokenCommand) -> Outcome {
    match command {
        TokenCommand::Create(args) => create(handle, io, args).await,
        TokenCommand::List => list(&*remembered(handle).await?, io),
        TokenCommand::Revoke { id } => revoke(handle, io, id).await,
    }
}

#[derive(Serialize)]
struct Made {
    id: String,
    token: String,
}

async fn create(handle: &Handle, io: &mut Io, args: &TokenCreateArgs) -> Outcome {
    let world = remembered(handle).await?;
    let servers = args.servers.iter().map(|name| world.find(name).map(|server| server.id()));
    let servers = servers.collect::<Result<Vec<_>, Fault>>()?;
    let expires_at = match args.expires {
        None => None,
        Some(after) => Some(
            Timestamp::now()
                .checked_add(after)
                .map_err(|_| Fault::invalid("expires", "must be a time before the year 9999"))?,
        ),
    };
    let plan = TokenPlan {
        role: args.role,
        servers: (!servers.is_empty()).then_some(servers),
        expires_at,
        note: args.note.clone(),
    };
    let Answer::Token { id, secret } = handle.run(Order::CreateToken(Box::new(plan))).await? else {
        return Ok(());
    };
    if io.json {
        io.document(&Made { id: id.to_string(), token: secret.0 })?;
        return Ok(());
    }
    io.say(&secret.0)?;
    io.remark("This is shown once. Whoever holds it may do what its role may; `mineclifford token revoke` ends that.");
    Ok(())
}

#[derive(Serialize)]
struct Listed<'a> {
    id: String,
    role: &'a str,
    servers: Option<Vec<String>>,
    expires_at: Option<Timestamp>,
    expired: bool,
    note: &'a str,
    created_at: Timestamp,
}

fn list(world: &Snapshot, io: &mut Io) -> Outcome {
    let now = Timestamp::now();
    if io.json {
        let views: Vec<_> = world.tokens.iter().map(|token| view(token, now)).collect();
        io.document(&views)?;
        return Ok(());
    }
    if world.tokens.is_empty() {
        io.remark("There are no tokens. `mineclifford token create NOTE` makes one.");
        return Ok(());
    }
    let columns = vec![
        Column::text("ID"),
        Column::text("ROLE"),
        Column::elastic("NOTE"),
        Column::elastic("SERVERS"),
        Column::text("CREATED"),
        Column::text("EXPIRES"),
    ];
    let mut table = Table::new(columns);
    for token in &world.tokens {
        table.row(row(token, world, now));
    }
    io.say(table.render(io.facts.width, io.facts.colour).trim_end_matches('\n'))?;
    Ok(())
}

fn view(token: &Token, now: Timestamp) -> Listed<'_> {
    let servers = token.plan.servers.as_ref();
    Listed {
        id: token.id.to_string(),
        role: token.plan.role.as_str(),
        servers: servers.map(|servers| servers.iter().map(ToString::to_string).collect()),
        expires_at: token.plan.expires_at,
        expired: token.plan.expires_at.is_some_and(|at| at <= now),
        note: &token.plan.note,
        created_at: token.created_at,
    }
}

fn row(token: &Token, world: &Snapshot, now: Timestamp) -> Vec<Cell> {
    let servers = match &token.plan.servers {
        None => "all".to_owned(),
        Some(servers) => {
            let name = |id| {
                world
                    .server(id)
                    .map_or_else(|| "(gone)".to_owned(), |one| clean::plain(one.name()).into_owned())
            };
            servers.iter().map(|id| name(*id)).collect::<Vec<_>>().join(", ")
        }
    };
    let expires = match token.plan.expires_at {
        None => human::NOTHING.to_owned(),
        Some(at) if at <= now => "expired".to_owned(),
        Some(at) => human::moment(at),
    };
    vec![
        Cell::from(token.id.short()),
        Cell::from(token.plan.role.as_str()),
        Cell::from(clean::plain(&token.plan.note)),
        Cell::from(servers),
        Cell::from(human::moment(token.created_at)),
        Cell::from(expires),
    ]
}

async fn revoke(handle: &Handle, io: &mut Io, named: &str) -> Outcome {
    let world = remembered(handle).await?;
    let fits = |token: &&std::sync::Arc<Token>| {
        let id = token.id.to_string();
        id == named || (named.len() >= 6 && token.id.0.simple().to_string().ends_with(named))
    };
    let found: Vec<_> = world.tokens.iter().filter(fits).collect();
    let [token] = found.as_slice() else {
        return Err(Fault::new(
            if found.is_empty() { FaultKind::NotFound } else { FaultKind::Conflict },
            format!("{} tokens have the id {:?}.", found.len(), named.escape_default().to_string()),
            "Nothing was revoked.",
            "`mineclifford token list` shows those that there are.",
        )
        .into());
    };
    handle.run(Order::RevokeToken(token.id)).await?;
    io.remark(&format!("The token for {:?} is worthless from now on.", clean::plain(&token.plan.note)));
    Ok(())
}

/// The world as the database remembers it: an engine that was just started has not shown it yet.
async fn remembered(handle: &Handle) -> Result<std::sync::Arc<Snapshot>, Fault> {
    handle.wait(|world| (world.sequence > 0).then_some(())).await?;
    Ok(handle.now())
}
