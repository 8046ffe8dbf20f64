//! The labels on a container from which its server can be known again when the database is lost.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::model::{JobId, ServerId, Spec};

/// The server's id.
pub const SERVER: &str = "mineclifford.server";
/// The engine that made the container: two engines on one Docker must not both think that it is theirs.
pub const ENGINE: &str = "mineclifford.engine";
/// How the spec is written, so that a later version can read an earlier one's.
pub const SCHEMA: &str = "mineclifford.schema";
/// The spec as JSON, without its variables: they may hold secrets, and are in the container's environment anyway.
pub const SPEC: &str = "mineclifford.spec";
/// The names of the spec's extra variables, separated by commas.
pub const ENV: &str = "mineclifford.env";

/// On containers and volumes that serve one job and are thrown away: the job's id. They are no servers.
pub const THROWAWAY: &str = "mineclifford.throwaway";

const SCHEMA_NOW: &str = "1";

/// What the labels of a container tell.
#[derive(Clone, PartialEq, Debug)]
pub struct Known {
    /// Which server it is.
    pub server: ServerId,
    /// Which engine made it.
    pub engine: Uuid,
    /// What the server should be; `None` when the label is damaged or from a later version.
    pub spec: Option<Spec>,
}

/// The labels for a server's container.
pub fn write(server: ServerId, engine: Uuid, spec: &Spec) -> BTreeMap<String, String> {
    let names: Vec<_> = spec.env.keys().map(String::as_str).collect();
    let bare = Spec { env: BTreeMap::new(), ..spec.clone() };
    // A spec is plain values: writing it as JSON cannot fail. An empty label reads as "unknown".
    let json = serde_json::to_string(&bare).unwrap_or_default();
    BTreeMap::from([
        (SERVER.to_owned(), server.to_string()),
        (ENGINE.to_owned(), engine.to_string()),
        (SCHEMA.to_owned(), SCHEMA_NOW.to_owned()),
        (SPEC.to_owned(), json),
        (ENV.to_owned(), names.join(",")),
    ])
}

/// The labels of a server's volume.
pub fn volume(server: ServerId, engine: Uuid) -> BTreeMap<String, String> {
    BTreeMap::from([(SERVER.to_owned(), server.to_string()), (ENGINE.to_owned(), engine.to_string())])
}

/// The labels of a container or volume that serves one job.
pub fn throwaway(job: JobId, engine: Uuid) -> BTreeMap<String, String> {
    BTreeMap::from([(THROWAWAY.to_owned(), job.to_string()), (ENGINE.to_owned(), engine.to_string())])
}

/// The job that a container or volume of this engine served.
pub fn served(labels: &BTreeMap<String, String>, engine: Uuid) -> Option<&str> {
    let ours = labels.get(ENGINE).is_some_and(|label| *label == engine.to_string());
    labels.get(THROWAWAY).filter(|_| ours).map(String::as_str)
}

/// Reads a container's labels; `env` is its environment. `None` when this program did not make it.
pub fn read(labels: &BTreeMap<String, String>, env: &BTreeMap<String, String>) -> Option<Known> {
    let server = labels.get(SERVER)?.parse().ok()?;
    let engine = Uuid::parse_str(labels.get(ENGINE)?).ok()?;
    let spec = labels
        .get(SPEC)
        .filter(|json| json.len() <= 64 * 1024 && labels.get(SCHEMA).is_some_and(|s| s == SCHEMA_NOW))
        .and_then(|json| serde_json::from_str::<Spec>(json).ok())
        .map(|mut spec| {
            let names = labels.get(ENV).map(String::as_str).unwrap_or_default();
            for name in names.split(',').filter(|name| !name.is_empty()).take(crate::model::field::ENV_MAX) {
                if let Some(value) = env.get(name) {
                    spec.env.insert(name.to_owned(), value.clone());
                }
            }
            spec
        });
    Some(Known { server, engine, spec })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_survives_and_secrets_stay_out_of_the_labels() {
        let mut spec = Spec {
            name: "survival".into(),
            motd: Some("häi \"there\"".into()),
            eula: true,
            ..Spec::default()
        };
        spec.env.insert("CF_API_KEY".into(), "s3cret".into());
        let (id, engine) = (ServerId::new(), Uuid::now_v7());
        let labels = write(id, engine, &spec);
        assert!(labels.values().all(|value| !value.contains("s3cret")));
        let env = BTreeMap::from([
            ("CF_API_KEY".to_owned(), "s3cret".to_owned()),
            ("PATH".to_owned(), "/bin".to_owned()),
        ]);
        assert_eq!(read(&labels, &env), Some(Known { server: id, engine, spec: Some(spec) }));
    }

    #[test]
    fn strange_labels_are_nobodys() {
        let mut labels = write(ServerId::new(), Uuid::now_v7(), &Spec::default());
        labels.insert(SPEC.into(), "{".into());
        assert_eq!(read(&labels, &BTreeMap::new()).unwrap().spec, None);
        labels.insert(SERVER.into(), "../..".into());
        assert_eq!(read(&labels, &BTreeMap::new()), None);
        assert_eq!(read(&BTreeMap::new(), &BTreeMap::new()), None);
    }
}
