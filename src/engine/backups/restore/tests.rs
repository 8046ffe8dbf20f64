//! Restores on the demo, and, where `MINECLIFFORD_TEST_DOCKER` is set, on the Docker engine of this machine.

use std::{collections::BTreeMap, io::Read, path::PathBuf, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Work, helper, mend, run};
use crate::{
    archive::{About, Filter, Meter, Packer, Plan as Packing, place},
    demo::{Demo, Options},
    docker::{Docker, Endpoint, Phase, Plan},
    engine::{
        backups::ready,
        fact::{Fact, JobFact},
        jobs::{Context, Desk},
        servers::halt,
    },
    model::{
        BackupId, Fault, FaultKind, JobId, JobKind, Origin, Patterns, ServerId,
        backup::{BackupKind, Packing as Form, Place, Reason, Scope, Stillness},
    },
    store::Store,
};

const IMAGE: &str = "itzg/minecraft-server:java21";
/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// The practice image: this one where several are about.
fn practice() -> String {
    std::env::var("MINECLIFFORD_TEST_IMAGE").unwrap_or_else(|_| "itzg/minecraft-server:practice".into())
}

/// Everything in a data folder: kind, mode, owner, and what it holds.
type Tree = BTreeMap<String, (u8, u32, u64, u64, Vec<u8>)>;

/// A server on some Docker, and a folder for its backups.
struct Bed {
    docker: Docker,
    container: String,
    volume: String,
    folder: tempfile::TempDir,
    engine: Uuid,
    store: Store,
    server: ServerId,
    _demo: Option<Demo>,
}

async fn beds(name: &str) -> Vec<Bed> {
    let demo = Demo::start(Options { load: Duration::from_millis(500), ..Options::fleet(0, 0) });
    let mut all = vec![Bed::new(name, Endpoint::InProcess(demo.connector()), Some(demo)).await];
    if std::env::var_os("MINECLIFFORD_TEST_DOCKER").is_some() {
        let env = |name: &str| std::env::var(name).ok();
        let endpoint = Endpoint::discover(None, &env).unwrap().remove(0);
        all.push(Bed::new(name, endpoint, None).await);
    }
    all
}

impl Bed {
    async fn new(name: &str, endpoint: Endpoint, demo: Option<Demo>) -> Self {
        let docker = Docker::connect(&endpoint).await.unwrap().0;
        let name = format!("mct{}-{name}", std::process::id());
        let volume = format!("{name}-data");
        let env = [("EULA", "true"), ("VERSION", "1.21.4"), ("CREATE_CONSOLE_IN_PIPE", "true")];
        let plan = Plan {
            name,
            image: if demo.is_some() { IMAGE.into() } else { practice() },
            env: env.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            labels: BTreeMap::from([("mineclifford.test".into(), "restore".into())]),
            volume: volume.clone(),
            ..Plan::default()
        };
        let container = docker.create(&plan).await.unwrap();
        let bed = Self {
            docker,
            container,
            volume,
            folder: tempfile::tempdir().unwrap(),
            engine: Uuid::now_v7(),
            store: Store::in_memory().await.unwrap(),
            server: ServerId::new(),
            _demo: demo,
        };
        bed.start().await;
        bed.stop().await;
        bed
    }

    async fn start(&self) {
        self.docker.start(&self.container).await.unwrap();
        ready::ready(&self.docker, &self.container).await.unwrap();
    }

    async fn stop(&self) {
        halt::halt(&self.docker, &self.container, Duration::from_secs(60)).await.unwrap();
    }

