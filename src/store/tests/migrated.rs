//! From an older schema to a newer one, by steps that are made up and come after those that there are.

use std::fs;

use redb::{ReadableTable, TableDefinition, WriteTransaction};

use super::{super::*, *};
use crate::store::{
    base::Base,
    error::Cause,
    lock::beside,
    migrate::{KNOWN, STEPS, Step},
    table::{self, meta, servers},
};

const COLOURS: TableDefinition<'_, &str, &str> = TableDefinition::new("colours");

/// Every server's message of the day becomes upper case.
fn shout(txn: &WriteTransaction) -> Result<(), Cause> {
    let mut table = txn.open_table(servers::TABLE)?;
    let old: Vec<(u128, Vec<u8>)> = table
        .iter()?
        .map(|entry| entry.map(|(key, value)| (key.value(), value.value().to_owned())))
        .collect::<Result<_, _>>()?;
    for (key, value) in old {
        let mut value: serde_json::Value = serde_json::from_slice(&value).unwrap();
        value["spec"]["motd"] = value["spec"]["motd"].as_str().unwrap().to_uppercase().into();
        table.insert(key, value.to_string().as_bytes())?;
    }
    Ok(())
}

/// A new table, filled from what the step before it made.
fn colour(txn: &WriteTransaction) -> Result<(), Cause> {
    let first = txn.open_table(servers::TABLE)?.first()?.map(|(_, value)| value.value().to_owned());
    let first: serde_json::Value = serde_json::from_slice(&first.unwrap()).unwrap();
    txn.open_table(COLOURS)?.insert("first", first["spec"]["motd"].as_str().unwrap())?;
    Ok(())
}

fn fail(txn: &WriteTransaction) -> Result<(), Cause> {
    txn.open_table(COLOURS)?.insert("half", "way")?;
    Err(Cause::Foreign("the step went wrong"))
}

/// Those that there are, then these.
fn steps(more: &[Step]) -> Vec<Step> {
    [STEPS, more].concat()
}

#[tokio::test]
async fn every_step_once_and_in_order() {
    let place = place();
    let records = filled(&place.path, 2).await;
    let old = fs::read(&place.path).unwrap();

    let mut base = Base::open_with(&place.path, &steps(&[shout, colour])).unwrap();
    assert_eq!(base.read(meta::schema).unwrap(), Some(KNOWN + 2));
    let found = base.read(|txn| Ok(txn.open_table(COLOURS)?.get("first")?.unwrap().value().to_owned()));
    assert_eq!(found.unwrap(), "§AHELLO");
    let servers = base.read(servers::all).unwrap();
    assert_eq!(servers.len(), records.len());
    assert!(servers.iter().all(|server| server.spec.motd.as_deref() == Some("§AHELLO")));
    drop(base);

    // The file as it was is beside it, for whoever goes back to the older program.
    let copy = beside(&place.path, &format!(".schema-{KNOWN}"));
    assert!(fs::read(&copy).unwrap() == old);
    // A second time there is nothing to do: a step that would fail is not met.
    drop(Base::open_with(&place.path, &steps(&[fail, fail])).unwrap());
    // The older program, which has no steps, leaves it alone.
    assert!(matches!(Store::open(&place.path).await, Err(Error::Newer { known: KNOWN, .. })));
    fs::rename(&copy, &place.path).unwrap();
    assert_eq!(Store::open(&place.path).await.unwrap().load().await.unwrap().servers.len(), 2);
}

#[tokio::test]
async fn a_step_that_fails_undoes_those_before_it() {
    let place = place();
    filled(&place.path, 2).await;
    let error = Base::open_with(&place.path, &steps(&[shout, fail])).unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error:?}");

    let store = Store::open(&place.path).await.unwrap();
    let loaded = store.load().await.unwrap();
    assert!(loaded.servers.iter().all(|server| server.spec.motd.as_deref() == Some("§aHello")));
}

#[test]
fn a_new_database_has_the_newest_schema_without_any_step() {
    let place = place();
    let mut base = Base::open_with(&place.path, &steps(&[fail, fail, fail])).unwrap();
    assert_eq!(base.read(meta::schema).unwrap(), Some(KNOWN + 3));
}

#[tokio::test]
async fn a_database_from_before_there_were_backups_gets_their_tables() {
    let place = place();
    // Made by the program that knew only the first two steps, so without any table that came later.
    let mut base = Base::open_with(&place.path, &STEPS[..2]).unwrap();
    base.write(|txn| {
        txn.delete_table(table::backups::TABLE)?;
        txn.delete_table(table::saving::TABLE)?;
        Ok(())
    })
    .unwrap();
    assert_eq!(base.read(meta::schema).unwrap(), Some(3));
    drop(base);

    let store = Store::open(&place.path).await.unwrap();
    let loaded = store.load().await.unwrap();
    assert_eq!((loaded.backups, loaded.saving_off), (vec![], vec![]));
    assert!(beside(&place.path, ".schema-3").is_file());
}
