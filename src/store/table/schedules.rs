//! Schedules by id, as JSON: what a person decided, and how far each is.

use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};

use crate::{
    model::ScheduleId,
    store::{
        error::Cause,
        record::{ScheduleRecord, decode, encode},
    },
};

pub(in crate::store) const TABLE: TableDefinition<'_, u128, &[u8]> = TableDefinition::new("schedules");
const NAME: &str = "schedules";

pub(in crate::store) fn all(txn: &ReadTransaction) -> Result<Vec<ScheduleRecord>, Cause> {
    let mut records = Vec::new();
    for entry in txn.open_table(TABLE)?.iter()? {
        records.push(decode(NAME, entry?.1.value())?);
    }
    Ok(records)
}

pub(in crate::store) fn put(txn: &WriteTransaction, record: &ScheduleRecord) -> Result<(), Cause> {
    record.check()?;
    txn.open_table(TABLE)?.insert(record.id.0.as_u128(), encode(NAME, record)?.as_slice())?;
    Ok(())
}

pub(in crate::store) fn remove(txn: &WriteTransaction, id: ScheduleId) -> Result<(), Cause> {
    txn.open_table(TABLE)?.remove(id.0.as_u128())?;
    Ok(())
}