    /// Writes files as the server would.
    async fn write(&self, files: &[(&str, &str)]) {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, content) in files {
            let ends = path.match_indices('/').map(|(end, _)| end);
            for folder in ends.map(|end| &path[..end]) {
                let mut header = tar::Header::new_gnu();
                header.set_entry_type(tar::EntryType::Directory);
                header.set_mode(0o755);
                header.set_size(0);
                header.set_uid(1000);
                header.set_gid(1000);
                builder.append_data(&mut header, folder, std::io::empty()).unwrap();
            }
            let mut header = tar::Header::new_gnu();
            header.set_mode(0o644);
            header.set_size(content.len() as u64);
            header.set_uid(1000);
            header.set_gid(1000);
            builder.append_data(&mut header, path, content.as_bytes()).unwrap();
        }
        let tar = Bytes::from(builder.into_inner().unwrap());
        self.docker.archive_put(&self.container, "/data", stream::iter([Ok(tar)])).await.unwrap();
    }

    async fn tree(&self) -> Tree {
        let mut tar = Vec::new();
        let mut archive = std::pin::pin!(self.docker.archive_get(&self.container, "/data").await.unwrap());
        while let Some(piece) = archive.next().await {
            tar.extend_from_slice(&piece.unwrap());
        }
        let mut tree = Tree::new();
        for entry in tar::Archive::new(tar.as_slice()).entries().unwrap() {
            let mut entry = entry.unwrap();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            let path = entry.path().unwrap().to_string_lossy().trim_end_matches('/').to_owned();
            // The game's own mark, which no backup has.
            if path.ends_with("/session.lock") {
                continue;
            }
            let header = entry.header();
            let mode = header.mode().unwrap() & 0o777;
            let (uid, gid) = (header.uid().unwrap(), header.gid().unwrap());
            let kind = header.entry_type().as_byte();
            tree.insert(path, (kind, mode, uid, gid, Sha256::digest(&content).to_vec()));
        }
        tree
    }

    /// Backs up what is there now.
    async fn backup(&self) -> PathBuf {
        let at = Timestamp::now();
        let plan = Packing {
            path: self.folder.path().join(place::name("a", at, Form::Gzip, 1)),
            packing: Form::Gzip,
            filter: Filter::standard().unwrap(),
            rate: None,
            leave_free: 0,
            expected: 0,
            threads: 1,
        };
        let path = plan.path.clone();
        let about = About {
            backup: BackupId::new(),
            kind: BackupKind::Full,
            place: Place::Folder,
            server: self.server,
            server_name: "a".into(),
            spec: None,
            version: None,
            level: Some("world".into()),
            reason: Reason::Asked,
            origin: Origin::CommandLine,
            label: None,
            locked: false,
            created_at: at,
            saving_off_ms: 0,
            stillness: Stillness::AtRest,
            exclude: Vec::new(),
            include: Vec::new(),
        };
        let mut packer = Packer::begin(plan, Meter::new()).await.unwrap();
        packer.take("data", self.docker.archive_get(&self.container, "/data").await.unwrap()).await.unwrap();
        packer.finish(about, Vec::new()).await.unwrap();
        path
    }

    fn context(&self, cancel: CancellationToken) -> Context {
        let (facts, mut told) = tokio::sync::mpsc::channel(64);
        tokio::spawn(async move {
            while let Some(fact) = told.recv().await {
                match fact {
                    Fact::Job(_, JobFact::Look(_, looked)) => _ = looked.send(()),
                    Fact::Job(_, JobFact::Backup(_, _, noted)) => _ = noted.send(Ok(())),
                    _ => {}
                }
            }
        });
        let who = (self.server, "a".to_owned());
        let (docker, store) = (self.docker.clone(), self.store.clone());
        let (job, origin) = (JobId::new(), Origin::CommandLine);
        let desk = Desk::new(job, JobKind::Restore, who, origin, self.engine, store, cancel, facts);
        Context { docker, desk }
    }

    fn work(&self, archive: &std::path::Path, scope: Scope) -> Work {
        Work {
            backup: BackupId::new(),
            archive: archive.to_owned(),
            scope,
            container: self.container.clone(),
            grace: Duration::from_secs(60),
            patterns: Patterns { exclude: vec!["world/tiles".to_owned()], ..Patterns::default() },
        }
    }

    async fn restore(&self, archive: &std::path::Path, scope: Scope) -> Result<(), Fault> {
        let context = self.context(CancellationToken::new());
        let work = run(&context, self.work(archive, scope), async { Ok(()) });
        tokio::time::timeout(PATIENCE, work).await.expect("it takes far too long")
    }

    async fn phase(&self) -> Phase {
        self.docker.inspect(&self.container).await.unwrap().phase
    }

    /// As the next start of the program does.
    async fn mend(&self) -> Vec<String> {
        helper::sweep(&self.docker, self.engine, JobId::new()).await.unwrap();
        let mut said = Vec::new();
        for job in self.store.load().await.unwrap().jobs {
            said.push(mend::mend(&self.docker, self.engine, &job).await.unwrap());
            self.store.remove_job(job.id).await.unwrap();
        }
        said
    }

    /// Nothing that served a restore is left.
    async fn is_tidy(&self) {
        assert!(self.store.load().await.unwrap().jobs.is_empty());
        let list = self.docker.list().await.unwrap();
        let engine = self.engine.to_string();
        assert!(!list.iter().any(|one| one.labels.get("mineclifford.engine") == Some(&engine)));
        let tree = self.tree().await;
        assert!(!tree.keys().any(|path| path.contains(".mineclifford")), "{:?}", tree.keys());
    }

    async fn end(self) {
        self.docker.remove(&self.container, true).await.unwrap();
        self.docker.volume_remove(&self.volume).await.unwrap();
    }
}

fn hash(text: &str) -> Vec<u8> {
    Sha256::digest(text.as_bytes()).to_vec()
}

