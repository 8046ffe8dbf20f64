//! What is known of the database itself.

use redb::{ReadTransaction, TableDefinition, TableError, WriteTransaction};

use crate::store::error::Cause;

pub(in crate::store) const TABLE: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");

const SCHEMA: &str = "schema";

/// The schema version; `None` in a database without any table, which was never used.
pub(in crate::store) fn schema(txn: &ReadTransaction) -> Result<Option<u64>, Cause> {
    match txn.open_table(TABLE) {
        Ok(table) => match table.get(SCHEMA)? {
            Some(version) => Ok(Some(version.value())),
            None => Err(Cause::Foreign("it has no schema version")),
        },
        Err(TableError::TableDoesNotExist(_)) if txn.list_tables()?.next().is_none() => Ok(None),
        Err(TableError::TableDoesNotExist(_)) => Err(Cause::Foreign("it belongs to another program")),
        Err(error) => Err(error.into()),
    }
}

pub(in crate::store) fn set_schema(txn: &WriteTransaction, version: u64) -> Result<(), Cause> {
    txn.open_table(TABLE)?.insert(SCHEMA, version)?;
    Ok(())
}
