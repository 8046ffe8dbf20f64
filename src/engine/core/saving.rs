//! Servers whose saving a backup has left off, because the program or the server did not get to switching it on again: it is
//! tried until it is on.

use std::time::Duration;

use super::Core;
use crate::{
    engine::{
        backups::make::saving::{Turned, turn_on},
        console::Source,
        fact::{Fact, SavingTried},
    },
    model::{HostId, JobId, ServerId, Severity},
    store::SavingOff,
};

/// How long a server may take to answer.
const ANSWER: Duration = Duration::from_secs(5);
/// The first pause between two tries; it doubles up to the second.
const FIRST: Duration = Duration::from_secs(1);
const SLOWEST: Duration = Duration::from_secs(60);

impl Core {
    /// Sees to the servers of a host that was just looked at.
    pub(super) fn mend_saving_on(&mut self, host: &HostId) {
        let here =
            |server: &ServerId| self.entries.get(server).is_none_or(|entry| entry.record.spec.host == *host);
        let left: Vec<_> = self.book.all_saving_off().filter(|off| here(&off.server)).cloned().collect();
        for off in left {
            self.mend_saving(off);
        }
    }

    /// A job has ended: should it have left saving off, that is seen to now.
    pub(super) fn mend_saving_after(&mut self, job: JobId) {
        let left = self.book.all_saving_off().find(|off| off.job == job).cloned();
        if let Some(off) = left {
            self.mend_saving(off);
        }
    }

    fn mend_saving(&mut self, off: SavingOff) {
        let id = off.server;
        let works = |job: JobId| self.jobs.iter().any(|known| known.id == job && known.is_running());
        if self.saving_menders.contains_key(&id) || works(off.job) {
            return;
        }
        let (store, facts) = (self.store.clone(), self.ways.facts.clone());
        let known = self.host_of(id).and_then(|host| Some((host.docker.clone()?, host.is_here())));
        let stop = self.ways.stop.child_token();
        let over = match (self.entries.get(&id), known) {
            (Some(entry), Some((docker, here))) => {
                let password = entry.record.rcon_password.clone();
                let source = move |docker: &crate::docker::Docker, detail: &crate::docker::Detail| Source {
                    password: password.clone(),
                    ..Source::of(docker.clone(), detail, here)
                };
                Some((docker, source))
            }
            // The server was deleted: there is nobody whose saving could be off.
            (None, _) => None,
            // Its host does not answer: it is looked at again.
            (Some(_), None) => return,
        };
        self.saving_menders.insert(id, stop.clone());
        self.saving_first.insert(id);
        // Whoever waits for the world to be known waits for the first try.
        self.mending += 1;
        self.ways.tasks.spawn(async move {
            let tried = stop.run_until_cancelled(async {
                let Some((docker, source)) = over else { return "The server is gone." };
                let mut pause = FIRST;
                loop {
                    match Box::pin(turn_on(&docker, &off, ANSWER, |detail| source(&docker, detail))).await {
                        Turned::On => return "It is on again.",
                        Turned::Moot => return "The server was restarted since: it is on again.",
                        Turned::NotYet(why) => {
                            tracing::warn!(server = %id, why, "saving could not be switched on yet");
                        }
                    }
                    let _ = facts.send(Fact::SavingTried(id, SavingTried::Once)).await;
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(SLOWEST);
                }
            });
            let told = match tried.await {
                Some(words) => match store.remove_saving_off(id).await {
                    Ok(()) => SavingTried::Over(words.to_owned()),
                    Err(error) => {
                        tracing::warn!(%error, "that saving is on again could not be noted");
                        SavingTried::Once
                    }
                },
                None => SavingTried::Once,
            };
            let _ = facts.send(Fact::SavingTried(id, told)).await;
        });
    }

    /// A backup begins, which switches saving off anew and on again at its end.
    pub(super) fn leave_saving(&mut self, id: ServerId) {
        if let Some(mender) = self.saving_menders.remove(&id) {
            mender.cancel();
            self.tried_saving(id);
        }
    }

    /// Somebody who tries to switch saving on has news.
    pub(super) fn saving_tried(&mut self, id: ServerId, tried: SavingTried) {
        self.tried_saving(id);
        if let SavingTried::Over(words) = tried
            && self.saving_menders.remove(&id).is_some()
        {
            self.book.saving(id, None);
            let name = self.entries.get(&id).map(|entry| entry.name().to_owned()).unwrap_or_default();
            let text = format!("A backup had left the saving of {name} off. {words}");
            self.notice(Severity::Warning, Some(id), text, "");
        }
        self.publisher.soon();
    }

    /// The first try is over.
    fn tried_saving(&mut self, id: ServerId) {
        if self.saving_first.remove(&id) {
            self.mending = self.mending.saturating_sub(1);
        }
    }
}
