//! What holds for the whole engine and was either done or not: a name that is here is so.

use std::collections::BTreeSet;

use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};

use crate::store::{error::Cause, record::Flag};

pub(in crate::store) const TABLE: TableDefinition<'_, &str, ()> = TableDefinition::new("flags");

/// Those that are set. A name that this program does not know is none of its business.
pub(in crate::store) fn all(txn: &ReadTransaction) -> Result<BTreeSet<Flag>, Cause> {
    let mut flags = BTreeSet::new();
    for entry in txn.open_table(TABLE)?.iter()? {
        flags.extend(Flag::named(entry?.0.value()));
    }
    Ok(flags)
}

pub(in crate::store) fn set(txn: &WriteTransaction, flag: Flag, on: bool) -> Result<(), Cause> {
    let mut table = txn.open_table(TABLE)?;
    if on {
        table.insert(flag.name(), ())?;
    } else {
        table.remove(flag.name())?;
    }
    Ok(())
}
