//! Servers whose saving this program has switched off, by server, as JSON: written before it is switched off, removed when
//! it is known to be on again.

use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};

use crate::{
    model::ServerId,
    store::{
        error::Cause,
        record::{SavingOff, decode, encode},
    },
};

pub(in crate::store) const TABLE: TableDefinition<'_, u128, &[u8]> = TableDefinition::new("saving_off");
const NAME: &str = "saving_off";

pub(in crate::store) fn all(txn: &ReadTransaction) -> Result<Vec<SavingOff>, Cause> {
    let mut records = Vec::new();
    for entry in txn.open_table(TABLE)?.iter()? {
        records.push(decode(NAME, entry?.1.value())?);
    }
    Ok(records)
}

pub(in crate::store) fn put(txn: &WriteTransaction, record: &SavingOff) -> Result<(), Cause> {
    txn.open_table(TABLE)?.insert(record.server.0.as_u128(), encode(NAME, record)?.as_slice())?;
    Ok(())
}

pub(in crate::store) fn remove(txn: &WriteTransaction, id: ServerId) -> Result<(), Cause> {
    txn.open_table(TABLE)?.remove(id.0.as_u128())?;
    Ok(())
}
