//! The panel, what lies over it, and what is asked in it.

mod files;

use std::sync::Arc;

use uuid::Uuid;

use crate::{
    model::{
        Answer, Backup, BackupId, BackupState, BackupWish, Fault, FaultKind, Job, JobId, JobKind, JobState,
        Order, Origin, Progress, Server, ServerId, Snapshot,
        backup::{
            Contents, Kept, Packing, Proof, Reason, RestorePlan, Scope, Stillness, Target, WorldInside,
        },
        job::Unit,
    },
    tui::{
        app::{
            Asked, Effect, Panel, Restore, What,
            gallery::picture,
            testkit::{Rig, job, later, world},
        },
        theme,
        widgets::sgr::ColourDepth,
    },
};

const SIZES: [(u16, u16); 4] = [(40, 12), (80, 24), (120, 40), (200, 60)];

fn id(n: u128) -> BackupId {
    BackupId(Uuid::from_u128(n))
}

fn backup(n: u128, server: &Server, ago: i64) -> Backup {
    Backup {
        id: id(n),
        server_name: server.name().into(),
        reason: Reason::Scheduled,
        origin: Origin::Schedule,
        path: format!("/srv/backups/backup_{}_20270115_0{n}0000.tar.gz", server.name()),
        duration_ms: 4_210,
        saving_off_ms: 1_300,
        stillness: Stillness::Quiesced,
        size_bytes: 812 << 20,
        content_bytes: 1_536 << 20,
        file_count: 1_234,
        version: Some("1.21.4".into()),
        verified_at: Some(later(-ago + 5)),
        ..Backup::example(server.id(), later(-ago))
    }
}

fn broken() -> Fault {
    Fault::new(FaultKind::Failed, "The server ended before it was ready.", "", "")
}

/// Backups in every state; those of `alpha`, and one of another server.
fn with_backups(snapshot: &mut Snapshot) {
    let (alpha, lobby) = (snapshot.servers[0].clone(), snapshot.servers[4].clone());
    let newest = Backup { torn_files: 3, verified_at: None, ..backup(1, &alpha, 700) };
    let asked = Backup {
        label: Some("before the update".into()),
        locked: true,
        reason: Reason::Asked,
        origin: Origin::Dashboard,
        proof: Some(Proof { at: later(-10_800), fault: None }),
        ..backup(2, &alpha, 20_000)
    };
    let other = backup(3, &lobby, 50_000);
    let failed = Backup {
        reason: Reason::Safety,
        origin: Origin::Engine,
        stillness: Stillness::NotQuiesced,
        proof: Some(Proof { at: later(-60_000), fault: Some(Box::new(broken())) }),
        ..backup(4, &alpha, 90_000)
    };
    let damage = Fault::new(FaultKind::Failed, "Its checksum is not the one that was noted.", "", "");
    let damaged = Backup { state: BackupState::Damaged(Box::new(damage)), ..backup(5, &alpha, 200_000) };
    let missing =
        Backup { state: BackupState::Missing, packing: Packing::Zstd, ..backup(6, &alpha, 900_000) };
    snapshot.backups = [newest, asked, other, failed, damaged, missing].map(Arc::new).to_vec();
}

fn rig(width: u16, height: u16) -> Rig {
    let mut rig = Rig::new(width, height, world());
    rig.change(with_backups);
    rig.keys("7");
    rig
}

fn working(snapshot: &mut Snapshot) {
    let alpha = snapshot.servers[0].clone();
    let mut making: Job = job(JobKind::Backup, &alpha, JobState::Running);
    making.progress = Progress {
        done: 130 << 20,
        total: Some(420 << 20),
        unit: Unit::Bytes,
        rate: Some(45 << 20),
        ..Progress::step("copying")
    };
    snapshot.jobs.push(Arc::new(making));
}

#[test]
fn the_list_and_what_is_said_of_the_chosen_one() {
    picture("backups", rig);
    picture("backups_all", |width, height| {
        let mut rig = rig(width, height);
        rig.keys("a down").change(working);
        rig
    });
    for (name, keys) in
        [("backup_form", "n"), ("backup_shown", "enter"), ("backup_delete", "down down down d")]
    {
        picture(name, |width, height| {
            let mut rig = rig(width, height);
            rig.keys(keys);
            rig
        });
    }
    picture("backups_none", |width, height| {
        let mut rig = Rig::new(width, height, world());
        rig.keys("7");
        rig
    });
}

