//! The whole database as one JSON value, without secrets.

use redb::ReadTransaction;
use serde_json::{Value, json};

use super::{
    error::Cause,
    migrate,
    record::ServerRecord,
    table::{audit, backups, hosts, jobs, schedules, servers, typed},
};

const SECRET_WORDS: &[&str] = &["PASSWORD", "PASSWD", "SECRET", "TOKEN", "KEY", "CREDENTIAL"];
const MASK: &str = "[not exported]";

pub(super) fn export(txn: &ReadTransaction) -> Result<Value, Cause> {
    let mut all = Vec::new();
    for server in servers::all(txn)? {
        let typed = typed::all(txn, server.id)?;
        let mut value = to_value("servers", &masked(server))?;
        value["typed"] = json!(typed);
        all.push(value);
    }
    Ok(json!({
        "schema": migrate::KNOWN,
        "servers": all,
        "jobs": to_value("jobs", &jobs::all(txn)?)?,
        "hosts": to_value("hosts", &hosts::all(txn)?)?,
        "schedules": to_value("schedules", &schedules::all(txn)?)?,
        "backups": to_value("backups", &backups::all(txn)?)?,
        "audit": to_value("audit", &audit::tail(txn, usize::MAX, None)?)?,
    }))
}

fn to_value<T: serde::Serialize>(table: &'static str, record: &T) -> Result<Value, Cause> {
    serde_json::to_value(record).map_err(|source| Cause::Record { table, source })
}

/// The image takes some secrets as variables (`CF_API_KEY`, for one), so a person may have put some there.
fn masked(mut server: ServerRecord) -> ServerRecord {
    for (name, value) in &mut server.spec.env {
        let name = name.to_ascii_uppercase();
        if SECRET_WORDS.iter().any(|word| name.contains(word)) {
            *value = MASK.to_owned();
        }
    }
    server
}
