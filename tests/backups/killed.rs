//! The program is killed again and again, in the middle of backups and of restores, at a step that chance picks; each time
//! the next start mends what was left. `MINECLIFFORD_KILL_ROUNDS` says how often, `MINECLIFFORD_KILL_SEED` repeats a run.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime},
};

use serde_json::Value;

use crate::{
    program::{Program, until},
    proving::starts_tidily,
    proxy::{Proxy, Stop},
    shelf::{back_up, list, litter, restore, show},
    support::docker,
    world::{Tree, differences, shell, throwaways, tree, write},
};

/// Rounds where nothing else is said.
const ROUNDS: usize = 12;
/// From so many on, chance must have met every step, and several are done at the same time.
const MANY: usize = 150;
const LANES: usize = 3;
/// Steps that must have been among those that it was killed at, by words of what the program said last.
const STEPS: [&str; 7] = [
    "copying",
    "verifying the backup",
    "stopping: the world is being saved",
    "unpacking the backup beside the data",
    "taking over what the backup does not hold",
    "putting the restored data in its place",
    "waiting until the server is ready",
];

/// What is told of a program that had ended before it was killed.
const OVER: &str = "(it had ended)";

/// Chance that can be repeated (xorshift64*).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D);
        (number >> 33) as usize % most
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// A server with two states, each with a backup, and what a whole job on it takes.
struct Server {
    name: String,
    runs: bool,
    backups: [String; 2],
    trees: [Tree; 2],
    /// By job: its calls to Docker, and how long it takes.
    whole: [(usize, Duration); 2],
    /// Which of the two states it has.
    now: usize,
}

/// What the server that runs does not write itself.
fn ours(tree: Tree, runs: bool) -> Tree {
    let mine = |path: &str| {
        ["world/region/r.5", "world/cache", "plugins", "ops.json"].iter().any(|one| path.starts_with(one))
    };
    tree.into_iter().filter(|(path, _)| !runs || mine(path)).collect()
}

/// Content that cannot be packed, so that jobs take their time.
fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let mut chance = Chance(seed + 1);
    std::iter::repeat_with(|| chance.below(256) as u8).take(bytes).collect()
}

impl Server {
    fn new(program: &Program, proxy: &Proxy, name: &str, runs: bool) -> Self {
        let name = program.create(name, &["--version", "1.21.4", "--env", "PRACTICE_WORLD_SECONDS=100000"]);
        if !runs {
            program.run(&["server", "stop", &name]).ends(0);
        }
        write(&name, [("world/cache/kept.bin", "in no backup")]);
        let [then, since] = [7, 8].map(|state: u64| {
            // Each state has one file in its world that the other has not.
            let regions = (0..24).chain([50 + state]);
            let mut files: Vec<_> = regions
                .map(|number| {
                    (format!("world/region/r.5{number}.5.mca"), noise(state * 100 + number, 20_000))
                })
                .collect();
            files.extend(
                ["plugins/Foo/data.db", "ops.json"].map(|path| (path.to_owned(), noise(state, 20_000))),
            );
            if state == 8 {
                shell(&name, "rm -f /data/world/region/r.557.5.mca");
            }
            write(&name, files.iter().map(|(path, content)| (path.as_str(), content.as_slice())));
            (back_up(program, &name), ours(tree(&name), runs))
        });
        let mut server = Self {
            name,
            runs,
            backups: [then.0, since.0],
            trees: [then.1, since.1],
            whole: [(0, Duration::ZERO); 2],
            now: 1,
        };
        assert_ne!(server.trees[0], server.trees[1]);
        for job in [0, 1] {
            proxy.count();
            let begun = Instant::now();
            program.run(&server.line(proxy, job).iter().map(String::as_str).collect::<Vec<_>>()).ends(0);
            server.whole[job] = (proxy.count().len(), begun.elapsed());
            server.now = server.state();
        }
        assert_eq!(server.now, 0, "a restore brings the other state");
        println!(
            "{}: backup {:?}, restore {:?} (calls to Docker, time)",
            server.name, server.whole[0], server.whole[1]
        );
        server
    }

