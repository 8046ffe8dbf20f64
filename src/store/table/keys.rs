//! Keys that this engine signs with, by name. Never exported.

use redb::{ReadTransaction, TableDefinition, WriteTransaction};

use crate::store::error::Cause;

pub(in crate::store) const TABLE: TableDefinition<'_, &str, &[u8; 32]> = TableDefinition::new("keys");

pub(in crate::store) fn get(txn: &ReadTransaction, name: &str) -> Result<Option<[u8; 32]>, Cause> {
    Ok(txn.open_table(TABLE)?.get(name)?.map(|key| *key.value()))
}

pub(in crate::store) fn put(txn: &WriteTransaction, name: &str, key: [u8; 32]) -> Result<(), Cause> {
    txn.open_table(TABLE)?.insert(name, &key)?;
    Ok(())
}
