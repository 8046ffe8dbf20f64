//! The audit trail: numbered lines, as JSON; the oldest go.

use redb::{ReadTransaction, ReadableTable, ReadableTableMetadata, TableDefinition, WriteTransaction};

use crate::store::{
    error::Cause,
    record::{AuditLine, decode, encode},
};

pub(in crate::store) const TABLE: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("audit");
const NAME: &str = "audit";

/// So many lines are kept.
pub const AUDIT_MAX: u64 = 50_000;

pub(in crate::store) fn push(txn: &WriteTransaction, line: AuditLine, keep: u64) -> Result<(), Cause> {
    let mut table = txn.open_table(TABLE)?;
    let next = table.last()?.map_or(0, |(key, _)| key.value() + 1);
    table.insert(next, encode(NAME, &line.cut())?.as_slice())?;
    while table.len()? > keep {
        table.pop_first()?;
    }
    Ok(())
}

/// The last `n` lines, oldest first.
pub(in crate::store) fn tail(txn: &ReadTransaction, n: usize) -> Result<Vec<AuditLine>, Cause> {
    let mut lines = Vec::new();
    for entry in txn.open_table(TABLE)?.iter()?.rev().take(n) {
        lines.push(decode(NAME, entry?.1.value())?);
    }
    lines.reverse();
    Ok(lines)
}
