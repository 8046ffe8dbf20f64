//! The steps of the script that puts restored data in place, done to the folder in memory as the script does them to a
//! disk: the same folders, the same marks, the same refusals.

use practice::disk::{EntryKind, MemDisk};

use super::container::Key;
use super::world::World;

/// What the script is called where it is run.
const NAME: &str = "mineclifford-restore";
/// Where it stages, from the data folder on.
const OWN: &str = ".mineclifford";
/// What a folder in memory may hold; as for what is unpacked.
const LIMIT: u64 = 4 << 30;

/// The data folder, the step and the job, when a command is the script.
pub(super) fn step(argv: &[String]) -> Option<[&str; 3]> {
    match argv {
        [sh, c, _, name, root, verb, job] if sh == "sh" && c == "-c" && name == NAME => {
            Some([root, verb, job])
        }
        _ => None,
    }
}

type Said = Result<String, String>;

impl World {
    /// Does one step; gives what it prints and its code.
    pub(super) fn restore_step(
        &mut self,
        key: Key,
        root: &str,
        verb: &str,
        job: &str,
    ) -> (Vec<u8>, Vec<u8>, i32) {
        let disk = self.containers.get(&key).map(|container| container.data);
        let disk = disk.filter(|_| root == "/data").and_then(|disk| self.disks.get_mut(&disk));
        let said = match disk {
            Some(disk) => Step { disk, home: format!("{OWN}/{job}") }.run(verb),
            None => Err("the data folder is not there".into()),
        };
        match said {
            Ok(text) => (text.into_bytes(), Vec::new(), 0),
            Err(text) => (Vec::new(), format!("{text}\n").into_bytes(), 3),
        }
    }
}

struct Step<'a> {
    disk: &'a mut MemDisk,
    home: String,
}

/// A unit: its folder, the folder that it belongs to, and how many folders of that are not there.
struct Unit {
    folder: String,
    at: String,
    missing: usize,
}

impl Unit {
    fn place(&self, name: &str) -> String {
        if self.at.is_empty() { name.to_owned() } else { format!("{}/{name}", self.at) }
    }
}

