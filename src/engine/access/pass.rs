//! Passes: proof that one may write to the engine's data folder, and so could open its database anyway.
//!
//! Whoever wants in lays down a file whose name is random and whose content is the hash of a secret, and shows name and
//! secret. The engine looks at the file, takes it away, and lets in. Nothing that lies on the disk is of use to a reader.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Read, Write},
    net::IpAddr,
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::Path,
    time::Duration,
};

use ring::digest::{SHA256, digest};
use subtle::ConstantTimeEq;

use super::{Grant, stranger, tokens::hex};
use crate::model::{Caller, Fault, Secret};

/// The folder of passes in the data folder.
const FOLDER: &str = "passes";
/// A pass is used at once, or not at all.
const LIFE: Duration = Duration::from_secs(60);
const NAME: usize = 32;

/// Lays down a pass in an engine's data folder.
///
/// # Errors
/// That the folder cannot be written to.
pub fn lay(data: &Path) -> io::Result<Secret> {
    let folder = data.join(FOLDER);
    DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    let (name, secret) = (hex(&rand::random::<[u8; 16]>()), hex(&rand::random::<[u8; 32]>()));
    let path = folder.join(&name);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(hex(digest(&SHA256, secret.as_bytes()).as_ref()).as_bytes())?;
    Ok(Secret(format!("{name}.{secret}")))
}

/// Redeems a pass for somebody who comes from there.
///
/// # Errors
/// [`stranger`].
pub fn grant(data: &Path, shown: &Secret, address: Option<IpAddr>) -> Result<Grant, Fault> {
    let note = redeem(data, &shown.0).ok_or_else(stranger)?;
    Ok(Grant::of_pass(Caller { token: None, note, address }))
}

/// Redeems `NAME.SECRET`; what the audit trail calls its owner. `None` where there is no such pass.
fn redeem(data: &Path, shown: &str) -> Option<String> {
    let (name, secret) = shown.split_once('.')?;
    if name.len() != NAME || !name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let path = data.join(FOLDER).join(name);
    // Never through a link, and never waiting on a pipe.
    let flags = (rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK).bits();
    let flags = i32::try_from(flags).ok()?;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(&path).ok()?;
    let about = file.metadata().ok()?;
    let (us, owner) = (rustix::process::geteuid().as_raw(), about.uid());
    let ours = owner == us || owner == 0;
    if !about.is_file() || !ours || about.mode() & 0o077 != 0 {
        return None;
    }
    let mut hash = String::new();
    file.take(128).read_to_string(&mut hash).ok()?;
    // Good once, also for a wrong secret.
    fs::remove_file(&path).ok()?;
    let old = about.modified().ok()?.elapsed().is_ok_and(|age| age > LIFE);
    let right = hex(digest(&SHA256, secret.as_bytes()).as_ref()).as_bytes().ct_eq(hash.trim().as_bytes());
    (bool::from(right) && !old).then(|| format!("local user {owner}"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    const FIRST: &str = "0123456789abcdef0123456789abcdef";

    fn lay(data: &Path, name: &str, secret: &str, mode: u32) {
        fs::create_dir_all(data.join(FOLDER)).unwrap();
        let path = data.join(FOLDER).join(name);
        fs::write(&path, hex(digest(&SHA256, secret.as_bytes()).as_ref())).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn good_once_for_its_secret_and_never_a_path_a_link_or_another_s_file() {
        let data = tempfile::tempdir().unwrap();
        let show = |text: &str| redeem(data.path(), text);
        let laid = super::lay(data.path()).unwrap();
        assert!(show(&laid.0).is_some() && show(&laid.0).is_none());
        lay(data.path(), FIRST, "s", 0o600);
        assert!(show(&format!("{FIRST}.s")).is_some());
        assert_eq!(show(&format!("{FIRST}.s")), None, "a second time");
        lay(data.path(), FIRST, "s", 0o600);
        assert_eq!(show(&format!("{FIRST}.t")), None);
        assert_eq!(show(&format!("{FIRST}.s")), None, "a wrong guess uses it up");
        lay(data.path(), FIRST, "s", 0o644);
        assert_eq!(show(&format!("{FIRST}.s")), None, "others could have read it");
        for bad in ["", ".", "..", "../engine-id.s", "x.s"] {
            assert_eq!(show(bad), None, "{bad}");
        }
        let other = "f".repeat(NAME);
        fs::write(data.path().join("aside"), hex(digest(&SHA256, b"s").as_ref())).unwrap();
        symlink(data.path().join("aside"), data.path().join(FOLDER).join(&other)).unwrap();
        assert_eq!(show(&format!("{other}.s")), None);
    }
}
