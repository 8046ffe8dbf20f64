//! The script by itself, on folders of this machine: with this machine's `sh`, and with busybox where there is one.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Command, Output},
};

use super::script::{self, Verb};

const JOB: &str = "0197f3c2-7a51-7c3e-8000-0123456789ab";

/// A way to run a script.
#[derive(Clone)]
struct Shell {
    command: Vec<String>,
    path: String,
}

/// Data as it was, and what is staged beside it.
struct Data {
    folder: tempfile::TempDir,
}

type Tree = BTreeMap<PathBuf, (u32, Vec<u8>)>;

fn shells() -> Vec<Shell> {
    let path = std::env::var("PATH").unwrap();
    let mut all = vec![Shell { command: vec!["sh".into()], path }];
    for busybox in ["/bin/busybox", "/usr/bin/busybox"].iter().filter(|path| Path::new(path).exists()).take(1)
    {
        // Nothing but busybox's own commands.
        let links = std::env::temp_dir().join(format!("mineclifford-busybox-{}", std::process::id()));
        fs::create_dir_all(&links).unwrap();
        for name in [
            "cat", "chmod", "chown", "cp", "find", "mkdir", "mv", "rm", "rmdir", "sh", "sleep", "stat",
            "sync",
        ] {
            // Another test may have made it.
            let _ = symlink(busybox, links.join(name));
        }
        let path = links.display().to_string();
        all.push(Shell { command: vec![(*busybox).into(), "sh".into()], path });
    }
    all
}

impl Shell {
    fn run(&self, data: &Data, verb: Verb) -> Output {
        self.run_with(data, verb, &[])
    }

    fn run_with(&self, data: &Data, verb: Verb, env: &[(&str, &str)]) -> Output {
        let root = data.root();
        let word = verb.word();
        let words = script::command(root.to_str().unwrap(), &word, JOB);
        let mut command = Command::new(&self.command[0]);
        command.args(&self.command[1..]).args(&words[1..]);
        command.env_clear().env("PATH", &self.path).envs(env.iter().copied());
        command.output().unwrap()
    }

    #[track_caller]
    fn does(&self, data: &Data, verb: Verb) -> String {
        let output = self.run(data, verb);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{:?} {verb:?}: {told}", self.command);
        assert_eq!(told, "", "{:?} {verb:?}", self.command);
        String::from_utf8(output.stdout).unwrap()
    }

    #[track_caller]
    fn refuses(&self, data: &Data, verb: Verb, word: &str) {
        let output = self.run(data, verb);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(3), "{:?} {verb:?}: {told}", self.command);
        assert!(told.contains(word), "{told}");
    }
}

/// Names that a careless script falls over.
const NASTY: [&str; 7] =
    ["-rf", "a b", "two\nlines", ".hidden", "..odd", "$(touch hacked)`x`;'\"*?[", "\u{202e}größe"];

