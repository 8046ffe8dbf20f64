//! Tests of the room as the engine meets it: through [`Store`], on real files.

mod backups;
mod damaged;
mod full;
mod killed;
mod migrated;
mod records;
mod refused;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use secrecy::SecretString;

use super::{JobRecord, ServerRecord, Store, Wanted};
use crate::model::{AuditLine, JobId, JobKind, Origin, Ownership, ServerId, Spec};

/// A folder that goes away with the test, and a database's place in it.
struct Place {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data").join("mineclifford.redb");
    Place { _folder: folder, path }
}

fn moment(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

fn server(name: &str) -> ServerRecord {
    ServerRecord {
        id: ServerId::new(),
        ownership: Ownership::Created,
        spec: Spec { name: name.into(), eula: true, motd: Some("§aHello".into()), ..Spec::default() },
        container_id: Some("4c01db0b339c".into()),
        container_name: name.into(),
        image: "itzg/minecraft-server:java21".into(),
        data: Some(format!("mineclifford-{name}")),
        version: Some("1.21.4".into()),
        created_at: moment(0),
        wanted: Wanted::Running,
        looping: None,
        patterns: Default::default(),
        rcon_password: Some(SecretString::from(format!("pass-{name}"))),
    }
}

fn job(server: &ServerRecord) -> JobRecord {
    JobRecord {
        id: JobId::new(),
        kind: JobKind::Create,
        server: server.id,
        server_name: server.spec.name.clone(),
        origin: Origin::CommandLine,
        started_at: moment(1),
        stage: "pull".into(),
        notes: [("volume".to_owned(), "mineclifford-a".to_owned())].into(),
    }
}

fn audit_line(number: usize) -> AuditLine {
    AuditLine {
        at: moment(number as i64),
        origin: Origin::Dashboard,
        action: format!("start {number}"),
        server: None,
        server_name: "survival".into(),
        outcome: "done".into(),
    }
}

/// A database with something in it, closed.
async fn filled(path: &Path, servers: usize) -> Vec<ServerRecord> {
    let store = Store::open(path).await.unwrap();
    let mut records = Vec::new();
    for number in 0..servers {
        let record = server(&format!("server-{number}"));
        store.put_server(record.clone()).await.unwrap();
        store.type_line(record.id, format!("say {number}")).await.unwrap();
        records.push(record);
    }
    store.close().await;
    records
}