#[test]
fn it_can_be_read_without_colour_and_without_a_font() {
    for (width, height) in SIZES {
        let mut rig = rig(width, height);
        (rig.theme, _) = theme::load(Some("mono"), None, ColourDepth::Mono, true);
        for keys in ["a", "enter", "esc d", "esc b", "esc down down r"] {
            let screen = rig.keys(keys).screen();
            assert!(screen.is_ascii(), "{keys}: {screen}");
        }
    }
    // Each state has a word of its own where only words are left.
    let mut rig = rig(120, 40);
    (rig.theme, _) = theme::load(Some("mono"), None, ColourDepth::Mono, true);
    let screen = rig.screen();
    for word in ["good", "damaged", "missing", "locked", "torn 3", "failed", "never"] {
        assert!(screen.contains(word), "{word}: {screen}");
    }
}

#[test]
fn the_chosen_one_is_looked_after() {
    let mut rig = rig(120, 40);
    rig.keys("down");
    assert_eq!(rig.keys("v").orders(), [Order::Verify(id(2))]);
    assert_eq!(rig.keys("l").orders(), [Order::Lock(id(2), false)]);
    assert_eq!(rig.keys("t n").orders(), []);
    assert_eq!(rig.keys("t y").orders(), [Order::TestRestore(id(2))]);
    // One that is locked is not removed.
    rig.keys("d");
    assert!(rig.screen().contains("Unlock it first"), "{}", rig.screen());
    rig.keys("esc down d enter");
    assert_eq!(rig.orders(), []);
    rig.text("alph").keys("enter");
    assert_eq!(rig.orders(), [], "the whole name is wanted");
    rig.text("a").keys("enter");
    assert_eq!(rig.orders(), [Order::DeleteBackup(id(4))]);
    // What is damaged is neither restored nor tried.
    rig.keys("down r");
    assert!(rig.screen().contains("This backup is damaged"), "{}", rig.screen());
    assert!(!rig.effects.iter().any(|effect| matches!(effect, Effect::Contents { .. })));
    rig.keys("enter");
    assert!(rig.screen().contains("checksum is not the one that was noted."), "{}", rig.screen());
}

#[test]
fn one_is_made_from_the_list_of_servers_too() {
    let mut rig = rig(80, 24);
    rig.keys("1 b").text("before the update").keys("enter");
    let alpha = rig.app.selected_id().unwrap();
    let wish = BackupWish { label: Some("before the update".into()), ..BackupWish::default() };
    assert_eq!(rig.orders(), [Order::Backup(alpha, wish)]);
    let job = JobId(Uuid::from_u128(1));
    rig.give(What::Answered(Asked::Backup, Ok(Answer::Started { job, server: alpha })));
    assert_eq!((rig.app.focus, rig.app.overlays.len()), (Panel::Backups, 0));
    rig.keys("n").text(&"x".repeat(201)).keys("enter");
    assert!(rig.screen().contains("must have at most 200 characters"), "{}", rig.screen());
}

#[test]
fn filtered_by_anything_that_is_said_of_them() {
    let mut rig = rig(120, 40);
    rig.keys("a");
    let rows = |rig: &Rig| rig.app.backups.rows(&rig.snapshot, rig.app.selected_id()).count();
    assert_eq!(rows(&rig), 6);
    for (text, count) in
        [("update", 1), ("lobby", 1), ("locked", 1), ("damaged", 1), ("safety", 1), ("missing", 1)]
    {
        rig.keys("/ ctrl-u").text(text).keys("enter");
        assert_eq!(rows(&rig), count, "{text}");
        rig.keys("esc");
    }
    assert_eq!(rows(&rig), 6);
}

#[test]
fn the_mouse_chooses_a_row() {
    use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    let mut rig = rig(80, 24);
    let area = rig.app.areas(&rig.snapshot).inside(Panel::Backups);
    let kind = MouseEventKind::Down(MouseButton::Left);
    // The heading, then the rows.
    let at = MouseEvent { kind, column: area.x + 5, row: area.y + 3, modifiers: KeyModifiers::NONE };
    rig.give(What::Mouse(at));
    assert_eq!(rig.app.backups.choice.id(), Some(id(4)));
    let heading = MouseEvent { row: area.y, ..at };
    rig.give(What::Mouse(heading));
    assert_eq!(rig.app.backups.choice.id(), Some(id(4)));
}