#[track_caller]
fn holds(tree: &Tree, path: &str, text: &str) {
    let found = tree.get(&format!("data/{path}")).unwrap_or_else(|| panic!("{path} is not there"));
    assert_eq!(found.4, hash(text), "{path}");
    assert_eq!((found.2, found.3), (1000, 1000), "{path}");
}

fn has(tree: &Tree, path: &str) -> bool {
    tree.contains_key(&format!("data/{path}"))
}

const THEN: [(&str, &str); 6] = [
    ("world/level.dat", "then"),
    ("world/region/r.0.0.mca", "then"),
    ("world/playerdata/0197f3c2-7a51-7c3e-8000-0123456789ab.dat", "then"),
    ("plugins/Foo/config.yml", "then"),
    ("-a \"name\"\nof $(two) lines", "then"),
    ("ops.json", "[]"),
];
const SINCE: [(&str, &str); 8] = [
    ("world/tiles/0.png", "since"),
    ("world/level.dat", "since"),
    ("world/region/r.0.0.mca", "since"),
    ("world/region/r.7.7.mca", "since"),
    ("world_nether/DIM-1/region/r.0.0.mca", "since"),
    ("plugins/Foo/config.yml", "since"),
    ("plugins/Foo/data.db", "since"),
    ("-a \"name\"\nof $(two) lines", "since"),
];

