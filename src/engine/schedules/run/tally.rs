//! What became of each server, and of the run as a whole.

use crate::{minecraft::text, model::schedule::Outcome};

/// What became of one server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Did {
    /// What was wanted.
    Done,
    /// It was left as it is: why.
    Left(String),
    /// It went wrong: how.
    Wrong(String),
}

/// What became of those that are done with.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    done: usize,
    left: Vec<(String, String)>,
    wrong: Vec<(String, String)>,
}

/// So many servers are told of by name; the others are counted.
const TOLD: usize = 3;
/// Longest reason, in characters.
const WHY_MAX: usize = 300;

impl Tally {
    /// One more.
    pub fn add(&mut self, name: String, did: Did) {
        match did {
            Did::Done => self.done += 1,
            Did::Left(why) => self.left.push((name, why)),
            Did::Wrong(why) => self.wrong.push((name, why)),
        }
    }

    /// All of it in words.
    pub fn outcome(self) -> Outcome {
        let Self { done, mut left, mut wrong } = self;
        // Those that end first are not those that matter most: the order is that of names.
        left.sort();
        wrong.sort();
        if !wrong.is_empty() {
            let all = done + left.len() + wrong.len();
            let share = if all == 1 { String::new() } else { format!("{} of {all} servers: ", wrong.len()) };
            return Outcome::Failed(format!("{share}{}", told(&wrong)));
        }
        if done > 0 {
            return Outcome::Done;
        }
        match left.as_slice() {
            [] => Outcome::Skipped("There are no servers that it is meant for.".into()),
            left => Outcome::Skipped(told(left)),
        }
    }
}

fn told(servers: &[(String, String)]) -> String {
    let one = |(name, why): &(String, String)| {
        format!("{}: {}", text::plain(name, 64), text::plain(why, WHY_MAX).trim_end_matches('.'))
    };
    let mut text: Vec<_> = servers.iter().take(TOLD).map(one).collect();
    if servers.len() > TOLD {
        text.push(format!("and {} more", servers.len() - TOLD));
    }
    format!("{}.", text.join("; "))
}
