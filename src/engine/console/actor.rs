//! The task that owns a console's lines.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::{
    sync::{Semaphore, mpsc},
    time::Instant,
};

use super::{
    Console, DEPTH, Limits, Source, Wish,
    follow::{Follow, News, Pace},
    tell,
    typist::{self, Errand, Note},
    viewers::Viewers,
};
use crate::{
    docker::LogPiece,
    engine::{fact::Fact, handle::From},
    minecraft::{
        log,
        text::{self, LineAssembler, RawLine, Stream},
    },
    model::{
        ServerId,
        console::{LineKind, Ring},
    },
    tasks::Tasks,
};

/// Most lines of the past that are read when a console is opened: more would make a start slow.
const TAIL: usize = 1_000;
/// And of one that does not run: enough for the whole of a crash.
const TAIL_OF_STOPPED: usize = 300;
/// Most pieces that are taken in before watchers are served.
const GULP: usize = 256;

/// A log that nobody watches and of which nothing was wanted for so long is read in step with the others: one that just
/// starts tells how far it is, and that is looked at.
const CALM: Duration = if cfg!(test) { Duration::from_millis(300) } else { Duration::from_secs(30) };
/// How long a log is read after the end of its container, for the reason.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Starts a console's task. It ends when the returned way to it is dropped.
pub fn spawn(
    server: ServerId,
    limits: Limits,
    reads: Arc<Semaphore>,
    facts: mpsc::Sender<Fact>,
    tasks: &Tasks,
) -> Console {
    let (wishes, incoming) = mpsc::channel(DEPTH);
    let (notes, typing) = mpsc::channel(DEPTH);
    tasks.spawn(typist::run(typing, wishes.downgrade(), server, facts.clone()));
    let actor = Actor {
        server,
        ring: Ring::new(limits.lines, limits.bytes),
        lines: limits.lines,
        follow: Follow::new(reads),
        reader: Reader::default(),
        viewers: Viewers::default(),
        notes,
        facts,
        wanted: Instant::now(),
        last_words: None,
    };
    tasks.spawn(actor.run(incoming));
    Console { wishes }
}

struct Actor {
    server: ServerId,
    ring: Ring,
    lines: usize,
    follow: Follow,
    reader: Reader,
    viewers: Viewers,
    notes: mpsc::Sender<Note>,
    facts: mpsc::Sender<Fact>,
    /// When something was last wanted of it.
    wanted: Instant,
    /// Its container has ended: until when its last words are waited for.
    last_words: Option<Instant>,
}

impl Actor {
    async fn run(mut self, mut wishes: mpsc::Receiver<Wish>) {
        loop {
            let (pace, last_words) = (self.pace(), self.last_words);
            tokio::select! {
                wish = wishes.recv() => match wish {
                    Some(wish) => Box::pin(self.grant(wish)).await,
                    None => return,
                },
                Some(woken) = self.viewers.wake() => self.viewers.serve(woken, &self.ring),
                news = self.follow.next(pace) => {
                    if self.read(news).await.is_err() {
                        return;
                    }
                }
                () = until(last_words) => {
                    if self.heard_out().await.is_err() {
                        return;
                    }
                }
            }
            self.viewers.pump(&self.ring);
        }
    }

    fn pace(&self) -> Pace {
        let calm = self.viewers.is_empty() && self.wanted.elapsed() >= CALM;
        if calm { Pace::InStep } else { Pace::AtOnce }
    }

    async fn grant(&mut self, wish: Wish) {
        if !matches!(wish, Wish::Count(_)) {
            self.wanted = Instant::now();
        }
        match wish {
            Wish::Follow(source) => self.move_to(*source).await,
            Wish::Pause => {
                self.follow.pause();
                let _ = self.notes.try_send(Note::Pause);
                let _ = self.facts.send(Fact::Reached(self.server, None)).await;
            }
            Wish::Watch(from, lines) => {
                let next = match from {
                    From::Seq(seq) => seq,
                    From::Tail(lines) => self.ring.next().saturating_sub(lines as u64).max(self.ring.first()),
                };
                self.viewers.add(next, lines);
            }
            Wish::Hurry => {}
            Wish::HearOut => {
                self.last_words = Some(Instant::now() + LAST_WORDS);
                if self.follow.has_ended() {
                    let _ = self.heard_out().await;
                }
            }
            Wish::Count(told) => _ = told.send(self.reader.lines),
            Wish::Remark(text) => self.push(LineKind::Remark, &text),
            Wish::Type { line, reply, answer } => self.type_line(&line, reply, answer),
        }
    }

