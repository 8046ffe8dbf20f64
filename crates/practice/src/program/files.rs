//! Looking at files in an image without a shell.

use std::fs;
use std::io::{Read as _, Result, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use practice::rng::hash as fnv;

fn walk(path: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    found.push(path.to_path_buf());
    if fs::symlink_metadata(path)?.is_dir() {
        let mut names: Vec<PathBuf> =
            fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_>>()?;
        names.sort();
        for name in names {
            walk(&name, found)?;
        }
    }
    Ok(())
}

/// `mode uid:gid size path` of everything below.
pub fn list(path: &str) -> Result<()> {
    let mut found = Vec::new();
    walk(Path::new(path), &mut found)?;
    let mut out = std::io::stdout().lock();
    for path in found {
        let meta = fs::symlink_metadata(&path)?;
        writeln!(out, "{:o} {}:{} {} {}", meta.mode(), meta.uid(), meta.gid(), meta.len(), path.display())?;
    }
    Ok(())
}

/// The bytes of a file.
pub fn cat(path: &str) -> Result<()> {
    std::io::copy(&mut fs::File::open(path)?, &mut std::io::stdout().lock()).map(drop)
}

/// A number for each file below (FNV-1a of its bytes, hexadecimal) and its path.
pub fn hash(path: &str) -> Result<()> {
    let mut found = Vec::new();
    walk(Path::new(path), &mut found)?;
    let mut out = std::io::stdout().lock();
    for path in found {
        if !fs::symlink_metadata(&path)?.is_file() {
            continue;
        }
        let mut bytes = Vec::new();
        fs::File::open(&path)?.read_to_end(&mut bytes)?;
        writeln!(out, "{:016x} {}", fnv(&bytes), path.display())?;
    }
    Ok(())
}
