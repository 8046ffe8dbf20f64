//! The audit trail on its way to the database: in order, and kept in memory while the disk has no room.

use std::{collections::VecDeque, time::Duration};

use jiff::Timestamp;
use tokio::{sync::oneshot, time::Instant};

use super::Core;
use crate::{
    engine::{access::rules, fact::Fact},
    model::{Answer, AuditEntry, AuditLine, Fault, FaultKind, Order, Origin, ServerId, Severity},
    store::Error,
};

/// Lines that wait for a disk that has no room. Those beyond are in the program's log only, and counted.
const WAITING_MAX: usize = 2_000;
/// Lines of one write.
const AT_ONCE: usize = 256;
/// When a write that failed is tried again.
const AGAIN: Duration = Duration::from_secs(5);
/// Who may wait for a write to end. Whoever comes then is told what the database has.
const READERS_MAX: usize = 64;
/// Refusals that are written down in a minute: whoever is refused again and again must not push out what was done.
const REFUSALS: u32 = 30;
const MINUTE: Duration = Duration::from_secs(60);

/// Lines that are not in the database yet.
#[derive(Default)]
pub struct Trail {
    waiting: VecDeque<AuditLine>,
    /// How many of those are being written.
    writing: usize,
    /// Whether faces were told that it cannot be written.
    told: bool,
    /// Lines that there was no room for.
    lost: u64,
    refused: Option<(Instant, u32)>,
    /// Who asked for lines while some were being written.
    readers: Vec<Reader>,
}

/// Somebody who wants the trail's last lines.
struct Reader {
    /// Lines that are to be written first.
    behind: usize,
    limit: usize,
    before: Option<u64>,
    reply: oneshot::Sender<Result<Vec<AuditEntry>, Fault>>,
}

impl Trail {
    /// Whether nothing is being written, and nothing waits that could be.
    pub fn is_idle(&self) -> bool {
        self.writing == 0 && (self.waiting.is_empty() || self.told)
    }
}

impl Core {
    /// Writes a line of the audit trail.
    pub(super) fn audit(
        &mut self,
        origin: Origin,
        action: String,
        server: Option<ServerId>,
        server_name: String,
        outcome: String,
    ) {
        self.write_down(AuditLine { at: Timestamp::now(), origin, action, server, server_name, outcome });
    }

    /// Writes down how an order was answered. A job is written down when it ends; what changed nothing is not.
    pub(super) fn audit_answer(&mut self, origin: &Origin, order: &Order, answer: &Result<Answer, Fault>) {
        let outcome = match answer {
            Ok(Answer::Started { .. }) => return,
            Ok(Answer::Scheduled(id)) => format!("done: schedule {id}"),
            Ok(Answer::Token { id, .. }) => format!("done: token {id}"),
            Ok(_) => "done".to_owned(),
            Err(fault) => match fault.kind {
                FaultKind::Denied | FaultKind::Unauthenticated if !self.trail.may_refuse() => return,
                FaultKind::Denied | FaultKind::Unauthenticated => format!("refused: {}", fault.what),
                FaultKind::Failed | FaultKind::Unreachable => format!("failed: {}", fault.what),
                FaultKind::Invalid | FaultKind::NotFound | FaultKind::Conflict | FaultKind::Cancelled => {
                    return;
                }
            },
        };
        let (action, server) = rules::describe(order);
        let name = server.and_then(|id| self.entries.get(&id)).map(|entry| entry.name().to_owned());
        self.audit(origin.clone(), action, server, name.unwrap_or_default(), outcome);
    }

    pub(super) fn write_down(&mut self, line: AuditLine) {
        if self.trail.waiting.len() >= WAITING_MAX {
            self.trail.lost += 1;
            tracing::error!(line = ?line, "the audit trail has no room for this line");
            return;
        }
        self.trail.waiting.push_back(line);
        if !self.trail.told {
            self.next_lines(Duration::ZERO);
        }
    }