    async fn move_to(&mut self, source: Source) {
        let via = typist::usual_way(&source);
        let _ = self.notes.try_send(Note::Source(Box::new(source.clone())));
        let past = if source.running { TAIL } else { TAIL_OF_STOPPED };
        let tail = u32::try_from(self.lines.min(past)).unwrap_or(u32::MAX);
        if self.follow.follow(source, tail) {
            self.reader = Reader { lines: self.reader.lines, ..Reader::default() };
        }
        let _ = self.facts.send(Fact::Reached(self.server, via)).await;
    }

    fn type_line(
        &mut self,
        line: &str,
        reply: bool,
        answer: tokio::sync::oneshot::Sender<Result<super::Sent, crate::model::Fault>>,
    ) {
        let checked = typist::check(line).and_then(|line| match self.follow.source() {
            Some(source) if source.running => Ok(line),
            _ => Err(crate::model::Fault::new(
                crate::model::FaultKind::Conflict,
                "The server is not running.",
                "The command was not sent.",
                "Start the server, then send it again.",
            )),
        });
        match checked {
            Err(fault) => {
                let _ = answer.send(Err(fault));
            }
            Ok(line) => {
                let shown = text::plain(&line, typist::SHOWN_MAX);
                self.push(LineKind::Command, &shown);
                let errand = Errand { line, reply, next: self.ring.next(), answer };
                if let Err(error) = self.notes.try_send(Note::Errand(errand)) {
                    typist::refuse(error);
                    self.push(LineKind::Remark, "not sent: too many commands are waiting already");
                }
            }
        }
    }

    fn push(&mut self, kind: LineKind, text: &str) {
        self.ring.push(Timestamp::now(), crate::model::console::Level::Info, kind, text);
    }

    /// Takes in what came, and what else is there already. An error means that the engine has ended.
    async fn read(&mut self, news: News) -> Result<(), ()> {
        let mut next = match news {
            News::Piece(piece) => Some(piece),
            News::Ended => {
                self.reader.finish(&mut self.ring);
                None
            }
        };
        for _ in 0..GULP {
            let Some(piece) = next else { break };
            self.reader.take(&piece, &mut self.ring);
            next = self.follow.ready();
            if next.is_none() && self.follow.has_ended() {
                self.reader.finish(&mut self.ring);
            }
        }
        // A piece that was taken out of the stream must not be lost when there is more than one gulp.
        if let Some(piece) = next {
            self.reader.take(&piece, &mut self.ring);
        }
        let ended = self.follow.has_ended();
        for (at, told) in self.reader.told.drain(..) {
            self.facts.send(Fact::Told(self.server, at, told)).await.map_err(drop)?;
        }
        if ended {
            self.facts.send(Fact::Read(self.server)).await.map_err(drop)?;
            self.heard_out().await?;
        }
        Ok(())
    }

    /// Its container's last words are read, or do not come. An error means that the engine has ended.
    async fn heard_out(&mut self) -> Result<(), ()> {
        if self.last_words.take().is_none() {
            return Ok(());
        }
        self.facts.send(Fact::HeardOut(self.server)).await.map_err(drop)
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// Makes lines of pieces, and harmless text of lines.
#[derive(Default)]
struct Reader {
    assembler: LineAssembler,
    text: String,
    told: Vec<(Timestamp, crate::engine::fact::Told)>,
    last: Option<Timestamp>,
    /// Lines that were read, by level from trace to error.
    lines: [u64; 5],
}

impl Reader {
    fn take(&mut self, piece: &LogPiece, ring: &mut Ring) {
        let stream = if piece.stderr { Stream::Err } else { Stream::Out };
        self.last = Some(piece.at);
        let (text, told, lines) = (&mut self.text, &mut self.told, &mut self.lines);
        self.assembler.push(stream, &piece.data, |raw| line(&raw, piece.at, text, told, lines, ring));
    }

    fn finish(&mut self, ring: &mut Ring) {
        let at = self.last.unwrap_or_else(Timestamp::now);
        let (text, told, lines) = (&mut self.text, &mut self.told, &mut self.lines);
        self.assembler.finish(|raw| line(&raw, at, text, told, lines, ring));
    }
}

fn line(
    raw: &RawLine<'_>,
    at: Timestamp,
    text: &mut String,
    told: &mut Vec<(Timestamp, crate::engine::fact::Told)>,
    lines: &mut [u64; 5],
    ring: &mut Ring,
) {
    text.clear();
    text::console_line_cut(raw.bytes, raw.cut, text);
    let bare = text::strip_sgr(text);
    let line = log::parse(&bare);
    let (news, kind) = tell::told(&line, log::event(&line));
    if let Some(news) = news {
        told.push((at, news));
    }
    let level: crate::model::console::Level = line.level.into();
    if let Some(count) = lines.get_mut(level as usize) {
        *count += 1;
    }
    ring.push(at, level, kind, text);
}
