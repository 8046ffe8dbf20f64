//! The rules: which role an order needs, which servers it touches, and what is written down of it.

use uuid::Uuid;

use super::{Grant, denied};
use crate::model::{
    BackupId, Fault, JobId, Order, Role, ScheduleId, ServerId, Snapshot, TokenId,
    backup::Target,
    schedule::{Plan, Targets},
};

/// What is to be done with an order.
#[derive(Debug)]
pub enum Verdict {
    /// Obey it.
    Obey,
    /// Refuse it.
    Refuse(Fault),
    /// Do as if what it names did not exist: whoever asked does not know of it.
    Blind,
}

/// What an order touches.
enum Touches {
    /// These servers, and nothing beyond them.
    Only(Vec<ServerId>),
    /// What is not only some servers': new servers, all schedules, tokens.
    More,
    /// Nothing that there is.
    Nothing,
}

/// The least role that may give this order.
pub fn needs(order: &Order) -> Role {
    match order {
        Order::Start(_)
        | Order::Stop(_)
        | Order::Restart(_)
        | Order::Kill(_)
        | Order::Console { .. }
        | Order::Cancel(_)
        | Order::Backup(..)
        | Order::Restore { target: Target::Server(_), .. }
        | Order::Verify(_)
        | Order::TestRestore(_)
        | Order::RunSchedule(_)
        | Order::PauseSchedule(..)
        // Keeping a backup is harmless; letting go of it lets retention remove it.
        | Order::Lock(_, true) => Role::Operator,
        Order::Create(_)
        | Order::Edit(..)
        | Order::Rename(..)
        | Order::Delete { .. }
        | Order::Clone { .. }
        | Order::Adopt(_)
        | Order::Forget(_)
        | Order::Restore { target: Target::New { .. }, .. }
        | Order::Lock(_, false)
        | Order::DeleteBackup(_)
        | Order::Prune(_)
        | Order::SetPatterns(..)
        | Order::AddSchedule(_)
        | Order::EditSchedule(..)
        | Order::DeleteSchedule(_)
        | Order::PauseSchedules(_)
        | Order::CreateToken(_)
        | Order::RevokeToken(_) => Role::Admin,
    }
}

/// Whether the holder of a grant may give this order.
pub fn judge(grant: &Grant, order: &Order, world: &Snapshot) -> Verdict {
    if let Err(fault) = grant.check() {
        return Verdict::Refuse(fault);
    }
    // The role first: it tells nothing about what there is.
    let needed = needs(order);
    if grant.role < needed {
        let what = format!("This needs the role {needed}; the token has {}.", grant.role);
        return Verdict::Refuse(denied(what, "Ask for a token with that role."));
    }
    if grant.sees_all() {
        return Verdict::Obey;
    }
    match touches(order, world) {
        Touches::Only(servers) if servers.iter().all(|id| grant.sees(*id)) => Verdict::Obey,
        Touches::Only(_) | Touches::Nothing => Verdict::Blind,
        Touches::More => Verdict::Refuse(denied(
            "The token is limited to some servers, and this concerns more than those.",
            "Ask for a token that is not limited.",
        )),
    }
}

fn touches(order: &Order, world: &Snapshot) -> Touches {
    let of_backup = |id: &BackupId| world.backup(*id).map(|backup| backup.server);
    let only = |servers: Option<ServerId>| servers.map_or(Touches::Nothing, |id| Touches::Only(vec![id]));
    match order {
        Order::Start(id)
        | Order::Stop(id)
        | Order::Restart(id)
        | Order::Kill(id)
        | Order::Edit(id, _)
        | Order::Rename(id, _)
        | Order::Adopt(id)
        | Order::Forget(id)
        | Order::Backup(id, _)
        | Order::SetPatterns(id, _)
        | Order::Prune(id)
        | Order::Delete { server: id, .. }
        | Order::Console { server: id, .. } => Touches::Only(vec![*id]),
        Order::Cancel(job) => only(world.job(*job).and_then(|job| job.server)),
        Order::Verify(id) | Order::TestRestore(id) | Order::Lock(id, _) | Order::DeleteBackup(id) => {
            only(of_backup(id))
        }
        Order::Restore { backup, target: Target::Server(server), .. } => match of_backup(backup) {
            Some(of) => Touches::Only(vec![of, *server]),
            None => Touches::Nothing,
        },
        Order::RunSchedule(id) | Order::PauseSchedule(id, _) | Order::DeleteSchedule(id) => {
            of_schedule(*id, world)
        }
        Order::EditSchedule(id, plan) => match (of_schedule(*id, world), of_plan(plan)) {
            (Touches::Only(mut old), Touches::Only(new)) => {
                old.extend(new);
                Touches::Only(old)
            }
            (Touches::Only(_), new) => new,
            (old, _) => old,
        },
        Order::AddSchedule(plan) => of_plan(plan),
        Order::Create(_)
        | Order::Clone { .. }
        | Order::Restore { target: Target::New { .. }, .. }
        | Order::PauseSchedules(_)
        | Order::CreateToken(_)
        | Order::RevokeToken(_) => Touches::More,
    }
}