    /// Begins a write, after a pause, when none is under way.
    fn next_lines(&mut self, pause: Duration) {
        if self.trail.writing > 0 || self.trail.waiting.is_empty() {
            return;
        }
        let lines: Vec<_> = self.trail.waiting.iter().take(AT_ONCE).cloned().collect();
        self.trail.writing = lines.len();
        let (store, facts, stop) = (self.store.clone(), self.ways.facts.clone(), self.ways.stop.clone());
        self.ways.tasks.spawn(async move {
            // An engine that ends tries at once, for the last time.
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => {}
            }
            let written = store.audit(lines).await;
            let _ = facts.send(Fact::Audited(written)).await;
        });
    }

    /// A write ended.
    pub(super) fn audited(&mut self, written: Result<(), Error>) {
        let count = std::mem::take(&mut self.trail.writing);
        match written {
            Ok(()) => {
                self.trail.waiting.drain(..count);
                if std::mem::take(&mut self.trail.told) {
                    let text = "The audit trail is being written again.";
                    let lost = std::mem::take(&mut self.trail.lost);
                    let details = match lost {
                        0 => "No line was lost.".to_owned(),
                        lost => format!("{lost} lines are in the program's log only."),
                    };
                    if lost > 0 {
                        let outcome = format!("{lost} lines are missing here: the disk was full");
                        self.audit(Origin::Engine, "audit".into(), None, String::new(), outcome);
                    }
                    self.notice(Severity::Success, None, text, details);
                }
                self.next_lines(Duration::ZERO);
            }
            Err(error) => {
                let fault = error.fault();
                if !std::mem::replace(&mut self.trail.told, true) {
                    tracing::error!(%error, "the audit trail cannot be written; lines are kept in memory");
                    let text = format!("The audit trail cannot be written: {}", fault.what);
                    let details = format!(
                        "What is done meanwhile is kept in memory and written down when that is possible again. {}",
                        fault.next
                    );
                    self.notice(Severity::Error, None, text, details);
                }
                if self.ways.stop.is_cancelled() {
                    for line in &self.trail.waiting {
                        tracing::error!(?line, "a line of the audit trail was not written before the end");
                    }
                } else {
                    self.next_lines(AGAIN);
                }
            }
        }
        for mut reader in std::mem::take(&mut self.trail.readers) {
            reader.behind = reader.behind.saturating_sub(count);
            if reader.behind == 0 || self.trail.told {
                self.tell_trail(reader.limit, reader.before, reader.reply);
            } else {
                self.trail.readers.push(reader);
            }
        }
    }

    /// The last lines before this one, those among them that still wait for the disk. What is being written is waited for:
    /// whoever has seen something done finds it in the trail.
    pub(super) fn read_trail(
        &mut self,
        limit: usize,
        before: Option<u64>,
        reply: oneshot::Sender<Result<Vec<AuditEntry>, Fault>>,
    ) {
        let soon = self.trail.writing > 0 && !self.trail.told;
        if soon && self.trail.readers.len() < READERS_MAX {
            let behind = self.trail.waiting.len();
            self.trail.readers.push(Reader { behind, limit, before, reply });
        } else {
            self.tell_trail(limit, before, reply);
        }
    }

    fn tell_trail(
        &self,
        limit: usize,
        before: Option<u64>,
        reply: oneshot::Sender<Result<Vec<AuditEntry>, Fault>>,
    ) {
        // What is being written now may be in the database already, and is not told twice.
        let under_way = if self.trail.told { 0 } else { self.trail.writing };
        let waiting = self.trail.waiting.iter().skip(under_way);
        let mut waiting: Vec<_> = match before {
            Some(_) => Vec::new(),
            None => waiting.map(|line| AuditEntry { seq: None, line: line.clone() }).collect(),
        };
        waiting.drain(..waiting.len().saturating_sub(limit));
        let store = self.store.clone();
        self.ways.tasks.spawn(async move {
            let stored = store.audit_tail(limit - waiting.len(), before).await;
            let _ = reply.send(stored.map_err(|error| error.fault()).map(|mut lines| {
                lines.append(&mut waiting);
                lines
            }));
        });
    }
}

impl Trail {
    fn may_refuse(&mut self) -> bool {
        let now = Instant::now();
        let (since, count) = self.refused.get_or_insert((now, 0));
        if now.duration_since(*since) > MINUTE {
            (*since, *count) = (now, 0);
        }
        *count += 1;
        *count <= REFUSALS
    }
}
