//! The state of a server, from Docker's word, the log's milestones and the game's own answer together.

use std::time::Duration;

use jiff::Timestamp;

use super::milestones::Milestones;
use crate::{
    docker::{Health, Phase},
    model::State,
};

/// How long a server that said it is done may go unanswered before it counts as unhealthy.
pub const ANSWER_PATIENCE: Duration = Duration::from_secs(30);
/// How long a world may load without a word, when the health check already fails, before that counts as unhealthy.
pub const LOAD_PATIENCE: Duration = Duration::from_secs(180);

/// Everything that decides a state.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// Whether its host answers.
    pub host_up: bool,
    /// What a job says while no container can tell.
    pub job_phase: Option<State>,
    /// Whether a job is stopping it.
    pub stop_asked: bool,
    /// Docker's word; `None` when there is no container.
    pub phase: Option<Phase>,
    /// Docker's health check.
    pub health: Option<Health>,
    /// What the log told.
    pub log: &'a Milestones,
    /// Whether the game answered in this run: it can be joined.
    pub answered: bool,
    /// Since when it has not answered, though it did or should.
    pub silent_since: Option<Timestamp>,
    /// Whether it was stopped for good because it looped.
    pub looping: bool,
    /// Whether its last end was wanted, as far as is known.
    pub end_wanted: bool,
    /// When it last started.
    pub started_at: Option<Timestamp>,
    /// The time.
    pub now: Timestamp,
}

/// The state that the evidence amounts to.
pub fn derive(evidence: &Evidence<'_>) -> State {
    if !evidence.host_up {
        return State::Unknown;
    }
    if let Some(phase) = evidence.job_phase {
        return phase;
    }
    match evidence.phase {
        None => State::Missing,
        // It is still there, and cannot be forgotten yet.
        Some(Phase::Removing) => State::Stopping,
        Some(Phase::Created) => State::Stopped,
        Some(Phase::Paused) => State::Paused,
        Some(Phase::Running) => running(evidence),
        Some(_) if evidence.looping => State::Looping,
        Some(Phase::Restarting) => State::Crashed,
        Some(Phase::Exited | Phase::Dead) if evidence.end_wanted => State::Stopped,
        Some(Phase::Exited | Phase::Dead) => State::Crashed,
    }
}

