//! What is in a world and in no backup, because patterns leave it out or no archive can hold it: it is taken over into the
//! restored world. What came to be in a world after the backup is part of the later world and goes with it; the safety
//! backup holds that.

use std::{
    collections::{BTreeSet, HashSet},
    ffi::OsStr,
    os::unix::ffi::OsStrExt,
};

use bytes::Bytes;

use super::{
    script::Ground,
    units::{How, Units, folder},
};
use crate::{
    archive::{Filter, Manifest, STANDARD},
    model::{Fault, Patterns},
};

/// Says of what is in a world whether backups leave it out.
pub struct Keeper {
    /// Of the backup that is restored, and of the safety backup.
    filters: Vec<Filter>,
    /// The same without what is left out of every backup, because it can be made or fetched again.
    own: Vec<Filter>,
    /// What the backup notes that it could not take.
    left_out: HashSet<String>,
}

/// Things that are taken over, by the unit's number, then their path in it. None of them lies in another.
pub type Kept = BTreeSet<(usize, Vec<u8>)>;

impl Keeper {
    /// For a backup; `patterns` are those that the safety backup is made with.
    ///
    /// # Errors
    /// That one of them is no pattern.
    pub fn new(manifest: &Manifest, patterns: &Patterns) -> Result<Self, Fault> {
        let about = &manifest.about;
        let filter = |include: &[String], exclude: Vec<&str>| {
            let include: Vec<&str> = include.iter().map(String::as_str).collect();
            Filter::new(&include, &exclude).map_err(|error| error.fault())
        };
        let (mut filters, mut own) = (Vec::new(), Vec::new());
        for (include, exclude) in [(&about.include, &about.exclude), (&patterns.include, &patterns.exclude)] {
            let patterns = exclude.iter().map(String::as_str).filter(|pattern| !STANDARD.contains(pattern));
            let patterns: Vec<&str> = patterns.collect();
            filters.push(filter(include, [STANDARD, &patterns].concat())?);
            own.push(filter(include, patterns)?);
        }
        let left_out = manifest.left_out.iter().map(|one| one.path.clone()).collect();
        Ok(Self { filters, own, left_out })
    }

    /// Whether something that is in a world that is replaced is taken over. `kind` is `d` for a folder, `f` for a file.
    fn keeps(&self, path: &[u8], kind: u8) -> bool {
        // An archive holds files, folders, and links that stay within the data; all with names of plain text.
        let Ok(path) = std::str::from_utf8(path) else { return true };
        !matches!(kind, b'd' | b'f')
            || self.left_out.contains(path)
            || self.filters.iter().any(|filter| !filter.takes(path))
    }

    /// Whether something in a folder that would only be moved away is a reason to let that be.
    fn holds(&self, path: &[u8]) -> bool {
        std::str::from_utf8(path).is_ok_and(|path| self.own.iter().any(|filter| !filter.takes(path)))
    }
}

/// Gathers what is to be taken over from what the script lists: a kind, the unit's number, a slash, the path in the unit.
pub struct Gather<'a> {
    units: Vec<(&'a str, Vec<(&'a str, How)>)>,
    keeper: &'a Keeper,
    kept: Kept,
}

impl<'a> Gather<'a> {
    /// For these units.
    pub fn new(units: &'a Units, keeper: &'a Keeper) -> Self {
        let names = |names: &'a std::collections::BTreeMap<String, How>| {
            names.iter().map(|(name, how)| (name.as_str(), *how)).collect()
        };
        let units = units.folders().map(|(_, at, all)| (at, names(all))).collect();
        Self { units, keeper, kept: Kept::new() }
    }

    /// One that was listed.
    pub fn take(&mut self, entry: &[u8]) {
        let Some((number, kind, path)) = parse(entry) else { return };
        let Some((at, names)) = self.units.get(number) else { return };
        let first = path.split(|byte| *byte == b'/').next().unwrap_or_default();
        let Some((_, how)) = names.iter().find(|(name, _)| name.as_bytes() == first) else { return };
        let whole = if at.is_empty() { path.to_vec() } else { [at.as_bytes(), b"/", path].concat() };
        let kept = match how {
            How::Away => self.keeper.holds(&whole),
            How::Solid => self.keeper.keeps(&whole, kind),
            How::Merged => false,
        };
        // A folder is listed before what is in it, and is taken over with that.
        let in_one = || {
            let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(end, _)| end);
            ends.filter_map(|end| path.get(..end)).any(|above| self.kept.contains(&(number, above.to_vec())))
        };
        if kept && !in_one() {
            self.kept.insert((number, path.to_vec()));
        }
    }

    /// All that is to be taken over.
    pub fn kept(self) -> Kept {
        self.kept
    }
}