fn inside() -> Contents {
    let dimensions = ["overworld", "the_nether", "the_end"].map(str::to_owned).to_vec();
    Contents {
        worlds: vec![WorldInside { folder: "world".into(), dimensions }],
        players: vec!["Alex".into(), "Steve".into()],
        ..Contents::default()
    }
}

fn plan() -> RestorePlan {
    RestorePlan {
        steps: [
            "The whole archive is read.",
            "A safety backup of alpha is made.",
            "Old and new change places.",
        ]
        .map(str::to_owned)
        .to_vec(),
        replaced: vec!["world".into(), "server.properties".into()],
        files: 1_234,
        bytes: 1_536 << 20,
        warnings: vec!["3 players are online, and will be thrown out.".into()],
    }
}

/// With the restore's form open.
fn wizard(width: u16, height: u16) -> Rig {
    let mut rig = rig(width, height);
    rig.keys("down r");
    assert_eq!(rig.effects.pop(), Some(Effect::Contents { backup: id(2), paths: Vec::new() }));
    rig.give(What::Contents(id(2), Vec::new(), Ok(inside())));
    rig
}

fn asked(rig: &mut Rig) -> Restore {
    rig.keys("ctrl-s");
    match rig.effects.pop() {
        Some(Effect::RestorePlan(restore)) => *restore,
        other => panic!("{other:?}: {}", rig.screen()),
    }
}

#[test]
fn a_restore_is_shown_before_it_is_done() {
    picture("restore", wizard);
    picture("restore_plan", |width, height| {
        let mut rig = wizard(width, height);
        let restore = asked(&mut rig);
        rig.give(What::RestorePlan(Box::new(restore), Ok(plan())));
        rig
    });
    let mut rig = wizard(80, 24);
    let alpha = rig.app.selected_id().unwrap();
    let restore = asked(&mut rig);
    assert_eq!(restore, Restore { backup: id(2), scope: Scope::Everything, target: Target::Server(alpha) });
    rig.give(What::RestorePlan(Box::new(restore.clone()), Ok(plan())));
    // Back to the form, and again.
    rig.keys("esc");
    assert_eq!(asked(&mut rig), restore);
    rig.give(What::RestorePlan(Box::new(restore), Ok(plan())));
    rig.keys("enter");
    assert_eq!(rig.orders(), [], "the name was not typed");
    rig.text("alpha").keys("enter");
    let order = Order::Restore { backup: id(2), target: Target::Server(alpha), scope: Scope::Everything };
    assert_eq!(rig.orders(), [order]);
    // The form is still there to show what the engine says.
    rig.give(What::Answered(Asked::Restore, Err(broken())));
    assert!(rig.screen().contains("The server ended before it was ready."), "{}", rig.screen());
    let job = JobId(Uuid::from_u128(1));
    rig.give(What::Answered(Asked::Restore, Ok(Answer::Started { job, server: alpha })));
    assert_eq!(
        (rig.app.overlays.len(), rig.app.focus, rig.app.jobs.choice.id()),
        (0, Panel::Jobs, Some(job))
    );
}

#[test]
fn a_part_is_restored_into_a_new_server() {
    let mut rig = wizard(80, 24);
    let scope = |rig: &mut Rig| asked(rig).scope;
    rig.text("one world");
    assert_eq!(scope(&mut rig), Scope::World("world".into()));
    rig.keys("left right right tab right");
    let nether = Scope::Dimension { world: "world".into(), dimension: "the_nether".into() };
    assert_eq!(scope(&mut rig), nether);
    rig.keys("back-tab right tab").text("st");
    assert_eq!(scope(&mut rig), Scope::Player("Steve".into()));
    rig.keys("back-tab right ctrl-s");
    assert!(rig.screen().contains("name at least one"), "{}", rig.screen());
    rig.text("world/level.dat").keys("enter").text("ops.json");
    assert_eq!(scope(&mut rig), Scope::Paths(vec!["world/level.dat".into(), "ops.json".into()]));
    rig.keys("tab").text("a new");
    let restore = asked(&mut rig);
    assert_eq!(restore.target, Target::New { name: "alpha-restored".into(), port: 0 });
    rig.give(What::RestorePlan(Box::new(restore.clone()), Err(Fault::invalid("name", "is no name"))));
    assert!(rig.screen().contains("is no name"), "{}", rig.screen());
    rig.give(What::RestorePlan(Box::new(restore.clone()), Ok(plan())));
    // Nothing is replaced, so no name is wanted; but the answer that does nothing is the one that is chosen.
    rig.keys("enter");
    assert_eq!((rig.orders(), rig.app.overlays.len()), (Vec::new(), 1));
    rig.give(What::RestorePlan(Box::new(restore.clone()), Ok(plan())));
    rig.keys("y");
    let Restore { backup, scope, target } = restore;
    assert_eq!(rig.orders(), [Order::Restore { backup, target, scope }]);
}

