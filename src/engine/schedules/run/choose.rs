//! Which servers a run works on, and why not on others.

use std::sync::Arc;

use super::tally::{Did, Tally};
use crate::model::{
    Backup, Ownership, Server, ServerId, Snapshot, State,
    schedule::{Condition, Plan, Targets, Task},
};

/// Those that the plan means and that can be worked on now, and what is to be said of the others.
pub fn all(plan: &Plan, world: &Snapshot) -> (Vec<Arc<Server>>, Tally) {
    let (mut chosen, mut tally) = (Vec::new(), Tally::default());
    for server in meant(plan, world, &mut tally) {
        match fits(plan, server, world) {
            Ok(()) => chosen.push(server.clone()),
            Err(did) => tally.add(server.name().to_owned(), did),
        }
    }
    (chosen, tally)
}

fn meant<'a>(plan: &Plan, world: &'a Snapshot, tally: &mut Tally) -> Vec<&'a Arc<Server>> {
    match &plan.targets {
        Targets::Created => {
            world.servers.iter().filter(|server| server.about.ownership == Ownership::Created).collect()
        }
        Targets::Servers(ids) => {
            let gone = ids.iter().filter(|id| world.server(**id).is_none());
            for id in gone {
                tally.add(format!("a server ({})", id.short()), Did::Left("is not there any more".into()));
            }
            world.servers.iter().filter(|server| ids.contains(&server.id())).collect()
        }
    }
}

/// Whether a server can be worked on as it is now.
///
/// # Errors
/// Why not.
pub fn fits(plan: &Plan, server: &Server, world: &Snapshot) -> Result<(), Did> {
    let left = |why: &str| Err(Did::Left(why.to_owned()));
    if !server.about.ownership.is_managed() {
        return left("is only seen here, and was not adopted");
    }
    match server.state {
        State::Unknown => return Err(Did::Wrong("its host does not answer".into())),
        State::Missing => return left("its container is gone"),
        _ => {}
    }
    let runs = server.state.is_running();
    // Autopause freezes a server when nobody is on it.
    let online = match (&server.players, server.state) {
        (Some(players), _) => Some(players.online),
        (None, State::Paused) => Some(0),
        (None, _) if !runs => Some(0),
        (None, _) => None,
    };
    match (plan.condition, online) {
        (Condition::Running, _) if !runs => return left("does not run"),
        (Condition::WithPlayers, Some(0)) => return left("nobody is on it"),
        (Condition::WithoutPlayers, Some(1)) => return left("a player is on it"),
        (Condition::WithoutPlayers, Some(count @ 2..)) => {
            return Err(Did::Left(format!("{count} players are on it")));
        }
        (Condition::WithPlayers | Condition::WithoutPlayers, None) => {
            return left("it is not known whether somebody is on it");
        }
        _ => {}
    }
    match plan.task {
        Task::Start if runs => left("runs already"),
        Task::Restart | Task::Stop | Task::Commands(_) if !runs => left("does not run"),
        Task::Verify | Task::TestRestore if newest(world, server.id()).is_none() => {
            left("has no good backup")
        }
        _ => Ok(()),
    }
}

/// A server's newest good backup.
pub fn newest(world: &Snapshot, server: ServerId) -> Option<&Arc<Backup>> {
    world.backups.iter().find(|backup| backup.server == server && backup.is_good())
}
