//! What a server's data holds, bit for bit, and what a test puts there.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    process::{Command, Stdio},
};

use sha2::{Digest, Sha256};

use crate::{program::IMAGE, support::docker};

/// Everything in a data folder: kind, mode, owner, group, and what it holds.
pub type Tree = BTreeMap<String, (u8, u32, u64, u64, Vec<u8>)>;

/// All that is in a server's data now, but for the game's own mark.
#[track_caller]
pub fn tree(container: &str) -> Tree {
    let output = Command::new("docker").args(["cp", &format!("{container}:/data"), "-"]).output();
    let output = output.expect("the docker command");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut tree = Tree::new();
    for entry in tar::Archive::new(output.stdout.as_slice()).entries().expect("a tar stream") {
        let mut entry = entry.expect("an entry");
        let path = entry.path().expect("a path").to_string_lossy().trim_end_matches('/').to_owned();
        if path.ends_with("/session.lock") {
            continue;
        }
        let mut content = Vec::new();
        entry.read_to_end(&mut content).expect("its content");
        let header = entry.header();
        let link = entry.link_name_bytes().map(|link| link.to_vec()).unwrap_or_default();
        let (uid, gid) = (header.uid().expect("an owner"), header.gid().expect("a group"));
        let mode = header.mode().expect("a mode") & 0o777;
        let hash = [Sha256::digest(&content).to_vec(), link].concat();
        let path = path.strip_prefix("data").unwrap_or(&path).trim_start_matches('/').to_owned();
        tree.insert(path, (header.entry_type().as_byte(), mode, uid, gid, hash));
    }
    tree
}

/// Those paths of two trees that differ.
pub fn differences(one: &Tree, other: &Tree) -> Vec<String> {
    let mut paths: Vec<_> = one.keys().chain(other.keys()).collect();
    paths.sort();
    paths.dedup();
    paths.retain(|path| one.get(*path) != other.get(*path));
    paths.into_iter().cloned().collect()
}

#[track_caller]
pub fn holds(tree: &Tree, path: &str, content: &str) {
    let found = tree.get(path).unwrap_or_else(|| panic!("{path} is not there"));
    assert_eq!(found.4, Sha256::digest(content).to_vec(), "{path}");
    assert_eq!((found.2, found.3), (1000, 1000), "{path}");
}

/// Writes files as the server would.
#[track_caller]
pub fn write<'a>(container: &str, files: impl IntoIterator<Item = (&'a str, impl AsRef<[u8]>)>) {
    let mut builder = tar::Builder::new(Vec::new());
    let header = |kind, mode, size| {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_size(size);
        header.set_uid(1000);
        header.set_gid(1000);
        header.set_mtime(1_700_000_000);
        header
    };
    let mut made = std::collections::HashSet::new();
    for (path, content) in files {
        let content = content.as_ref();
        for folder in path.match_indices('/').map(|(end, _)| &path[..end]) {
            if made.insert(folder.to_owned()) {
                let mut header = header(tar::EntryType::Directory, 0o755, 0);
                builder.append_data(&mut header, folder, std::io::empty()).expect("a folder");
            }
        }
        let mut header = header(tar::EntryType::Regular, 0o644, content.len() as u64);
        builder.append_data(&mut header, path, content).expect("a file");
    }
    let mut child = Command::new("docker")
        .args(["cp", "-a", "-", &format!("{container}:/data")])
        .stdin(Stdio::piped())
        .spawn()
        .expect("the docker command");
    let tar = builder.into_inner().expect("a tar stream");
    child.stdin.take().expect("its input").write_all(&tar).expect("it reads");
    assert!(child.wait().expect("its end").success());
}

/// Runs a line of shell on a server's data, whether it runs or not.
#[track_caller]
pub fn shell(container: &str, line: &str) -> String {
    let name = format!("{container}-shell");
    let output = Command::new("docker")
        .args(["run", "--rm", "--name", &name, "--label", "mineclifford.test", "--volumes-from", container])
        .args(["--network", "none", "--entrypoint", "sh", IMAGE, "-c", line])
        .output()
        .expect("the docker command");
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Removes things from a server's data.
#[track_caller]
pub fn remove(container: &str, paths: &[&str]) {
    let paths: Vec<String> = paths.iter().map(|path| format!("'/data/{path}'")).collect();
    shell(container, &format!("rm -rf {}", paths.join(" ")));
}

/// Containers and volumes that served a job of this test's servers and are still there.
pub fn throwaways(prefix: &str) -> Vec<String> {
    let (label, name) = ("label=mineclifford.throwaway", format!("name={prefix}"));
    let containers = docker(&["ps", "-a", "--filter", label, "--filter", &name, "--format", "{{.Names}}"]);
    let volumes = docker(&["volume", "ls", "--filter", label, "--filter", &name, "--format", "{{.Name}}"]);
    containers.lines().chain(volumes.lines()).map(str::to_owned).collect()
}
