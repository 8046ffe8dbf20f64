//! mc-server-runner, process 1 of the container, as a state machine: it passes the console on, and turns SIGTERM into a
//! stop that saves the world.

use std::time::Duration;

use crate::clock::Now;
use crate::log::{self, Level};
use crate::output::Output;
use crate::settings::Settings;

/// What the driver has to do for the runner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Give this command to the server: by RCON, or by the console when that fails and [`Runner::owns_console`].
    Command(String),
    /// Kill the server process.
    Kill,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Running,
    Announcing(Duration),
    Stopping(Duration),
    Killing,
}

/// The runner of one start.
#[derive(Clone, Debug)]
pub struct Runner {
    state: State,
    stop_duration: Duration,
    announce_delay: Duration,
    rcon: bool,
    pipe: bool,
}

impl Runner {
    /// A runner whose server was just started.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            state: State::Running,
            stop_duration: settings.stop_duration,
            announce_delay: settings.announce_delay,
            rcon: settings.rcon,
            pipe: settings.console_pipe,
        }
    }

    /// Whether the server's standard input is a pipe of the runner's. Otherwise the server has the container's own, and
    /// a stop before RCON is open does not reach it.
    #[must_use]
    pub fn owns_console(&self) -> bool {
        self.pipe || !self.rcon
    }

    /// SIGTERM.
    pub fn terminate(&mut self, now: Now, out: &mut Output) -> Option<Action> {
        if self.state != State::Running {
            return None;
        }
        if self.announce_delay.is_zero() {
            return Some(self.stop(now, out));
        }
        let seconds = self.announce_delay.as_secs();
        let line = format!("Sending shutdown announce 'Server shutting down in {seconds} seconds'");
        log::runner(out.stdout(), now.unix_ms, Level::Info, &line);
        self.state = State::Announcing(now.elapsed + self.announce_delay);
        Some(Action::Command(format!("say Server shutting down in {seconds} seconds")))
    }

    fn stop(&mut self, now: Now, out: &mut Output) -> Action {
        log::runner(out.stdout(), now.unix_ms, Level::Info, "gracefully stopping server...");
        self.state = State::Stopping(now.elapsed + self.stop_duration);
        Action::Command("stop".to_owned())
    }

    /// What is due now.
    pub fn wake(&mut self, now: Now, out: &mut Output) -> Option<Action> {
        match self.state {
            State::Announcing(until) if until <= now.elapsed => Some(self.stop(now, out)),
            State::Stopping(until) if until <= now.elapsed => {
                let line = "took too long, so killing server process";
                log::runner(out.stdout(), now.unix_ms, Level::Error, line);
                self.state = State::Killing;
                Some(Action::Kill)
            }
            _ => None,
        }
    }

    /// When to call [`Runner::wake`].
    #[must_use]
    pub fn next_wake(&self) -> Option<Duration> {
        match self.state {
            State::Announcing(until) | State::Stopping(until) => Some(until),
            State::Running | State::Killing => None,
        }
    }

    /// The server process is over: by itself with a code, or by a signal (`None`). Returns the container's exit code.
    #[must_use]
    pub fn exited(&self, now: Now, code: Option<i32>, out: &mut Output) -> i32 {
        // A process that died of a signal has code -1 in the runner's language, which the kernel cuts to 255.
        let code = code.unwrap_or(-1);
        if code != 0 {
            let line = format!(
                "Minecraft server failed. Inspect logs above for errors that indicate cause. DO NOT report this line as \
                 an error.\t{{\"exitCode\": {code}}}"
            );
            log::runner(out.stdout(), now.unix_ms, Level::Warn, &line);
        }
        log::runner(out.stdout(), now.unix_ms, Level::Info, "Done");
        code & 0xFF
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Now {
        Now { elapsed: Duration::from_secs(seconds), unix_ms: 0 }
    }

    #[test]
    fn announces_stops_and_kills_in_that_order() {
        let settings = Settings::from_env([("STOP_DURATION", "60"), ("STOP_SERVER_ANNOUNCE_DELAY", "5")]);
        let mut runner = Runner::new(&settings);
        let mut out = Output::new();
        assert!(
            matches!(runner.terminate(at(0), &mut out), Some(Action::Command(text)) if text.starts_with("say "))
        );
        assert_eq!(runner.terminate(at(1), &mut out), None);
        assert_eq!(runner.next_wake(), Some(Duration::from_secs(5)));
        assert_eq!(runner.wake(at(5), &mut out), Some(Action::Command("stop".into())));
        assert_eq!(runner.wake(at(64), &mut out), None);
        assert_eq!(runner.wake(at(65), &mut out), Some(Action::Kill));
        assert_eq!(runner.exited(at(66), None, &mut out), 255);
    }

    #[test]
    fn only_a_pipe_or_the_absence_of_rcon_gives_it_the_console() {
        let owns =
            |env: &[(&str, &str)]| Runner::new(&Settings::from_env(env.iter().copied())).owns_console();
        assert!(!owns(&[]));
        assert!(owns(&[("CREATE_CONSOLE_IN_PIPE", "true")]));
        assert!(owns(&[("ENABLE_RCON", "false")]));
    }
}
