//! Room on the disks that servers and backups need.

use std::{collections::HashMap, path::PathBuf, time::Duration};

use humansize::{BINARY, format_size};
use jiff::Timestamp;

use super::Core;
use crate::{
    engine::{disks, fact::Fact},
    model::{
        ServerId, Severity, Topic,
        disk::{Disk, DiskOf},
    },
};

/// How often they are looked at.
pub(super) const AGAIN: Duration = Duration::from_secs(60);

impl Core {
    /// Looks at them, in a task of its own: a disk far away may not answer. The next look waits for this one.
    pub(super) fn look_at_disks(&mut self) {
        // What the demo shows is not this machine's.
        if self.disks_looked_at || self.hosts.values().all(|host| host.view.demo) {
            return;
        }
        self.disks_looked_at = true;
        let mut folders = vec![(DiskOf::Backups, self.backups.folder.clone())];
        let hosts = self.hosts.iter().filter(|(_, host)| host.is_here() && host.is_up());
        folders.extend(hosts.filter_map(|(id, host)| Some((DiskOf::Host(id.clone()), host.folder.clone()?))));
        let facts = self.ways.facts.clone();
        self.ways.tasks.spawn(async move {
            let measured = tokio::task::spawn_blocking(move || disks::measure(folders)).await;
            let _ = facts.send(Fact::Disks(measured.unwrap_or_default())).await;
        });
    }

    /// They were looked at.
    pub(super) fn disks_seen(&mut self, measured: Vec<disks::Measured>) {
        self.disks_looked_at = false;
        let now = Timestamp::now();
        for one in measured {
            let of = one.of.clone();
            let needed = match of {
                DiskOf::Backups => self.next_backups().saturating_add(self.backups.tuning.leave_free),
                DiskOf::Host(_) => 0,
            };
            let (changed, low) = self.disks.take(now, one, needed);
            if changed {
                self.publisher.calmly();
            }
            let disk = self.disks.all().find(|disk| disk.of == of).filter(|_| low).cloned();
            if let Some(disk) = disk {
                self.tell_of_disk(&disk);
            }
        }
    }

    /// What one more backup of each server would take: as much as the newest good one did.
    fn next_backups(&mut self) -> u64 {
        let mut newest: HashMap<ServerId, u64> = HashMap::new();
        // Newest first.
        for backup in self.book.all().iter().filter(|backup| backup.is_good()) {
            newest.entry(backup.server).or_insert(backup.size_bytes);
        }
        let there = newest.iter().filter(|(server, _)| self.entries.contains_key(server));
        there.map(|(_, bytes)| bytes).sum()
    }

    fn tell_of_disk(&self, disk: &Disk) {
        let size = |bytes| format_size(bytes, BINARY.decimal_places(1));
        let (what, next) = match &disk.of {
            DiskOf::Backups => (
                "of the backups".to_owned(),
                "Backups will fail. Remove some, keep fewer of them, or put the folder onto a larger disk.",
            ),
            DiskOf::Host(host) => (
                format!("of Docker on {}", host.0),
                "Servers cannot save their worlds on a full disk. Remove what is not needed (`docker system df` shows \
what takes room), or give Docker a larger disk.",
            ),
        };
        let text = format!(
            "The disk {what} fills up: {} of {} are free",
            size(disk.free_bytes),
            size(disk.total_bytes)
        );
        let ahead = disk.full_in_seconds.map(|seconds| {
            format!("If it goes on as over the last day, it is full in about {} h. ", seconds.div_ceil(3_600))
        });
        self.alert(
            Topic::DiskLow,
            Severity::Warning,
            None,
            text,
            format!("{}{next}", ahead.unwrap_or_default()),
        );
    }

    /// The folder that a host's Docker said is its own.
    pub(super) fn docker_folder(root: &str) -> Option<PathBuf> {
        Some(PathBuf::from(root)).filter(|path| path.is_absolute())
    }
}