#[test]
fn a_prune_is_shown_before_it_is_done() {
    let some = [(1, true, "the newest good one"), (2, true, "locked"), (4, false, "kept by no rule")];
    let prune = |rig: &mut Rig, fates: &[(u128, bool, &str)]| {
        let alpha = rig.app.selected_id().unwrap();
        rig.keys("P");
        assert_eq!(rig.effects.pop(), Some(Effect::PrunePlan(alpha)));
        let fate =
            |(n, kept, why): &(u128, bool, &str)| Kept { backup: id(*n), kept: *kept, why: (*why).into() };
        let fates = fates.iter().map(fate).collect();
        rig.give(What::PrunePlan(alpha, Ok(fates)));
    };
    picture("prune", |width, height| {
        let mut rig = rig(width, height);
        prune(&mut rig, &some);
        rig
    });
    let mut rig = rig(80, 24);
    let alpha = rig.app.selected_id().unwrap();
    prune(&mut rig, &some[..2]);
    assert!(rig.screen().contains("No backup would be removed"), "{}", rig.screen());
    rig.keys("esc");
    prune(&mut rig, &some);
    assert_eq!(rig.text("alpha").keys("enter").orders(), [Order::Prune(alpha)]);
}

#[test]
fn hostile_names_are_drawn_harmless() {
    let evil = "x\u{1b}]52;c;aGk=\u{7}\u{202e}\u{1b}[2J\n\0y";
    let mut rig = rig(120, 40);
    rig.change(|snapshot| {
        for backup in &mut snapshot.backups {
            let backup = Arc::make_mut(backup);
            (backup.server_name, backup.path, backup.label) = (evil.into(), evil.into(), Some(evil.into()));
            backup.version = Some(evil.into());
        }
    });
    let harmless = |rig: &Rig| {
        let screen = rig.screen();
        assert!(!screen.contains(['\u{1b}', '\u{7}', '\u{202e}', '\0', '\u{9b}']), "{screen}");
    };
    for keys in ["a", "enter", "esc t", "esc down d", "esc up f", "esc"] {
        rig.keys(keys);
        harmless(&rig);
    }
    let contents = Contents {
        worlds: vec![WorldInside { folder: evil.into(), dimensions: vec![evil.into()] }],
        players: vec![evil.into()],
        ..Contents::default()
    };
    rig.give(What::Contents(id(1), vec![evil.into()], Ok(contents)));
    harmless(&rig);
    rig.keys("ctrl-s");
    let Some(Effect::RestorePlan(restore)) = rig.effects.pop() else { panic!("{}", rig.screen()) };
    let (steps, replaced, warnings) = (vec![evil.into()], vec![evil.into()], vec![evil.into()]);
    let plan = RestorePlan { steps, replaced, warnings, ..RestorePlan::default() };
    rig.give(What::RestorePlan(restore, Ok(plan)));
    harmless(&rig);
}

#[test]
fn no_size_makes_it_panic() {
    let server: ServerId = world().servers[0].id();
    for (width, height) in [(0, 0), (1, 1), (40, 10), (41, 11), (60, 15), (99, 16), (250, 80), (300, 2)] {
        let mut rig = rig(width, height);
        rig.change(working);
        for keys in ["a", "/", "esc", "enter", "esc", "t", "esc", "down", "d", "esc", "b", "esc", "f", "esc"]
        {
            rig.keys(keys);
            rig.screen();
        }
        rig.give(What::Contents(id(1), Vec::new(), Ok(inside())));
        rig.screen();
        rig.keys("ctrl-s");
        let restore = Restore { backup: id(1), scope: Scope::Everything, target: Target::Server(server) };
        rig.give(What::RestorePlan(Box::new(restore), Ok(plan())));
        rig.keys("down page-down up");
        rig.screen();
    }
}
