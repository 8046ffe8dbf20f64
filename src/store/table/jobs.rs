//! Jobs that have not ended, by id, as JSON.

use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};

use crate::{
    model::JobId,
    store::{
        error::Cause,
        record::{JobRecord, decode, encode},
    },
};

pub(in crate::store) const TABLE: TableDefinition<'_, u128, &[u8]> = TableDefinition::new("jobs");
const NAME: &str = "jobs";

pub(in crate::store) fn all(txn: &ReadTransaction) -> Result<Vec<JobRecord>, Cause> {
    let mut records = Vec::new();
    for entry in txn.open_table(TABLE)?.iter()? {
        records.push(decode(NAME, entry?.1.value())?);
    }
    Ok(records)
}

pub(in crate::store) fn put(txn: &WriteTransaction, record: &JobRecord) -> Result<(), Cause> {
    record.check()?;
    txn.open_table(TABLE)?.insert(record.id.0.as_u128(), encode(NAME, record)?.as_slice())?;
    Ok(())
}

pub(in crate::store) fn remove(txn: &WriteTransaction, id: JobId) -> Result<(), Cause> {
    txn.open_table(TABLE)?.remove(id.0.as_u128())?;
    Ok(())
}
