//! `schedule add`, `edit`, `run`, `pause`, `resume`, `delete`

use std::sync::Arc;

use super::{find, list, shown, view};
use crate::{
    cli::{
        args::schedule::{AddArgs, EditArgs, NamesArgs, PlanOptions, RestArgs, ScheduleArgs},
        commands::reach,
        exit::Outcome,
        io::Io,
        output::clean,
    },
    engine::{Handle, schedules::plan},
    model::{
        Answer, Fault, FaultKind, Order, Schedule, ScheduleId, Snapshot,
        schedule::{Condition, Missed, Outcome as RunOutcome, Plan, Targets, Task, When},
    },
};

/// Times that are told of a new or changed schedule.
const TOLD: usize = 5;

/// Makes a schedule.
///
/// # Errors
/// What its plan breaks; that its name is taken.
pub async fn add(handle: &Handle, io: &mut Io, args: &AddArgs) -> Outcome {
    let options = &args.plan;
    if options.task.is_none() && options.command.is_empty() {
        return Err(Fault::invalid("do", "say what is to be done: --do TASK, or --command LINE").into());
    }
    if options.every.is_none() && options.cron.is_none() {
        return Err(Fault::invalid("every", "say when: --every DURATION, or --cron EXPRESSION").into());
    }
    let plan = Plan {
        name: args.name.clone(),
        targets: Targets::Created,
        when: When::Every(0),
        task: Task::Backup,
        condition: Condition::default(),
        jitter_seconds: 0,
        at_once: 1,
        missed: Missed::default(),
        paused: args.paused,
    };
    let plan = changed(handle, io, plan, options).await?;
    let asked = handle.run(Order::AddSchedule(Box::new(plan)));
    let Answer::Scheduled(id) = io.interrupt.guard(asked).await? else { return Ok(()) };
    told(handle, io, id, "added").await?;
    io.remark("It is done while `mineclifford serve` or a dashboard runs.");
    Ok(())
}

/// Changes a schedule.
///
/// # Errors
/// As [`add`]; that there is none.
pub async fn edit(handle: &Handle, io: &mut Io, args: &EditArgs) -> Outcome {
    let old = find(&handle.now(), &args.schedule)?.clone();
    let mut plan = old.plan.clone();
    if let Some(name) = &args.name {
        plan.name.clone_from(name);
    }
    if let (Some(zone), None, When::Cron { expression, .. }) = (&args.plan.zone, &args.plan.cron, &plan.when)
    {
        plan.when = When::Cron { expression: expression.clone(), zone: zone.clone() };
    } else if args.plan.zone.is_some() && args.plan.cron.is_none() {
        return Err(Fault::invalid("zone", "an interval has no time zone; give --cron with it").into());
    }
    let plan = changed(handle, io, plan, &args.plan).await?;
    if plan == old.plan {
        return io.confirm(&format!("{}: nothing is to be changed", clean::plain(&plan.name)));
    }
    let wanted = plan.clone();
    let asked = handle.run(Order::EditSchedule(old.id, Box::new(plan)));
    io.interrupt.guard(asked).await?;
    let known = handle
        .wait(|world| world.schedules.iter().any(|one| one.id == old.id && one.plan == wanted).then_some(()));
    io.interrupt.guard(known).await?;
    told(handle, io, old.id, "changed").await
}

/// A plan with what was named on the command line.
async fn changed(handle: &Handle, io: &mut Io, mut plan: Plan, options: &PlanOptions) -> Outcome<Plan> {
    if let Some(task) = options.task {
        plan.task = task.into();
    } else if !options.command.is_empty() {
        plan.task = Task::Commands(options.command.clone());
    }
    if let Some(every) = &options.every {
        plan.when = When::Every(plan::duration("every", every)?.as_secs());
    } else if let Some(expression) = &options.cron {
        let before = match &plan.when {
            When::Cron { zone, .. } => Some(zone.clone()),
            When::Every(_) => None,
        };
        let zone = options.zone.clone().or(before).unwrap_or_else(plan::here);
        plan.when = When::Cron { expression: expression.clone(), zone };
    }
    if let Some(condition) = options.condition {
        plan.condition = condition.into();
    }
    if let Some(jitter) = &options.jitter {
        let seconds = plan::duration("jitter", jitter)?.as_secs();
        plan.jitter_seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
    }
    plan.at_once = options.at_once.unwrap_or(plan.at_once);
    if let Some(missed) = options.missed {
        plan.missed = missed.into();
    }
    // What is wrong with it is told before any server is looked for.
    plan::check(&Plan { targets: Targets::Created, ..plan.clone() })?;
    if options.created {
        plan.targets = Targets::Created;
    } else if !options.server.is_empty() {
        let mut servers = Vec::new();
        for name in &options.server {
            let id = reach::find(handle, io, name).await?.id();
            if !servers.contains(&id) {
                servers.push(id);
            }
        }
        plan.targets = Targets::Servers(servers);
    }
    Ok(plan)
}

