//! What the dashboard does outside of the engine: text to a program of the desktop, text to a file.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{io::AsyncWriteExt, process::Command, time::timeout};

use super::terminal::clipboard::Program;
use crate::model::{Fault, FaultKind};

/// Longest that a clipboard's program may take to read what it is given.
const PATIENCE: Duration = Duration::from_secs(5);

/// Gives a text to the first of these programs that takes it; whether one did.
pub async fn copy(text: &str, programs: &[Program]) -> bool {
    for program in programs {
        if timeout(PATIENCE, feed(text, program)).await.is_ok_and(|fed| fed.is_ok()) {
            return true;
        }
    }
    false
}

async fn feed(text: &str, program: Program) -> io::Result<()> {
    let (name, arguments) = program.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    // It holds the text as long as somebody may want it, so what it writes must not be waited for.
    let mut child = Command::new(name)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(text.as_bytes()).await?;
        input.shutdown().await?;
    }
    if child.wait().await?.success() { Ok(()) } else { Err(io::ErrorKind::Other.into()) }
}

/// What came of saving a text.
#[derive(Clone, PartialEq, Debug)]
pub enum Saved {
    /// It is in this file.
    Done(PathBuf),
    /// The file is there already, and was not touched.
    Exists(PathBuf),
    /// It could not be written.
    Failed(Fault),
}

/// Writes a text into a file that is not there yet; one that is there only where it may be replaced. A file is whole or
/// as it was. Blocks.
pub fn save(path: &str, text: &str, replace: bool) -> Saved {
    let path = home(path);
    let written = if replace { put_over(&path, text) } else { put_new(&path, text) };
    match written {
        Ok(()) => Saved::Done(path),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && !path.is_dir() => Saved::Exists(path),
        Err(error) => Saved::Failed(
            Fault::new(
                FaultKind::Failed,
                format!("The log could not be written to {}: {error}.", path.display()),
                "No file was made or changed.",
                "Name another file, in a folder that you may write to.",
            )
            .because(&error),
        ),
    }
}

fn put_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::File::create_new(path)?;
    let written = write(&mut file, text);
    if written.is_err() {
        let _ = fs::remove_file(path);
    }
    written
}

fn put_over(path: &Path, text: &str) -> io::Result<()> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut beside = std::ffi::OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}", std::process::id()));
    let beside = path.with_file_name(beside);
    put_new(&beside, text)?;
    fs::rename(&beside, path).inspect_err(|_| _ = fs::remove_file(&beside))
}

fn write(file: &mut fs::File, text: &str) -> io::Result<()> {
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")
}

/// A path as the person who runs this writes it: `~/` is their home.
pub fn home(path: &str) -> PathBuf {
    at_home(path, std::env::var_os("HOME").map(PathBuf::from))
}

/// A path as a person writes it: `~/` is their home.
fn at_home(path: &str, home: Option<PathBuf>) -> PathBuf {
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_there_is_replaced_only_when_that_is_meant() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let name = path.to_str().unwrap();
        assert_eq!(save(name, "one", false), Saved::Done(path.clone()));
        assert_eq!(save(name, "two", false), Saved::Exists(path.clone()));
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\n");
        assert_eq!(save(name, "two", true), Saved::Done(path.clone()));
        assert_eq!(fs::read_to_string(&path).unwrap(), "two\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        // A link is not followed to what it names.
        let link = folder.path().join("link.log");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert_eq!(save(link.to_str().unwrap(), "three", false), Saved::Exists(link.clone()));
        assert_eq!(fs::read_to_string(&path).unwrap(), "two\n");
        let folder_itself = folder.path().to_str().unwrap();
        for hopeless in [folder_itself, "/nowhere/at/all/x.log", "", "a\0b", "/proc/nothing"] {
            for replace in [false, true] {
                let saved = save(hopeless, "x", replace);
                let Saved::Failed(fault) = saved else { panic!("{hopeless:?}: {saved:?}") };
                assert!(fault.what.starts_with("The log could not be written to"), "{fault:?}");
            }
        }
    }

    #[test]
    fn home_is_home() {
        assert_eq!(at_home("~/a", Some("/home/ada".into())), Path::new("/home/ada/a"));
        assert_eq!(at_home("~/a", None), Path::new("~/a"));
        assert_eq!(at_home("a~/b", Some("/home/ada".into())), Path::new("a~/b"));
    }

    #[tokio::test]
    async fn the_first_program_that_takes_the_text_gets_it() {
        assert!(copy("text", &[&["no-program-has-this-name"], &["sh", "-c", "grep -q text"]]).await);
        assert!(!copy("text", &[&["false"], &["sh", "-c", "exit 3"]]).await);
        assert!(!copy("text", &[]).await);
    }
}
