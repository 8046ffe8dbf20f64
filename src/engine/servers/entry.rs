//! Everything that the core holds of one server.

use std::sync::Arc;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::{
    lives::Lives,
    milestones::Milestones,
    status::{self, Evidence},
};
use crate::{
    docker::{Container, Detail, Health, Phase},
    engine::{console::Console, players::Roster},
    minecraft::{explain, text},
    model::{
        About, Explanation, History, JobId, JobKind, Ownership, Players, Sample, Server, ServerId, Spec,
        State, Ticks, Via, tally::Counts,
    },
    store::{ServerRecord, Wanted},
};

/// Longest name or other text from outside that a snapshot carries, in characters.
const TEXT_MAX: usize = 256;

/// One server, as the core knows it.
pub struct Entry {
    /// What the database keeps of it, or would if it were managed.
    pub record: ServerRecord,
    /// Its container as last listed: enough for a first state.
    pub listed: Option<Container>,
    /// Its container as last inspected.
    pub detail: Option<Detail>,
    /// What its log told.
    pub log: Milestones,
    /// Whether the game answered in this run.
    pub answered: bool,
    /// Since when the game has not answered, though it did or should.
    pub silent_since: Option<Timestamp>,
    /// How often it ended by itself.
    pub lives: Lives,
    /// Whether somebody told Docker to end it, so that its next end is no crash.
    pub end_asked: Option<Timestamp>,
    /// Who is on it.
    pub roster: Roster,
    /// What was counted of it.
    pub counts: Counts,
    /// The latest measurement.
    pub sample: Option<Sample>,
    /// Those of the last day.
    pub history: History,
    /// How fast the game ticks, where it told that in this run.
    pub ticks: Option<Ticks>,
    /// The job that works on it.
    pub job: Option<(JobId, JobKind)>,
    /// What that job says of its state.
    pub job_phase: Option<State>,
    /// How commands reach it.
    pub via: Option<Via>,
    /// Its console, once somebody needed it.
    pub console: Option<Console>,
    /// Ends the tasks of its current run: measurements and probes.
    pub run: Option<Run>,
    /// Why it is as it is.
    pub explanation: Option<Arc<Explanation>>,
    /// Why it last ended by itself, as far as that is known.
    pub last_end: Option<Explanation>,
    /// Whether the log of its last run is being read, which may tell a crash from a stop.
    pub reading: bool,
    /// Whether the game was asked once in this run, whatever came of it.
    pub asked: bool,
    /// Whether this run began while the engine was looking: then it is news that it can be joined.
    pub fresh_run: bool,
    /// Whether a person was told of its last end already.
    pub crash_told: bool,
    /// An end that is put into words when the log was read to its end.
    pub dying: Option<Dying>,
    /// Whether a person asked to kill it, rather than to stop it.
    pub kill_asked: bool,
    /// Whether the kernel took one of its processes in this run, for want of memory.
    pub starved: bool,
    /// Whether the game is not asked whether it can be joined, because that would wake it: its log is believed.
    pub unasked: bool,
    /// Whether the engine is stopping it because it looped.
    pub stopping_loop: bool,
    /// The state that the last snapshot showed.
    pub shown: Option<State>,
    view: Option<Arc<Server>>,
    about: Option<Arc<About>>,
}

/// How a container ended.
#[derive(Clone, Copy, Debug)]
pub struct Dying {
    /// When it was started.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub at: Timestamp,
    /// With which code.
    pub exit_code: i64,
}

/// The tasks that exist only while a container runs.
pub struct Run {
    /// Which container.
    pub container: String,
    /// Ends them.
    pub stop: CancellationToken,
}

impl Drop for Run {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Entry {
    /// A server of which nothing is known yet but its record.
    pub fn new(record: ServerRecord) -> Self {
        Self {
            record,
            listed: None,
            detail: None,
            log: Milestones::default(),
            answered: false,
            silent_since: None,
            lives: Lives::default(),
            end_asked: None,
            roster: Roster::default(),
            counts: Counts::default(),
            sample: None,
            history: History::default(),
            ticks: None,
            job: None,
            job_phase: None,
            via: None,
            console: None,
            run: None,
            explanation: None,
            last_end: None,
            reading: false,
            asked: false,
            fresh_run: false,
            crash_told: false,
            dying: None,
            kill_asked: false,
            starved: false,
            unasked: false,
            stopping_loop: false,
            shown: None,
            view: None,
            about: None,
        }
    }

    /// A container that somebody else made.
    pub fn found(container: &Container, spec: Spec) -> Self {
        let record = ServerRecord {
            id: ServerId::of_container(&container.id),
            ownership: Ownership::Found,
            spec,
            container_id: Some(container.id.clone()),
            container_name: container.name.clone(),
            image: container.image.clone(),
            data: None,
            version: None,
            created_at: container.created_at,
            wanted: Wanted::Running,
            looping: None,
            patterns: Default::default(),
            rcon_password: None,
        };
        Self { listed: Some(container.clone()), ..Self::new(record) }
    }

    /// Never changes.
    pub fn id(&self) -> ServerId {
        self.record.id
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.record.spec.name
    }

