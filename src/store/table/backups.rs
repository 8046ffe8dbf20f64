//! Backups by id, as JSON: what is known of each beside its archive and manifest, which are files.

use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};

use crate::{
    model::{Backup, BackupId},
    store::{
        error::Cause,
        record::{NAME_MAX, TEXT_MAX, decode, encode, within},
    },
};

pub(in crate::store) const TABLE: TableDefinition<'_, u128, &[u8]> = TableDefinition::new("backups");
const NAME: &str = "backups";

pub(in crate::store) fn all(txn: &ReadTransaction) -> Result<Vec<Backup>, Cause> {
    let mut records = Vec::new();
    for entry in txn.open_table(TABLE)?.iter()? {
        records.push(decode(NAME, entry?.1.value())?);
    }
    Ok(records)
}

pub(in crate::store) fn put(txn: &WriteTransaction, record: &Backup) -> Result<(), Cause> {
    within("server_name", &record.server_name, NAME_MAX)?;
    within("label", record.label.as_deref().unwrap_or_default(), TEXT_MAX)?;
    within("path", &record.path, TEXT_MAX)?;
    within("version", record.version.as_deref().unwrap_or_default(), NAME_MAX)?;
    txn.open_table(TABLE)?.insert(record.id.0.as_u128(), encode(NAME, record)?.as_slice())?;
    Ok(())
}

pub(in crate::store) fn remove(txn: &WriteTransaction, id: BackupId) -> Result<(), Cause> {
    txn.open_table(TABLE)?.remove(id.0.as_u128())?;
    Ok(())
}