impl Data {
    fn new() -> Self {
        let data = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(data.root()).unwrap();
        for (path, content) in [
            ("server.properties", "old"),
            ("keep.txt", "not in the backup"),
            ("world/level.dat", "old"),
            ("world/region/r.0.0.mca", "old"),
            ("world/region/r.9.9.mca", "made after the backup"),
            ("world_nether/DIM-1/region/r.0.0.mca", "of another layout"),
            ("plugins/Foo/config.yml", "old"),
            ("plugins/Foo/cache/data.db", "not in the backup"),
            ("plugins/Only.jar", "not in the backup"),
            ("plugins/turned/was a folder", "old"),
        ] {
            data.write(path, content);
        }
        for name in NASTY {
            data.write(name, "old");
            data.write(&format!("plugins/{name}/{name}"), "not in the backup");
        }
        // Planted: whoever follows it writes into the world.
        symlink("world", data.root().join("link")).unwrap();
        symlink("/etc/passwd", data.root().join("plugins/passwd")).unwrap();
        data
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn home(&self) -> PathBuf {
        self.root().join(".mineclifford").join(JOB)
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn stage(&self) {
        let unit = |number: &str, at: &str| {
            let unit = format!(".mineclifford/{JOB}/units/{number}");
            self.write(&format!("{unit}/at"), at);
            unit
        };
        let top = unit("00001", "");
        let put = |unit: &str, name: &str| self.write(&format!("{unit}/put/{name}"), "");
        for (name, files) in [
            ("server.properties", &[""][..]),
            ("made.json", &[""]),
            ("world", &["/level.dat", "/region/r.0.0.mca"]),
            ("plugins", &["/Foo/config.yml", "/turned", "/New/x"]),
            ("link", &["/a real folder now"]),
        ] {
            put(&top, name);
            for file in files {
                self.write(&format!("{top}/new/{name}{file}"), "new");
            }
        }
        for name in NASTY {
            put(&top, name);
            self.write(&format!("{top}/new/{name}"), "new");
        }
        self.write(&format!("{top}/solid/world"), "");
        for name in ["world_nether", "world_the_end"] {
            self.write(&format!("{top}/away/{name}"), "");
        }
        // The deeper one comes first, so that folders that were made are removed from the inside.
        let deep = unit("00000", "made/for/this");
        put(&deep, "x");
        self.write(&format!("{deep}/new/x"), "new");
        let beside = unit("00002", "made");
        put(&beside, "-y");
        self.write(&format!("{beside}/new/-y"), "new");
    }

    /// All but what is staged.
    fn tree(&self) -> Tree {
        fn walk(root: &Path, folder: &Path, tree: &mut Tree) {
            for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
                let path = entry.path();
                if path == root.join(".mineclifford") {
                    continue;
                }
                let meta = fs::symlink_metadata(&path).unwrap();
                let content = match meta.file_type() {
                    kind if kind.is_symlink() => {
                        fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes()
                    }
                    kind if kind.is_dir() => {
                        walk(root, &path, tree);
                        Vec::new()
                    }
                    _ => fs::read(&path).unwrap(),
                };
                tree.insert(
                    path.strip_prefix(root).unwrap().to_owned(),
                    (meta.permissions().mode(), content),
                );
            }
        }
        let mut tree = Tree::new();
        walk(&self.root(), &self.root(), &mut tree);
        tree
    }

    #[track_caller]
    fn holds(&self, path: &str, content: &str) {
        let found = fs::read_to_string(self.root().join(path));
        assert_eq!(found.ok().as_deref(), Some(content), "{path:?}");
    }

    fn has(&self, path: &str) -> bool {
        fs::symlink_metadata(self.root().join(path)).is_ok()
    }
}

fn prepared(shell: &Shell) -> Data {
    let data = Data::new();
    shell.does(&data, Verb::Prepare);
    data.stage();
    data
}

#[test]
fn a_swap_brings_what_was_staged_and_keeps_what_the_backup_did_not_hold() {
    for shell in shells() {
        let data = prepared(&shell);
        let ground = script::ground(&shell.does(&data, Verb::Look)).unwrap();
        assert!(ground.free > 0);
        shell.does(&data, Verb::Ready);
        assert!(script::moved(&shell.does(&data, Verb::Swap)).is_some());

        for path in
            ["server.properties", "made.json", "world/level.dat", "plugins/Foo/config.yml", "plugins/turned"]
        {
            data.holds(path, "new");
        }
        data.holds("link/a real folder now", "new");
        data.holds("made/for/this/x", "new");
        data.holds("made/-y", "new");
        data.holds("keep.txt", "not in the backup");
        data.holds("plugins/Foo/cache/data.db", "not in the backup");
        data.holds("plugins/Only.jar", "not in the backup");
        assert_eq!(fs::read_link(data.root().join("plugins/passwd")).unwrap(), Path::new("/etc/passwd"));
        for name in NASTY {
            data.holds(name, "new");
            data.holds(&format!("plugins/{name}/{name}"), "not in the backup");
        }
        // A world is the backup's alone.
        assert!(!data.has("world/region/r.9.9.mca") && !data.has("world_nether"));
        assert!(!data.has("hacked") && !data.has("world/a real folder now"));

        shell.does(&data, Verb::Drop);
        assert!(!data.has(".mineclifford"));
    }
}

/// What the script lists, each entry with its kind and unit.
fn listed(shell: &Shell, data: &Data) -> Vec<Vec<u8>> {
    let pages = script::pages(&shell.does(data, Verb::List)).unwrap();
    let mut all = Vec::new();
    for number in 0..pages {
        let output = shell.run(data, Verb::Page(number));
        assert!(output.status.success());
        let page = output.stdout.strip_suffix(script::PAGE_END).expect("a whole page");
        all.extend(page.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()).map(<[u8]>::to_vec));
    }
    all
}

