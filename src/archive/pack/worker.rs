//! The thread that reads the streams, decides what goes in, and writes the archive's own.

use sha2::{Digest, Sha256};
use tokio::{
    runtime,
    sync::{mpsc, oneshot},
};

use super::{
    super::{
        error::{Error, Refusal},
        manifest::{About, Hash, Manifest},
        meter::{Meter, Stop},
        path::{check, check_link},
        place::{Partial, free},
        ustar::{Fail, Head, Kind, Member, Members, OtherKind, Pull, Trust, ZEROS, padding, write_head},
    },
    Feed, Making, Message, Plan, Taken, Tar,
    book::{Book, Entry, Sort},
    finish::{finish, publish},
    inbox::Inbox,
    pace::Pace,
    proof::Proof,
    sink::Sink,
    trace::Trace,
    trail::Trail,
};

/// What a folder's and a file's owner may always do with it: unpacked by hand, it must not be in the way.
const FOLDER_LEAST: u32 = 0o700;
const FILE_LEAST: u32 = 0o600;

/// The thread, from the first message to the last.
pub fn run(
    plan: Plan,
    messages: mpsc::Receiver<Message>,
    runtime: runtime::Handle,
    meter: Meter,
    stop: Stop,
    ready: oneshot::Sender<Result<(), Error>>,
    leave: oneshot::Sender<Error>,
) {
    let began = std::time::Instant::now();
    let made = prepare(&plan).and_then(|partial| {
        let making = Making { plan, partial, meter, stop, began };
        let file =
            making.partial.file.try_clone().map_err(|error| Error::disk(&making.partial.path, error))?;
        let trail = Trail::default();
        let sink = Sink::begin(
            &making.partial.path,
            file,
            making.plan.packing,
            making.threads(),
            making.plan.leave_free,
            trail.clone(),
            making.meter.clone(),
        )?;
        let proof = Proof::begin(
            &making.partial.path,
            making.plan.packing,
            trail,
            making.threads(),
            making.meter.clone(),
            making.stop.clone(),
        )?;
        Ok((making, sink, proof))
    });
    let (making, sink, proof) = match made {
        Ok(made) => made,
        Err(error) => {
            let _ = ready.send(Err(error));
            return;
        }
    };
    let _ = ready.send(Ok(()));
    let (trace, book) = (Trace::default(), Book::default());
    let worker = Worker { messages, runtime, pace: None, sink, proof, trace, book, making };
    // What was written is gone before anybody hears of the error: the worker was moved into this.
    if let Err(error) = worker.serve() {
        let _ = leave.send(error);
    }
}

fn prepare(plan: &Plan) -> Result<Partial, Error> {
    let partial = Partial::begin(&plan.path)?;
    if free(&partial.path)? < plan.leave_free.saturating_add(plan.expected) {
        return Err(Error::NoSpace { path: plan.path.clone(), source: None });
    }
    Ok(partial)
}

struct Worker {
    messages: mpsc::Receiver<Message>,
    runtime: runtime::Handle,
    /// Kept from one stream to the next.
    pace: Option<Pace>,
    sink: Sink,
    proof: Proof,
    trace: Trace,
    book: Book,
    making: Making,
}

impl Worker {
    fn serve(mut self) -> Result<(), Error> {
        loop {
            match self.messages.blocking_recv().ok_or(Error::Cancelled)? {
                Message::Take(feed, tar, taken) => self.feed(&feed, tar, taken)?,
                Message::Seen(reply) => {
                    let _ = reply.send(self.book.seen());
                }
                Message::Finish(about, torn, reply) => {
                    return self.finish(*about, &torn, reply);
                }
            }
        }
    }

    fn finish(
        self,
        about: About,
        torn: &[String],
        reply: oneshot::Sender<Result<Manifest, Error>>,
    ) -> Result<(), Error> {
        let manifest = finish(&self.making, self.sink, self.proof, self.trace, self.book, about, torn)?;
        publish(self.making.partial, &manifest)?;
        let _ = reply.send(Ok(manifest));
        Ok(())
    }

    /// Reads a stream to its end, whatever is wrong with it. What is wrong with the archive itself is an error; what is
    /// wrong with the stream is told to who gave it.
    fn feed(
        &mut self,
        feed: &Feed,
        tar: Tar,
        taken: oneshot::Sender<Result<Taken, Error>>,
    ) -> Result<(), Error> {
        let pace = self.pace.take().unwrap_or_else(|| Pace::new(self.making.plan.rate));
        let (meter, stop) = (self.making.meter.clone(), self.making.stop.clone());
        let inbox = Inbox::new(self.runtime.clone(), tar, taken, meter, stop, pace);
        let mut members = Members::new(inbox, Trust::Engine);
        let mut place = None;
        let read = self.members(feed, &mut members, &mut place);
        while members.source_mut().pull()?.is_some() {}
        let (taken, failed, pace) = members.into_source().leave();
        self.pace = Some(pace);
        let told = match (failed, read) {
            (_, Err(Fail::Pull(error))) if !matches!(error, Error::NothingThere { .. }) => return Err(error),
            (Some(source), _) => Err(Error::Source { source }),
            (None, Err(Fail::Pull(error))) => Err(error),
            (None, Ok(taken)) => Ok(taken),
            (None, Err(Fail::Cut)) => Err(Error::Cut { path: place }),
            (None, Err(Fail::Bad(detail))) => Err(Error::NotTar { detail }),
            (None, Err(Fail::Refused(member, why))) => {
                Err(Error::NotTar { detail: format!("{member}: {why}") })
            }
        };
        // Nobody waits any more where the stream was given up.
        let _ = taken.send(told);
        Ok(())
    }

