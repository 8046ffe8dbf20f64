//! Reading an archive as a whole, and comparing it with what its manifest tells.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::{
    error::{Damage, Error, Refusal, shown},
    lanes,
    manifest::{Hash, INSIDE, Manifest, Seal},
    meter::{Meter, Stop, on_thread},
    path::{check, check_link},
    pieces::Pieces,
    sidecar,
    ustar::{Fail, Kind, Member, Members, Trust},
};

/// Reads an archive and the manifest beside it, and compares every byte of the one with what the other tells: the file's
/// checksum, every file's content, size, time and mode; that nothing is missing, nothing is there that is not listed, and
/// nothing is in it that must not be unpacked.
///
/// # Errors
/// [`Error::Damaged`], [`Error::Refused`], [`Error::Newer`], or the disk's.
pub async fn verify(archive: &Path, meter: &Meter) -> Result<Manifest, Error> {
    let (path, meter) = (archive.to_owned(), meter.clone());
    on_thread("verify", move |stop| {
        let manifest = sidecar::read(&path)?;
        whole(&path, &manifest, lanes::threads(), &meter, stop)?;
        Ok(manifest)
    })
    .await
}

/// As [`verify`], with a manifest that was read already; on this thread.
///
/// # Errors
/// As [`verify`].
pub(super) fn whole(
    path: &Path,
    manifest: &Manifest,
    threads: usize,
    meter: &Meter,
    stop: &Stop,
) -> Result<(), Error> {
    let found = read_back(path, manifest, threads, meter, stop)?;
    let told = manifest.archive.as_ref().map(|seal| seal.sha256);
    if told == Some(found) { Ok(()) } else { Err(damaged(path, Damage::Checksum)) }
}

/// Reads an archive and compares what is in it with a manifest; on this thread. Gives the file's checksum, which is not compared.
///
/// # Errors
/// As [`verify`].
pub(super) fn read_back(
    path: &Path,
    manifest: &Manifest,
    threads: usize,
    meter: &Meter,
    stop: &Stop,
) -> Result<Hash, Error> {
    manifest.check().map_err(|(member, why)| refused(path, member, why))?;
    let seal = manifest.archive.as_ref().ok_or_else(|| {
        damaged(path, Damage::Manifest(String::from("it says nothing of the archive's file")))
    })?;
    let all = std::iter::once(0..seal.pieces.len()).collect();
    let pieces = Pieces::open(path, seal, all, threads, meter.clone(), stop.clone())?;
    let mut members = Members::new(pieces, Trust::Own);
    let mut comparison = Comparison::new(path, manifest, seal);
    while let Some(member) = members.next().map_err(|fail| error(path, fail))? {
        comparison.member(&member, &mut members).map_err(|fail| error(path, fail))?;
        meter.add_file();
    }
    let found = members.into_source().hash()?;
    comparison.missing().map_or(Ok(found), |name| Err(damaged(path, Damage::Missing(name))))
}

fn damaged(path: &Path, damage: Damage) -> Error {
    Error::Damaged { path: path.to_owned(), damage }
}

fn refused(path: &Path, member: String, why: Refusal) -> Error {
    Error::Refused { path: path.to_owned(), member, why }
}

/// What is wrong with a tar stream as what is wrong with the archive.
pub(super) fn error(path: &Path, fail: Fail) -> Error {
    match fail {
        Fail::Cut => damaged(path, Damage::Cut),
        Fail::Bad(detail) => damaged(path, Damage::Tar(detail)),
        Fail::Refused(member, why) => refused(path, member, why),
        Fail::Pull(error) => error,
    }
}

/// A manifest, and how often each thing in it was there.
struct Comparison<'a> {
    path: &'a Path,
    manifest: &'a Manifest,
    seal: &'a Seal,
    files: Vec<u32>,
    folders: Vec<bool>,
    links: Vec<bool>,
    own: bool,
}

impl<'a> Comparison<'a> {
    fn new(path: &'a Path, manifest: &'a Manifest, seal: &'a Seal) -> Self {
        Self {
            path,
            manifest,
            seal,
            files: vec![0; manifest.files.len()],
            folders: vec![false; manifest.folders.len()],
            links: vec![false; manifest.links.len()],
            own: false,
        }
    }

