//! The RCON password: random for each server, in a file that only the container's own users can read.

use bytes::Bytes;
use futures_util::stream;
use rand::RngExt;
use secrecy::{ExposeSecret, SecretString};

use crate::docker::{Docker, Error};

/// Where the file is in the container: in its own layer, not in the data, so that no backup and no copy carries it.
pub const PATH: &str = "/mineclifford/rcon-password";

/// What the image's variables name for its user; the file is theirs alone.
const DEFAULT_ID: u64 = 1000;

/// A new password: 32 letters and digits, about 190 bits. Others characters break the image's own files.
pub fn generate() -> SecretString {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut rng = rand::rng();
    let text: String = (0..32).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])).collect();
    text.into()
}

/// Puts the password into a container that was made and not yet started. `uid` and `gid` are the image's `UID` and
/// `GID` variables, where they are set.
///
/// # Errors
/// Docker's.
pub async fn put(
    docker: &Docker,
    container: &str,
    password: &SecretString,
    uid: Option<u64>,
    gid: Option<u64>,
) -> Result<(), Error> {
    let tar = archive(password, uid.unwrap_or(DEFAULT_ID), gid.unwrap_or(DEFAULT_ID));
    docker.archive_put(container, "/", stream::iter([Ok(Bytes::from(tar))])).await
}

fn archive(password: &SecretString, uid: u64, gid: u64) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut add = |path: &str, kind: tar::EntryType, mode: u32, body: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_uid(uid);
        header.set_gid(gid);
        header.set_size(body.len() as u64);
        // Writing into memory, with paths of our own: neither can fail.
        let _ = builder.append_data(&mut header, path, body);
    };
    add("mineclifford/", tar::EntryType::Directory, 0o700, &[]);
    add(PATH.trim_start_matches('/'), tar::EntryType::Regular, 0o400, password.expose_secret().as_bytes());
    builder.into_inner().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn passwords_are_long_and_never_the_same() {
        let (one, two) = (generate(), generate());
        assert_eq!(one.expose_secret().len(), 32);
        assert!(one.expose_secret().chars().all(|c| c.is_ascii_alphanumeric()));
        assert_ne!(one.expose_secret(), two.expose_secret());
        assert!(!format!("{one:?}").contains(one.expose_secret()));
    }

    #[test]
    fn only_the_servers_user_can_read_the_file() {
        let bytes = archive(&"abc".to_owned().into(), 1001, 1002);
        let mut archive = tar::Archive::new(bytes.as_slice());
        let mut entries = archive.entries().unwrap();
        assert_eq!(entries.next().unwrap().unwrap().header().mode().unwrap(), 0o700);
        let mut file = entries.next().unwrap().unwrap();
        assert_eq!(file.path().unwrap().to_str(), Some("mineclifford/rcon-password"));
        let header = file.header();
        assert_eq!(
            (header.mode().unwrap(), header.uid().unwrap(), header.gid().unwrap()),
            (0o400, 1001, 1002)
        );
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "abc");
    }
}