    fn members(
        &mut self,
        feed: &Feed,
        members: &mut Members<Inbox>,
        place: &mut Option<String>,
    ) -> Result<Taken, Fail> {
        let mut taken = Taken::default();
        let mut found = false;
        while let Some(member) = members.next()? {
            let path = match feed {
                Feed::File(path) if member.kind == Kind::File && !found => Some(path.as_str()),
                Feed::File(_) => None,
                Feed::Whole(folder) => match inside(&member.path, folder) {
                    Ok(path) => path.filter(|path| self.making.plan.filter.takes(path)),
                    Err(why) => {
                        self.book.leave_out(&member.path, &why);
                        None
                    }
                },
            };
            if let Some(path) = path {
                found = true;
                *place = Some(path.to_owned());
                let whole = matches!(feed, Feed::Whole(_));
                self.member(path, &member, members, whole, &mut taken)?;
            }
        }
        match feed {
            Feed::File(path) if !found => {
                Err(Fail::Pull(Error::NothingThere { what: format!("file {path}") }))
            }
            _ => Ok(taken),
        }
    }

    fn member(
        &mut self,
        path: &str,
        member: &Member,
        members: &mut Members<Inbox>,
        whole: bool,
        taken: &mut Taken,
    ) -> Result<(), Fail> {
        let sort = match member.kind {
            Kind::File | Kind::Other(OtherKind::HardLink) => Sort::File,
            Kind::Folder => Sort::Folder,
            Kind::Link => Sort::Link,
            Kind::Other(other) => {
                self.book.leave_out(path.as_bytes(), &other.refusal());
                return Ok(());
            }
        };
        if let Err(why) = self.book.fits(path, sort) {
            self.book.leave_out(path.as_bytes(), &why);
            return Ok(());
        }
        let head = Head {
            path,
            target: None,
            folder: false,
            size: 0,
            mode: member.mode & 0o777,
            uid: member.uid,
            gid: member.gid,
            modified: member.modified,
        };
        match member.kind {
            Kind::File if whole && self.book.has(path, member) => Ok(()),
            Kind::File => {
                self.file(Head { size: member.size, mode: head.mode | FILE_LEAST, ..head }, members)
            }
            Kind::Folder => {
                let mode = head.mode | FOLDER_LEAST;
                if self.book.add_folder(path, member.modified, mode).map_err(Fail::Pull)? {
                    self.empty(&Head { folder: true, mode, ..head }).map_err(Fail::Pull)?;
                }
                Ok(())
            }
            Kind::Link => match check_link(path, &member.target) {
                Ok(target) => {
                    if self.book.add_link(path, target).map_err(Fail::Pull)? {
                        self.empty(&Head { target: Some(target), mode: 0o777, ..head })
                            .map_err(Fail::Pull)?;
                    }
                    Ok(())
                }
                Err(why) => {
                    self.book.leave_out(path.as_bytes(), &why);
                    Ok(())
                }
            },
            Kind::Other(_) => {
                if self.book.file(path).is_none() {
                    taken.linked.push(path.to_owned());
                }
                Ok(())
            }
        }
    }

    fn head(&mut self, head: &Head<'_>) -> Result<(), Error> {
        let mut header = Vec::with_capacity(1024);
        write_head(head, &mut header);
        self.sink.write(&header)
    }

    /// The head of what has no content.
    fn empty(&mut self, head: &Head<'_>) -> Result<(), Error> {
        self.head(head)?;
        self.trace.wrote(head, self.sink.at(), None);
        Ok(())
    }

    fn file(&mut self, head: Head<'_>, members: &mut Members<Inbox>) -> Result<(), Fail> {
        self.head(&head).map_err(Fail::Pull)?;
        let at = self.sink.at();
        let mut hash = Sha256::new();
        let read = loop {
            match members.body() {
                Ok(Some(piece)) => {
                    hash.update(&piece);
                    self.making.meter.add_kept(piece.len() as u64);
                    self.sink.write(&piece).map_err(Fail::Pull)?;
                }
                Ok(None) => break Ok(()),
                Err(error @ Fail::Pull(_)) => return Err(error),
                // The member is as long as its header says, whatever became of its content.
                Err(error) => {
                    let mut missing = head.size - (self.sink.at() - at);
                    while missing > 0 {
                        let count = missing.min(ZEROS.len() as u64);
                        hash.update(&ZEROS[..usize::try_from(count).unwrap_or(0)]);
                        missing -= count;
                    }
                    self.sink.zeros(head.size - (self.sink.at() - at)).map_err(Fail::Pull)?;
                    break Err(error);
                }
            }
        };
        self.sink.zeros(padding(head.size)).map_err(Fail::Pull)?;
        let sha256 = Hash(hash.finalize().into());
        self.trace.wrote(&head, at, Some(sha256));
        let entry = Entry {
            size: head.size,
            modified: head.modified,
            mode: head.mode,
            sha256,
            at,
            copies: 1,
            cut: read.is_err(),
        };
        self.book.add_file(head.path, entry).map_err(Fail::Pull)?;
        if read.is_ok() {
            self.making.meter.add_file();
        }
        read
    }
}

/// The path of a member below the folder that all of them lie in; `None` for that folder itself.
fn inside<'a>(name: &'a [u8], folder: &str) -> Result<Option<&'a str>, Refusal> {
    let path = check(name)?;
    if path == folder {
        return Ok(None);
    }
    match path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')) {
        Some(path) => Ok(Some(path)),
        None => Err(Refusal::Leaves),
    }
}