    fn member(&mut self, member: &Member, members: &mut Members<Pieces>) -> Result<(), Fail> {
        let refuse = |why| Fail::Refused(shown(&member.path), why);
        let path = check(&member.path).map_err(refuse)?;
        if member.mode & !0o777 != 0 {
            return Err(refuse(Refusal::SetId));
        }
        // The manifest is the last member.
        if self.own {
            return Err(refuse(if path == INSIDE { Refusal::Twice } else { Refusal::NotListed }));
        }
        match member.kind {
            Kind::File if path == INSIDE => {
                self.own = true;
                self.content(INSIDE, self.seal.manifest, members)
            }
            Kind::File => self.file(path, member, members),
            Kind::Folder => {
                let folders = &self.manifest.folders;
                let found = folders.binary_search_by(|folder| (*folder.path).cmp(path));
                let found = found.map_err(|_| refuse(Refusal::NotListed))?;
                let as_listed = folders
                    .get(found)
                    .is_some_and(|told| told.mode == member.mode && told.modified == member.modified);
                once(&mut self.folders, found, as_listed).map_err(refuse)
            }
            Kind::Link => {
                let target = check_link(path, &member.target).map_err(refuse)?;
                let found = self.manifest.links.binary_search_by(|link| (*link.path).cmp(path));
                let found = found.map_err(|_| refuse(Refusal::NotListed))?;
                let as_listed = self.manifest.links.get(found).is_some_and(|told| *told.target == *target);
                once(&mut self.links, found, as_listed).map_err(refuse)
            }
            Kind::Other(other) => Err(refuse(other.refusal())),
        }
    }

    fn file(&mut self, path: &str, member: &Member, members: &mut Members<Pieces>) -> Result<(), Fail> {
        let refuse = |why| Fail::Refused(shown(&member.path), why);
        let found = self.manifest.find(path).ok_or_else(|| refuse(Refusal::NotListed))?;
        let (Some(told), Some(seen)) = (self.manifest.files.get(found), self.files.get_mut(found)) else {
            return Err(refuse(Refusal::NotListed));
        };
        *seen += 1;
        if *seen > told.copies {
            return Err(refuse(Refusal::Twice));
        }
        // What was read before does not count: the last one takes its place wherever it is unpacked.
        if *seen < told.copies {
            return Ok(());
        }
        let as_listed = told.size == member.size
            && told.modified == member.modified
            && told.mode == member.mode
            && told.at == member.at;
        if !as_listed {
            return Err(refuse(Refusal::NotAsListed));
        }
        self.content(path, told.sha256, members)
    }

    fn content(&self, name: &str, told: Hash, members: &mut Members<Pieces>) -> Result<(), Fail> {
        let mut hash = Sha256::new();
        while let Some(piece) = members.body()? {
            hash.update(&piece);
        }
        if Hash(hash.finalize().into()) == told {
            return Ok(());
        }
        Err(Fail::Pull(damaged(self.path, Damage::Content(shown(name.as_bytes())))))
    }

    /// The first thing that is listed and was not there.
    fn missing(&self) -> Option<String> {
        let files = self.manifest.files.iter().zip(&self.files);
        let folders = self.manifest.folders.iter().zip(&self.folders);
        let links = self.manifest.links.iter().zip(&self.links);
        (files.filter(|(file, seen)| file.copies != **seen).map(|(file, _)| &file.path))
            .chain(folders.filter(|(_, seen)| !**seen).map(|(folder, _)| &folder.path))
            .chain(links.filter(|(_, seen)| !**seen).map(|(link, _)| &link.path))
            .map(|path| shown(path.as_bytes()))
            .next()
            .or_else(|| (!self.own).then(|| INSIDE.to_owned()))
    }
}

fn once(seen: &mut [bool], found: usize, as_listed: bool) -> Result<(), Refusal> {
    if !as_listed {
        return Err(Refusal::NotAsListed);
    }
    match seen.get_mut(found) {
        Some(true) => Err(Refusal::Twice),
        Some(seen) => {
            *seen = true;
            Ok(())
        }
        None => Err(Refusal::NotListed),
    }
}