fn of_plan(plan: &Plan) -> Touches {
    match &plan.targets {
        Targets::Created => Touches::More,
        Targets::Servers(servers) => Touches::Only(servers.clone()),
    }
}

/// A schedule that works on all servers is as good as none to whoever knows only some.
fn of_schedule(id: ScheduleId, world: &Snapshot) -> Touches {
    match world.schedules.iter().find(|schedule| schedule.id == id).map(|schedule| of_plan(&schedule.plan)) {
        Some(Touches::Only(servers)) => Touches::Only(servers),
        _ => Touches::Nothing,
    }
}

/// The same order for what never exists. Whoever does not know of a thing is so answered by the very code, and in the
/// very words, that answer for a thing that is not there.
pub fn blinded(order: Order) -> Order {
    let server = ServerId(Uuid::nil());
    let backup = BackupId(Uuid::nil());
    let schedule = ScheduleId(Uuid::nil());
    match order {
        Order::Start(_) => Order::Start(server),
        Order::Stop(_) => Order::Stop(server),
        Order::Restart(_) => Order::Restart(server),
        Order::Kill(_) => Order::Kill(server),
        Order::Edit(_, changes) => Order::Edit(server, changes),
        Order::Rename(_, name) => Order::Rename(server, name),
        Order::Delete { data, confirm, .. } => Order::Delete { server, data, confirm },
        Order::Clone { name, port, .. } => Order::Clone { server, name, port },
        Order::Adopt(_) => Order::Adopt(server),
        Order::Forget(_) => Order::Forget(server),
        Order::Console { line, reply, .. } => Order::Console { server, line, reply },
        Order::Cancel(_) => Order::Cancel(JobId(Uuid::nil())),
        Order::Backup(_, wish) => Order::Backup(server, wish),
        Order::SetPatterns(_, patterns) => Order::SetPatterns(server, patterns),
        Order::Prune(_) => Order::Prune(server),
        Order::Restore { scope, .. } => Order::Restore { backup, target: Target::Server(server), scope },
        Order::Verify(_) => Order::Verify(backup),
        Order::TestRestore(_) => Order::TestRestore(backup),
        Order::Lock(_, lock) => Order::Lock(backup, lock),
        Order::DeleteBackup(_) => Order::DeleteBackup(backup),
        Order::AddSchedule(mut plan) => {
            plan.targets = Targets::Servers(vec![server]);
            Order::AddSchedule(plan)
        }
        Order::EditSchedule(_, mut plan) => {
            plan.targets = Targets::Servers(vec![server]);
            Order::EditSchedule(schedule, plan)
        }
        Order::DeleteSchedule(_) => Order::DeleteSchedule(schedule),
        Order::RunSchedule(_) => Order::RunSchedule(schedule),
        Order::PauseSchedule(_, paused) => Order::PauseSchedule(schedule, paused),
        Order::RevokeToken(_) => Order::RevokeToken(TokenId(Uuid::nil())),
        Order::Create(_) | Order::PauseSchedules(_) | Order::CreateToken(_) => order,
    }
}

