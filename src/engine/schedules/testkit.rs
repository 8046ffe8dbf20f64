//! The whole scheduler on a stage: its own database, a clock that is set by hand, and a core that does as it is told.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use jiff::Timestamp;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::{ASKS, Ask, Clock, Desk, Ground};
use crate::{
    engine::{
        fact::Fact,
        handle::{Handle, Request},
    },
    model::{
        About, Answer, AuditLine, Fault, HostId, Job, JobId, JobKind, JobState, Notice, Order, Origin,
        Ownership, Players, Progress, Schedule, ScheduleId, Server, ServerId, Snapshot, Spec, State, Via,
        schedule::{Condition, Missed, Outcome, Plan, Run, Targets, Task, When},
    },
    store::{Flag, Store},
    tasks::Tasks,
};

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn cron(expression: &str, zone: &str) -> When {
    When::Cron { expression: expression.into(), zone: zone.into() }
}

/// A plan that says its own name on all servers.
pub fn saying(name: &str, when: When) -> Plan {
    Plan {
        name: name.into(),
        targets: Targets::Created,
        when,
        task: Task::Commands(vec![format!("say {name}")]),
        condition: Condition::Always,
        jitter_seconds: 0,
        at_once: 1,
        missed: Missed::RunOnce,
        paused: false,
    }
}

pub fn server(number: u128, state: State, online: u32) -> Server {
    let id = ServerId(uuid::Uuid::from_u128(number));
    let name = format!("server-{number}");
    Server {
        about: Arc::new(About {
            id,
            name: name.clone(),
            host: HostId::local(),
            ownership: Ownership::Created,
            spec: Spec { name: name.clone(), eula: true, ..Spec::default() },
            container_id: Some("c".into()),
            container_name: name,
            image: "image".into(),
            version: None,
            port: None,
            data: None,
            patterns: Default::default(),
            created_at: Timestamp::UNIX_EPOCH,
        }),
        state,
        explanation: None,
        started_at: None,
        players: state.is_running().then(|| Arc::new(Players { online, max: 20, names: Vec::new() })),
        sample: None,
        ticks: None,
        restarts: 0,
        via: Some(Via::Stdin),
        job: None,
    }
}

/// What was given in, and when by the stage's clock.
pub type Given = (Timestamp, Order);

/// What the core of the stage has heard.
#[derive(Default)]
pub struct Heard {
    pub orders: Vec<Given>,
    pub audit: Vec<AuditLine>,
    pub notices: Vec<Notice>,
}

#[derive(Clone, Default)]
pub struct Shown {
    pub schedules: Vec<Arc<Schedule>>,
    pub paused: bool,
}

/// The stage.
pub struct Stage {
    pub hand: watch::Sender<Timestamp>,
    pub world: Arc<watch::Sender<Arc<Snapshot>>>,
    pub heard: Arc<Mutex<Heard>>,
    /// Whether orders begin jobs that last until the test ends them.
    pub hold: Arc<AtomicBool>,
    pub store: Store,
    asks: mpsc::Sender<Ask>,
    shown: watch::Receiver<Shown>,
    tasks: Tasks,
    stop: CancellationToken,
}

impl Stage {
    /// With one server that runs and has nobody on it.
    pub async fn new(now: &str) -> Self {
        let store = Store::in_memory().await.unwrap();
        let world = Snapshot {
            settled: true,
            servers: vec![Arc::new(server(1, State::Ready, 0))],
            ..Snapshot::default()
        };
        Self::on(store, at(now), world, true).await
    }

