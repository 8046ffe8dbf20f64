//! Small files of a container, read without any program in it.

use std::{io::Read, time::Duration};

use futures_util::StreamExt;

use crate::docker::Docker;

/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// What the archive of a file has beside its content, at the most: headers, and the rest of the last block.
const AROUND: usize = 16 * 1024;

/// The content of a file of at most so many bytes; `None` where there is none, it is longer, or Docker does not say.
pub async fn file(docker: &Docker, container: &str, path: &str, most: usize) -> Option<Vec<u8>> {
    let read = async {
        let mut archive = std::pin::pin!(docker.archive_get(container, path).await.ok()?);
        let mut tar = Vec::new();
        while let Some(chunk) = archive.next().await {
            tar.extend_from_slice(&chunk.ok()?);
            if tar.len() > most + AROUND {
                return None;
            }
        }
        Some(tar)
    };
    let tar = tokio::time::timeout(PATIENCE, read).await.ok()??;
    let mut archive = tar::Archive::new(tar.as_slice());
    let entry = archive.entries().ok()?.next()?.ok()?;
    if !entry.header().entry_type().is_file() {
        return None;
    }
    let mut content = Vec::new();
    entry.take(most as u64 + 1).read_to_end(&mut content).ok()?;
    (content.len() <= most).then_some(content)
}
