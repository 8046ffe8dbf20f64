//! The form for a schedule, new or there already. What its values mean is told in words, with the next times.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    engine::schedules::plan,
    model::{
        Fault, Schedule, ServerId,
        schedule::{Condition, Missed, Plan, Targets, Task, When},
    },
    tui::paint,
};

use super::{
    dialog::{BadField, Content, Dialog},
    field::Field,
    form::Form,
};

/// Times that are told while one types.
const TOLD: usize = 3;

/// What a schedule's values are looked at against.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Around {
    /// What other schedules are called.
    pub names: Vec<String>,
    /// The servers that there are.
    pub servers: Vec<(ServerId, String)>,
    /// This machine's time zone, by its IANA name.
    pub zone: String,
}

/// Makes a [`Plan`] out of a form.
#[derive(Clone, Debug)]
pub struct Planned {
    /// What it was, where it is there already.
    old: Option<Box<Schedule>>,
    /// What the values are looked at against. Call [`Dialog::recheck`] after a change.
    pub around: Around,
    /// The moment from which the next times are counted.
    pub now: Timestamp,
}

/// The form for a schedule.
pub type ScheduleForm = Dialog<Planned>;

const TASKS: [(&str, &str); 8] = [
    ("backup", "back up, then remove what is too old"),
    ("restart", "warn players, save, restart"),
    ("start", "start"),
    ("stop", "warn players, save, stop"),
    ("commands", "type commands"),
    ("verify", "read the newest backup again"),
    ("test-restore", "boot the newest backup to prove it"),
    ("prune", "remove backups that are too old"),
];
const CONDITIONS: [(&str, &str, Condition); 4] = [
    ("always", "always", Condition::Always),
    ("running", "only servers that run", Condition::Running),
    ("with-players", "only servers with players on them", Condition::WithPlayers),
    ("without-players", "only servers with nobody on them", Condition::WithoutPlayers),
];
const MISSED: [(&str, &str, Missed); 2] =
    [("once", "do it once", Missed::RunOnce), ("skip", "skip it", Missed::Skip)];

impl ScheduleForm {
    /// For a new one, that backs up each day.
    pub fn add(around: Around, now: Timestamp) -> Self {
        let plan = usual("");
        let form = Form::new("New schedule", "Create", fields(&plan, &around));
        Self::with(form, Planned { old: None, around, now })
    }

    /// For one that is there. `around` leaves out its own name.
    pub fn edit(old: &Schedule, around: Around, now: Timestamp) -> Self {
        let form = Form::new(format!("Edit schedule {}", old.plan.name), "Save", fields(&old.plan, &around));
        Self::with(form, Planned { old: Some(Box::new(old.clone())), around, now })
    }

    /// When what it tells changes by itself: at the next time that it names.
    pub fn next_change(&self) -> Option<Timestamp> {
        let when = Planned::when(self.form()).ok()?;
        self.content().times(&when).ok()?.first().copied()
    }
}

fn fields(plan: &Plan, around: &Around) -> Vec<Field> {
    let mut fields = what(plan, around);
    fields.extend(when(plan, &around.zone));
    fields.extend(how(plan));
    fields
}

fn what(plan: &Plan, around: &Around) -> Vec<Field> {
    let commands = if let Task::Commands(lines) = &plan.task { lines.as_slice() } else { &[] };
    let (targets, names) = match &plan.targets {
        Targets::Created => ("created", Vec::new()),
        Targets::Servers(ids) => ("servers", ids.iter().map(|id| name_of(*id, around)).collect()),
    };
    let all = [("created", "all servers that were created here"), ("servers", "only these")];
    vec![
        Field::text("name", "Name", &plan.name)
            .section("What")
            .placeholder("a name, such as nightly")
            .help("Letters, digits, spaces and - _ . : ( )."),
        Field::choice("task", "Does", TASKS, plan.task.word())
            .section("What")
            .help("Space opens the list; type to jump; Left and Right change it."),
        Field::lines("command", "Commands", commands)
            .section("What")
            .placeholder("say Good morning")
            .help("One a line, without a slash; typed into the console one after the other."),
        Field::choice("targets", "On", all, targets).section("What"),
        Field::list("servers", "Servers", &names)
            .section("What")
            .placeholder("their names")
            .help("Names, separated by commas."),
    ]
}