#[test]
fn what_is_marked_in_a_world_is_taken_over_and_all_that_is_in_no_backup_is_listed() {
    for shell in shells() {
        let data = Data::new();
        for name in NASTY {
            data.write(&format!("world/{name}/{name}"), "left out");
            data.write(&format!("world/later/{name}"), "made after the backup");
        }
        let before = data.tree();
        shell.does(&data, Verb::Prepare);
        data.stage();
        let mut found = listed(&shell, &data);
        let mut wanted: Vec<Vec<u8>> = ["d00001/world/later", "f00001/world/region/r.9.9.mca"]
            .into_iter()
            .map(|entry| entry.as_bytes().to_vec())
            .collect();
        for name in NASTY {
            wanted.push(format!("d00001/world/{name}").into_bytes());
            wanted.push(format!("f00001/world/{name}/{name}").into_bytes());
            wanted.push(format!("f00001/world/later/{name}").into_bytes());
        }
        // What would be moved away is listed as a whole.
        for (kind, path) in
            [("d", ""), ("d", "/DIM-1"), ("d", "/DIM-1/region"), ("f", "/DIM-1/region/r.0.0.mca")]
        {
            wanted.push(format!("{kind}00001/world_nether{path}").into_bytes());
        }
        found.sort();
        wanted.sort();
        assert_eq!(found, wanted, "{:?}", shell.command);

        let keep = format!(".mineclifford/{JOB}/units/00001/keep");
        for name in NASTY {
            data.write(&format!("{keep}/world/{name}"), "");
        }
        data.write(&format!("{keep}/world/region/gone meanwhile"), "");
        data.write(&format!("{keep}/world_nether/DIM-1"), "");
        shell.does(&data, Verb::Ready);
        shell.does(&data, Verb::Swap);
        data.holds("world/level.dat", "new");
        data.holds("world_nether/DIM-1/region/r.0.0.mca", "of another layout");
        assert!(!data.has("world/later") && !data.has("world/region/r.9.9.mca"));
        for name in NASTY {
            data.holds(&format!("world/{name}/{name}"), "left out");
        }
        shell.does(&data, Verb::Undo);
        shell.does(&data, Verb::DropUndone);
        assert_eq!(data.tree(), before, "{:?}", shell.command);
    }
}

#[test]
fn an_undo_brings_everything_back_bit_for_bit() {
    for shell in shells() {
        let data = Data::new();
        let before = data.tree();
        shell.does(&data, Verb::Prepare);
        data.stage();
        // Before anything was moved, after that, and again.
        shell.does(&data, Verb::Undo);
        assert_eq!(data.tree(), before);
        shell.does(&data, Verb::Ready);
        shell.does(&data, Verb::Swap);
        assert_ne!(data.tree(), before);
        shell.refuses(&data, Verb::DropUndone, "not back in its place");
        shell.does(&data, Verb::Undo);
        assert_eq!(data.tree(), before);
        shell.does(&data, Verb::Undo);
        assert_eq!(data.tree(), before);
        shell.does(&data, Verb::DropUndone);
        assert_eq!(data.tree(), before);
        assert!(!data.has(".mineclifford"));
        // With nothing there, there is nothing to do.
        shell.does(&data, Verb::Undo);
        shell.does(&data, Verb::DropUndone);
        assert_eq!(data.tree(), before);
    }
}

