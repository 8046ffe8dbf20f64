//! How far a job is, on the error output: one line that is kept up to date on a terminal, a line a step elsewhere.

use std::io::Write;

use super::{clean, human, table};
use crate::model::{Job, State, job::Unit};

const BAR: usize = 20;

/// Shows how far one job is.
#[derive(Debug)]
pub struct Meter {
    live: bool,
    quiet: bool,
    width: usize,
    step: String,
    shown: String,
}

impl Meter {
    /// `live` keeps one line up to date, which only a terminal can do; `quiet` shows nothing.
    pub fn new(live: bool, quiet: bool, width: Option<usize>) -> Self {
        Self { live, quiet, width: width.unwrap_or(80), step: String::new(), shown: String::new() }
    }

    /// Shows where the job is now.
    pub fn show(&mut self, err: &mut dyn Write, job: &Job) {
        if !job.progress.step.is_empty() {
            self.put(err, &line(job), &format!("{}: {}", job.server_name, job.progress.step));
        }
    }

    /// Shows what a server is doing now.
    pub fn state(&mut self, err: &mut dyn Write, name: &str, state: State) {
        self.put(err, &format!("{name}: {}", human::state(state)), &format!("{name}: {}", state.word()));
    }

    /// Says something in between.
    pub fn note(&mut self, err: &mut dyn Write, text: &str) {
        self.put(err, text, text);
    }

    /// `live` changes often and is for a terminal; `step` changes seldom and is for a file.
    fn put(&mut self, err: &mut dyn Write, live: &str, step: &str) {
        if self.quiet {
            return;
        }
        if self.live {
            let line = table::cut(&clean::plain(live), self.width.saturating_sub(1));
            if line != self.shown {
                let _ = write!(err, "\r\x1b[K{line}");
                let _ = err.flush();
                self.shown = line;
            }
        } else if self.step != step {
            self.step = step.to_owned();
            let _ = writeln!(err, "{}", clean::plain(step));
        }
    }

    /// Takes the live line away, so that what follows has the line for itself.
    pub fn clear(&mut self, err: &mut dyn Write) {
        if !self.shown.is_empty() {
            let _ = write!(err, "\r\x1b[K");
            let _ = err.flush();
            self.shown.clear();
        }
    }
}

/// A job's progress in one line: `survival: pulling itzg/minecraft-server [#####---------------]  25 %`.
fn line(job: &Job) -> String {
    let progress = &job.progress;
    let mut line = format!("{}: {}", job.server_name, progress.step);
    if let Some(fraction) = progress.fraction() {
        let filled = (fraction * BAR as f64) as usize;
        line += &format!(" [{}{}] {:3.0} %", "#".repeat(filled), "-".repeat(BAR - filled), fraction * 100.0);
    }
    match (progress.unit, progress.total) {
        (Unit::Bytes, Some(total)) => {
            line += &format!(" {} / {}", human::bytes(progress.done), human::bytes(total));
        }
        (Unit::Bytes, None) if progress.done > 0 => line += &format!(" {}", human::bytes(progress.done)),
        _ => {}
    }
    if let (Unit::Bytes, Some(rate)) = (progress.unit, progress.rate) {
        line += &format!(", {}/s", human::bytes(rate));
    }
    if let Some(left) = progress.left() {
        line += &format!(", {} left", human::duration(left.as_secs()));
    }
    line
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::{JobId, JobKind, JobState, Origin, Progress};

    fn job(step: &str, done: u64, total: Option<u64>) -> Job {
        Job {
            id: JobId::new(),
            kind: JobKind::Create,
            server: None,
            server_name: "survival".into(),
            origin: Origin::CommandLine,
            state: JobState::Running,
            progress: Progress::bytes(step, done, total),
            can_cancel: true,
            started_at: Timestamp::UNIX_EPOCH,
            ended_at: None,
        }
    }

    #[test]
    fn rate_and_time_left_are_told_where_they_are_known() {
        let mut job = job("copying", 1 << 20, Some(61 << 20));
        job.progress.rate = Some(1 << 20);
        assert!(line(&job).ends_with("1 MiB / 61 MiB, 1 MiB/s, 1m 0s left"), "{}", line(&job));
        job.progress.total = None;
        assert!(line(&job).ends_with("1 MiB, 1 MiB/s"), "{}", line(&job));
    }

    #[test]
    fn a_terminal_has_one_line_that_changes() {
        let (mut meter, mut err) = (Meter::new(true, false, None), Vec::new());
        for done in [0, 1, 1, 2] {
            meter.show(&mut err, &job("pulling", done << 20, Some(4 << 20)));
        }
        meter.clear(&mut err);
        let text = String::from_utf8(err).unwrap();
        assert_eq!(
            text.split("\r\x1b[K").collect::<Vec<_>>(),
            [
                "",
                "survival: pulling [--------------------]   0 % 0 B / 4 MiB",
                "survival: pulling [#####---------------]  25 % 1 MiB / 4 MiB",
                "survival: pulling [##########----------]  50 % 2 MiB / 4 MiB",
                ""
            ]
        );
    }

    #[test]
    fn a_file_has_a_line_for_each_step_and_nothing_hostile() {
        let (mut meter, mut err) = (Meter::new(false, false, None), Vec::new());
        for (step, done) in [("pulling \u{1b}[31mx", 1), ("pulling \u{1b}[31mx", 2), ("starting", 0)] {
            meter.show(&mut err, &job(step, done, Some(4)));
        }
        assert_eq!(String::from_utf8(err).unwrap(), "survival: pulling x\nsurvival: starting\n");
    }

    #[test]
    fn quiet_is_quiet() {
        let (mut meter, mut err) = (Meter::new(true, true, None), Vec::new());
        meter.show(&mut err, &job("pulling", 1, None));
        meter.clear(&mut err);
        assert!(err.is_empty());
    }
}
