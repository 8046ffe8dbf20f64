//! Tokens of the API by id, as JSON: what they may do and the hash of their secret.

use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};

use crate::{
    model::TokenId,
    store::{
        error::Cause,
        record::{TokenRecord, decode, encode},
    },
};

pub(in crate::store) const TABLE: TableDefinition<'_, u128, &[u8]> = TableDefinition::new("tokens");
const NAME: &str = "tokens";

pub(in crate::store) fn all(txn: &ReadTransaction) -> Result<Vec<TokenRecord>, Cause> {
    let mut records = Vec::new();
    for entry in txn.open_table(TABLE)?.iter()? {
        records.push(decode(NAME, entry?.1.value())?);
    }
    Ok(records)
}

pub(in crate::store) fn put(txn: &WriteTransaction, record: &TokenRecord) -> Result<(), Cause> {
    record.check()?;
    txn.open_table(TABLE)?.insert(record.token.id.0.as_u128(), encode(NAME, record)?.as_slice())?;
    Ok(())
}

pub(in crate::store) fn remove(txn: &WriteTransaction, id: TokenId) -> Result<(), Cause> {
    txn.open_table(TABLE)?.remove(id.0.as_u128())?;
    Ok(())
}