fn parse(entry: &[u8]) -> Option<(usize, u8, &[u8])> {
    let (kind, rest) = entry.split_first()?;
    let at = rest.iter().position(|byte| *byte == b'/')?;
    let number = std::str::from_utf8(rest.get(..at)?).ok()?.parse().ok()?;
    let path = rest.get(at + 1..)?;
    let plain = path.split(|byte| *byte == b'/').all(|part| !matches!(part, b"" | b"." | b".."));
    plain.then_some((number, *kind, path))
}

/// The marks of what is taken over, for the folder that is staged in, as pieces of a tar stream.
pub fn marks(kept: Kept, ground: Ground) -> impl Iterator<Item = Bytes> + Send {
    let marks = kept.into_iter().map(move |(number, path)| {
        let place = [folder(number).as_bytes(), b"/keep/", path.as_slice()].concat();
        super::stage::entry(OsStr::from_bytes(&place).as_ref(), &super::stage::Kind::mark(), ground)
    });
    marks.chain([Bytes::from_static(&super::stage::END)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keeper(include: &[&str], exclude: &[&str]) -> Keeper {
        let all = [STANDARD, exclude].concat();
        Keeper {
            filters: vec![Filter::new(include, &all).unwrap()],
            own: vec![Filter::new(include, exclude).unwrap()],
            left_out: HashSet::from(["world/pipe".to_owned()]),
        }
    }

    fn kept(keeper: &Keeper, how: How, entries: &[&[u8]]) -> Vec<Vec<u8>> {
        let names = vec![("world", how)];
        let mut gather = Gather { units: vec![("", names)], keeper, kept: Kept::new() };
        entries.iter().for_each(|entry| gather.take(entry));
        gather.kept().into_iter().map(|(_, path)| path).collect()
    }

    #[test]
    fn what_patterns_leave_out_is_kept_and_what_came_later_is_not() {
        let keeper = keeper(&["world/tiles/keep.me"], &["world/tiles", "*.big"]);
        let entries: [&[u8]; 10] = [
            b"f000000/world/region/r.7.7.mca",
            b"d000000/world/tiles",
            b"f000000/world/tiles/0.png",
            b"f000000/world/a.big",
            b"f000000/world/session.lock",
            b"f000000/world/pipe",
            b"f000000/world/caf\xe9",
            b"o000000/world/socket",
            b"l000000/world/link",
            b"f000000/world/../../etc/passwd",
        ];
        let wanted: [&[u8]; 7] = [
            b"world/a.big",
            b"world/caf\xe9",
            b"world/link",
            b"world/pipe",
            b"world/session.lock",
            b"world/socket",
            b"world/tiles",
        ];
        assert_eq!(kept(&keeper, How::Solid, &entries), wanted);
        // What is moved away goes with its locks, and stays for what somebody wanted out of backups.
        assert_eq!(kept(&keeper, How::Away, &entries), [&b"world/a.big"[..], b"world/tiles"]);
        assert!(kept(&keeper, How::Away, &[b"f000000/world/session.lock"]).is_empty());
        for senseless in [&b""[..], b"f", b"fx/world/a.big", b"f7/world/a.big", b"f000000/else/a.big"] {
            assert!(kept(&keeper, How::Solid, &[senseless]).is_empty());
        }
    }
}
