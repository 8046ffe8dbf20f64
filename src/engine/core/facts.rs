//! What the other tasks tell: consoles, measurements, probes, jobs, the database.

use jiff::Timestamp;

use super::Core;
use crate::{
    engine::{
        fact::{Fact, Probe, Told},
        servers::milestones::EARLY,
        supervisor::Tuning,
    },
    minecraft::text,
    model::{Event, History, Sample, ServerId, State, Ticks, history},
};

impl Core {
    /// A task has told something.
    pub(super) fn fact(&mut self, fact: Fact) {
        match fact {
            Fact::Tuned(tuning) => {
                // Named one by one, so that a new one is not forgotten here.
                let Tuning { read_only, console, loop_rule, stop_grace, backups } = tuning;
                (self.read_only, self.console) = (read_only, console);
                (self.loop_rule, self.stop_grace) = (loop_rule, stop_grace);
                self.backups.tuning = backups;
                self.publisher.soon();
            }
            Fact::Host(id, fact) => self.host(&id, fact),
            Fact::Told(id, at, told) => self.told(id, at, &told),
            Fact::Read(id) => {
                if let Some(entry) = self.entry(id).filter(|entry| entry.reading) {
                    entry.reading = false;
                    self.publisher.soon();
                }
            }
            Fact::HeardOut(id) => self.heard_out(id),
            Fact::Reached(id, via) => {
                if let Some(entry) = self.entry(id).filter(|entry| entry.via != via) {
                    entry.via = via;
                    entry.touch();
                    self.publisher.soon();
                }
            }
            Fact::Measured(id, container, sample) => self.measured(id, &container, sample),
            Fact::Probed(id, container, answer) => self.probed(id, &container, answer.as_ref()),
            Fact::Job(id, fact) => self.job(id, fact),
            Fact::Saved(written) => self.saved(written),
            Fact::Audited(written) => self.audited(written),
            Fact::WriteDown(line) => self.write_down(*line),
            Fact::Token(kept) => self.token_kept(*kept),
            Fact::Schedules(told) => self.scheduled(*told),
            Fact::Shelf(fact) => self.shelf(fact),
            Fact::Left(id) => self.left(id),
            Fact::WayOpen(way) => self.way_open(*way),
            Fact::Disks(measured) => self.disks_seen(measured),
            Fact::SavingTried(id, tried) => self.saving_tried(id, tried),
            Fact::Mended(mended, left) => self.mended(mended, left),
            Fact::MendAgain(host) => self.mend(&host),
            Fact::NewServer(new) => self.make_restored(*new),
        }
    }

    fn told(&mut self, id: ServerId, at: Timestamp, told: &Told) {
        let Some(entry) = self.entry(id) else { return };
        // Lines of an earlier run are read again when a console is opened: they tell nothing about this one.
        if entry.last_start().is_some_and(|started| at + EARLY < started) {
            return;
        }
        if let Told::Ticks(rate, took) = told {
            let before = entry.ticks.unwrap_or_default();
            entry.ticks = Some(Ticks { took: took.or(before.took), rate: rate.or(before.rate) });
            entry.touch();
            self.publisher.calmly();
        }
        let Some(entry) = self.entry(id) else { return };
        let before = entry.shown;
        entry.log.tell(at, told);
        let mut changed = entry.roster.tell(at, told);
        super::tally::count_told(&mut entry.counts, told, changed);
        // What a log tells again when it is read from its beginning is no news.
        let came = match told {
            Told::Joined(player) if changed && !entry.reading => Some(text::plain(player, 64)),
            _ => None,
        };
        match told {
            Told::Version(version) if entry.record.version.as_ref() != Some(version) => {
                entry.record.version = Some(text::plain(version, 64));
                entry.touch_about();
                changed = true;
                self.keep(id);
            }
            Told::Problem(_) if entry.started_at().is_none() && entry.detail.is_some() => {
                // The end was seen before its cause.
                entry.explain();
                changed = true;
            }
            Told::Done if entry.unasked => {
                entry.answered = true;
                changed = true;
            }
            _ => {}
        }
        if let Some(player) = came {
            // Nobody may be listening.
            let _ = self.ways.events.send(Event::Joined { at, server: id, player });
        }
        self.restate(id, before, changed);
    }

    /// Shows a server anew when its state is another one now, or something else `changed`.
    fn restate(&mut self, id: ServerId, before: Option<State>, changed: bool) {
        let up = self.host_of(id).is_some_and(super::HostEntry::is_up);
        let Some(entry) = self.entry(id) else { return };
        if changed || Some(entry.state(up, Timestamp::now())) != before {
            entry.touch();
            self.publisher.soon();
        }
    }

    fn measured(&mut self, id: ServerId, container: &str, sample: Sample) {
        let Some(entry) = self.entry(id) else { return };
        if entry.run.as_ref().is_none_or(|run| run.container != container) {
            return;
        }
        let first = entry.history.is_empty();
        entry.history.push(&sample, entry.roster.online(), entry.ticks);
        entry.sample = Some(sample);
        entry.touch();
        self.publisher.calmly();
        if first {
            self.bound_histories();
        }
    }

    fn probed(&mut self, id: ServerId, container: &str, answer: Option<&Probe>) {
        let Some(entry) = self.entry(id) else { return };
        if entry.run.as_ref().is_none_or(|run| run.container != container) {
            return;
        }
        let before = entry.shown;
        // Whoever waits for the first states waits for the first answers.
        let mut changed = !std::mem::replace(&mut entry.asked, true);
        match answer {
            Some(probe) if probe.suspended => {
                changed = !entry.log.suspended;
                entry.log.suspended = true;
            }
            Some(probe) => {
                entry.counts.latency = probe.latency.or(entry.counts.latency);
                changed |=
                    entry.roster.answer(Timestamp::now(), probe) | std::mem::take(&mut entry.log.suspended);
                (entry.answered, entry.silent_since) = (true, None);
                if probe.version.is_some() && entry.record.version.is_none() {
                    entry.record.version.clone_from(&probe.version);
                    entry.touch_about();
                    self.keep(id);
                }
            }
            None if entry.answered || entry.log.done => {
                entry.silent_since.get_or_insert_with(Timestamp::now);
            }
            None => {}
        }
        self.restate(id, before, changed);
    }

    /// What was measured of a server over the last day.
    pub(super) fn history(&self, id: ServerId) -> History {
        self.entries.get(&id).map(|entry| entry.history.clone()).unwrap_or_default()
    }

    /// Keeps all histories together within their budget, when there is one more.
    fn bound_histories(&mut self) {
        let measured = self.entries.values().filter(|entry| !entry.history.is_empty()).count();
        let coarse = history::coarseness(measured);
        self.entries.values_mut().for_each(|entry| entry.history.coarsen(coarse));
    }
}
