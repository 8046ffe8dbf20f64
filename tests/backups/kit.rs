//! What these tests share.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use mineclifford::{
    archive::Manifest,
    model::{Answer, Backup, BackupId, BackupWish, Fault, Order, ServerId, Spec},
};
use sha2::{Digest, Sha256};

use crate::support::{Bed, docker, job_of};

/// Files by their paths, with the SHA-256 of their content as hexadecimal digits.
pub type Tree = BTreeMap<String, String>;

/// A spec with variables for the practice server.
pub fn spec(bed: &Bed, name: &str, env: &[(&str, &str)]) -> Spec {
    let mut spec = bed.spec(name);
    spec.env.extend(env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    spec
}

/// Backs a server up and gives the new backup.
pub async fn back_up(bed: &Bed, server: ServerId, wish: BackupWish) -> Result<Arc<Backup>, Fault> {
    let answer = bed.run(Order::Backup(server, wish)).await?;
    let id = BackupId(job_of(&answer).0);
    Ok(bed.handle.now().backup(id).expect("the backup of this job").clone())
}

/// The manifest beside an archive.
pub fn manifest(backup: &Backup) -> Manifest {
    mineclifford::archive::read_manifest(Path::new(&backup.path)).expect("a manifest")
}

/// What other programs make of an archive.
pub fn opened(backup: &Backup) -> (tempfile::TempDir, Tree) {
    let folder = tempfile::tempdir().unwrap();
    let mut tar = Command::new("tar");
    if backup.path.ends_with(".zst") {
        tar.arg("--use-compress-program=zstd");
    }
    let output = tar.arg("-xf").arg(&backup.path).arg("-C").arg(folder.path()).output().expect("tar");
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let mut tree = Tree::new();
    walk(folder.path(), folder.path(), &mut tree);
    assert!(tree.remove(mineclifford::archive::INSIDE).is_some(), "the manifest is in it");
    (folder, tree)
}

fn walk(base: &Path, folder: &Path, tree: &mut Tree) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            walk(base, &entry.path(), tree);
        } else if kind.is_file() {
            let path = entry.path().strip_prefix(base).unwrap().to_str().unwrap().to_owned();
            tree.insert(path, sha(&std::fs::read(entry.path()).unwrap()));
        }
    }
}

pub fn sha(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What is in a running container's data now.
pub fn data(container: &str) -> Tree {
    let script = "cd /data && find . -type f -exec sha256sum {} +";
    let listed = docker(&["exec", container, "sh", "-c", script]);
    let lines = listed.lines().filter_map(|line| line.split_once("  ./"));
    lines.map(|(hash, path)| (path.to_owned(), hash.to_owned())).collect()
}

/// Runs something in a container.
pub fn exec(container: &str, script: &str) -> String {
    docker(&["exec", "-u", "0", container, "sh", "-c", script])
}

/// Whether saving is on. The question itself switches it on.
pub async fn saving_was_on(bed: &Bed, server: ServerId) -> bool {
    let said = say(bed, server, "save-on").await;
    assert!(said.contains("turned on") || said.contains("enabled"), "{said}");
    said.contains("already")
}

/// Gives a command and reads the answer.
pub async fn say(bed: &Bed, server: ServerId, line: &str) -> String {
    let order = Order::Console { server, line: line.into(), reply: true };
    match bed.run(order).await.expect("an answer") {
        Answer::Sent { reply, .. } => reply.unwrap_or_default(),
        other => panic!("{other:?}"),
    }
}

/// The files in the backup folder.
pub fn folder(bed: &Bed) -> Vec<PathBuf> {
    let listed = std::fs::read_dir(bed.folder.path().join("backups"));
    let mut files: Vec<PathBuf> =
        listed.map(|all| all.map(|entry| entry.unwrap().path()).collect()).unwrap_or_default();
    files.sort();
    files
}

/// Everything that a server has written to its log.
pub fn log(container: &str) -> String {
    docker(&["logs", container])
}
