//! An engine that was named with `--connect`: on another machine, or at another socket of this one.

use std::time::Duration;

use tokio::{sync::watch, time::sleep};

use crate::{
    link::{Backend, Error, Joining, Source, Target, join},
    model::{Fault, Standing},
};

/// The first pause before a broken connection is made again; it doubles up to [`SLOWEST`].
const FIRST: Duration = Duration::from_millis(500);
const SLOWEST: Duration = Duration::from_secs(30);

/// The same engine again and again, over one connection after the other.
pub(super) struct Remote {
    target: Target,
    joining: Joining,
}

impl Remote {
    /// With the first connection.
    ///
    /// # Errors
    /// That there is none: then nothing is tried again.
    pub(super) async fn open(target: Target, joining: Joining) -> Result<(Self, Backend), Fault> {
        let remote = Self { target, joining };
        let backend = remote.connect().await.map_err(|error| error.fault(&remote.target.place()))?;
        Ok((remote, backend))
    }

    /// How a face stands to it while the connection holds.
    pub(super) fn standing(&self) -> Standing {
        Standing::Attached { place: self.target.place() }
    }

    async fn connect(&self) -> Result<Backend, Error> {
        join(self.target.dial().await?, &self.joining).await
    }
}

impl Source for Remote {
    async fn next(&mut self, standing: &watch::Sender<Standing>) -> Backend {
        let tell = |why: String| {
            let place = self.target.place();
            standing.send_replace(Standing::Reconnecting { place, why });
        };
        tell("the connection was lost".into());
        let mut pause = FIRST;
        loop {
            match self.connect().await {
                Ok(backend) => {
                    standing.send_replace(self.standing());
                    return backend;
                }
                Err(error) => {
                    tracing::info!(%error, "not connected yet");
                    tell(error.to_string());
                    // What does not pass by itself may be mended by somebody, but not in a second.
                    pause = if error.passes() { (pause * 2).min(SLOWEST) } else { SLOWEST };
                }
            }
            sleep(pause).await;
        }
    }
}
