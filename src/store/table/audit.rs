//! The audit trail: numbered lines, as JSON; the oldest go.

use redb::{ReadTransaction, ReadableTable, ReadableTableMetadata, TableDefinition, WriteTransaction};

use crate::{
    model::{AuditEntry, AuditLine},
    store::{
        error::Cause,
        record::{cut_line, decode, encode},
    },
};

pub(in crate::store) const TABLE: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("audit");
const NAME: &str = "audit";

/// So many lines are kept.
pub const AUDIT_MAX: u64 = 50_000;

pub(in crate::store) fn push(txn: &WriteTransaction, lines: Vec<AuditLine>, keep: u64) -> Result<(), Cause> {
    let mut table = txn.open_table(TABLE)?;
    let next = table.last()?.map_or(0, |(key, _)| key.value() + 1);
    for (seq, line) in (next..).zip(lines) {
        table.insert(seq, encode(NAME, &cut_line(line))?.as_slice())?;
    }
    while table.len()? > keep {
        table.pop_first()?;
    }
    Ok(())
}

/// The last `n` lines before the line of this number, oldest first.
pub(in crate::store) fn tail(
    txn: &ReadTransaction,
    n: usize,
    before: Option<u64>,
) -> Result<Vec<AuditEntry>, Cause> {
    let mut lines = Vec::new();
    for entry in txn.open_table(TABLE)?.range(..before.unwrap_or(u64::MAX))?.rev().take(n) {
        let (seq, line) = entry?;
        lines.push(AuditEntry { seq: Some(seq.value()), line: decode(NAME, line.value())? });
    }
    lines.reverse();
    Ok(lines)
}