    /// Docker's word for its container.
    pub fn phase(&self) -> Option<Phase> {
        self.record.container_id.as_ref()?;
        let told = self.detail.as_ref().map(|detail| detail.phase);
        // One that was just made and not looked at yet is there, and does not run.
        told.or(self.listed.as_ref().map(|listed| listed.state)).or(Some(Phase::Created))
    }

    fn health(&self) -> Option<Health> {
        match &self.detail {
            Some(detail) => detail.health,
            None => self.listed.as_ref().and_then(|listed| listed.health),
        }
    }

    /// When its container last started, while it runs.
    pub fn started_at(&self) -> Option<Timestamp> {
        let live = matches!(self.phase(), Some(Phase::Running | Phase::Paused));
        self.detail.as_ref().and_then(|detail| detail.started_at).filter(|_| live)
    }

    /// When its container last started, whether it still runs or not.
    pub fn last_start(&self) -> Option<Timestamp> {
        self.detail.as_ref().and_then(|detail| detail.started_at)
    }

    /// Its container is gone.
    pub fn lose_container(&mut self) {
        self.record.container_id = None;
        (self.listed, self.detail, self.run, self.via) = (None, None, None, None);
        self.forget_figures();
        (self.answered, self.silent_since) = (false, None);
        self.roster = Roster::default();
        self.touch();
    }

    fn forget_figures(&mut self) {
        (self.sample, self.ticks) = (None, None);
        self.history.end_run();
    }

    /// A new run of its container began.
    pub fn begin_run(&mut self, at: Timestamp) {
        self.log.started(at);
        (self.answered, self.silent_since, self.end_asked, self.explanation) = (false, None, None, None);
        self.forget_figures();
        (self.starved, self.kill_asked, self.crash_told, self.asked) = (false, false, false, false);
        self.roster = Roster::default();
        self.touch();
    }

    /// Its container ended: nothing that was measured holds any longer.
    pub fn end_run(&mut self) {
        self.forget_figures();
        (self.run, self.answered, self.silent_since) = (None, false, None);
        self.roster = Roster::default();
        self.touch();
    }

    /// Whether somebody is known to have stopped it, here or by `docker stop`.
    pub fn end_asked(&self) -> bool {
        self.end_asked.is_some() || self.record.wanted == Wanted::Stopped
    }

    /// Whether its last end was wanted: told by a person, here or by `docker stop`, or by the server's own console.
    pub fn end_wanted(&self) -> bool {
        if self.end_asked() {
            return true;
        }
        let Some(detail) = &self.detail else {
            // Listed only: a state is wanted at once. The details follow, and may turn it into a crash.
            return true;
        };
        let graceful =
            matches!(detail.exit_code, Some(0 | 143)) && !detail.oom_killed && detail.error.is_empty();
        graceful && self.log.problems.is_empty()
    }

    /// Why it ended or is ill, in words.
    pub fn explain(&mut self) {
        let Some(detail) = &self.detail else { return };
        let ended = detail.finished_at.unwrap_or_else(Timestamp::now);
        let asked = self.end_asked.or((self.record.wanted == Wanted::Stopped).then_some(ended));
        let before =
            |asked: Timestamp| std::time::Duration::try_from(ended.duration_since(asked)).unwrap_or_default();
        if self.kill_asked {
            self.explanation = Some(Arc::new(killed()));
            return self.touch();
        }
        let explanation = explain::explain(&explain::End {
            exit_code: detail.exit_code,
            oom_killed: detail.oom_killed,
            start_error: Some(detail.error.as_str()).filter(|error| !error.is_empty()),
            stop_asked: asked.map(before),
            world_saved: self.log.saved,
            problems: &self.log.problems,
        });
        self.explanation = Some(Arc::new(explanation));
        self.touch();
    }

    /// Whether it is being made and may yet be undone.
    pub fn is_half_made(&self) -> bool {
        match self.job {
            Some((_, JobKind::Create | JobKind::Clone)) => true,
            // One that is made from a backup; what is restored into a server that is there has a container.
            Some((_, JobKind::Restore)) => self.record.container_id.is_none(),
            _ => false,
        }
    }

    /// It ended by itself: puts into words why, unless what is known already says more.
    pub fn note_end(&mut self, exit_code: i64, at: Timestamp) {
        let error = self.detail.as_ref().map(|detail| detail.error.as_str()).unwrap_or_default();
        let end = explain::explain(&explain::End {
            exit_code: Some(exit_code),
            oom_killed: self.starved,
            start_error: Some(error).filter(|error| !error.is_empty()),
            stop_asked: self.end_asked.and_then(|asked| at.duration_since(asked).try_into().ok()),
            world_saved: self.log.saved,
            problems: &self.log.problems,
        });
        let vague = |end: &Explanation| ["clean_exit", "unknown", "killed"].contains(&end.code.as_str());
        if self.last_end.is_none() || !vague(&end) {
            self.last_end = Some(end);
        }
    }

    /// A person wants something of it: what went before counts no longer.
    pub fn forgive(&mut self) {
        self.lives.forget();
        self.last_end = None;
    }