    pub async fn on(store: Store, now: Timestamp, world: Snapshot, live: bool) -> Self {
        let (hand, clock) = watch::channel(now);
        let clock = Clock::driven(clock);
        let (requests, incoming) = mpsc::channel(64);
        let (world, seen) = watch::channel(Arc::new(world));
        let world = Arc::new(world);
        let (events, _) = broadcast::channel(8);
        let (facts, told) = mpsc::channel(64);
        let (asks, asked) = mpsc::channel(ASKS);
        let (tasks, stop) = (Tasks::new(), CancellationToken::new());
        let handle = Handle::new(requests, seen, events, Origin::Schedule);
        let loaded = store.load().await.unwrap();
        let paused = loaded.flags.contains(&Flag::SchedulesPaused);
        let ground = Ground {
            handle,
            store: store.clone(),
            facts,
            tasks: tasks.clone(),
            stop: stop.clone(),
            clock: clock.clone(),
            live,
        };
        let heard = Arc::new(Mutex::new(Heard::default()));
        let hold = Arc::new(AtomicBool::new(false));
        let (show, shown) = watch::channel(Shown::default());
        tokio::spawn(obey(incoming, clock, world.clone(), heard.clone(), hold.clone()));
        tokio::spawn(listen(told, show, heard.clone()));
        let (desk, reports) = Desk::open(ground, loaded.schedules, paused).await;
        tasks.spawn(desk.run(asked, reports));
        let stage = Self { hand, world, heard, hold, store, asks, shown, tasks, stop };
        stage.quiet().await;
        stage
    }

    pub fn now(&self) -> Timestamp {
        *self.hand.borrow()
    }

    pub async fn give(&self, order: Order) -> Result<Answer, Fault> {
        let (reply, answer) = oneshot::channel();
        self.asks.send(Ask { origin: Origin::CommandLine, order, reply }).await.unwrap();
        answer.await.unwrap()
    }

    pub async fn add(&self, plan: Plan) -> ScheduleId {
        match self.give(Order::AddSchedule(Box::new(plan))).await.unwrap() {
            Answer::Scheduled(id) => id,
            other => panic!("{other:?}"),
        }
    }

    /// Waits until the scheduler has looked at everything that there is now.
    pub async fn quiet(&self) {
        // What comes after an answer comes before the next one.
        for _ in 0..2 {
            let nobody = Order::PauseSchedule(ScheduleId(uuid::Uuid::nil()), false);
            assert!(self.give(nobody).await.is_err());
        }
    }

    /// Sets the clock, and waits until what that leads to was begun.
    pub async fn set(&self, now: Timestamp) {
        self.hand.send_replace(now);
        self.quiet().await;
    }

    /// Waits until nothing is being done.
    pub async fn idle(&self) {
        self.until(|shown| !shown.schedules.iter().any(|one| one.running)).await;
    }

    pub async fn until(&self, wanted: impl FnMut(&Shown) -> bool) -> Shown {
        let mut shown = self.shown.clone();
        let patience = std::time::Duration::from_secs(20);
        let found = tokio::time::timeout(patience, shown.wait_for(wanted)).await;
        found.expect("it never came about").unwrap().clone()
    }

    pub fn shown(&self) -> Shown {
        self.shown.borrow().clone()
    }

    pub fn one(&self, id: ScheduleId) -> Arc<Schedule> {
        self.shown().schedules.iter().find(|one| one.id == id).unwrap().clone()
    }

    pub fn last(&self, id: ScheduleId) -> Run {
        self.one(id).last.clone().expect("a run")
    }

    pub fn outcome(&self, id: ScheduleId) -> Outcome {
        self.last(id).outcome
    }

    /// Goes from one due time to the next until this time.
    pub async fn walk(&self, until: Timestamp) {
        loop {
            self.idle().await;
            let next = self.shown().schedules.iter().filter_map(|one| one.next).min();
            match next.filter(|next| *next <= until) {
                Some(next) => {
                    self.hand.send_replace(next);
                    self.until(|shown| shown.schedules.iter().all(|one| one.next != Some(next))).await;
                }
                None => break,
            }
        }
        self.set(until).await;
        self.idle().await;
    }

    /// What was given in so far.
    pub fn orders(&self) -> Vec<Given> {
        self.heard.lock().unwrap().orders.clone()
    }

    /// The lines that were typed so far, each with its time.
    pub fn typed(&self) -> Vec<(String, String)> {
        let line = |(at, order): Given| match order {
            Order::Console { line, .. } => Some((at.to_string(), line)),
            _ => None,
        };
        self.orders().into_iter().filter_map(line).collect()
    }

    /// Waits until so many orders were given.
    pub async fn given(&self, count: usize) -> Vec<Given> {
        let patience = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
        loop {
            let orders = self.orders();
            if orders.len() >= count {
                return orders;
            }
            assert!(tokio::time::Instant::now() < patience, "only {orders:?}");
            tokio::task::yield_now().await;
        }
    }

