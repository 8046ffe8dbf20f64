//! Backups, and whose saving is off, as they are remembered.

use super::{super::*, *};
use crate::model::{
    Backup, BackupId, BackupState, Fault,
    backup::{BackupKind, Packing, Place, Reason, Stillness},
};

fn backup(server: &ServerRecord) -> Backup {
    Backup {
        id: BackupId::new(),
        server: server.id,
        server_name: server.spec.name.clone(),
        kind: BackupKind::Full,
        place: Place::Folder,
        state: BackupState::Good,
        reason: Reason::Asked,
        origin: Origin::CommandLine,
        label: Some("before the move".into()),
        locked: true,
        packing: Packing::Zstd,
        path: "/backups/backup_alpha_20261125_120000.tar.zst".into(),
        created_at: moment(1),
        duration_ms: 1_200,
        saving_off_ms: 300,
        stillness: Stillness::Quiesced,
        size_bytes: 1 << 40,
        content_bytes: 1 << 41,
        file_count: 1_000,
        torn_files: 1,
        version: Some("1.21.4".into()),
        verified_at: Some(moment(2)),
        proof: None,
    }
}

#[tokio::test]
async fn backups_outlive_their_server_and_the_mark_of_its_saving_does_not() {
    let place = place();
    let store = Store::open(&place.path).await.unwrap();
    let record = server("alpha");
    let (first, second) = (backup(&record), backup(&record));
    let off = SavingOff {
        server: record.id,
        job: crate::model::JobId::new(),
        container: "4c01db0b339c".into(),
        run: None,
        since: moment(3),
    };
    store.put_server(record.clone()).await.unwrap();
    store.put_backup(first.clone()).await.unwrap();
    store.put_backup(second.clone()).await.unwrap();
    store.put_saving_off(off.clone()).await.unwrap();
    store.close().await;

    let store = Store::open(&place.path).await.unwrap();
    let loaded = store.load().await.unwrap();
    assert_eq!(loaded.backups, [first.clone(), second.clone()]);
    assert_eq!(loaded.saving_off, std::slice::from_ref(&off));
    assert_eq!(store.export().await.unwrap()["backups"][0]["label"], "before the move");

    let damaged = Backup {
        state: BackupState::Damaged(Box::new(Fault::invalid("x", "is damaged"))),
        locked: false,
        ..second.clone()
    };
    store.put_backup(damaged.clone()).await.unwrap();
    store.remove_backup(first.id).await.unwrap();
    store.remove_server(record.id).await.unwrap();
    let loaded = store.load().await.unwrap();
    assert_eq!(loaded.backups, std::slice::from_ref(&damaged));
    assert_eq!(loaded.saving_off, []);
    store.put_saving_off(off).await.unwrap();
    store.remove_saving_off(record.id).await.unwrap();
    assert_eq!(store.load().await.unwrap().saving_off, []);

    let long = Backup { label: Some("x".repeat(TEXT_MAX + 1)), ..damaged };
    assert!(matches!(store.put_backup(long).await, Err(Error::TooLong { field: "label", .. })));
}
