//! A file that is read, and never written: what redb writes while it checks or repairs stays in memory.
//!
//! redb repairs a file as it opens it. A file that turns out to be damaged, foreign or newer must stay as it is,
//! so it is opened through this first.

use std::{
    collections::BTreeMap,
    fs::File,
    io,
    ops::Bound,
    sync::{Mutex, MutexGuard, PoisonError},
};

use redb::{BackendError, DatabaseError, StorageBackend, backends::FileBackend};

const PAGE: u64 = 4096;

#[derive(Debug)]
pub(super) struct Overlay {
    file: FileBackend,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Length as redb sees it.
    len: u64,
    /// Up to here the file's own bytes count, where no page lies over them.
    base: u64,
    pages: BTreeMap<u64, Box<[u8]>>,
}

impl Overlay {
    pub(super) fn over(file: File) -> Result<Self, DatabaseError> {
        let file = FileBackend::new(file)?;
        let len = file.len()?;
        Ok(Self { file, state: Mutex::new(State { len, base: len, pages: BTreeMap::new() }) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A page as it is now: the file's bytes with zeros after them, unless it was written.
    fn page<'a>(&self, state: &'a mut State, number: u64) -> io::Result<&'a mut [u8]> {
        use std::collections::btree_map::Entry;
        match state.pages.entry(number) {
            Entry::Occupied(page) => Ok(page.into_mut()),
            Entry::Vacant(place) => {
                let mut page = vec![0; PAGE as usize].into_boxed_slice();
                let start = number * PAGE;
                let there = state.base.saturating_sub(start).min(PAGE) as usize;
                self.file.read(start, &mut page[..there])?;
                Ok(place.insert(page))
            }
        }
    }
}

impl Drop for Overlay {
    /// redb lets go of its locks when it closes, but not where it panics.
    fn drop(&mut self) {
        let _ = self.file.close();
    }
}

/// The pieces of pages that `len` bytes from `offset` on lie in: page, from, to.
fn pieces(offset: u64, len: usize) -> impl Iterator<Item = (u64, usize, usize)> {
    let end = offset + len as u64;
    let mut at = offset;
    std::iter::from_fn(move || {
        (at < end).then(|| {
            let page = at / PAGE;
            let from = at % PAGE;
            let to = PAGE.min(from + end - at);
            at += to - from;
            (page, from as usize, to as usize)
        })
    })
}

impl StorageBackend for Overlay {
    fn len(&self) -> io::Result<u64> {
        Ok(self.state().len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.state();
        if offset.checked_add(out.len() as u64).is_none_or(|end| end > state.len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        // What lies within the file is read in one go; pages that were written are laid over it.
        let there = state.base.saturating_sub(offset).min(out.len() as u64) as usize;
        self.file.read(offset, &mut out[..there])?;
        out[there..].fill(0);
        if state.pages.is_empty() {
            return Ok(());
        }
        let mut done = 0;
        for (number, from, to) in pieces(offset, out.len()) {
            if let Some(page) = state.pages.get(&number) {
                out[done..done + to - from].copy_from_slice(&page[from..to]);
            }
            done += to - from;
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = self.state();
        if len < state.len {
            state.base = state.base.min(len);
            state.pages.retain(|number, _| number * PAGE < len);
            let cut = (len % PAGE) as usize;
            if let Some(page) = state.pages.get_mut(&(len / PAGE)) {
                page[cut..].fill(0);
            }
        }
        state.len = len;
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        if offset.checked_add(data.len() as u64).is_none_or(|end| end > state.len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut done = 0;
        for (number, from, to) in pieces(offset, data.len()) {
            let part = &data[done..done + to - from];
            self.page(&mut state, number)?[from..to].copy_from_slice(part);
            done += to - from;
        }
        Ok(())
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write};

    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Step {
        Len(u64),
        Write(u64, Vec<u8>),
    }

    fn step() -> impl Strategy<Value = Step> {
        let end = 5 * PAGE;
        prop_oneof![
            (0..end).prop_map(Step::Len),
            (0..end, prop::collection::vec(1_u8.., 1..9000)).prop_map(|(at, data)| Step::Write(at, data)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        /// Seen through it, everything is as in a file that is really written; the file stays as it was.
        #[test]
        fn reads_like_a_file_and_never_writes_one(
            content in prop::collection::vec(1_u8.., 0..12_000),
            steps in prop::collection::vec(step(), 1..20),
        ) {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(&content).unwrap();
            let overlay = Overlay::over(file.reopen().unwrap()).unwrap();
            let mut model = content.clone();
            for step in steps {
                match step {
                    Step::Len(len) => {
                        overlay.set_len(len).unwrap();
                        model.resize(len as usize, 0);
                    }
                    Step::Write(at, data) => {
                        let end = at as usize + data.len();
                        let outcome = overlay.write(at, &data);
                        prop_assert_eq!(outcome.is_ok(), end <= model.len());
                        if outcome.is_ok() {
                            model[at as usize..end].copy_from_slice(&data);
                        }
                    }
                }
                prop_assert_eq!(overlay.len().unwrap() as usize, model.len());
                let mut seen = vec![7; model.len()];
                overlay.read(0, &mut seen).unwrap();
                prop_assert!(seen == model);
                let middle = model.len() / 3;
                let mut seen = vec![7; model.len() - middle];
                overlay.read(middle as u64, &mut seen).unwrap();
                prop_assert!(seen == model[middle..]);
                prop_assert!(overlay.read(1, &mut vec![0; model.len()]).is_err());
            }
            prop_assert!(fs::read(file.path()).unwrap() == content);
        }
    }
}
