//! Hosts by name, as JSON.

use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};

use crate::{
    model::HostId,
    store::{
        error::Cause,
        record::{HostRecord, decode, encode},
    },
};

pub(in crate::store) const TABLE: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("hosts");
const NAME: &str = "hosts";

pub(in crate::store) fn all(txn: &ReadTransaction) -> Result<Vec<HostRecord>, Cause> {
    let mut records = Vec::new();
    for entry in txn.open_table(TABLE)?.iter()? {
        records.push(decode(NAME, entry?.1.value())?);
    }
    Ok(records)
}

pub(in crate::store) fn put(txn: &WriteTransaction, record: &HostRecord) -> Result<(), Cause> {
    record.check()?;
    txn.open_table(TABLE)?.insert(&*record.id.0, encode(NAME, record)?.as_slice())?;
    Ok(())
}

pub(in crate::store) fn remove(txn: &WriteTransaction, id: &HostId) -> Result<(), Cause> {
    txn.open_table(TABLE)?.remove(&*id.0)?;
    Ok(())
}
