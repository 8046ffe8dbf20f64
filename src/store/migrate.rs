//! From an older schema to the newest, one step after the other, in one transaction.

use redb::WriteTransaction;

use super::{
    error::Cause,
    table::{self, meta},
};

/// One step: the first in a list leads from schema 1 to schema 2, and so on.
pub(super) type Step = fn(&WriteTransaction) -> Result<(), Cause>;

/// The steps that there are. A new schema adds one at the end and never changes those before it.
pub(super) const STEPS: &[Step] = &[tables, tables, tables];

/// New tables only: [`table::make_all`] makes them after the steps.
fn tables(_: &WriteTransaction) -> Result<(), Cause> {
    Ok(())
}

/// The schema that this program writes, and the newest that it reads.
pub(super) const KNOWN: u64 = newest(STEPS);

/// The schema that a list of steps ends at.
pub(super) const fn newest(steps: &[Step]) -> u64 {
    1 + steps.len() as u64
}

/// What is to be done with a database of this schema; `None` is a database that was never used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Plan {
    /// Make the tables.
    Make,
    /// Nothing.
    Keep,
    /// Take the steps from this schema on.
    Migrate(u64),
}

pub(super) fn plan(found: Option<u64>, steps: &[Step]) -> Result<Plan, Cause> {
    let known = newest(steps);
    match found {
        None => Ok(Plan::Make),
        Some(0) => Err(Cause::Foreign("its schema version is 0")),
        Some(found) if found > known => Err(Cause::Newer { found, known }),
        Some(found) if found == known => Ok(Plan::Keep),
        Some(found) => Ok(Plan::Migrate(found)),
    }
}

/// Does what [`plan`] says.
pub(super) fn carry_out(txn: &WriteTransaction, plan: Plan, steps: &[Step]) -> Result<(), Cause> {
    match plan {
        Plan::Keep => return Ok(()),
        Plan::Make => {}
        Plan::Migrate(found) => {
            let done = usize::try_from(found - 1).unwrap_or(usize::MAX);
            for step in steps.iter().skip(done) {
                step(txn)?;
            }
        }
    }
    table::make_all(txn)?;
    meta::set_schema(txn, newest(steps))
}