    /// Waits until the world is so.
    pub async fn world_has(&self, wanted: impl Fn(&Snapshot) -> bool) {
        let mut world = self.world.subscribe();
        let patience = std::time::Duration::from_secs(20);
        tokio::time::timeout(patience, world.wait_for(|world| wanted(world)))
            .await
            .expect("never so")
            .unwrap();
    }

    pub fn change(&self, change: impl FnOnce(&mut Snapshot)) {
        self.world.send_modify(|world| change(Arc::make_mut(world)));
    }

    /// Ends the job of a server.
    pub fn finish(&self, server: ServerId, state: JobState) {
        self.change(|world| {
            let found = world.servers.iter_mut().find(|one| one.id() == server).unwrap();
            let job = Arc::make_mut(found).job.take().unwrap();
            let found = world.jobs.iter_mut().find(|one| one.id == job).unwrap();
            Arc::make_mut(found).state = state;
        });
    }

    /// A program that begins has no job yet.
    fn world_without_jobs(&self) -> Snapshot {
        let mut world = (**self.world.borrow()).clone();
        world.jobs.clear();
        world.servers.iter_mut().for_each(|server| Arc::make_mut(server).job = None);
        world
    }

    /// Ends it in order, and begins another one on the same database at this time.
    pub async fn again(self, now: Timestamp) -> Self {
        let (store, world) = (self.store.clone(), self.world_without_jobs());
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        Self::on(store, now, world, true).await
    }

    /// Ends it as a kill does, from one moment to the next, and begins another one at this time.
    pub async fn killed(self, now: Timestamp) -> Self {
        // What it would still write is written to a database that nobody reads any more.
        let (store, world) = (Store::in_memory().await.unwrap(), self.world_without_jobs());
        let loaded = self.store.load().await.unwrap();
        let paused = loaded.flags.contains(&Flag::SchedulesPaused);
        store.put_schedules(loaded.schedules, Some((Flag::SchedulesPaused, paused))).await.unwrap();
        Self::on(store, now, world, true).await
    }
}

async fn obey(
    mut requests: mpsc::Receiver<Request>,
    clock: Clock,
    world: Arc<watch::Sender<Arc<Snapshot>>>,
    heard: Arc<Mutex<Heard>>,
    hold: Arc<AtomicBool>,
) {
    while let Some(request) = requests.recv().await {
        let Request::Run { command, reply } = request else { continue };
        assert_eq!(command.origin, Origin::Schedule);
        let order = command.order;
        heard.lock().unwrap().orders.push((clock.now(), order.clone()));
        let answer = match order {
            Order::Console { .. } => Answer::Sent { via: Via::Stdin, reply: None },
            Order::Start(id) | Order::Stop(id) | Order::Restart(id) | Order::Backup(id, _)
                if hold.load(Ordering::Relaxed) =>
            {
                let job = begin(&world, id);
                Answer::Started { job, server: id }
            }
            _ => Answer::Done,
        };
        let _ = reply.send(Ok(answer));
    }
}

fn begin(world: &watch::Sender<Arc<Snapshot>>, id: ServerId) -> JobId {
    let job = Job {
        id: JobId::new(),
        kind: JobKind::Backup,
        server: Some(id),
        server_name: String::new(),
        origin: Origin::Schedule,
        state: JobState::Running,
        progress: Progress::default(),
        can_cancel: false,
        started_at: Timestamp::UNIX_EPOCH,
        ended_at: None,
    };
    let begun = job.id;
    world.send_modify(|world| {
        let world = Arc::make_mut(world);
        let server = world.servers.iter_mut().find(|one| one.id() == id).unwrap();
        Arc::make_mut(server).job = Some(begun);
        world.jobs.push(Arc::new(job));
    });
    begun
}

async fn listen(mut facts: mpsc::Receiver<Fact>, show: watch::Sender<Shown>, heard: Arc<Mutex<Heard>>) {
    while let Some(fact) = facts.recv().await {
        match fact {
            Fact::Schedules(told) => {
                show.send_replace(Shown { schedules: told.schedules, paused: told.paused });
                heard.lock().unwrap().notices.extend(told.notices);
                if let Some((ask, answer)) = told.answered {
                    let _ = ask.reply.send(answer);
                }
            }
            Fact::WriteDown(line) => heard.lock().unwrap().audit.push(*line),
            _ => panic!("an odd fact"),
        }
    }
}