    /// A backup, or a restore of the state that it has not.
    fn line(&self, proxy: &Proxy, job: usize) -> Vec<String> {
        let other = &self.backups[1 - self.now];
        let words: Vec<&str> = match job {
            0 => vec!["backup", "create", &self.name],
            _ => vec!["backup", "restore", other, "--yes"],
        };
        ["--docker", &proxy.address].into_iter().chain(words).map(str::to_owned).collect()
    }

    /// Which of its two states it has, bit for bit; never a mixture.
    #[track_caller]
    fn state(&self) -> usize {
        let now = ours(tree(&self.name), self.runs);
        let fits = self.trees.iter().position(|tree| *tree == now);
        fits.unwrap_or_else(|| {
            let apart = self.trees.each_ref().map(|tree| differences(tree, &now));
            panic!("{} is neither the one nor the other: {apart:#?}", self.name)
        })
    }
}

/// What a job says of itself on its way.
fn steps(job: usize, runs: bool) -> Vec<&'static str> {
    match job {
        0 => vec!["copying", "reading it back"],
        _ => {
            let only_running = ["stopping", "waiting"];
            let fits = |step: &&str| runs || !only_running.iter().any(|word| step.starts_with(word));
            STEPS.into_iter().filter(fits).collect()
        }
    }
}

/// Begins a job and kills the program somewhere in it; what it said last, or that it had ended.
fn kill_once(program: &Program, proxy: &Proxy, server: &Server, job: usize, chance: &mut Chance) -> String {
    let (calls, time) = server.whole[job];
    let line = server.line(proxy, job);
    let line: Vec<_> = line.iter().map(String::as_str).collect();
    let mut over = false;
    let mut going;
    match chance.below(5) {
        4 => {
            let steps = steps(job, server.runs);
            let step = steps[chance.below(steps.len())];
            going = program.start(&line);
            over = !going.comes_to(step);
            std::thread::sleep(Duration::from_millis(chance.below(60) as u64));
        }
        0 => {
            going = program.start(&line);
            std::thread::sleep(time.mul_f64(chance.below(1_000) as f64 / 1_000.0));
        }
        way => {
            let stop = [Stop::Before, Stop::After, Stop::Held][way - 1];
            let sprung = proxy.stop_after(stop, chance.below(calls));
            going = program.start(&line);
            let begun = Instant::now();
            while !over && !sprung.within(Duration::from_millis(10)) {
                over = going.is_over();
                assert!(begun.elapsed() < Duration::from_secs(90), "the call never came");
            }
            drop(sprung);
            if stop == Stop::Held {
                std::thread::sleep(Duration::from_millis(chance.below(120) as u64));
            }
        }
    }
    over |= going.is_over();
    let said = going.killed();
    proxy.disarm();
    // The whole machine may go down with it, and what the program had set going there.
    if chance.below(3) == 0 {
        for container in throwaways(&program.prefix) {
            docker(&["kill", &container]);
        }
    }
    if over { OVER.to_owned() } else { said.unwrap_or_else(|| String::from("(nothing said yet)")) }
}

/// Everything that must be so after the next start.
fn is_mended(program: &Program, server: &Server, folder: &Path, bases: &BTreeMap<String, Value>) {
    starts_tidily(program);
    if server.runs {
        program.reaches(&server.name, "ready");
        let saving = docker(&["exec", &server.name, "rcon-cli", "save-on"]);
        assert!(saving.contains("already turned on"), "saving was off: {saving}");
    } else {
        assert_eq!(program.server(&server.name)["state"], "stopped");
    }
    assert_eq!(litter(folder), Vec::<String>::new());
    let listed = list(program);
    assert!(listed.iter().all(|one| one["state"] == "good"), "{listed:#?}");
    for (id, base) in bases {
        assert!(listed.iter().any(|one| one["id"] == **id), "a good archive is gone: {base}");
    }
    // What came to be before the kill is whole.
    for one in listed.iter().filter(|one| !bases.contains_key(one["id"].as_str().expect("an id"))) {
        let id = one["id"].as_str().expect("an id");
        program.run(&["backup", "verify", id]).ends(0);
        program.run(&["backup", "delete", id]).ends(0);
    }
}

/// What came of some rounds.
#[derive(Default)]
struct Tally {
    /// By job: that it left the state that was, and that it brought the other one.
    ends: [[usize; 2]; 2],
    /// What the program had said last when it was killed.
    steps: BTreeMap<String, usize>,
}

