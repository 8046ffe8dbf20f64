//! What a server's log told since its container last started.

use jiff::{SignedDuration, Timestamp};

use crate::{engine::fact::Told, minecraft::log::Problem};

/// How much earlier than Docker's word of a start its first lines may be.
pub const EARLY: SignedDuration = SignedDuration::from_secs(2);
/// Most problems that are kept of one run: the first ones tell the cause.
const PROBLEMS_MAX: usize = 16;

/// How far a run of the server has come, by its log.
#[derive(Clone, Debug, Default)]
pub struct Milestones {
    /// When Docker says that this run began; what was written before that is of an earlier one.
    since: Option<Timestamp>,
    /// When the first line of this run was written; `None` before there is one.
    first_at: Option<Timestamp>,
    /// When the last step forward was seen.
    pub moved_at: Option<Timestamp>,
    /// Whether the world is being loaded.
    pub loading: bool,
    /// How much of it, in percent.
    pub percent: Option<u8>,
    /// Whether loading is over.
    pub done: bool,
    /// Whether it ends in peace.
    pub stopping: bool,
    /// Whether the world was written as a whole since it began to end.
    pub saved: bool,
    /// Whether the image froze it.
    pub suspended: bool,
    /// What went wrong, in the order it was told.
    pub problems: Vec<Problem>,
}

impl Milestones {
    /// The container started at `at`: what was told before that belongs to an earlier run. What came with a later
    /// time is kept, because the log may be faster than Docker's word of the start.
    pub fn started(&mut self, at: Timestamp) {
        // Docker notes the start a moment after the first lines were written.
        if self.first_at.is_none_or(|first| first + EARLY < at) {
            *self = Self::default();
        }
        self.since = Some(at);
    }

    /// A line told something.
    pub fn tell(&mut self, at: Timestamp, told: &Told) {
        // A log that is read anew, or late, tells of earlier runs too.
        // No run ends, or is done, before it began; only its first lines may be a little early.
        let first = matches!(told, Told::Began | Told::Version(_) | Told::Loading(_) | Told::Problem(_));
        let early = if first { EARLY } else { SignedDuration::ZERO };
        if self.since.is_some_and(|since| at + early < since) {
            return;
        }
        if matches!(told, Told::Began) && (self.done || self.stopping || !self.problems.is_empty()) {
            *self = Self { since: self.since, ..Self::default() };
        }
        self.first_at.get_or_insert(at);
        let moved = match told {
            Told::Began | Told::Version(_) => true,
            Told::Loading(percent) => {
                self.loading = true;
                self.percent = percent.or(self.percent);
                true
            }
            Told::Done => {
                (self.done, self.loading) = (true, false);
                true
            }
            Told::Stopping => {
                self.stopping = true;
                true
            }
            Told::Saved => {
                self.saved = self.stopping;
                false
            }
            Told::Suspended(suspended) => {
                self.suspended = *suspended;
                true
            }
            Told::Problem(problem) => {
                if self.problems.len() < PROBLEMS_MAX && !self.problems.contains(problem) {
                    self.problems.push(problem.clone());
                }
                false
            }
            Told::Joined(_) | Told::Left(_) | Told::Listed(..) | Told::Ticks(..) => false,
        };
        if moved {
            self.moved_at = Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_start_forgets_the_run_before_it() {
        let mut log = Milestones::default();
        log.tell(at(10), &Told::Done);
        log.started(at(20));
        assert!(!log.done);
    }

    #[test]
    fn lines_that_came_before_dockers_word_of_the_start_are_kept() {
        let mut log = Milestones::default();
        log.tell(at(10), &Told::Done);
        log.tell(at(12), &Told::Stopping);
        log.tell(at(21), &Told::Began);
        log.tell(at(22), &Told::Loading(Some(40)));
        log.started(at(20));
        assert!(log.loading && !log.done && !log.stopping);
        assert_eq!(log.percent, Some(40));
    }

    #[test]
    fn a_log_that_is_read_anew_tells_of_this_run_alone() {
        let mut log = Milestones::default();
        log.started(at(20));
        log.tell(at(10), &Told::Done);
        log.tell(at(19), &Told::Stopping);
        assert!(!log.done && !log.stopping);
        log.tell(at(19), &Told::Began);
        log.tell(at(23), &Told::Done);
        assert!(log.done);
        log.started(at(40));
        log.tell(at(24), &Told::Stopping);
        assert!(!log.stopping && !log.done);
    }
}