impl Step<'_> {
    fn run(&mut self, verb: &str) -> Said {
        for folder in [OWN, &self.home] {
            if self.disk.entry(folder).is_some_and(|entry| entry.kind != EntryKind::Dir) {
                return Err(format!(
                    "something else is in the place of the folder that is needed for this: {folder}"
                ));
            }
        }
        match verb {
            "look" => Ok(format!("owner 1000:1000\nfree {}\n", LIMIT.saturating_sub(self.disk.used()))),
            "prepare" => {
                let home = self.home.clone();
                self.folder(&home)
            }
            "list" => self.list(),
            "page-0" => self.text(&format!("{}/list", self.home)).ok_or_else(|| "no such page".to_owned()),
            "ready" => self.ready(),
            "swap" => self.swap(),
            "undo" => self.undo(),
            "drop" => Ok(self.remove()),
            "drop-undone" => {
                for unit in self.units()? {
                    if let Some(name) = self.disk.names(&format!("{}/old", unit.folder)).first() {
                        return Err(format!("something of the old data is not back in its place: {name}"));
                    }
                }
                Ok(self.remove())
            }
            _ => Err(format!("there is no such step: {verb}")),
        }
    }

    fn there(&self, path: &str) -> bool {
        self.disk.entry(path).is_some()
    }

    fn is_dir(&self, path: &str) -> bool {
        self.disk.entry(path).is_some_and(|entry| entry.kind == EntryKind::Dir)
    }

    fn folder(&mut self, path: &str) -> Said {
        use practice::disk::Disk;
        self.disk.create_dir(path).map(|()| String::new()).map_err(|error| error.to_string())
    }

    fn write(&mut self, path: &str, text: &str) -> Said {
        use practice::disk::Disk;
        self.disk.write(path, text.as_bytes()).map(|()| String::new()).map_err(|error| error.to_string())
    }

    fn text(&self, path: &str) -> Option<String> {
        use practice::disk::Disk;
        self.disk.read(path).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    fn units(&self) -> Result<Vec<Unit>, String> {
        let units = format!("{}/units", self.home);
        let mut found = Vec::new();
        for name in self.disk.names(&units) {
            let folder = format!("{units}/{name}");
            let Some(at) = self.text(&format!("{folder}/at")) else { continue };
            let mut missing = 0;
            let ends = at.match_indices('/').map(|(end, _)| end).chain([at.len()]);
            for part in ends.filter_map(|end| at.get(..end)).filter(|part| !part.is_empty()) {
                match self.disk.entry(part).map(|entry| entry.kind) {
                    Some(EntryKind::Dir) => {}
                    None => missing += 1,
                    Some(EntryKind::Symlink) => return Err(format!("a link stands in the way: {part}")),
                    Some(EntryKind::File) => return Err(format!("a file stands in the way: {part}")),
                }
            }
            found.push(Unit { folder, at, missing });
        }
        Ok(found)
    }

    fn mv(&mut self, from: &str, to: &str) -> Result<(), String> {
        self.disk.move_all(from, to).map_err(|error| format!("moving to {to} failed: {error}"))
    }

    fn set_aside(&mut self, unit: &Unit, name: &str) -> Result<(), String> {
        let number = self.disk.names(&format!("{}/stray", unit.folder)).len();
        self.mv(&unit.place(name), &format!("{}/stray/{number}/{name}", unit.folder))
    }

    /// Takes over what the old folder has and the new one has not.
    fn carry(&mut self, from: &str, to: &str) -> Result<(), String> {
        for name in self.disk.names(from) {
            let (from, to) = (format!("{from}/{name}"), format!("{to}/{name}"));
            if self.is_dir(&from) && self.is_dir(&to) {
                self.carry(&from, &to)?;
            } else if !self.there(&to) {
                self.disk.copy_all(&from, &to).map_err(|error| error.to_string())?;
            }
        }
        Ok(())
    }

    /// Takes over what has a mark.
    fn carry_marked(&mut self, from: &str, to: &str, marks: &str) -> Result<(), String> {
        for name in self.disk.names(marks) {
            let [from, to, mark] = [from, to, marks].map(|folder| format!("{folder}/{name}"));
            if !self.there(&from) {
                continue;
            }
            if self.is_dir(&mark) {
                if self.is_dir(&from) && !self.there(&to) {
                    self.folder(&to)?;
                }
                if self.is_dir(&from) && self.is_dir(&to) {
                    self.carry_marked(&from, &to, &mark)?;
                }
            } else if self.is_dir(&from) && self.is_dir(&to) {
                self.carry(&from, &to)?;
            } else if !self.there(&to) {
                self.disk.copy_all(&from, &to).map_err(|error| error.to_string())?;
            }
        }
        Ok(())
    }

    /// Writes down what is in a folder that is there and not in the one that was staged for it.
    fn missing(&self, from: &str, to: &str, shown: &str, list: &mut String) {
        for name in self.disk.names(from) {
            let [from, to, shown] = [from, to, shown].map(|folder| format!("{folder}/{name}"));
            let kind = match self.disk.entry(&from).map(|entry| entry.kind) {
                Some(EntryKind::Dir) => 'd',
                Some(EntryKind::File) => 'f',
                Some(EntryKind::Symlink) => 'l',
                None => continue,
            };
            if !self.there(&to) {
                list.push(kind);
                list.push_str(&shown);
                list.push('\0');
            }
            if kind == 'd' {
                self.missing(&from, &to, &shown, list);
            }
        }
    }

    fn list(&mut self) -> Said {
        let mut list = String::new();
        for unit in self.units()?.iter().filter(|unit| unit.missing == 0) {
            let number = unit.folder.rsplit('/').next().unwrap_or_default();
            for marks in ["solid", "away"] {
                for name in self.disk.names(&format!("{}/{marks}", unit.folder)) {
                    let place = unit.place(&name);
                    if self.is_dir(&place) {
                        let new = format!("{}/new/{name}", unit.folder);
                        self.missing(&place, &new, &format!("{number}/{name}"), &mut list);
                    }
                }
            }
        }
        list.push_str(".\0");
        self.write(&format!("{}/list", self.home), &list)?;
        Ok("pages 1\n".into())
    }

    fn ready(&mut self) -> Said {
        for unit in self.units()? {
            for inner in ["new", "put", "away", "solid", "old", "stray"] {
                self.folder(&format!("{}/{inner}", unit.folder))?;
            }
            for name in self.disk.names(&format!("{}/put", unit.folder)) {
                let (place, new) = (unit.place(&name), format!("{}/new/{name}", unit.folder));
                if !self.there(&new) {
                    return Err(format!("what was staged is not whole: {name} is missing"));
                }
                let solid = self.there(&format!("{}/solid/{name}", unit.folder));
                let both = self.is_dir(&place) && self.is_dir(&new);
                if both && solid {
                    self.carry_marked(&place, &new, &format!("{}/keep/{name}", unit.folder))?;
                } else if both {
                    self.carry(&place, &new)?;
                }
            }
            for name in self.disk.names(&format!("{}/keep", unit.folder)) {
                self.disk.remove_all(&format!("{}/away/{name}", unit.folder));
            }
            self.write(&format!("{}/made", unit.folder), &unit.missing.to_string())?;
            if !unit.at.is_empty() {
                self.folder(&unit.at)?;
            }
        }
        let waiting = format!("{}/waiting", self.home);
        self.write(&waiting, "")
    }

    fn swap(&mut self) -> Said {
        let (waiting, swapping) = (format!("{}/waiting", self.home), format!("{}/swapping", self.home));
        if !self.there(&swapping) {
            self.mv(&waiting, &swapping).map_err(|_| "what was staged is not whole".to_owned())?;
        }
        for unit in self.units()? {
            let put = self.disk.names(&format!("{}/put", unit.folder));
            let away = self.disk.names(&format!("{}/away", unit.folder));
            for (name, away) in
                put.iter().map(|name| (name, false)).chain(away.iter().map(|name| (name, true)))
            {
                let placed = !away && !self.there(&format!("{}/new/{name}", unit.folder));
                if placed || !self.there(&unit.place(name)) {
                    continue;
                }
                let old = format!("{}/old/{name}", unit.folder);
                if self.there(&old) {
                    self.set_aside(&unit, name)?;
                } else {
                    self.mv(&unit.place(name), &old)?;
                }
            }
            for name in &put {
                let new = format!("{}/new/{name}", unit.folder);
                if self.there(&new) {
                    self.mv(&new, &unit.place(name))?;
                }
            }
        }
        Ok("moved 0 0\n".into())
    }

    fn undo(&mut self) -> Said {
        let swapping = self.there(&format!("{}/swapping", self.home));
        let prepared = self.there(&format!("{}/waiting", self.home));
        if !swapping && !prepared {
            return Ok(String::new());
        }
        for unit in self.units()?.into_iter().filter(|_| swapping) {
            let put = self.disk.names(&format!("{}/put", unit.folder));
            let away = self.disk.names(&format!("{}/away", unit.folder));
            for name in put
                .iter()
                .chain(&away)
                .filter(|name| self.disk.entry(&unit.place(name)).is_some())
                .cloned()
                .collect::<Vec<_>>()
            {
                let new = format!("{}/new/{name}", unit.folder);
                if put.contains(&name) && !self.there(&new) {
                    self.mv(&unit.place(&name), &new)?;
                } else if self.there(&format!("{}/old/{name}", unit.folder)) {
                    self.set_aside(&unit, &name)?;
                }
            }
            for name in self.disk.names(&format!("{}/old", unit.folder)) {
                self.mv(&format!("{}/old/{name}", unit.folder), &unit.place(&name))?;
            }
        }
        for unit in self.units()? {
            let made =
                self.text(&format!("{}/made", unit.folder)).and_then(|text| text.parse::<usize>().ok());
            let mut place = unit.at.as_str();
            for _ in 0..made.unwrap_or(0) {
                if self.disk.names(place).is_empty() {
                    self.disk.remove_all(place);
                }
                place = place.rsplit_once('/').map_or("", |(above, _)| above);
                if place.is_empty() {
                    break;
                }
            }
        }
        Ok(String::new())
    }

    fn remove(&mut self) -> String {
        self.disk.remove_all(&self.home);
        if self.disk.names(OWN).is_empty() {
            self.disk.remove_all(OWN);
        }
        String::new()
    }
}
