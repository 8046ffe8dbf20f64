//! RCON passwords by server: apart from the records, so that whoever reads or exports those never meets one.

use redb::{ReadTransaction, TableDefinition, WriteTransaction};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    model::ServerId,
    store::{
        error::Cause,
        record::{NAME_MAX, within},
    },
};

pub(in crate::store) const TABLE: TableDefinition<'_, u128, &str> = TableDefinition::new("secrets");

pub(in crate::store) fn get(txn: &ReadTransaction, id: ServerId) -> Result<Option<SecretString>, Cause> {
    Ok(txn.open_table(TABLE)?.get(id.0.as_u128())?.map(|secret| SecretString::from(secret.value())))
}

pub(super) fn set(txn: &WriteTransaction, id: ServerId, secret: Option<&SecretString>) -> Result<(), Cause> {
    let mut table = txn.open_table(TABLE)?;
    match secret.map(|secret| secret.expose_secret()) {
        Some(secret) => {
            within("rcon_password", secret, NAME_MAX)?;
            table.insert(id.0.as_u128(), secret)?;
        }
        None => {
            table.remove(id.0.as_u128())?;
        }
    }
    Ok(())
}