/// A `mv` that moves one thing after the other, and kills who called it before the one whose number is in a file.
fn deadly(data: &Data) -> Shell {
    let folder = data.folder.path().join("deadly");
    fs::create_dir(&folder).unwrap();
    let program = folder.join("mv");
    fs::write(
        &program,
        r#"#!/bin/sh
[ "$1" = -f ] && shift
[ "$1" = -- ] && shift
for target; do :; done
while [ $# -gt 1 ]; do
    left=$(cat "$LEFT")
    if [ "$left" = 0 ]; then
        kill -9 $PPID
        exit 1
    fi
    echo $((left - 1)) > "$LEFT"
    /bin/mv -f -- "$1" "$target" || exit 1
    shift
done
"#,
    )
    .unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    Shell { command: vec!["sh".into()], path }
}

/// Runs a step that is killed before its rename of this number; whether it was.
fn killed(shell: &Shell, data: &Data, verb: Verb, number: usize) -> bool {
    let left = data.folder.path().join("left");
    fs::write(&left, format!("{number}\n")).unwrap();
    let output = shell.run_with(data, verb, &[("LEFT", left.to_str().unwrap())]);
    !output.status.success()
}

#[test]
fn from_every_point_where_it_may_be_killed_it_goes_on_and_it_goes_back() {
    let plain = shells().remove(0);
    let wanted = {
        let data = prepared(&plain);
        plain.does(&data, Verb::Ready);
        plain.does(&data, Verb::Swap);
        data.tree()
    };
    let before = Data::new().tree();
    let mut points = 0;
    loop {
        let data = prepared(&plain);
        plain.does(&data, Verb::Ready);
        let shell = deadly(&data);
        if !killed(&shell, &data, Verb::Swap, points) {
            assert_eq!(data.tree(), wanted);
            break;
        }
        // Back, with the way back interrupted too, at another place each time.
        assert!(points < 3 || killed(&shell, &data, Verb::Undo, points % 3), "{points}");
        plain.does(&data, Verb::Undo);
        assert_eq!(data.tree(), before, "killed before rename {points}");
        // On from where it was undone, killed once more, and on.
        killed(&shell, &data, Verb::Swap, points / 2);
        plain.does(&data, Verb::Swap);
        assert_eq!(data.tree(), wanted, "killed before rename {points}");
        plain.does(&data, Verb::Undo);
        plain.does(&data, Verb::DropUndone);
        assert_eq!(data.tree(), before, "killed before rename {points}");
        points += 1;
    }
    assert!(points > 25, "{points}");
}

#[test]
fn what_a_server_made_in_between_does_not_stand_in_the_way() {
    for shell in shells() {
        let data = prepared(&shell);
        let before = Data::new().tree();
        shell.does(&data, Verb::Ready);
        shell.does(&data, Verb::Swap);
        // Somebody started it: it made a nether of its own, and wrote to its new world.
        data.write("world_nether/DIM-1/region/r.0.0.mca", "made meanwhile");
        data.write("world/region/r.5.5.mca", "made meanwhile");
        fs::remove_file(data.root().join("server.properties")).unwrap();
        shell.does(&data, Verb::Swap);
        shell.does(&data, Verb::Undo);
        assert_eq!(data.tree(), before);

        // Half swapped, a new world was made where the old one had been.
        let data = prepared(&shell);
        shell.does(&data, Verb::Ready);
        let unit = data.home().join("units/00001");
        fs::rename(data.home().join("waiting"), data.home().join("swapping")).unwrap();
        fs::rename(data.root().join("world"), unit.join("old/world")).unwrap();
        data.write("world/level.dat", "made meanwhile");
        shell.does(&data, Verb::Undo);
        assert_eq!(data.tree(), before);
    }
}

#[test]
fn links_in_the_way_are_refused_and_nothing_is_moved() {
    for shell in shells() {
        // The folder that is staged in is a link to the world.
        let data = Data::new();
        symlink("world", data.root().join(".mineclifford")).unwrap();
        let before = data.tree();
        for verb in [Verb::Look, Verb::Prepare, Verb::Ready, Verb::Swap, Verb::Undo, Verb::Drop] {
            shell.refuses(&data, verb, "something else is in the place");
        }
        assert_eq!(data.tree(), before);

        // A folder on the way to what is replaced is a link.
        let data = prepared(&shell);
        symlink("world", data.root().join("made")).unwrap();
        let before = data.tree();
        shell.refuses(&data, Verb::Ready, "a link stands in the way");
        assert_eq!(data.tree(), before);
        // Nothing was moved: there is nothing that it stands in the way of.
        shell.does(&data, Verb::Undo);
        shell.does(&data, Verb::DropUndone);
        assert_eq!(data.tree(), before);
        // It is turned into one while the swap is under way.
        let data = prepared(&shell);
        shell.does(&data, Verb::Ready);
        fs::remove_dir_all(data.root().join("made")).unwrap();
        symlink("world", data.root().join("made")).unwrap();
        shell.refuses(&data, Verb::Swap, "a link stands in the way");
        fs::remove_file(data.root().join("made")).unwrap();
        shell.does(&data, Verb::Undo);
        assert_eq!(data.tree(), Data::new().tree());
    }
}

#[test]
fn what_is_not_whole_is_not_put_in_place() {
    for shell in shells() {
        let data = prepared(&shell);
        fs::remove_file(data.home().join("units/00001/new/server.properties")).unwrap();
        shell.refuses(&data, Verb::Ready, "not whole");
        shell.refuses(&data, Verb::Swap, "not whole");
        shell.does(&data, Verb::Undo);
        assert_eq!(data.tree(), Data::new().tree());
        let strange =
            Command::new("sh").args(["-c", script::SCRIPT, "x", "/tmp", "drop", "../../etc"]).output();
        assert_eq!(strange.unwrap().status.code(), Some(3));
    }
}
