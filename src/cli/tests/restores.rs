//! `backup restore` and `backup test`: what is shown, asked, and ordered.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;

use super::fake::{Fake, server};
use crate::{
    cli::{exit::Exit, io::Facts},
    model::{
        Answer, Backup, BackupId, Fault, Order, Snapshot, State,
        backup::{Proof, Scope, Target},
    },
};

const TERMINAL: Facts =
    Facts { in_terminal: true, out_terminal: true, err_terminal: true, width: Some(80), colour: false };

fn obey(order: &Order, world: &mut Snapshot) -> Result<Answer, Fault> {
    if let Order::TestRestore(id) = order {
        let at = Timestamp::UNIX_EPOCH;
        let one = world.backups.iter_mut().find(|one| one.id == *id).unwrap();
        Arc::make_mut(one).proof = Some(Proof { at, fault: None });
    }
    Ok(Answer::Done)
}

fn fake() -> (Fake, Backup) {
    let server = server("survival", State::Ready);
    let path = "/backups/backup_survival_20260101_000000.tar.gz".into();
    let backup = Backup { path, ..Backup::example(server.id(), Timestamp::UNIX_EPOCH) };
    let fake = Fake::scripted(vec![server], obey);
    fake.change(|world| world.backups = vec![Arc::new(backup.clone())]);
    (fake, backup)
}

#[tokio::test]
async fn a_restore_shows_what_it_will_do_and_asks() {
    let (fake, backup) = fake();
    let id = backup.id.to_string();
    let line = ["backup", "restore", &id];
    let ran = fake.run(&line).await;
    assert_eq!(ran.exit, Exit::Usage, "nobody can be asked: {ran:?}");
    for typed in ["n\n", "\n", "", "yeah\n"] {
        let ran = fake.run_on(&line, TERMINAL, typed).await;
        assert_eq!(ran.exit, Exit::Failed, "{typed:?}: {ran:?}");
        for shown in ["1. A safety backup is made.", "ops.json, world", "Note: 2 of the files", "[y/N]"] {
            assert!(ran.err.contains(shown), "{shown}: {ran:?}");
        }
    }
    assert!(fake.asked().is_empty());
    let ran = fake.run_on(&line, TERMINAL, "Y\n").await;
    assert_eq!(ran.exit, Exit::Done, "{ran:?}");
    let target = Target::Server(backup.server);
    assert_eq!(fake.asked(), [Order::Restore { backup: backup.id, target, scope: Scope::Everything }]);
}

#[tokio::test]
async fn where_to_and_how_much_are_as_was_said() {
    let (fake, backup) = fake();
    let here = || Target::Server(backup.server);
    let new = |port| Target::New { name: "other".into(), port };
    let paths = |paths: &[&str]| Scope::Paths(paths.iter().map(|path| (*path).to_owned()).collect());
    let dimension = Scope::Dimension { world: "world".into(), dimension: "the_end".into() };
    let cases: [(&[&str], Target, Scope); 7] = [
        (&["--to", "survival"], here(), Scope::Everything),
        (&["--to", "other"], new(0), Scope::Everything),
        (&["--to", "other", "--port", "25570"], new(25570), Scope::Everything),
        (&["--only", "ops.json", "--only", "plugins/A"], here(), paths(&["ops.json", "plugins/A"])),
        (&["--world", "world"], here(), Scope::World("world".into())),
        (&["--world", "world", "--dimension", "the_end"], here(), dimension),
        (&["--player", "Alice"], here(), Scope::Player("Alice".into())),
    ];
    for (options, target, scope) in cases {
        let ran =
            fake.run(&[&["backup", "restore", &backup.id.to_string(), "--yes"], options].concat()).await;
        assert_eq!(ran.exit, Exit::Done, "{options:?}: {ran:?}");
        let wanted = Order::Restore { backup: backup.id, target, scope };
        assert_eq!(fake.asked().last(), Some(&wanted), "{options:?}");
    }
}

#[tokio::test]
async fn a_backup_is_found_by_its_id_a_part_of_it_or_its_file() {
    let (fake, backup) = fake();
    let id = backup.id.to_string();
    for text in [&id, &id[..8], &id[id.len() - 8..], "backup_survival_20260101_000000.tar.gz", &backup.path] {
        let ran = fake.run(&["backup", "test", text, "--json"]).await;
        assert_eq!(ran.json()["proven"], json!(true), "{text}: {ran:?}");
    }
    for text in ["0", "nothing", &id[..3]] {
        assert_eq!(fake.run(&["backup", "test", text]).await.exit, Exit::NotFound, "{text}");
    }
    let other = Backup { id: BackupId::new(), ..backup };
    fake.change(|world| world.backups.push(Arc::new(other)));
    let ran = fake.run(&["backup", "test", "backup_survival_20260101_000000.tar.gz"]).await;
    assert_eq!(ran.exit, Exit::Conflict, "{ran:?}");
    // Without its server, it must be said where to.
    fake.change(|world| world.servers.clear());
    let ran = fake.run(&["backup", "restore", &id, "--yes"]).await;
    assert_eq!(ran.exit, Exit::NotFound, "{ran:?}");
    assert!(ran.err.contains("--to NAME"), "{ran:?}");
}
