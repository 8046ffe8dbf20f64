//! What the pictures of backups and schedules show.

use std::sync::Arc;

use mineclifford::{
    model::{
        Backup, BackupId, BackupState, Fault, FaultKind, Origin, Schedule, ScheduleId, Server, Snapshot,
        backup::{BackupKind, Contents, Packing, Place, Proof, Reason, RestorePlan, Stillness, WorldInside},
        schedule::{Condition, Missed, Outcome, Plan, Run, Targets, Task, When},
    },
    tui::app::{Effect, What},
};
use uuid::Uuid;

use super::scenes::{NOW, Scene, before};

const HOUR: i64 = 3_600;
const MIB: u64 = 1 << 20;

/// The panel of backups, with some in each state.
pub fn list(scene: &mut Scene) {
    scene.change(|world| {
        let survival = of(world, "survival");
        let modded = of(world, "modded");
        world.backups = vec![
            Backup { torn_files: 2, verified_at: None, ..backup(1, &survival, HOUR / 4, 1_214) },
            Backup { proof: proven(3), ..backup(2, &survival, 4 * HOUR, 1_209) },
            Backup {
                label: Some("before the update".into()),
                locked: true,
                reason: Reason::Asked,
                origin: Origin::Dashboard,
                proof: proven(26),
                ..backup(3, &survival, 28 * HOUR, 1_187)
            },
            Backup {
                reason: Reason::Safety,
                origin: Origin::Engine,
                ..backup(4, &survival, 29 * HOUR, 1_186)
            },
            backup(5, &modded, 30 * HOUR, 3_410),
            Backup {
                state: BackupState::Damaged(Box::new(Fault::new(
                    FaultKind::Failed,
                    "The archive is not what was written: a checksum does not fit.",
                    "",
                    "",
                ))),
                ..backup(6, &survival, 52 * HOUR, 1_150)
            },
            Backup { proof: proven(70), ..backup(7, &survival, 76 * HOUR, 1_122) },
        ]
        .into_iter()
        .map(Arc::new)
        .collect();
    });
    scene.press("7 z j j");
}

/// What a restore would do.
pub fn restore(scene: &mut Scene) {
    list(scene);
    let backup = scene.world().backups[2].id;
    let worlds = vec![WorldInside { folder: "world".into(), dimensions: vec!["overworld".into()] }];
    let contents = Contents { worlds, players: vec!["Alex".into()], ..Contents::default() };
    scene.give(What::Contents(backup, Vec::new(), Ok(contents)));
    let effects = scene.submit();
    let Some(Effect::RestorePlan(restore)) = effects.into_iter().next() else {
        panic!("the form asks for the plan")
    };
    let steps = [
        "The whole archive is read and compared with its checksums.",
        "A safety backup of survival is made.",
        "survival is stopped in peace; its world is saved.",
        "The files are unpacked beside its data, on the same disk.",
        "Old and new change places by renames; what the backup does not hold stays.",
        "It is started, and watched until it is ready.",
        "Only then is the old data removed; when anything fails, it is put back.",
    ];
    let names =
        ["config", "ops.json", "plugins", "server.properties", "whitelist.json", "world", "world_nether"];
    let plan = RestorePlan {
        steps: steps.map(str::to_owned).to_vec(),
        replaced: names.map(str::to_owned).to_vec(),
        files: 4_312,
        bytes: 2_210 * MIB,
        warnings: vec!["3 players are online, and will be thrown out.".into()],
    };
    scene.give(What::RestorePlan(restore, Ok(plan)));
    scene.text("surv");
}

/// A schedule that is changed.
pub fn schedule(scene: &mut Scene) {
    scene.change(|world| {
        let plan = Plan {
            name: "nightly".into(),
            targets: Targets::Created,
            when: When::Cron { expression: "30 4 * * MON-FRI".into(), zone: "Europe/Berlin".into() },
            task: Task::Backup,
            condition: Condition::Running,
            jitter_seconds: 600,
            at_once: 2,
            missed: Missed::RunOnce,
            paused: false,
        };
        let last = Run {
            due: before(20 * HOUR),
            began: before(20 * HOUR),
            ended: before(20 * HOUR - 40),
            outcome: Outcome::Done,
        };
        let id = ScheduleId(Uuid::from_u128(1));
        let schedule = Schedule { id, plan, next: None, running: false, last: Some(last), skips: 0 };
        world.schedules = vec![Arc::new(schedule)];
    });
    scene.press("6 e");
}

fn of(world: &Snapshot, name: &str) -> Arc<Server> {
    world.servers.iter().find(|server| server.name() == name).expect("a server").clone()
}

fn proven(hours: i64) -> Option<Proof> {
    Some(Proof { at: before(hours * HOUR), fault: None })
}

fn backup(n: u128, server: &Server, ago: i64, mib: u64) -> Backup {
    let created_at = before(ago);
    Backup {
        id: BackupId(Uuid::from_u128(n)),
        server: server.id(),
        server_name: server.name().into(),
        kind: BackupKind::Full,
        place: Place::Folder,
        state: BackupState::Good,
        reason: Reason::Scheduled,
        origin: Origin::Schedule,
        label: None,
        locked: false,
        packing: Packing::Gzip,
        path: format!(
            "/var/lib/mineclifford/backups/backup_{}_{}.tar.gz",
            server.name(),
            created_at.strftime("%Y%m%d_%H%M%S")
        ),
        created_at,
        duration_ms: 9_400,
        saving_off_ms: 6_100,
        stillness: Stillness::Quiesced,
        size_bytes: mib * MIB,
        content_bytes: mib * MIB * 9 / 5,
        file_count: 4_312,
        torn_files: 0,
        version: Some("1.21.4".into()),
        verified_at: Some(NOW.min(before(ago - 600))),
        proof: None,
    }
}
