//! The tables, one file each.

pub(super) mod audit;
pub(super) mod backups;
pub(super) mod flags;
pub(super) mod hosts;
pub(super) mod jobs;
pub(super) mod keys;
pub(super) mod meta;
pub(super) mod saving;
pub(super) mod schedules;
pub(super) mod secrets;
pub(super) mod servers;
pub(super) mod tokens;
pub(super) mod typed;

use redb::WriteTransaction;

use super::error::Cause;

/// Makes those tables that are not there yet, so that reading never meets a missing one.
pub(super) fn make_all(txn: &WriteTransaction) -> Result<(), Cause> {
    txn.open_table(meta::TABLE)?;
    txn.open_table(servers::TABLE)?;
    txn.open_table(secrets::TABLE)?;
    txn.open_table(jobs::TABLE)?;
    txn.open_table(hosts::TABLE)?;
    txn.open_table(typed::TABLE)?;
    txn.open_table(audit::TABLE)?;
    txn.open_table(tokens::TABLE)?;
    txn.open_table(keys::TABLE)?;
    txn.open_table(schedules::TABLE)?;
    txn.open_table(flags::TABLE)?;
    txn.open_table(backups::TABLE)?;
    txn.open_table(saving::TABLE)?;
    Ok(())
}
