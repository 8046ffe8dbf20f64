//! A full disk and a read-only one, on small file systems of their own.

use std::{fs, process::Command};

use super::{super::*, *};

/// A file system in memory, of so many KiB, that goes away with the test. Needs root.
struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    fn new(kib: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let disk = Self { folder };
        disk.mount(&["-t", "tmpfs", "-o", &format!("size={kib}k"), "mineclifford-test"]);
        disk
    }

    fn mount(&self, arguments: &[&str]) {
        let status = Command::new("mount").args(arguments).arg(self.folder.path()).status().unwrap();
        assert!(status.success(), "these tests need the right to mount");
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("mineclifford.redb")
    }

    /// Fills it with another file, which is returned, until only so many KiB are left.
    fn fill(&self, left_kib: u64) -> PathBuf {
        use std::io::Write;
        let path = self.folder.path().join("ballast");
        let mut file = fs::File::create(&path).unwrap();
        for size in [64 * 1024, 4096, 1] {
            while file.write_all(&vec![1; size]).is_ok() {}
        }
        let size = file.metadata().unwrap().len();
        file.set_len(size - left_kib * 1024).unwrap();
        path
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: after a failed test the store's thread may still hold a file there.
        let _ = Command::new("umount").arg("-l").arg(self.folder.path()).status();
    }
}

fn no_space(error: &Error) {
    assert!(matches!(error, Error::NoSpace { .. }), "{error:?}");
    assert!(error.fault().next.contains("Free some space"), "{:?}", error.fault());
}

fn names(loaded: &Loaded) -> Vec<String> {
    loaded.servers.iter().map(|server| server.spec.name.clone()).collect()
}

/// Puts records of some size until the disk is full; how many were accepted, and what was said then.
async fn put_until_full(store: &Store) -> (Vec<String>, Error) {
    let mut accepted = Vec::new();
    loop {
        let mut record = server(&format!("server-{}", accepted.len()));
        record.spec.env.insert("FILLING".into(), "x".repeat(8 * 1024));
        match store.put_server(record).await {
            Ok(()) => accepted.push(format!("server-{}", accepted.len())),
            Err(error) => return (accepted, error),
        }
        assert!(accepted.len() < 2000, "a disk of a few MiB never got full");
    }
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_says_so() {
    let disk = Disk::new(4 * 1024);
    let store = Store::open(&disk.path()).await.unwrap();
    store.put_server(server("first")).await.unwrap();
    let ballast = disk.fill(1024);
    let (mut accepted, error) = put_until_full(&store).await;
    assert!(accepted.len() > 5, "{}", accepted.len());
    no_space(&error);
    accepted.insert(0, "first".into());

    // It still answers, and every change that was accepted is there, and none other.
    assert_eq!(names(&store.load().await.unwrap()), accepted);
    no_space(
        &store.audit(vec![AuditLine { outcome: "x".repeat(LINE_MAX), ..audit_line(1) }]).await.unwrap_err(),
    );
    assert_eq!(names(&store.load().await.unwrap()), accepted);
    store.close().await;

    // A program that starts on the full disk sees the same.
    let store = Store::open(&disk.path()).await.unwrap();
    assert_eq!(names(&store.load().await.unwrap()), accepted);

    // With space again, the same store goes on.
    fs::remove_file(ballast).unwrap();
    store.put_server(server("after")).await.unwrap();
    store.audit(vec![audit_line(2)]).await.unwrap();
    accepted.push("after".into());
    assert_eq!(names(&store.load().await.unwrap()), accepted);
    store.close().await;
    let store = Store::open(&disk.path()).await.unwrap();
    assert_eq!(names(&store.load().await.unwrap()), accepted);
}

#[tokio::test]
async fn a_disk_that_fills_up_frees_without_a_restart() {
    let disk = Disk::new(4 * 1024);
    let store = Store::open(&disk.path()).await.unwrap();
    let ballast = disk.fill(600);
    let (accepted, error) = put_until_full(&store).await;
    no_space(&error);
    fs::remove_file(ballast).unwrap();
    store.put_server(server("after")).await.unwrap();
    assert_eq!(store.load().await.unwrap().servers.len(), accepted.len() + 1);
}

#[tokio::test]
async fn no_database_can_be_made_on_a_full_disk() {
    let disk = Disk::new(256);
    let ballast = disk.fill(0);
    no_space(&Store::open(&disk.path()).await.unwrap_err());
    assert!(!disk.path().exists());
    fs::remove_file(ballast).unwrap();
}

#[tokio::test]
async fn a_read_only_disk_is_told_as_such() {
    let disk = Disk::new(8 * 1024);
    filled(&disk.path(), 1).await;
    let before = fs::read(disk.path()).unwrap();
    disk.mount(&["-o", "remount,ro"]);
    let error = Store::open(&disk.path()).await.unwrap_err();
    assert!(matches!(error, Error::Permission { .. }), "{error:?}");
    assert!(fs::read(disk.path()).unwrap() == before);
}
