//! The other end of ssh: copies between standard input and output and the engine's socket.

use std::path::Path;

use tokio::net::UnixStream;

use super::protocol::Error;

/// Copies until one side ends. Nothing else may be written to the standard output.
///
/// # Errors
/// [`Error::Nobody`] where no engine listens there.
pub async fn copy(socket: &Path) -> Result<(), Error> {
    let stream = UnixStream::connect(socket).await.map_err(Error::Nobody)?;
    let (mut from, mut to) = stream.into_split();
    let (mut input, mut output) = (tokio::io::stdin(), tokio::io::stdout());
    tokio::select! {
        // Who has sent everything may still be answered; but a face that ends its input is gone.
        done = tokio::io::copy(&mut input, &mut to) => { done?; }
        done = tokio::io::copy(&mut from, &mut output) => { done?; }
    }
    Ok(())
}
