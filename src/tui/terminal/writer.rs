//! Writes frames from a thread of its own, so that a terminal that reads slowly, or not at all, holds up nothing
//! but its own next frame.

use std::{io, thread};

use tokio::sync::mpsc;

/// Where frames go: at most one is on its way, the next is drawn when it has been written.
#[derive(Debug)]
pub struct Output {
    frames: mpsc::Sender<String>,
    written: mpsc::Receiver<io::Result<String>>,
    busy: bool,
    spare: String,
}

impl Output {
    /// One whose frames are taken from the first channel and given back, written, through the second.
    pub fn new(frames: mpsc::Sender<String>, written: mpsc::Receiver<io::Result<String>>) -> Self {
        Self { frames, written, busy: false, spare: String::new() }
    }

    /// Whether a frame is still on its way.
    pub fn is_busy(&self) -> bool {
        self.busy
    }

    /// A piece of memory for the next frame.
    pub fn spare(&mut self) -> String {
        std::mem::take(&mut self.spare)
    }

    /// Sends a frame off. Only when none is on its way.
    ///
    /// # Errors
    /// That nobody writes any more.
    pub fn send(&mut self, frame: String) -> io::Result<()> {
        self.frames.try_send(frame).map_err(|_| io::ErrorKind::BrokenPipe)?;
        self.busy = true;
        Ok(())
    }

    /// Waits until the frame on its way has been written; for ever when there is none.
    ///
    /// # Errors
    /// What the terminal said; that nobody writes any more.
    pub async fn written(&mut self) -> io::Result<()> {
        if !self.busy {
            return std::future::pending().await;
        }
        let spare = self.written.recv().await.ok_or(io::ErrorKind::BrokenPipe)?;
        self.busy = false;
        self.spare = spare?;
        Ok(())
    }
}

/// Starts a thread that writes frames, each with one write and one flush.
///
/// # Errors
/// That no thread could be started.
pub fn writer(mut terminal: impl io::Write + Send + 'static) -> io::Result<Output> {
    let (frames, mut taken) = mpsc::channel::<String>(1);
    let (done, written) = mpsc::channel(1);
    thread::Builder::new().name("screen".into()).spawn(move || {
        while let Some(frame) = taken.blocking_recv() {
            let result = terminal.write_all(frame.as_bytes()).and_then(|()| terminal.flush()).map(|()| frame);
            let failed = result.is_err();
            if done.blocking_send(result).is_err() || failed {
                return;
            }
        }
    })?;
    Ok(Output::new(frames, written))
}
