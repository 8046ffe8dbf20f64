//! Servers by id, as JSON. Their passwords are in a table of their own.

use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};

use super::{saving, secrets, typed};
use crate::{
    model::ServerId,
    store::{
        error::Cause,
        record::{ServerRecord, decode, encode},
    },
};

pub(in crate::store) const TABLE: TableDefinition<'_, u128, &[u8]> = TableDefinition::new("servers");
const NAME: &str = "servers";

pub(in crate::store) fn all(txn: &ReadTransaction) -> Result<Vec<ServerRecord>, Cause> {
    let mut records: Vec<ServerRecord> = Vec::new();
    for entry in txn.open_table(TABLE)?.iter()? {
        records.push(decode(NAME, entry?.1.value())?);
    }
    Ok(records)
}

pub(in crate::store) fn put(txn: &WriteTransaction, record: &ServerRecord) -> Result<(), Cause> {
    record.check()?;
    txn.open_table(TABLE)?.insert(record.id.0.as_u128(), encode(NAME, record)?.as_slice())?;
    secrets::set(txn, record.id, record.rcon_password.as_ref())
}

pub(in crate::store) fn remove(txn: &WriteTransaction, id: ServerId) -> Result<(), Cause> {
    txn.open_table(TABLE)?.remove(id.0.as_u128())?;
    secrets::set(txn, id, None)?;
    saving::remove(txn, id)?;
    typed::remove(txn, id)
}
