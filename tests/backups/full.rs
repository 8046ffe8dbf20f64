//! A backup folder whose disk is full at any point of a backup: the archive is whole or nothing of it is there, and saving is
//! on. Needs the right to mount.

use std::{path::Path, process::Command};

use mineclifford::model::{BackupWish, Order};

use crate::{
    kit::{back_up, folder, opened, saving_was_on, spec},
    support::Bed,
};

/// A disk in memory, of so many KiB, that goes away with the test.
struct Disk<'a>(&'a Path);

impl<'a> Disk<'a> {
    fn new(at: &'a Path, kib: usize) -> Self {
        std::fs::create_dir_all(at).unwrap();
        let size = format!("size={kib}k");
        let mount = ["-t", "tmpfs", "-o", &size, "mineclifford-test"];
        let status = Command::new("mount").args(mount).arg(at).status().unwrap();
        assert!(status.success(), "this test needs the right to mount");
        Self(at)
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_leaves_nothing_of_a_backup_and_saving_on() {
    let bed = Bed::with("full", |setup| setup.backups.tuning.leave_free = 0).await;
    let id = bed.ready(spec(&bed, "a", &[("PRACTICE_WORLD_MB", "2")])).await;
    let at = bed.folder.path().join("backups");
    let (mut whole, mut refused) = (0, 0);
    // From room for nothing over room for a part, for the archive but not its manifest, to room for all.
    for kib in (16..4096).step_by(204) {
        let disk = Disk::new(&at, kib);
        match back_up(&bed, id, BackupWish::default()).await {
            Ok(backup) => {
                opened(&backup);
                bed.run(Order::DeleteBackup(backup.id)).await.unwrap();
                whole += 1;
            }
            Err(fault) => {
                assert!(fault.what.contains("no space left"), "{kib} KiB: {fault}");
                assert!(fault.next.contains("prune"), "{fault}");
                assert_eq!(folder(&bed), Vec::<std::path::PathBuf>::new(), "{kib} KiB");
                assert!(bed.handle.now().backups.is_empty(), "{kib} KiB");
                refused += 1;
            }
        }
        assert!(saving_was_on(&bed, id).await, "{kib} KiB");
        drop(disk);
    }
    assert!(whole > 3 && refused > 3, "{whole} whole, {refused} refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn room_is_looked_for_before_the_server_is_asked_anything() {
    let bed = Bed::with("room", |setup| setup.backups.tuning.leave_free = 64 << 20).await;
    let id = bed.ready(spec(&bed, "a", &[])).await;
    let at = bed.folder.path().join("backups");
    let _disk = Disk::new(&at, 16 * 1024);
    let fault = back_up(&bed, id, BackupWish::default()).await.unwrap_err();
    assert!(fault.what.contains("no space left"), "{fault}");
    let said = crate::kit::log(&bed.container(id));
    assert!(!said.contains("Automatic saving"), "the server was not touched: {said}");
}