/// Says what was done, in which words its times are told, and the next of them.
async fn told(handle: &Handle, io: &mut Io, id: ScheduleId, done: &str) -> Outcome {
    let schedule = io.interrupt.guard(shown(handle, id)).await?;
    let world = handle.now();
    if io.json {
        return io.document(&view::ScheduleView::new(&schedule, &world));
    }
    let plan = &schedule.plan;
    let text = format!("{}: {done}; {}, {}", plan.name, plan::task(&plan.task), view::words(plan));
    io.confirm(&clean::plain(&text))?;
    if io.quiet {
        return Ok(());
    }
    let times = schedule.next.map(|next| plan::coming(&plan.when, next, TOLD)).unwrap_or_default();
    if times.is_empty() {
        io.remark("It rests.");
    }
    list::tell(io, &times, &view::zone(&plan.when))
}

/// Does now what a schedule does.
///
/// # Errors
/// That there is none, that it is being done already, what went wrong.
pub async fn run(handle: &Handle, io: &mut Io, args: &ScheduleArgs) -> Outcome {
    let down = reach::settle(handle, io).await?;
    if let Some(fault) = down {
        io.tell(&fault, None);
    }
    let schedule = find(&handle.now(), &args.name)?.clone();
    let (id, before) = (schedule.id, schedule.last.clone());
    let asked = handle.run(Order::RunSchedule(id));
    io.interrupt.guard(asked).await?;
    if matches!(schedule.plan.task, Task::Restart | Task::Stop) {
        io.remark("Where players are on, they are warned for 10 minutes first.");
    }
    let ended = handle.wait(|world: &Snapshot| match world.schedules.iter().find(|one| one.id == id) {
        None => Some(None),
        Some(one) if !one.running && one.last != before => Some(Some(one.clone())),
        Some(_) => None,
    });
    let Some(schedule) = io.interrupt.guard(ended).await? else {
        return Err(gone().into());
    };
    report(handle, io, &schedule)
}

fn report(handle: &Handle, io: &mut Io, schedule: &Arc<Schedule>) -> Outcome {
    if io.json {
        io.document(&view::ScheduleView::new(schedule, &handle.now()))?;
    }
    let name = clean::plain(&schedule.plan.name).into_owned();
    match schedule.last.as_ref().map(|last| &last.outcome) {
        Some(RunOutcome::Failed(why)) => Err(Fault::new(
            FaultKind::Failed,
            format!("{name} failed: {why}"),
            "Servers that are not named were done.",
            "Mend what is told, then run it again.",
        )
        .into()),
        Some(RunOutcome::Skipped(why)) => io.confirm(&format!("{name}: skipped: {}", clean::plain(why))),
        _ => io.confirm(&format!("{name}: done")),
    }
}

fn gone() -> Fault {
    Fault::new(
        FaultKind::NotFound,
        "Somebody deleted the schedule while it was being done.",
        "What it had not begun was left.",
        "`mineclifford schedule list` shows those that there are.",
    )
}

/// Lets schedules rest, or wakes them.
///
/// # Errors
/// That there is no such schedule.
pub async fn rest(handle: &Handle, io: &mut Io, args: &RestArgs, paused: bool) -> Outcome {
    let done = if paused { "rests" } else { "is awake" };
    if args.all {
        io.interrupt.guard(handle.run(Order::PauseSchedules(paused))).await?;
        let known = handle.wait(|world| (world.schedules_paused == paused).then_some(()));
        io.interrupt.guard(known).await?;
        if io.json {
            return list::list(handle, io);
        }
        return io.confirm(if paused {
            "all schedules rest"
        } else {
            "all schedules are awake, but those that rest by themselves"
        });
    }
    let schedules = named(handle, &args.names)?;
    for schedule in &schedules {
        let id = schedule.id;
        io.interrupt.guard(handle.run(Order::PauseSchedule(id, paused))).await?;
        let known = handle.wait(|world| {
            let one = world.schedules.iter().find(|one| one.id == id);
            one.is_none_or(|one| one.plan.paused == paused).then_some(())
        });
        io.interrupt.guard(known).await?;
        io.confirm(&format!("{}: {done}", clean::plain(&schedule.plan.name)))?;
    }
    if !paused && handle.now().schedules_paused {
        io.remark("All schedules rest still; `mineclifford schedule resume --all` wakes them.");
    }
    if io.json {
        let world = handle.now();
        let views: Vec<_> = world
            .schedules
            .iter()
            .filter(|one| schedules.iter().any(|named| named.id == one.id))
            .map(|one| view::ScheduleView::new(one, &world))
            .collect();
        return io.document(&views);
    }
    Ok(())
}

/// Forgets schedules.
///
/// # Errors
/// That there is no such schedule.
pub async fn delete(handle: &Handle, io: &mut Io, args: &NamesArgs) -> Outcome {
    let schedules = named(handle, &args.names)?;
    for schedule in &schedules {
        io.interrupt.guard(handle.run(Order::DeleteSchedule(schedule.id))).await?;
        io.confirm(&format!("{}: deleted", clean::plain(&schedule.plan.name)))?;
    }
    if io.json {
        let ids: Vec<_> =
            schedules.iter().map(|one| serde_json::json!({ "id": one.id, "name": one.plan.name })).collect();
        return io.document(&ids);
    }
    Ok(())
}

/// All of them, or the fault of the first that there is not: nothing is done by halves for a slip of the pen.
fn named(handle: &Handle, names: &[String]) -> Result<Vec<Arc<Schedule>>, Fault> {
    let world = handle.now();
    let mut found: Vec<Arc<Schedule>> = Vec::new();
    for name in names {
        let one = find(&world, name)?;
        if !found.iter().any(|other| other.id == one.id) {
            found.push(one.clone());
        }
    }
    Ok(found)
}