/// Two servers of their own, killed at for so many rounds.
fn lane(number: u64, rounds: usize, seed: u64) -> Tally {
    let mut chance = Chance((seed ^ (number << 32)) | 1);
    let program = Program::new(&format!("kill{number}"));
    let proxy = Proxy::new(program.folder.path());
    let mut servers =
        [("still", false), ("runs", true)].map(|(name, runs)| Server::new(&program, &proxy, name, runs));
    let ids = servers.iter().flat_map(|server| &server.backups).cloned();
    let bases: BTreeMap<String, Value> = ids.map(|id| (id.clone(), show(&program, &id))).collect();
    let first = bases.values().next().expect("one")["path"].as_str().expect("a path");
    let folder: PathBuf = Path::new(first).parent().expect("a folder").to_owned();

    let mut tally = Tally::default();
    let (mut done, mut tries) = (0, 0);
    while done < rounds {
        tries += 1;
        assert!(tries <= 3 * rounds + 10, "it ends before it can be killed, again and again");
        let server = &mut servers[chance.below(2)];
        // Two restores for each backup: there is more in them that can break.
        let job = usize::from(chance.below(3) > 0);
        proxy.count();
        let begun = Instant::now();
        let said = kill_once(&program, &proxy, server, job, &mut chance);
        let over = said == OVER;
        if over {
            // It was quicker than when it was measured: no round is counted, and from now on it is killed sooner.
            server.whole[job] = (proxy.count().len().max(1), begun.elapsed());
        } else {
            done += 1;
        }
        println!("{number}.{done}: {} of {} killed at: {said}", ["backup", "restore"][job], server.name);
        is_mended(&program, server, &folder, &bases);
        let state = server.state();
        assert!(job == 1 || state == server.now, "a backup changes nothing");
        if !over {
            tally.ends[job][usize::from(state != server.now)] += 1;
            *tally.steps.entry(said.chars().filter(|c| !c.is_ascii_digit()).collect()).or_default() += 1;
        }
        server.now = state;
    }
    // After all that, everything works.
    for server in &mut servers {
        restore(&program, &server.backups[1 - server.now], &[]);
        server.now = 1 - server.now;
        assert_eq!(server.state(), server.now);
    }
    for id in bases.keys() {
        program.run(&["backup", "verify", id]).ends(0);
    }
    until("nothing to be left", || throwaways(&program.prefix).is_empty());
    tally
}

#[test]
fn killed_at_any_step_of_backup_and_restore_the_next_start_mends_it() {
    let rounds = number("MINECLIFFORD_KILL_ROUNDS").map_or(ROUNDS, |rounds| rounds as usize);
    let lanes = if rounds < MANY { 1 } else { LANES };
    let seed = number("MINECLIFFORD_KILL_SEED").unwrap_or_else(|| {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a time").as_nanos() as u64
    });
    println!("MINECLIFFORD_KILL_SEED={seed}");
    let all: Vec<_> = (0..lanes)
        .map(|number| {
            let share = rounds / lanes + usize::from(number < rounds % lanes);
            std::thread::spawn(move || lane(number as u64, share, seed))
        })
        .collect();
    let mut sum = Tally::default();
    for lane in all {
        let tally = lane.join().expect("every round is mended");
        for (job, end) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            sum.ends[job][end] += tally.ends[job][end];
        }
        for (step, times) in tally.steps {
            *sum.steps.entry(step).or_default() += times;
        }
    }
    let ends = sum.ends;
    println!(
        "{} rounds: {} backups; {} restores, of which {} left the old world and {} the new one",
        ends.as_flattened().iter().sum::<usize>(),
        ends[0].iter().sum::<usize>(),
        ends[1].iter().sum::<usize>(),
        ends[1][0],
        ends[1][1]
    );
    println!("killed at {:#?}", sum.steps);
    let met = |step: &str| sum.steps.keys().any(|said| said.contains(step));
    let missing: Vec<&str> = STEPS.into_iter().filter(|step| !met(step)).collect();
    assert!(rounds < MANY || missing.is_empty(), "never killed at {missing:?}");
}