/// Files of `THEN` in a backup, those of `SINCE` in the data.
async fn changed(bed: &Bed) -> PathBuf {
    bed.write(&THEN).await;
    let archive = bed.backup().await;
    bed.write(&SINCE).await;
    archive
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_server_gets_the_backups_world_and_keeps_what_the_backup_did_not_hold() {
    for bed in beds("stopped").await {
        let archive = changed(&bed).await;
        bed.restore(&archive, Scope::Everything).await.unwrap();
        let tree = bed.tree().await;
        for (path, text) in THEN {
            holds(&tree, path, text);
        }
        holds(&tree, "plugins/Foo/data.db", "since");
        // What the server's patterns leave out of its backups is in none of them, nor in the safety backup.
        holds(&tree, "world/tiles/0.png", "since");
        assert!(!has(&tree, "world/region/r.7.7.mca") && !has(&tree, "world_nether"));
        assert_eq!(bed.phase().await, Phase::Exited);
        bed.is_tidy().await;
        bed.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_replace_nothing_but_themselves() {
    for bed in beds("parts").await {
        let archive = changed(&bed).await;
        let mut wanted = bed.tree().await;
        let player = String::from("0197f3c2-7a51-7c3e-8000-0123456789ab");
        let paths = |paths: &[&str]| Scope::Paths(paths.iter().map(|path| (*path).to_owned()).collect());
        bed.write(&[(THEN[2].0, "since")]).await;
        for (scope, changes) in [
            (paths(&["plugins/Foo/config.yml"]), vec![THEN[3]]),
            (paths(&["-a \"name\"\nof $(two) lines"]), vec![THEN[4]]),
            (Scope::Player(player), vec![THEN[2]]),
        ] {
            bed.restore(&archive, scope).await.unwrap();
            let tree = bed.tree().await;
            for (path, text) in changes {
                holds(&tree, path, text);
                wanted.insert(format!("data/{path}"), tree[&format!("data/{path}")].clone());
            }
        }
        assert_eq!(bed.tree().await, wanted);
        let dimension = Scope::Dimension { world: "world".into(), dimension: "overworld".into() };
        bed.restore(&archive, dimension).await.unwrap();
        let tree = bed.tree().await;
        holds(&tree, "world/region/r.0.0.mca", "then");
        holds(&tree, "world/level.dat", "since");
        assert!(!has(&tree, "world/region/r.7.7.mca") && has(&tree, "world_nether/DIM-1/region/r.0.0.mca"));
        let none = bed.restore(&archive, Scope::World("nowhere".into())).await.unwrap_err();
        assert_eq!(none.kind, FaultKind::NotFound);
        assert_eq!(bed.tree().await, tree);
        bed.is_tidy().await;
        bed.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_server_comes_up_on_the_restored_data() {
    for bed in beds("running").await {
        bed.write(&[("plugins/a.txt", "then")]).await;
        let archive = bed.backup().await;
        bed.write(&[("plugins/a.txt", "since")]).await;
        bed.start().await;
        bed.restore(&archive, Scope::Everything).await.unwrap();
        assert_eq!(bed.phase().await, Phase::Running);
        assert!(ready::is_ready(&bed.docker, &bed.container).await.unwrap());
        holds(&bed.tree().await, "plugins/a.txt", "then");
        bed.is_tidy().await;
        bed.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_damaged_or_cancelled_changes_nothing() {
    for bed in beds("refused").await {
        let archive = changed(&bed).await;
        let before = bed.tree().await;
        let context = bed.context(CancellationToken::new());
        context.cancel.cancel();
        let cancelled =
            run(&context, bed.work(&archive, Scope::Everything), async { Ok(()) }).await.unwrap_err();
        assert_eq!(cancelled.kind, FaultKind::Cancelled);
        let full = Fault::new(FaultKind::Failed, "The disk of the backup folder is full.", "", "");
        let context = bed.context(CancellationToken::new());
        let no_room = async { Err(full.clone()) };
        let refused = run(&context, bed.work(&archive, Scope::Everything), no_room).await;
        let refused = refused.unwrap_err();
        assert_eq!((&refused.what, refused.kind), (&full.what, full.kind));
        assert_eq!(refused.means, "The server and its data are as they were before the restore.");
        // One flipped bit.
        let mut bytes = std::fs::read(&archive).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&archive, bytes).unwrap();
        bed.restore(&archive, Scope::Everything).await.unwrap_err();
        assert_eq!(bed.tree().await, before);
        bed.is_tidy().await;
        bed.end().await;
    }
}

/// How many rounds of killing: many where `MINECLIFFORD_KILL_ROUNDS` says so.
fn rounds() -> usize {
    std::env::var("MINECLIFFORD_KILL_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(12)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wherever_it_is_killed_the_world_is_the_old_or_the_new_one() {
    use rand::RngExt;
    for bed in beds("killed").await {
        let archive = changed(&bed).await;
        let old = bed.tree().await;
        bed.restore(&archive, Scope::Everything).await.unwrap();
        let new = bed.tree().await;
        assert_ne!(old, new);
        let begun = std::time::Instant::now();
        bed.restore(&archive, Scope::Everything).await.unwrap();
        let whole = begun.elapsed();
        let (mut olds, mut news, mut stages) = (0, 0, BTreeMap::<String, usize>::new());
        for round in 0..rounds() {
            bed.write(&SINCE).await;
            bed.write(&[("world_nether/DIM-1/region/r.0.0.mca", "since")]).await;
            assert!(bed.tree().await == old, "round {round}");
            let context = bed.context(CancellationToken::new());
            let work = bed.work(&archive, Scope::Everything);
            let job = tokio::spawn(async move { run(&context, work, async { Ok(()) }).await });
            let after = whole.mul_f64(rand::rng().random_range(0.0..1.1));
            tokio::time::sleep(after).await;
            job.abort();
            let _ = job.await;
            for left in bed.store.load().await.unwrap().jobs {
                *stages.entry(left.stage).or_default() += 1;
            }
            bed.mend().await;
            bed.is_tidy().await;
            let tree = bed.tree().await;
            if tree == old {
                olds += 1;
                bed.restore(&archive, Scope::Everything).await.unwrap();
            } else {
                assert!(tree == new, "round {round}, killed after {after:?}: {:?}", tree.keys());
                news += 1;
            }
        }
        println!("{} rounds: {olds} back, {news} forward; killed at {stages:?}", rounds());
        assert_eq!(olds + news, rounds());
        bed.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_in_the_place_of_the_staging_folder_is_refused() {
    for bed in beds("planted").await {
        let archive = changed(&bed).await;
        let mut builder = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        builder.append_link(&mut header, ".mineclifford", "world").unwrap();
        let tar = Bytes::from(builder.into_inner().unwrap());
        bed.docker.archive_put(&bed.container, "/data", stream::iter([Ok(tar)])).await.unwrap();
        let before = bed.tree().await;
        let fault = bed.restore(&archive, Scope::Everything).await.unwrap_err();
        assert!(fault.what.contains("something else is in the place"), "{fault:?}");
        assert_eq!(bed.tree().await, before);
        bed.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn data_that_does_not_start_is_taken_back() {
    for bed in beds("failing").await {
        bed.write(&[("plugins/a.txt", "then")]).await;
        let archive = bed.backup().await;
        bed.write(&[("plugins/a.txt", "since")]).await;
        bed.start().await;
        // Its first start on the restored data ends badly.
        let end = async {
            loop {
                let jobs = bed.store.load().await.unwrap().jobs;
                if jobs.iter().any(|job| job.stage == super::at::TRIAL)
                    && bed.docker.kill(&bed.container).await.is_ok()
                {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let end = tokio::time::timeout(PATIENCE, end);
        let (restored, ended) = tokio::join!(bed.restore(&archive, Scope::Everything), end);
        ended.expect("it is killed while it is tried");
        let fault = restored.unwrap_err();
        assert!(fault.what.contains("ended while it was loading"), "{fault:?}");
        assert!(fault.means.contains("as they were before"), "{fault:?}");
        ready::ready(&bed.docker, &bed.container).await.unwrap();
        let tree = bed.tree().await;
        holds(&tree, "plugins/a.txt", "since");
        bed.is_tidy().await;
        bed.end().await;
    }
}
