//! A disk that is full at any point: the archive is whole, or nothing of it is there. Needs the right to mount.

use std::process::Command;

use super::*;

/// A file system in memory, of so many KiB, that goes away with the test.
struct Disk(tempfile::TempDir);

impl Disk {
    fn new(kib: usize) -> Self {
        let disk = Self(tempfile::tempdir().unwrap());
        let size = format!("size={kib}k");
        let mount = ["-t", "tmpfs", "-o", &size, "mineclifford-test"];
        let status = Command::new("mount").args(mount).arg(disk.0.path()).status().unwrap();
        assert!(status.success(), "this test needs the right to mount");
        disk
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[tokio::test]
async fn a_disk_that_is_full_leaves_nothing_at_any_point() {
    for packing in [Packing::Gzip, Packing::Zstd] {
        let (mut whole, mut refused) = (0, 0);
        for kib in (4..2048).step_by(36) {
            let disk = Disk::new(kib);
            let plan = plan(disk.0.path(), packing);
            let path = plan.path.clone();
            match pack_tar(plan, &world().end()).await {
                Ok(_) => {
                    verify(&path, &Meter::new()).await.unwrap();
                    whole += 1;
                }
                Err(error) => {
                    assert!(matches!(error, Error::NoSpace { .. }), "{kib} KiB: {error:?}");
                    assert_eq!(listed(disk.0.path()), Vec::<String>::new(), "{kib} KiB");
                    refused += 1;
                }
            }
        }
        assert!(whole > 5 && refused > 5, "{whole} whole, {refused} refused");
    }
}

#[tokio::test]
async fn space_that_is_to_be_left_is_left() {
    let disk = Disk::new(4096);
    // As much as there is, and less than an archive would probably leave.
    for (leave_free, expected) in [((4 << 20) + 1, 0), (3 << 20, 2 << 20)] {
        let plan = Plan { leave_free, expected, ..plan(disk.0.path(), Packing::Gzip) };
        let error = pack_tar(plan, &world().end()).await.unwrap_err();
        assert!(matches!(error, Error::NoSpace { source: None, .. }), "{error:?}");
        assert_eq!(listed(disk.0.path()), Vec::<String>::new());
    }
}
