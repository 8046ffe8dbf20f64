//! Copies one server's data into another's, through this program, without a shell in either.

use futures_util::StreamExt;

use crate::{
    engine::jobs::Context,
    model::{Fault, Progress},
};

/// Where the image keeps everything that belongs to a server.
const DATA: &str = "/data";

/// Copies the data of a container that does not run into one that was just made. Owners and times are kept.
///
/// # Errors
/// Docker's, or that the job was cancelled.
pub async fn copy(context: &Context, from: &str, to: &str) -> Result<(), Fault> {
    context.step("copying the data");
    let progress = context.clone();
    let work = async {
        let archive = context.docker.archive_get(from, DATA).await?;
        let mut copied = 0;
        let counted = archive.map(move |chunk| {
            let chunk = chunk.map_err(std::io::Error::other)?;
            copied += chunk.len() as u64;
            progress.progress(Progress::bytes("copying the data", copied, None));
            Ok(chunk)
        });
        // The archive's entries begin with `data/`.
        context.docker.archive_put(to, "/", counted).await
    };
    context.unless_cancelled(work).await
}
