//! A world that changes in every way arrives as it is.

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::model::{
    About, BackupId, HostState, JobKind, JobState, Origin, Ownership, Players, Progress, Sample, ServerId,
    Spec, State,
    backup::{BackupKind, BackupState, Packing, Place, Reason, Stillness},
};

fn uuid(n: u8) -> uuid::Uuid {
    uuid::Uuid::from_u128(u128::from(n) << 64 | 7)
}

fn sample(at: i64, figure: u64) -> Sample {
    Sample {
        at: Timestamp::from_microsecond(1_700_000_000_000_000 + at * 1_000_123).unwrap(),
        cpu_percent: figure as f32 / 7.0,
        memory_bytes: figure * 4096,
        memory_limit_bytes: 2 << 30,
        net_rx_bytes: figure * 3,
        net_tx_bytes: figure,
        block_read_bytes: 0,
        block_write_bytes: figure / 5,
        pids: 30,
    }
}

fn server(n: u8, name: u8, state: State, figure: Option<u64>) -> Server {
    let spec = Spec { name: format!("server-{name}"), ..Spec::default() };
    Server {
        about: Arc::new(About {
            id: ServerId(uuid(n)),
            name: spec.name.clone(),
            host: HostId::local(),
            ownership: Ownership::Created,
            spec,
            container_id: Some("c".repeat(64)),
            container_name: "c".into(),
            image: "itzg/minecraft-server:java21".into(),
            version: Some("1.21.4".into()),
            port: Some(25565),
            data: None,
            patterns: Default::default(),
            created_at: Timestamp::UNIX_EPOCH,
        }),
        state,
        explanation: None,
        started_at: Some(Timestamp::UNIX_EPOCH),
        players: Some(Arc::new(Players { online: 1, max: 20, names: vec!["ada".into()] })),
        sample: figure.map(|figure| sample(figure as i64, figure)),
        ticks: None,
        restarts: 0,
        via: None,
        job: None,
    }
}

fn job(n: u8, done: u64) -> Job {
    Job {
        id: JobId(uuid(n)),
        kind: JobKind::Create,
        server: None,
        server_name: "alpha".into(),
        origin: Origin::CommandLine,
        state: if done > 2 { JobState::Done } else { JobState::Running },
        progress: Progress { done, ..Progress::step("pulling") },
        can_cancel: true,
        started_at: Timestamp::UNIX_EPOCH,
        ended_at: None,
    }
}

fn backup(n: u8, locked: bool) -> Backup {
    Backup {
        id: BackupId(uuid(n)),
        server: ServerId(uuid(1)),
        server_name: "alpha".into(),
        kind: BackupKind::Full,
        place: Place::Folder,
        state: BackupState::Good,
        reason: Reason::Asked,
        origin: Origin::Dashboard,
        label: None,
        locked,
        packing: Packing::Gzip,
        path: "/backups/alpha".into(),
        created_at: Timestamp::UNIX_EPOCH,
        duration_ms: 1,
        saving_off_ms: 1,
        stillness: Stillness::Quiesced,
        size_bytes: 1,
        content_bytes: 2,
        file_count: 3,
        torn_files: 0,
        version: None,
        verified_at: None,
        proof: None,
    }
}

fn world() -> impl Strategy<Value = Snapshot> {
    let states = prop_oneof![Just(State::Ready), Just(State::Loading(Some(7))), Just(State::Stopped)];
    let figure = prop::option::of(0u64..1_000_000);
    let servers = prop::collection::btree_map(0u8..20, (0u8..3, states, figure), 0..20);
    let jobs = prop::collection::btree_map(0u8..9, 0u64..4, 0..9);
    let backups = prop::collection::btree_map(0u8..9, any::<bool>(), 0..9);
    (any::<u64>(), any::<bool>(), servers, jobs, backups).prop_map(
        |(sequence, settled, servers, jobs, backups)| Snapshot {
            sequence,
            settled,
            hosts: vec![Arc::new(Host {
                id: HostId::local(),
                endpoint: "unix:///x".into(),
                state: if settled { HostState::Up } else { HostState::Connecting },
                engine: "Docker".into(),
                memory_bytes: 1,
                cpus: 2,
                demo: false,
            })],
            servers: servers
                .into_iter()
                .map(|(n, (name, state, figure))| Arc::new(server(n, name, state, figure)))
                .collect(),
            jobs: jobs.into_iter().map(|(n, done)| Arc::new(job(n, done))).collect(),
            backups: backups.into_iter().map(|(n, locked)| Arc::new(backup(n, locked))).collect(),
            ..Snapshot::default()
        },
    )
}