    /// Whether its state is more than a guess: it does not run, or its game was asked.
    pub fn is_known(&self) -> bool {
        (self.run.is_none() && !self.reading)
            || self.asked
            || self.answered
            || self.health() == Some(Health::Healthy)
    }

    /// Something changed: the next snapshot shows it anew.
    pub fn touch(&mut self) {
        self.view = None;
    }

    /// Something that changes seldom has changed.
    pub fn touch_about(&mut self) {
        (self.view, self.about) = (None, None);
    }

    /// Whether the next snapshot differs.
    pub fn is_touched(&self) -> bool {
        self.view.is_none()
    }

    /// What it is doing.
    pub fn state(&self, host_up: bool, now: Timestamp) -> State {
        status::derive(&Evidence {
            host_up,
            job_phase: self.job_phase,
            stop_asked: matches!(self.job, Some((_, JobKind::Stop | JobKind::Restart)))
                && self.end_asked.is_some(),
            phase: self.phase(),
            health: self.health(),
            log: &self.log,
            answered: self.answered,
            silent_since: self.silent_since,
            looping: self.record.looping.is_some(),
            end_wanted: self.end_wanted(),
            started_at: self.started_at(),
            now,
        })
    }

    /// It as the snapshot shows it; made anew only after something changed.
    pub fn view(&mut self, host_up: bool, now: Timestamp) -> Arc<Server> {
        if let Some(view) = &self.view {
            return view.clone();
        }
        let state = self.state(host_up, now);
        let about = self.about();
        let explanation = match state {
            State::Looping => self.record.looping.clone().map(Arc::new),
            State::Missing => Some(Arc::new(self.missing())),
            State::Crashed | State::Stopped => self.explanation.clone(),
            State::Unhealthy => Some(Arc::new(self.unhealthy())),
            _ => None,
        };
        let view = Arc::new(Server {
            about,
            state,
            explanation,
            started_at: self.started_at(),
            players: self.players(state),
            sample: self.sample.filter(|_| state.is_running()),
            ticks: self.ticks.filter(|_| state == State::Ready),
            restarts: self.lives.ended(),
            via: self.via.filter(|_| state.is_running()),
            job: self.job.map(|(id, _)| id),
        });
        self.view = Some(view.clone());
        view
    }

    fn about(&mut self) -> Arc<About> {
        if let Some(about) = &self.about {
            return about.clone();
        }
        let record = &self.record;
        let about = Arc::new(About {
            id: record.id,
            name: text::plain(&record.spec.name, TEXT_MAX),
            host: record.spec.host.clone(),
            ownership: record.ownership,
            spec: record.spec.clone(),
            container_id: record.container_id.clone(),
            container_name: text::plain(&record.container_name, TEXT_MAX),
            image: text::plain(&record.image, TEXT_MAX),
            version: record.version.as_deref().map(|version| text::plain(version, 64)),
            port: self.port(),
            data: record.data.as_deref().map(|data| text::plain(data, TEXT_MAX)),
            patterns: record.patterns.clone(),
            created_at: record.created_at,
        });
        self.about = Some(about.clone());
        about
    }

    /// The host's port that leads to the game.
    pub fn port(&self) -> Option<u16> {
        let ports = match (&self.detail, &self.listed) {
            (Some(detail), _) => &detail.ports,
            (None, Some(listed)) => &listed.ports,
            (None, None) => return Some(self.record.spec.port).filter(|port| *port != 0),
        };
        let game = ports.iter().filter(|port| !port.udp && port.container == super::plan::GAME_PORT);
        game.filter_map(|port| port.host).map(|(_, port)| port).find(|port| *port != 0)
    }

    fn players(&self, state: State) -> Option<Arc<Players>> {
        (matches!(state, State::Ready | State::Unhealthy | State::Stopping)).then(|| self.roster.players())?
    }

    fn missing(&self) -> Explanation {
        let data = match &self.record.data {
            Some(data) => format!("Its world is in the volume {data}, if nobody removed that."),
            None => "What became of its world is not known here.".into(),
        };
        Explanation {
            code: "missing".into(),
            what: "Its container is gone: somebody removed it outside of this program.".into(),
            means: data,
            next: "Forget it here, or create a server on the same volume.".into(),
        }
    }

    fn unhealthy(&self) -> Explanation {
        let said =
            self.detail.as_ref().and_then(|detail| detail.health_output.as_deref()).unwrap_or_default();
        let said = text::plain(said, TEXT_MAX);
        let mut what = "The server runs, but it does not answer.".to_owned();
        if !said.is_empty() {
            what = format!("{what} Its health check says: {said}");
        }
        Explanation {
            code: "unhealthy".into(),
            what,
            means: "Players cannot join, or have lost their connection; the world is still loaded.".into(),
            next: "Look at its console; if nothing moves there, restart it.".into(),
        }
    }
}

fn killed() -> Explanation {
    Explanation {
        code: "killed".into(),
        what: "It was killed, as was asked.".into(),
        means: "What was not saved when it ended is lost.".into(),
        next: "Start it again when it is wanted.".into(),
    }
}
