//! The commands that were typed into each server's console, numbered, the last few hundred of each.

use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};

use crate::{
    model::ServerId,
    store::{
        error::Cause,
        record::{LINE_MAX, within},
    },
};

pub(in crate::store) const TABLE: TableDefinition<'_, (u128, u64), &str> = TableDefinition::new("typed");

/// So many lines are kept of each server.
pub const TYPED_MAX: usize = 500;

fn of(id: ServerId) -> std::ops::RangeInclusive<(u128, u64)> {
    let id = id.0.as_u128();
    (id, 0)..=(id, u64::MAX)
}

pub(in crate::store) fn all(txn: &ReadTransaction, id: ServerId) -> Result<Vec<String>, Cause> {
    let mut lines = Vec::new();
    for entry in txn.open_table(TABLE)?.range(of(id))? {
        lines.push(entry?.1.value().to_owned());
    }
    Ok(lines)
}

/// Adds a line, unless it is the same as the last one.
pub(in crate::store) fn push(txn: &WriteTransaction, id: ServerId, line: &str) -> Result<(), Cause> {
    within("line", line, LINE_MAX)?;
    let mut table = txn.open_table(TABLE)?;
    let next = match table.range(of(id))?.next_back().transpose()? {
        Some((_, last)) if last.value() == line => return Ok(()),
        Some((key, _)) => key.value().1 + 1,
        None => 0,
    };
    let key = id.0.as_u128();
    table.insert((key, next), line)?;
    // Numbers of one server have no gaps, so what is too old follows from the newest.
    let oldest = (next + 1).saturating_sub(TYPED_MAX as u64);
    table.retain_in((key, 0)..(key, oldest), |_, _| false)?;
    Ok(())
}

pub(in crate::store) fn remove(txn: &WriteTransaction, id: ServerId) -> Result<(), Cause> {
    txn.open_table(TABLE)?.retain_in(of(id), |_, _| false)?;
    Ok(())
}
