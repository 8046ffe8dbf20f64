//! A database that must not be opened: in use, newer, foreign, forbidden, or without a folder.

use std::{fs, process::Command};

use super::{super::*, *};
use crate::{
    model::FaultKind,
    store::{lock::beside, migrate, table::meta},
};

/// What is wrong, and that its fault has all three sentences, names the file, and has the cause as a detail.
async fn refusal(path: &Path) -> Error {
    let error = Store::open(path).await.expect_err("must be refused");
    let fault = error.fault();
    for sentence in [&fault.what, &fault.means, &fault.next] {
        assert!(sentence.ends_with('.') && sentence.len() > 20, "{fault:?}");
    }
    assert!(!fault.chain.is_empty(), "{fault:?}");
    error
}

#[tokio::test]
async fn in_use_by_another() {
    let place = place();
    let store = Store::open(&place.path).await.unwrap();
    let error = refusal(&place.path).await;
    let ours = std::process::id();
    assert!(matches!(&error, Error::Locked { pid: Some(pid), .. } if *pid == ours), "{error:?}");
    assert_eq!(error.fault().kind, FaultKind::Conflict);
    assert!(error.fault().next.contains("--data-dir"));

    // Somebody cleared our lock away: redb's own still holds.
    fs::remove_file(beside(&place.path, ".lock")).unwrap();
    let error = refusal(&place.path).await;
    assert!(matches!(&error, Error::Locked { pid: None, .. }), "{error:?}");
    store.put_server(server("alpha")).await.unwrap();
    store.close().await;
    assert_eq!(Store::open(&place.path).await.unwrap().load().await.unwrap().servers.len(), 1);
}

#[tokio::test]
async fn a_lock_is_let_go_when_the_last_store_is_dropped() {
    let place = place();
    let store = Store::open(&place.path).await.unwrap();
    let clone = store.clone();
    drop(store);
    assert!(matches!(refusal(&place.path).await, Error::Locked { .. }));
    drop(clone);
    // The thread ends by itself, so the lock is awaited as the kernel gives it.
    let path = beside(&place.path, ".lock");
    tokio::task::spawn_blocking(move || fs::File::open(path).unwrap().lock().unwrap()).await.unwrap();
    Store::open(&place.path).await.unwrap().close().await;
}

#[tokio::test]
async fn from_a_newer_program() {
    let place = place();
    filled(&place.path, 2).await;
    let database = redb::Database::open(&place.path).unwrap();
    let txn = database.begin_write().unwrap();
    meta::set_schema(&txn, migrate::KNOWN + 7).unwrap();
    txn.commit().unwrap();
    database.close().unwrap();
    let before = fs::read(&place.path).unwrap();

    let error = refusal(&place.path).await;
    let expected = migrate::KNOWN + 7;
    assert!(matches!(error, Error::Newer { found, known: migrate::KNOWN, .. } if found == expected));
    assert!(fs::read(&place.path).unwrap() == before, "a newer file was touched");
}

#[tokio::test]
async fn of_another_program() {
    let place = place();
    fs::create_dir_all(place.path.parent().unwrap()).unwrap();
    let database = redb::Database::create(&place.path).unwrap();
    let txn = database.begin_write().unwrap();
    let table = redb::TableDefinition::<u64, u64>::new("bees");
    txn.open_table(table).unwrap().insert(1, 2).unwrap();
    txn.commit().unwrap();
    database.close().unwrap();
    let before = fs::read(&place.path).unwrap();
    assert!(matches!(refusal(&place.path).await, Error::Damaged { .. }));
    assert!(fs::read(&place.path).unwrap() == before);
}

#[tokio::test]
async fn not_a_file() {
    let place = place();
    fs::create_dir_all(&place.path).unwrap();
    assert!(matches!(refusal(&place.path).await, Error::Damaged { .. }));
    fs::remove_dir(&place.path).unwrap();
    // A pipe would hold up whoever opens it.
    assert!(Command::new("mkfifo").arg(&place.path).status().unwrap().success());
    assert!(matches!(refusal(&place.path).await, Error::Damaged { .. }));
}

#[tokio::test]
async fn where_no_folder_can_be() {
    let place = place();
    let blocker = place.path.parent().unwrap();
    fs::write(blocker, "in the way").unwrap();
    let error = refusal(&blocker.join("deeper").join("mineclifford.redb")).await;
    assert!(matches!(error, Error::NoFolder { .. }), "{error:?}");
    assert_eq!(fs::read(blocker).unwrap(), b"in the way");
}