fn running(evidence: &Evidence<'_>) -> State {
    let log = evidence.log;
    if evidence.stop_asked || log.stopping {
        return State::Stopping;
    }
    if log.suspended {
        return State::Paused;
    }
    let silent = |since: Option<Timestamp>, patience: Duration| {
        since.is_some_and(|since| {
            Duration::try_from(evidence.now.duration_since(since)).is_ok_and(|waited| waited >= patience)
        })
    };
    // Docker's health check asks the game itself, and forgets its answer at each start.
    if evidence.answered || evidence.health == Some(Health::Healthy) {
        let sick =
            evidence.health == Some(Health::Unhealthy) || silent(evidence.silent_since, ANSWER_PATIENCE);
        return if sick { State::Unhealthy } else { State::Ready };
    }
    if log.done {
        // It says that it is done; the answer to the first ping is on its way, or never comes. How long ago it said so
        // is no silence: nobody may have asked then.
        return match evidence.health {
            _ if silent(evidence.silent_since, ANSWER_PATIENCE) => State::Unhealthy,
            Some(Health::Healthy) => State::Ready,
            _ => State::Loading(Some(100)),
        };
    }
    // Unhealthy while it loads means only that nobody can join yet, unless the log has stood still as well.
    if evidence.health == Some(Health::Unhealthy)
        && silent(log.moved_at.or(evidence.started_at), LOAD_PATIENCE)
    {
        return State::Unhealthy;
    }
    if log.loading { State::Loading(log.percent) } else { State::Starting }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::engine::fact::Told;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn evidence(log: &Milestones) -> Evidence<'_> {
        Evidence {
            host_up: true,
            job_phase: None,
            stop_asked: false,
            phase: Some(Phase::Running),
            health: None,
            log,
            answered: false,
            silent_since: None,
            looping: false,
            end_wanted: false,
            started_at: Some(NOW),
            now: NOW,
        }
    }

    #[test]
    fn ready_means_that_it_can_be_joined() {
        let mut log = Milestones::default();
        assert_eq!(derive(&evidence(&log)), State::Starting);
        log.tell(NOW, &Told::Loading(Some(40)));
        assert_eq!(derive(&evidence(&log)), State::Loading(Some(40)));
        log.tell(NOW, &Told::Done);
        assert_eq!(derive(&evidence(&log)), State::Loading(Some(100)), "said so, but not yet asked");
        assert_eq!(derive(&Evidence { answered: true, ..evidence(&log) }), State::Ready);
    }

    #[test]
    fn a_host_that_is_gone_says_nothing_about_its_servers() {
        let log = Milestones::default();
        for phase in [None, Some(Phase::Exited), Some(Phase::Running)] {
            assert_eq!(derive(&Evidence { host_up: false, phase, ..evidence(&log) }), State::Unknown);
        }
    }

    #[test]
    fn an_end_is_a_crash_unless_it_was_wanted() {
        let log = Milestones::default();
        let ended = Evidence { phase: Some(Phase::Exited), ..evidence(&log) };
        assert_eq!(derive(&ended), State::Crashed);
        assert_eq!(derive(&Evidence { end_wanted: true, ..ended }), State::Stopped);
        assert_eq!(derive(&Evidence { looping: true, ..ended }), State::Looping);
        assert_eq!(derive(&Evidence { phase: Some(Phase::Restarting), ..ended }), State::Crashed);
        assert_eq!(derive(&Evidence { phase: None, ..ended }), State::Missing);
    }

    #[test]
    fn unhealthy_while_loading_is_still_loading_until_the_log_stands_still() {
        let mut log = Milestones::default();
        log.tell(NOW, &Told::Loading(Some(10)));
        let sick = Evidence { health: Some(Health::Unhealthy), ..evidence(&log) };
        assert_eq!(derive(&sick), State::Loading(Some(10)));
        let later = NOW + SignedDuration::from_secs(300);
        assert_eq!(derive(&Evidence { now: later, ..sick }), State::Unhealthy);
    }

    #[test]
    fn a_ready_server_that_falls_silent_is_unhealthy_and_comes_back() {
        let mut log = Milestones::default();
        log.tell(NOW, &Told::Done);
        let ready = Evidence { answered: true, ..evidence(&log) };
        let later = NOW + SignedDuration::from_secs(31);
        assert_eq!(derive(&Evidence { silent_since: Some(NOW), now: later, ..ready }), State::Unhealthy);
        assert_eq!(derive(&Evidence { silent_since: None, now: later, ..ready }), State::Ready);
    }

    #[test]
    fn a_server_that_was_running_before_we_came_is_known_by_its_health() {
        let mut log = Milestones::default();
        assert_eq!(derive(&Evidence { health: Some(Health::Healthy), ..evidence(&log) }), State::Ready);
        log.tell(NOW, &Told::Loading(Some(10)));
        assert_eq!(
            derive(&Evidence { health: Some(Health::Healthy), ..evidence(&log) }),
            State::Ready,
            "old lines"
        );
    }

    #[test]
    fn a_log_of_long_ago_that_is_read_at_start_is_no_silence() {
        let mut log = Milestones::default();
        log.tell(NOW, &Told::Done);
        let later = Evidence { now: NOW + SignedDuration::from_hours(2), ..evidence(&log) };
        assert_eq!(derive(&later), State::Loading(Some(100)));
        assert_eq!(derive(&Evidence { health: Some(Health::Healthy), ..later }), State::Ready);
        assert_eq!(derive(&Evidence { silent_since: Some(NOW), ..later }), State::Unhealthy);
    }

    #[test]
    fn asked_to_stop_and_frozen() {
        let mut log = Milestones::default();
        assert_eq!(derive(&Evidence { stop_asked: true, ..evidence(&log) }), State::Stopping);
        log.tell(NOW, &Told::Suspended(true));
        assert_eq!(derive(&evidence(&log)), State::Paused);
        assert_eq!(
            derive(&Evidence { phase: Some(Phase::Paused), ..evidence(&Milestones::default()) }),
            State::Paused
        );
    }
}
