//! The socket that an engine listens on: made so that nobody else gets in, and so that a dead engine's is replaced and
//! a live one's never.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use tokio::net::{UnixListener, UnixStream, unix::UCred};

use crate::model::{Fault, FaultKind};

/// Longest path that a socket's address can hold, in bytes, with the zero at its end left out (unix(7)).
const PATH_MAX: usize = 107;

/// Where the engine of a data folder listens, unless another place is set.
pub fn default_path(data_dir: &Path) -> PathBuf {
    data_dir.join("run").join("engine.sock")
}

/// A socket that is listened on. Dropping it removes it.
#[derive(Debug)]
pub struct Bound {
    /// What is listened with.
    pub listener: UnixListener,
    path: PathBuf,
    /// Device and number of the file, so that no other's is removed.
    file: Option<(u64, u64)>,
}

impl Drop for Bound {
    fn drop(&mut self) {
        if self.file.is_some() && self.file == identity(&self.path) {
            // It is only untidy when it stays.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    fs::symlink_metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

/// Makes the socket and listens on it. Its folder is made for this user alone, and so is the socket; where a group is
/// given, that group may use both.
///
/// # Errors
/// That an engine listens there already; that there is something else; that it cannot be made.
pub async fn bind(path: &Path, group: Option<u32>) -> Result<Bound, Fault> {
    let text = path.display();
    let refused = |what: String, next: &str| {
        Fault::new(FaultKind::Conflict, what, "No other face can attach to this engine.", next)
    };
    if path.as_os_str().len() > PATH_MAX {
        return Err(refused(
            format!("{text} is too long for a socket: {PATH_MAX} bytes are the most."),
            "Set `attach.socket` to a shorter path.",
        ));
    }
    match fs::symlink_metadata(path) {
        Ok(file) if !file.file_type().is_socket() => {
            return Err(refused(
                format!("{text} is there and is no socket."),
                "Move it away, or set `attach.socket` to another path.",
            ));
        }
        Ok(_) if is_live(path).await => {
            return Err(refused(
                format!("Another engine listens at {text}."),
                "End that one, or set `attach.socket` to another path for this one.",
            ));
        }
        _ => {}
    }
    make(path, group).map_err(|error| {
        refused(
            format!("The socket {text} cannot be made: {error}."),
            "See who owns that folder, or set `attach.socket` to another path.",
        )
        .because(&error)
    })
}

/// Whether somebody listens there. One who is killed leaves a socket at which nobody does.
async fn is_live(path: &Path) -> bool {
    match UnixStream::connect(path).await {
        Ok(_) => true,
        Err(error) => !matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound),
    }
}

fn make(path: &Path, group: Option<u32>) -> io::Result<Bound> {
    if let Some(folder) = path.parent()
        && !folder.is_dir()
    {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        if let Some(group) = group {
            std::os::unix::fs::chown(folder, None, Some(group))?;
            fs::set_permissions(folder, fs::Permissions::from_mode(0o710))?;
        }
    }
    // Made aside and renamed: at its own name it is never open to others, and never missing.
    let mut aside = path.as_os_str().to_owned();
    aside.push(".new");
    let aside = PathBuf::from(aside);
    let beginning = if aside.as_os_str().len() > PATH_MAX { path } else { &aside };
    match fs::remove_file(beginning) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(beginning)?;
    let mode = if group.is_some() { 0o660 } else { 0o600 };
    if let Some(group) = group {
        std::os::unix::fs::chown(beginning, None, Some(group))?;
    }
    fs::set_permissions(beginning, fs::Permissions::from_mode(mode))?;
    if beginning != path {
        fs::rename(beginning, path)?;
    }
    Ok(Bound { listener, file: identity(path), path: path.to_owned() })
}

/// Whether this peer may have a seat: this user, root, or a member of the group that is allowed.
pub fn may_enter(peer: &UCred, group: Option<u32>) -> bool {
    let own = rustix::process::geteuid().as_raw();
    if peer.uid() == own || peer.uid() == 0 {
        return true;
    }
    let Some(group) = group else { return false };
    peer.gid() == group || peer.pid().is_some_and(|pid| groups(pid).contains(&group))
}

/// The number of the group with this name, as `/etc/group` has it (group(5)).
pub fn group_id(name: &str) -> Option<u32> {
    let file = fs::read_to_string("/etc/group").ok()?;
    file.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(name)).then(|| fields.nth(1)?.parse().ok())?
    })
}

/// The groups of a process beside its first one. The kernel has let it through to the socket already, by the same
/// groups; this is the second lock.
fn groups(pid: i32) -> Vec<u32> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("Groups:")).unwrap_or_default();
    line.split_whitespace().filter_map(|group| group.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_this_user_may_use_it_and_it_goes_with_the_engine() {
        let folder = tempfile::tempdir().unwrap();
        let path = default_path(folder.path());
        let bound = bind(&path, None).await.unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        UnixStream::connect(&path).await.unwrap();
        drop(bound);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn a_dead_engines_is_replaced_and_a_live_ones_never() {
        let folder = tempfile::tempdir().unwrap();
        let path = default_path(folder.path());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // What a killed engine leaves: a socket at which nobody listens.
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        let bound = bind(&path, None).await.unwrap();
        let fault = bind(&path, None).await.unwrap_err();
        assert!(fault.what.contains("Another engine"), "{fault}");
        UnixStream::connect(&path).await.unwrap();
        // Who is late to let go takes nobody else's away.
        let other = path.with_extension("other");
        fs::rename(&path, &other).unwrap();
        let second = bind(&path, None).await.unwrap();
        drop(bound);
        UnixStream::connect(&path).await.unwrap();
        drop(second);
    }

    #[tokio::test]
    async fn what_is_no_socket_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("diary");
        fs::write(&path, "dear").unwrap();
        assert!(bind(&path, None).await.unwrap_err().what.contains("no socket"));
        assert_eq!(fs::read(&path).unwrap(), b"dear");
        let long = folder.path().join("x".repeat(120));
        assert!(bind(&long, None).await.unwrap_err().what.contains("too long"));
    }
}
