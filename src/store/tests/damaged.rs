//! Files that are no database, or not a whole one: never written to, told clearly, and easy to get past.

use std::fs;

use super::{super::*, *};

async fn damaged(path: &Path) {
    let before = fs::read(path).unwrap();
    let error = Store::open(path).await.expect_err("must be refused");
    assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
    assert!(fs::read(path).unwrap() == before, "a damaged file was touched");
    let fault = error.fault();
    assert!(fault.what.contains(path.to_str().unwrap()), "{fault:?}");
    assert!(fault.means.contains("Docker") && fault.next.contains("Move the file away"), "{fault:?}");
}

#[tokio::test]
async fn no_database_at_all() {
    let place = place();
    fs::create_dir_all(place.path.parent().unwrap()).unwrap();
    for content in
        [&b"x"[..], b"SQLite format 3\0 and so on", &[0; 8192], &[0xff; 70_000], b"redb\x1a\x0a\xa9\x0d\x0a"]
    {
        fs::write(&place.path, content).unwrap();
        damaged(&place.path).await;
    }
    // What the person is told to do helps.
    fs::rename(&place.path, place.path.with_extension("old")).unwrap();
    let store = Store::open(&place.path).await.unwrap();
    assert!(store.load().await.unwrap().servers.is_empty());
}

#[tokio::test]
async fn an_empty_file_is_a_new_database() {
    let place = place();
    fs::create_dir_all(place.path.parent().unwrap()).unwrap();
    fs::write(&place.path, b"").unwrap();
    filled(&place.path, 1).await;
}

#[tokio::test]
async fn cut_off_at_any_length() {
    let place = place();
    filled(&place.path, 5).await;
    let whole = fs::read(&place.path).unwrap();
    for length in [1, 100, 511, 4095, 4096, 4097, 12_288, whole.len() / 2, whole.len() - 1] {
        fs::write(&place.path, &whole[..length]).unwrap();
        damaged(&place.path).await;
    }
}

/// A change of one byte is either found, or did not touch anything that counts.
#[tokio::test]
async fn one_byte_changed_anywhere() {
    let place = place();
    let records = filled(&place.path, 20).await;
    let whole = fs::read(&place.path).unwrap();
    let used: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] != 0).collect();
    let (mut found, mut harmless) = (0, 0);
    for at in used.iter().step_by((used.len() / 150).max(1)) {
        let mut bytes = whole.clone();
        bytes[*at] ^= 0x55;
        fs::write(&place.path, &bytes).unwrap();
        match Store::open(&place.path).await {
            Ok(store) => {
                let loaded = store.load().await.unwrap();
                store.close().await;
                // The newest of two roots may have been hit; the one before it lacks at most the last change.
                assert_eq!(loaded.servers.len(), records.len(), "byte {at}");
                for (loaded, record) in loaded.servers.iter().zip(&records) {
                    assert_eq!(
                        serde_json::to_value(loaded).unwrap(),
                        serde_json::to_value(record).unwrap(),
                        "byte {at}"
                    );
                }
                harmless += 1;
            }
            Err(error) => {
                assert!(matches!(error, Error::Damaged { .. }), "byte {at}: {error:?}");
                assert!(fs::read(&place.path).unwrap() == bytes, "byte {at}: a damaged file was touched");
                found += 1;
            }
        }
    }
    assert!(found > 10, "found {found}, harmless {harmless}");
    fs::write(&place.path, &whole).unwrap();
    assert_eq!(Store::open(&place.path).await.unwrap().load().await.unwrap().servers.len(), 20);
}