fn when(plan: &Plan, here: &str) -> Vec<Field> {
    let (kind, every, cron, zone) = match &plan.when {
        When::Every(seconds) => ("every", length(*seconds), "0 4 * * *".to_owned(), here.to_owned()),
        When::Cron { expression, zone } => ("cron", "24h".to_owned(), expression.clone(), zone.clone()),
    };
    let kinds = [("every", "again and again, after a time"), ("cron", "by the clock, as cron writes it")];
    vec![
        Field::choice("kind", "Is due", kinds, kind).section("When"),
        Field::text("every", "Every", &every)
            .section("When")
            .placeholder("24h")
            .help("Such as 30m, 6h, 24h or 7d. Not moved by daylight saving."),
        Field::text("cron", "Expression", &cron)
            .section("When")
            .placeholder("0 4 * * *")
            .help("Minute, hour, day of the month, month, day of the week: 0 4 * * MON-FRI, */15 * * * *."),
        Field::text("zone", "Time zone", &zone)
            .section("When")
            .placeholder("UTC")
            .help("The zone whose clocks are meant, such as Europe/Berlin."),
    ]
}

fn how(plan: &Plan) -> Vec<Field> {
    let condition = CONDITIONS.iter().find(|(.., condition)| *condition == plan.condition);
    let missed = MISSED.iter().find(|(.., missed)| *missed == plan.missed);
    let jitter = if plan.jitter_seconds == 0 { String::new() } else { length(plan.jitter_seconds.into()) };
    vec![
        Field::choice(
            "condition",
            "If",
            CONDITIONS.map(|(value, label, _)| (value, label)),
            condition.map_or("", |(value, ..)| value),
        )
        .section("How")
        .help("Looked at when its time has come; a server that does not fit is passed over."),
        Field::choice(
            "missed",
            "If missed",
            MISSED.map(|(value, label, _)| (value, label)),
            missed.map_or("", |(value, ..)| value),
        )
        .section("How")
        .help("What becomes of times that pass while no engine runs here."),
        Field::number("jitter", "Spread", &jitter)
            .section("How")
            .placeholder("begin on time")
            .help("Begin up to so long late, by chance, such as 5m: many then do not begin at once."),
        Field::number("at_once", "At once", &plan.at_once.to_string())
            .section("How")
            .help("On so many servers at the same time."),
    ]
}

/// A length of time as one types it: `24h`, `1h 30m`.
fn length(seconds: u64) -> String {
    // A day is written as 24 hours: it is none of the calendar's.
    if seconds.is_multiple_of(3_600) && seconds <= 172_800 && seconds > 0 {
        return format!("{}h", seconds / 3_600);
    }
    humantime::format_duration(Duration::from_secs(seconds)).to_string()
}

/// A server's name; its id where it is gone, or where several are called so.
fn name_of(id: ServerId, around: &Around) -> String {
    let name = around.servers.iter().find(|(known, _)| *known == id).map(|(_, name)| name);
    let alone = |name: &String| around.servers.iter().filter(|(_, other)| other == name).count() == 1;
    name.filter(|name| alone(name)).cloned().unwrap_or_else(|| id.to_string())
}

/// What a new one begins with. With a name it is right, to try one value in.
fn usual(name: &str) -> Plan {
    Plan {
        name: name.into(),
        targets: Targets::Created,
        when: When::Every(86_400),
        task: Task::Backup,
        condition: Condition::Always,
        jitter_seconds: 0,
        at_once: 1,
        missed: Missed::RunOnce,
        paused: false,
    }
}

