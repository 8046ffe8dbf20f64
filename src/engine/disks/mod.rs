//! Room on the disks: measured now and again, with a look ahead.

mod trend;

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;

use self::trend::Trend;
use crate::model::disk::{Disk, DiskOf};

/// A disk that fills within this is low.
const SOON: u64 = 24 * 3_600;
/// One that was low is so until it has this much more time, and this part more room.
const CALM: u64 = 30 * 3_600;
const SPARE: u64 = 10;

/// A disk and its room.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Measured {
    /// What it is for.
    pub of: DiskOf,
    /// The folder that was looked at.
    pub path: PathBuf,
    /// Bytes of the whole disk.
    pub total: u64,
    /// Bytes that this program could still write.
    pub free: u64,
}

/// Measures the disks that these folders are on, or will be on when they are made. Those that cannot be looked at are left
/// out. Blocks.
pub fn measure(folders: Vec<(DiskOf, PathBuf)>) -> Vec<Measured> {
    let measured = folders.into_iter().filter_map(|(of, path)| {
        let (total, free) = room(&of, &path).ok()?;
        Some(Measured { of, path, total, free })
    });
    measured.collect()
}

fn room(of: &DiskOf, path: &Path) -> io::Result<(u64, u64)> {
    // A folder for backups is made with the first one. Docker's is there, or it is the folder of another machine.
    let there = match of {
        DiskOf::Backups => path.ancestors().find(|path| path.exists()).unwrap_or(path),
        DiskOf::Host(_) => path,
    };
    let disk = rustix::fs::statvfs(there)?;
    Ok((disk.f_blocks.saturating_mul(disk.f_frsize), disk.f_bavail.saturating_mul(disk.f_frsize)))
}

/// What is known of each disk.
#[derive(Default)]
pub struct Disks {
    known: BTreeMap<DiskOf, (Arc<Disk>, Trend)>,
}

impl Disks {
    /// All of them, as the snapshot shows them.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Disk>> {
        self.known.values().map(|(disk, _)| disk)
    }

    /// Takes a measurement. `needed` bytes should be free. Whether something is to be shown anew, and whether the disk
    /// has become low by it.
    pub fn take(&mut self, now: Timestamp, measured: Measured, needed: u64) -> (bool, bool) {
        let Measured { of, path, total, free } = measured;
        let before = self.known.remove(&of);
        let (old, mut trend) = match before {
            // Another disk has another story.
            Some((old, trend)) if old.total_bytes == total && Path::new(&old.path) == path => {
                (Some(old), trend)
            }
            _ => (None, Trend::default()),
        };
        trend.note(now, free);
        let full_in = trend.full_in().map(|time| time.as_secs());
        let was_low = old.as_ref().is_some_and(|old| old.low);
        let low = is_low(was_low, free, needed, full_in);
        let disk = Disk {
            of: of.clone(),
            path: path.to_string_lossy().into_owned(),
            total_bytes: total,
            free_bytes: free,
            full_in_seconds: full_in,
            low,
        };
        let shown = old.as_ref().is_none_or(|old| differs(old, &disk));
        let kept = match old {
            Some(old) if !shown => old,
            _ => Arc::new(disk),
        };
        self.known.insert(of, (kept, trend));
        (shown, low && !was_low)
    }
}

fn is_low(was_low: bool, free: u64, needed: u64, full_in: Option<u64>) -> bool {
    let (needed, soon) = match was_low {
        true => (needed.saturating_add(needed / SPARE), CALM),
        false => (needed, SOON),
    };
    free < needed || full_in.is_some_and(|time| time < soon)
}

/// Whether somebody who looks would see a difference: free room moves with each line of each log.
fn differs(old: &Disk, new: &Disk) -> bool {
    let far = |old: u64, new: u64, step: u64| old.abs_diff(new) >= step.max(1);
    let forecast = match (old.full_in_seconds, new.full_in_seconds) {
        (Some(old), Some(new)) => far(old, new, old / 20),
        (old, new) => old != new,
    };
    old.low != new.low || forecast || far(old.free_bytes, new.free_bytes, old.total_bytes / 1_000)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    const GIB: u64 = 1 << 30;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
    }

    fn backups(free: u64) -> Measured {
        Measured { of: DiskOf::Backups, path: "/b".into(), total: 100 * GIB, free }
    }

    fn shown(disks: &Disks) -> Disk {
        Disk::clone(disks.all().next().unwrap())
    }

    #[test]
    fn a_disk_becomes_low_once_and_is_calm_with_some_room() {
        let mut disks = Disks::default();
        assert_eq!(disks.take(at(0), backups(50 * GIB), GIB), (true, false));
        assert_eq!(
            disks.take(at(1), backups(50 * GIB - 4_096), GIB),
            (false, false),
            "a log line is no news"
        );
        assert_eq!(disks.take(at(2), backups(GIB - 1), GIB), (true, true));
        assert!(shown(&disks).low);
        assert_eq!(disks.take(at(3), backups(GIB / 2), GIB), (true, false), "told once");
        assert_eq!(disks.take(at(4), backups(GIB + GIB / 20), GIB), (true, false));
        assert!(shown(&disks).low, "hardly more than what is needed");
        disks.take(at(5), backups(2 * GIB), GIB);
        assert!(!shown(&disks).low);
        assert_eq!(disks.take(at(6), backups(0), GIB), (true, true), "and again");
    }

    #[test]
    fn a_disk_that_fills_within_a_day_is_low_long_before_it_is_full() {
        let mut disks = Disks::default();
        // A gigabyte in ten minutes: after three hours 72 are free, which last for twelve.
        let lows: Vec<_> = (0..18)
            .map(|step| disks.take(at(step * 10), backups(90 * GIB - step as u64 * GIB), GIB).1)
            .collect();
        assert_eq!(lows.iter().filter(|low| **low).count(), 1);
        let disk = shown(&disks);
        let hours = disk.full_in_seconds.unwrap() / 3_600;
        assert!((11..=13).contains(&hours), "{hours}");
    }

    #[test]
    fn another_disk_has_another_story() {
        let mut disks = Disks::default();
        for step in 0..18 {
            disks.take(at(step * 10), backups(90 * GIB - step as u64 * GIB), GIB);
        }
        let other = Measured { total: 200 * GIB, ..backups(10 * GIB) };
        assert_eq!(disks.take(at(180), other, GIB), (true, false));
        assert_eq!(shown(&disks).full_in_seconds, None);
    }

    #[test]
    fn a_folder_that_is_not_there_yet_is_measured_where_it_will_be() {
        let folder = tempfile::tempdir().unwrap();
        let later = folder.path().join("a/b/backups");
        let host = DiskOf::Host(crate::model::HostId::local());
        let measured = measure(vec![(DiskOf::Backups, later.clone()), (host, later)]);
        assert_eq!(measured.len(), 1, "Docker's folder is there or elsewhere");
        assert!(measured[0].total > measured[0].free && measured[0].free > 0);
    }
}