/// What the audit trail calls an order, and the server that it is about.
pub fn describe(order: &Order) -> (String, Option<ServerId>) {
    let about = |word: &str, id: &ServerId| (word.to_owned(), Some(*id));
    let of = |word: &str, id: &dyn std::fmt::Display| (format!("{word} {id}"), None);
    match order {
        Order::Create(spec) => (format!("create {}", spec.name.escape_default()), None),
        Order::Start(id) => about("start", id),
        Order::Stop(id) => about("stop", id),
        Order::Restart(id) => about("restart", id),
        Order::Kill(id) => about("kill", id),
        Order::Edit(id, _) => about("edit", id),
        Order::Rename(id, name) => (format!("rename to {}", name.escape_default()), Some(*id)),
        Order::Delete { server, data: false, .. } => about("delete", server),
        Order::Delete { server, data: true, .. } => about("delete with its data", server),
        Order::Clone { server, name, .. } => (format!("clone to {}", name.escape_default()), Some(*server)),
        Order::Adopt(id) => about("adopt", id),
        Order::Forget(id) => about("forget", id),
        Order::Console { server, line, .. } => (format!("console: {line}"), Some(*server)),
        Order::Cancel(id) => of("cancel job", id),
        Order::Backup(id, _) => about("backup", id),
        Order::Restore { backup, target: Target::Server(id), .. } => {
            (format!("restore backup {backup}"), Some(*id))
        }
        Order::Restore { backup, target: Target::New { name, .. }, .. } => {
            (format!("restore backup {backup} to the new server {}", name.escape_default()), None)
        }
        Order::Verify(id) => of("verify backup", id),
        Order::TestRestore(id) => of("test-restore backup", id),
        Order::Lock(id, true) => of("lock backup", id),
        Order::Lock(id, false) => of("unlock backup", id),
        Order::DeleteBackup(id) => of("delete backup", id),
        Order::SetPatterns(id, _) => about("set patterns", id),
        Order::Prune(id) => about("prune", id),
        Order::AddSchedule(plan) => (format!("add schedule {}", plan.name.escape_default()), None),
        Order::EditSchedule(id, _) => of("edit schedule", id),
        Order::DeleteSchedule(id) => of("delete schedule", id),
        Order::RunSchedule(id) => of("run schedule", id),
        Order::PauseSchedule(id, true) => of("pause schedule", id),
        Order::PauseSchedule(id, false) => of("wake schedule", id),
        Order::PauseSchedules(true) => ("pause all schedules".to_owned(), None),
        Order::PauseSchedules(false) => ("wake all schedules".to_owned(), None),
        Order::CreateToken(plan) => {
            (format!("create token ({}, {})", plan.role, plan.note.escape_default()), None)
        }
        Order::RevokeToken(id) => of("revoke token", id),
    }
}

#[cfg(test)]
mod tests {
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::model::{Caller, TokenPlan};

    fn grant(role: Role, servers: Option<Vec<ServerId>>) -> Grant {
        let plan = TokenPlan { role, servers, expires_at: None, note: "test".into() };
        let caller = Caller { token: Some(TokenId::new()), note: "test".into(), address: None };
        Grant::of_token(&plan, caller, CancellationToken::new())
    }

    #[test]
    fn each_role_may_do_its_own_and_no_more() {
        let (world, id) = (Snapshot::default(), ServerId::new());
        let may = |role, order: Order| matches!(judge(&grant(role, None), &order, &world), Verdict::Obey);
        assert!(!may(Role::Viewer, Order::Start(id)));
        assert!(may(Role::Operator, Order::Start(id)));
        let create = || Order::Create(Box::default());
        assert!(!may(Role::Operator, create()));
        assert!(may(Role::Admin, create()));
        assert!(!may(Role::Operator, Order::RevokeToken(TokenId::new())));
    }

    #[test]
    fn a_limited_token_does_not_learn_what_else_there_is() {
        let (world, mine, foreign) = (Snapshot::default(), ServerId::new(), ServerId::new());
        let limited = grant(Role::Admin, Some(vec![mine]));
        let judge = |order: &Order| judge(&limited, order, &world);
        assert!(matches!(judge(&Order::Stop(mine)), Verdict::Obey));
        assert!(matches!(judge(&Order::Stop(foreign)), Verdict::Blind));
        assert!(matches!(judge(&Order::Cancel(JobId::new())), Verdict::Blind));
        assert!(matches!(
            judge(&Order::Clone { server: mine, name: "x".into(), port: 0 }),
            Verdict::Refuse(_)
        ));
        assert!(matches!(judge(&Order::RevokeToken(TokenId::new())), Verdict::Refuse(_)));
        assert_eq!(blinded(Order::Stop(foreign)), Order::Stop(ServerId(Uuid::nil())));
    }
}
