//! The database file as its thread holds it: made, checked, migrated, opened again after the disk failed.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use redb::{
    Database, ReadTransaction, ReadableDatabase, StorageBackend, WriteTransaction, backends::FileBackend,
};

use super::{
    error::{Cause, Error},
    lock::{Lock, beside},
    migrate::{self, Plan, Step},
    overlay::Overlay,
    table::meta,
};

/// redb's own default is a gibibyte; what is kept here fits into this many times over.
const CACHE_BYTES: usize = 2 * 1024 * 1024;

/// The file, while it is held.
#[derive(Debug)]
pub(super) struct Base {
    path: PathBuf,
    /// `None` after the disk failed, until the next call opens it again.
    database: Option<Database>,
    _lock: Option<Lock>,
}

impl Base {
    /// See [`super::Store::open`].
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        Self::open_with(path, migrate::STEPS)
    }

    /// The same for another list of migrations.
    pub(super) fn open_with(path: &Path, steps: &[Step]) -> Result<Self, Error> {
        let io_error = |source| Error::io(path, source);
        make_folder(path)?;
        let lock = Lock::take(path)?;
        match fs::metadata(path) {
            Ok(about) if !about.is_file() => {
                return Err(Error::Damaged { path: path.to_owned(), detail: "it is not a file".into() });
            }
            Ok(about) if about.len() > 0 => {
                if about.permissions().mode() & 0o077 != 0 {
                    // It holds passwords. On a disk that knows no modes there is nothing to be done about it.
                    let _ = fs::set_permissions(path, Permissions::from_mode(0o600));
                }
            }
            Ok(_) => make(path, steps)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => make(path, steps)?,
            Err(error) => return Err(io_error(error)),
        }
        let plan = check(path, steps)?;
        if let Plan::Migrate(found) = plan {
            keep_copy(path, found)?;
        }
        let database = open_file(path).map_err(|cause| cause.at(path))?;
        let mut base = Self { path: path.to_owned(), database: Some(database), _lock: Some(lock) };
        if plan != Plan::Keep {
            base.write(|txn| migrate::carry_out(txn, plan, steps))?;
        }
        Ok(base)
    }

    /// One that is kept in memory only, and gone with the process.
    pub(super) fn in_memory() -> Result<Self, Error> {
        let path = Path::new("memory");
        let build = || -> Result<Database, Cause> {
            let database = on(redb::backends::InMemoryBackend::new(), false)?;
            let txn = database.begin_write()?;
            migrate::carry_out(&txn, Plan::Make, migrate::STEPS)?;
            txn.commit()?;
            Ok(database)
        };
        let database = build().map_err(|cause| cause.at(path))?;
        Ok(Self { path: path.to_owned(), database: Some(database), _lock: None })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn database(&mut self) -> Result<&Database, Cause> {
        let database = match self.database.take() {
            Some(database) => database,
            None => open_file(&self.path)?,
        };
        Ok(self.database.insert(database))
    }

    /// Lets go of a handle that an error or a panic has spoilt; the next call opens the file again.
    pub(super) fn let_go(&mut self) {
        self.database = None;
    }

    fn settle<T>(&mut self, outcome: Result<T, Cause>) -> Result<T, Error> {
        outcome.map_err(|cause| {
            if cause.breaks_handle() {
                self.let_go();
            }
            cause.at(&self.path)
        })
    }

    /// Looks at one state of the whole.
    pub(super) fn read<T>(
        &mut self,
        look: impl FnOnce(&ReadTransaction) -> Result<T, Cause>,
    ) -> Result<T, Error> {
        let outcome = self.database().and_then(|database| look(&database.begin_read()?));
        self.settle(outcome)
    }

    /// Makes a change, all of it or nothing. It is on the disk when this returns.
    pub(super) fn write<T>(
        &mut self,
        change: impl FnOnce(&WriteTransaction) -> Result<T, Cause>,
    ) -> Result<T, Error> {
        let outcome = self.database().and_then(|database| {
            let txn = database.begin_write()?;
            let result = change(&txn)?;
            txn.commit()?;
            Ok(result)
        });
        self.settle(outcome)
    }
}

fn make_folder(path: &Path) -> Result<(), Error> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|source| {
        let path = folder.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error::NoSpace { path, source },
            _ => Error::NoFolder { path, source },
        }
    })
}

/// Makes a new database beside its place and moves it there when it is whole, so that a kill in the middle never
/// leaves half of one.
fn make(path: &Path, steps: &[Step]) -> Result<(), Error> {
    let draft = beside(path, ".new");
    let outcome = write_new(&draft, steps).and_then(|()| {
        fs::rename(&draft, path)?;
        match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            Some(folder) => File::open(folder)?.sync_all()?,
            None => File::open(".")?.sync_all()?,
        }
        Ok(())
    });
    outcome.map_err(|cause| {
        let _ = fs::remove_file(&draft);
        cause.at(path)
    })
}

fn write_new(draft: &Path, steps: &[Step]) -> Result<(), Cause> {
    match fs::remove_file(draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(draft)?;
    let database = on(FileBackend::new(file)?, false)?;
    let txn = database.begin_write()?;
    migrate::carry_out(&txn, Plan::Make, steps)?;
    txn.commit()?;
    database.close()?;
    Ok(())
}

/// Opens the file without writing to it, checks every page, and says what is to be done with its schema.
fn check(path: &Path, steps: &[Step]) -> Result<Plan, Error> {
    let look = || -> Result<Plan, Cause> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        let database = on(Overlay::over(file)?, true)?;
        migrate::plan(meta::schema(&database.begin_read()?)?, steps)
    };
    // redb panics on some damage rather than report it.
    match catch_unwind(AssertUnwindSafe(look)) {
        Ok(outcome) => outcome.map_err(|cause| cause.at(path)),
        Err(_) => {
            Err(Error::Damaged { path: path.to_owned(), detail: "its pages contradict each other".into() })
        }
    }
}

/// A copy of the file as it is, beside it, before it is migrated.
fn keep_copy(path: &Path, schema: u64) -> Result<(), Error> {
    let copy = beside(path, &format!(".schema-{schema}"));
    let draft = beside(path, ".copy");
    let outcome = fs::copy(path, &draft)
        .and_then(|_| File::open(&draft)?.sync_all())
        .and_then(|()| fs::rename(&draft, &copy));
    outcome.map_err(|source| {
        let _ = fs::remove_file(&draft);
        Error::io(&copy, source)
    })
}

fn open_file(path: &Path) -> Result<Database, Cause> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    Ok(on(FileBackend::new(file)?, false)?)
}

fn on(backend: impl StorageBackend, check: bool) -> Result<Database, redb::DatabaseError> {
    Database::builder()
        .set_cache_size(CACHE_BYTES)
        .set_check_integrity_on_open(check)
        .create_with_backend(backend)
}
