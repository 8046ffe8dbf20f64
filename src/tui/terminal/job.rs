//! The job that a shell started: whether anybody would bring it back after a stop.

use std::{fs, process};

/// Most processes between a program and the shell whose job it is, such as `sudo` and `sh -c`.
const DEEP: usize = 16;

/// Whether a shell watches over this job. Started without one (`ssh host mineclifford`, the command of a terminal's
/// window) it is an orphan, as POSIX calls that: the kernel drops TSTP for those, because nobody would continue them.
pub(super) fn has_a_shell() -> bool {
    is_watched(process::id(), |pid| of_stat(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?))
}

/// Where a process stands among the others, by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    parent: u32,
    group: u32,
    session: u32,
}

/// The same for any tree of processes.
fn is_watched(own: u32, look: impl Fn(u32) -> Option<Place>) -> bool {
    let Some(own) = look(own) else { return false };
    let mut next = own.parent;
    for _ in 0..DEEP {
        let Some(place) = look(next) else { return false };
        if place.session != own.session {
            return false;
        }
        if place.group != own.group {
            return true;
        }
        next = place.parent;
    }
    false
}

/// Reads `/proc/PID/stat` (proc_pid_stat(5)): behind the name in brackets come state, parent, group and session. Who
/// is outside of this PID namespace has the number 0 there, and is nobody that could be asked.
fn of_stat(stat: &str) -> Option<Place> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut numbers = fields.split_whitespace().skip(1).map(|field| field.parse::<u32>().ok());
    let place = Place { parent: numbers.next()??, group: numbers.next()??, session: numbers.next()?? };
    (place.session != 0).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Those of a process by its number: parent, group and session.
    fn tree(all: &[(u32, [u32; 3])]) -> impl Fn(u32) -> Option<Place> + '_ {
        |pid| {
            let (_, [parent, group, session]) = *all.iter().find(|(number, _)| *number == pid)?;
            Some(Place { parent, group, session })
        }
    }

    #[test]
    fn a_job_of_a_shell_is_watched_and_a_session_of_its_own_is_not() {
        // A shell (10) with a job (20), in which `sudo` (20) runs it (21).
        let shell = [(10, [1, 10, 10]), (20, [10, 20, 10]), (21, [20, 20, 10])];
        assert!(is_watched(20, tree(&shell)) && is_watched(21, tree(&shell)));
        // The command of an ssh connection: a session of its own, whose parent (5) is in another.
        let ssh = [(5, [1, 5, 5]), (30, [5, 30, 30]), (31, [30, 30, 30])];
        assert!(!is_watched(30, tree(&ssh)) && !is_watched(31, tree(&ssh)));
        // Its parent has ended, or cannot be seen.
        assert!(!is_watched(20, tree(&[(20, [99, 20, 10])])) && !is_watched(20, tree(&[(20, [0, 20, 10])])));
    }

    #[test]
    fn places_are_read_also_behind_odd_names() {
        let place = Place { parent: 7, group: 20, session: 10 };
        assert_eq!(of_stat("21 (a ) S 1 (b)) S 7 20 10 34816 21 4194304"), Some(place));
        // A session that began outside of this container.
        assert_eq!(of_stat("21 (mineclifford) S 0 0 0 34816"), None);
        for cut in ["", "21 (sh", "21 (sh) S", "21 (sh) S 7 20", "21 (sh) S -7 20 10"] {
            assert_eq!(of_stat(cut), None, "{cut}");
        }
    }

    #[test]
    fn the_leader_of_a_session_is_read_as_one() {
        let shown = process::Command::new("setsid").args(["cat", "/proc/self/stat"]).output().unwrap();
        let shown = String::from_utf8(shown.stdout).unwrap();
        let own = shown.split_whitespace().next().unwrap().parse().unwrap();
        assert_eq!(of_stat(&shown), Some(Place { parent: process::id(), group: own, session: own }));
    }
}
