//! `backup extract`

use std::path::Path;

use serde::Serialize;

use super::{find, known};
use crate::{
    cli::{
        args::backup::ExtractArgs,
        exit::Outcome,
        io::Io,
        output::{clean, human},
    },
    engine::Handle,
};

#[derive(Serialize)]
struct Extracted<'a> {
    files: u64,
    bytes: u64,
    out: &'a Path,
}

/// Takes a file or folder out of a backup.
///
/// # Errors
/// That there is no such backup or path; that the backup is damaged; the disk's.
pub async fn extract(handle: &Handle, io: &mut Io, args: &ExtractArgs) -> Outcome {
    known(handle, io).await?;
    let backup = find(&handle.now(), &args.id)?;
    let extracting = handle.extract(backup.id, vec![args.path.clone()], &args.out);
    let opened = io.interrupt.guard(extracting).await?;
    if io.json {
        return io.document(&Extracted { files: opened.files, bytes: opened.bytes, out: &args.out });
    }
    let out = args.out.display().to_string();
    io.confirm(&format!("{} files, {}, in {}", opened.files, human::bytes(opened.bytes), clean::plain(&out)))
}