impl Planned {
    fn servers(&self, form: &Form) -> Result<Targets, BadField> {
        let bad = |rule: String| BadField::new("servers", rule);
        let mut ids = Vec::new();
        for name in form.values("servers") {
            let named: Vec<_> = self.around.servers.iter().filter(|(_, known)| *known == name).collect();
            let id = match (named.as_slice(), name.parse::<ServerId>()) {
                ([(id, _)], _) => *id,
                ([], Ok(id)) => id,
                ([], Err(_)) => return Err(bad(format!("there is no server called {name}"))),
                _ => return Err(bad(format!("several servers are called {name}: write the id"))),
            };
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        Ok(Targets::Servers(ids))
    }

    fn task(form: &Form) -> Task {
        match form.value("task").as_str() {
            "restart" => Task::Restart,
            "start" => Task::Start,
            "stop" => Task::Stop,
            "commands" => Task::Commands(form.lines("command")),
            "verify" => Task::Verify,
            "test-restore" => Task::TestRestore,
            "prune" => Task::Prune,
            _ => Task::Backup,
        }
    }

    fn when(form: &Form) -> Result<When, BadField> {
        if form.value("kind") == "cron" {
            let (expression, zone) = (form.value("cron"), form.value("zone"));
            let zone = if zone.is_empty() { "UTC".into() } else { zone };
            return Ok(When::Cron { expression, zone });
        }
        let every = plan::duration("every", &form.value("every")).map_err(BadField::from_fault)?;
        Ok(When::Every(every.as_secs()))
    }

    fn jitter(form: &Form) -> Result<u32, BadField> {
        let text = form.value("jitter");
        if text.is_empty() || text == "0" {
            return Ok(0);
        }
        let jitter = plan::duration("jitter", &text).map_err(BadField::from_fault)?;
        Ok(u32::try_from(jitter.as_secs()).unwrap_or(u32::MAX))
    }

    /// Sets what one field means in a plan, and says which rule it breaks there.
    fn apply(&self, id: &str, form: &Form, plan: &mut Plan) -> Result<(), BadField> {
        match id {
            "name" => {
                plan.name = form.value("name");
                if self.around.names.contains(&plan.name) {
                    return Err(BadField::new("name", "another schedule is called so"));
                }
            }
            "task" | "command" => plan.task = Self::task(form),
            "targets" | "servers" if form.value("targets") == "servers" => {
                plan.targets = self.servers(form)?
            }
            "targets" | "servers" => plan.targets = Targets::Created,
            "kind" | "every" | "cron" | "zone" => plan.when = Self::when(form)?,
            "condition" => {
                let value = form.value("condition");
                let found = CONDITIONS.iter().find(|(known, ..)| *known == value);
                plan.condition = found.map(|(.., condition)| *condition).unwrap_or_default();
            }
            "missed" => {
                let value = form.value("missed");
                let found = MISSED.iter().find(|(known, ..)| *known == value);
                plan.missed = found.map(|(.., missed)| *missed).unwrap_or_default();
            }
            "jitter" => plan.jitter_seconds = Self::jitter(form)?,
            "at_once" => {
                let count = form.value("at_once").parse();
                plan.at_once = count.map_err(|_| BadField::new("at_once", "must be a number"))?;
            }
            _ => {}
        }
        plan::check(plan).map_err(BadField::from_fault)
    }

    /// The next times.
    fn times(&self, when: &When) -> Result<Vec<Timestamp>, Fault> {
        let unchanged = self.old.as_ref().filter(|old| old.plan.when == *when).and_then(|old| old.next);
        match unchanged.filter(|next| *next > self.now) {
            Some(next) => Ok(plan::coming(when, next, TOLD)),
            None => plan::upcoming(when, self.now, TOLD),
        }
    }

    /// When it is due in words, and the next times, each on a line of its own.
    fn told(&self, when: &When) -> Result<String, Fault> {
        let words = plan::explain(when)?;
        let zone = match when {
            When::Cron { zone, .. } => zone.clone(),
            When::Every(_) => self.around.zone.clone(),
        };
        let times = self.times(when)?;
        let words_of = ["next", "then", "then"].into_iter();
        let lines =
            times.iter().zip(words_of).map(|(at, word)| format!("{word} {}", paint::clock(*at, &zone)));
        Ok(std::iter::once(words).chain(lines).collect::<Vec<_>>().join("\n"))
    }
}

impl Content for Planned {
    type Value = Plan;

    fn check(&self, form: &mut Form) {
        form.show("command", form.value("task") == "commands");
        form.show("servers", form.value("targets") == "servers");
        let by_clock = form.value("kind") == "cron";
        form.show("every", !by_clock);
        form.show("cron", by_clock);
        form.show("zone", by_clock);
        let ids: Vec<_> = form.ids().collect();
        for id in ids {
            // Each value by itself, so that each shows what is wrong with it and not what is wrong with another.
            let mut plan = usual("x");
            if id == "jitter" {
                // It must be shorter than the interval; what is wrong with that is told there.
                let _ = self.apply("kind", form, &mut plan);
            }
            let verdict = self.apply(id, form, &mut plan);
            form.set_error(id, verdict.err().filter(|bad| bad.field == id).map(|bad| bad.rule));
            form.set_note(id, None);
        }
        let all: Vec<_> = self.around.servers.iter().map(|(_, name)| name.as_str()).collect();
        let known =
            if all.is_empty() { "there is none yet".into() } else { format!("there are {}", all.join(", ")) };
        form.set_note("servers", Some(known));
        let task = Self::task(form);
        let said = if form.lines("command").is_empty() { None } else { Some(plan::task(&task)) };
        form.set_note("command", said);
        let when = Self::when(form);
        let told = when.ok().and_then(|when| self.told(&when).ok());
        form.set_note(if by_clock { "zone" } else { "every" }, told);
        if self.old.is_some() {
            form.show_what_was();
        }
    }

    fn value(&self, form: &Form) -> Result<Plan, BadField> {
        let mut plan = usual("x");
        for id in ["name", "task", "targets", "kind", "condition", "missed", "at_once", "jitter"] {
            self.apply(id, form, &mut plan)?;
        }
        plan.paused = self.old.as_ref().is_some_and(|old| old.plan.paused);
        Ok(plan)
    }
}