fn through(told: &mut Told, mirror: &mut Mirror, world: &Snapshot) -> (Arc<Snapshot>, usize) {
    let frames = told.tell(world).unwrap();
    let bytes = frames.iter().map(|frame| frame.len() + 3).sum();
    let mut arrived = None;
    for frame in frames {
        let Down::World(piece) = frame::decode(&frame).unwrap() else { panic!("something else") };
        assert!(arrived.is_none(), "pieces after the last one");
        arrived = mirror.take(piece).unwrap();
    }
    (arrived.expect("a whole world"), bytes)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever worlds follow one another: each arrives as it is, but for the rounding of figures.
    #[test]
    fn worlds_arrive_as_they_are(worlds in prop::collection::vec(world(), 1..8)) {
        let (mut told, mut mirror) = (Told::default(), Mirror::default());
        for world in worlds {
            let (arrived, _) = through(&mut told, &mut mirror, &world);
            prop_assert_eq!(arrived.sequence, world.sequence);
            prop_assert_eq!(arrived.settled, world.settled);
            prop_assert_eq!(&arrived.hosts, &world.hosts);
            prop_assert_eq!(&arrived.servers, &server::rounded(&world, &Snapshot::default()).servers);
            prop_assert_eq!(&arrived.jobs, &world.jobs);
            prop_assert_eq!(&arrived.backups, &world.backups);
        }
    }

    /// Whatever comes instead: an error or a world, and no panic.
    #[test]
    fn garbage_is_told(frames in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 1..20)) {
        let mut mirror = Mirror::default();
        for bytes in frames {
            if let Ok(piece) = frame::decode::<Piece>(&bytes) {
                let _ = mirror.take(piece);
            }
        }
    }
}

#[test]
fn figures_are_rounded_by_less_than_anybody_sees() {
    let world =
        Snapshot { servers: vec![Arc::new(server(1, 1, State::Ready, Some(12_345)))], ..Snapshot::default() };
    let (arrived, _) = through(&mut Told::default(), &mut Mirror::default(), &world);
    let (sent, got) = (world.servers[0].sample.unwrap(), arrived.servers[0].sample.unwrap());
    assert!((sent.cpu_percent - got.cpu_percent).abs() <= 0.005);
    assert!(sent.at.duration_since(got.at).abs() < jiff::SignedDuration::from_millis(1));
    assert_eq!((sent.memory_bytes, sent.net_rx_bytes), (got.memory_bytes, got.net_rx_bytes));
}

#[test]
fn a_large_world_comes_in_frames_that_are_in_nobodys_way() {
    let servers = (0..2_000u16).map(|n| {
        let mut server = server(1, 1, State::Ready, Some(u64::from(n)));
        Arc::make_mut(&mut server.about).id = ServerId(uuid::Uuid::from_u128(u128::from(n)));
        Arc::new(server)
    });
    let world = Snapshot { servers: servers.collect(), ..Snapshot::default() };
    let (mut told, mut mirror) = (Told::default(), Mirror::default());
    assert!(told.tell(&world).unwrap().iter().all(|frame| frame.len() < 2 * FRAME_AIM));
    let (arrived, _) = through(&mut Told::default(), &mut mirror, &world);
    assert_eq!(arrived.servers.len(), 2_000);
    // One that changed costs no more than itself.
    let mut next = world.clone();
    Arc::make_mut(&mut next.servers[1_000]).state = State::Stopped;
    let bytes: usize = told.tell(&next).unwrap().iter().map(|frame| frame.len()).sum();
    assert!(bytes < 200, "{bytes} bytes");
}
