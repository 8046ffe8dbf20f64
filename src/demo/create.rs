//! What a container is to be: the body of `POST /containers/create`, checked with Docker's own words.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::refusal::Refusal;

/// Takes `null` for the default: Go clients write it for what is empty.
fn nullable<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A command, as one word or as several.
fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Words {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Option::<Words>::deserialize(deserializer)? {
        None => Vec::new(),
        Some(Words::One(word)) => vec![word],
        Some(Words::Many(words)) => words,
    })
}

/// The request.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Create {
    #[serde(deserialize_with = "nullable")]
    pub(super) image: String,
    #[serde(deserialize_with = "nullable")]
    pub(super) hostname: String,
    #[serde(deserialize_with = "nullable")]
    pub(super) user: String,
    #[serde(deserialize_with = "nullable")]
    pub(super) env: Vec<String>,
    #[serde(deserialize_with = "nullable")]
    pub(super) labels: BTreeMap<String, String>,
    #[serde(deserialize_with = "nullable")]
    pub(super) tty: bool,
    #[serde(deserialize_with = "nullable")]
    pub(super) open_stdin: bool,
    #[serde(deserialize_with = "nullable")]
    pub(super) stdin_once: bool,
    #[serde(deserialize_with = "nullable")]
    pub(super) exposed_ports: BTreeMap<String, Value>,
    #[serde(deserialize_with = "words")]
    pub(super) cmd: Vec<String>,
    #[serde(deserialize_with = "words")]
    pub(super) entrypoint: Vec<String>,
    pub(super) stop_timeout: Option<i64>,
    #[serde(deserialize_with = "nullable")]
    pub(super) stop_signal: String,
    pub(super) healthcheck: Option<Check>,
    #[serde(deserialize_with = "nullable")]
    pub(super) host_config: Host,
}

/// A health check, times in nanoseconds; 0 leaves one to the image.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Check {
    #[serde(deserialize_with = "nullable")]
    pub(super) test: Vec<String>,
    pub(super) interval: u64,
    pub(super) timeout: u64,
    pub(super) start_period: u64,
    pub(super) retries: u32,
}

/// The part that is about the host. What is not known here is kept and shown again.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Host {
    pub(super) memory: i64,
    pub(super) memory_swap: i64,
    pub(super) nano_cpus: i64,
    pub(super) cpu_quota: i64,
    pub(super) cpu_period: i64,
    pub(super) pids_limit: Option<i64>,
    #[serde(deserialize_with = "nullable")]
    pub(super) restart_policy: Restart,
    pub(super) auto_remove: bool,
    #[serde(deserialize_with = "nullable")]
    pub(super) network_mode: String,
    #[serde(deserialize_with = "nullable")]
    pub(super) port_bindings: BTreeMap<String, Option<Vec<Binding>>>,
    pub(super) publish_all_ports: bool,
    #[serde(deserialize_with = "nullable")]
    pub(super) binds: Vec<String>,
    #[serde(deserialize_with = "nullable")]
    pub(super) mounts: Vec<MountSpec>,
    #[serde(deserialize_with = "nullable")]
    pub(super) log_config: LogConfig,
    #[serde(flatten)]
    pub(super) rest: Map<String, Value>,
}

/// When Docker starts it again.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Restart {
    #[serde(deserialize_with = "nullable")]
    pub(super) name: String,
    pub(super) maximum_retry_count: u32,
}

/// Where a port is to be published.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Binding {
    #[serde(deserialize_with = "nullable")]
    pub(super) host_ip: String,
    #[serde(deserialize_with = "nullable")]
    pub(super) host_port: String,
}

/// A mount in the newer form.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct MountSpec {
    pub(super) r#type: String,
    #[serde(deserialize_with = "nullable")]
    pub(super) source: String,
    pub(super) target: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) read_only: bool,
}

/// How its log is kept.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct LogConfig {
    #[serde(deserialize_with = "nullable")]
    pub(super) r#type: String,
    #[serde(deserialize_with = "nullable")]
    pub(super) config: BTreeMap<String, String>,
}

impl LogConfig {
    /// The most bytes that may be kept; `None` without a limit.
    pub(super) fn bytes(&self) -> Option<usize> {
        let text = self.config.get("max-size")?.to_ascii_lowercase();
        let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        let unit = match text.get(digits.len()..)?.chars().next() {
            None | Some('b') => 1,
            Some('k') => 1 << 10,
            Some('m') => 1 << 20,
            Some('g') => 1 << 30,
            Some(_) => return None,
        };
        let files = self.config.get("max-file").and_then(|text| text.parse().ok()).unwrap_or(1_usize);
        digits.parse::<usize>().ok()?.checked_mul(unit)?.checked_mul(files.max(1))
    }
}

/// What Docker takes as a name.
pub(super) fn is_name(name: &str) -> bool {
    let good = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | '-');
    name.len() > 1 && name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(good)
}

/// Checks the limits on resources.
pub(super) fn check_resources(memory: i64, swap: i64, nano_cpus: i64) -> Result<(), Refusal> {
    if memory != 0 && memory < 6 << 20 {
        return Err(Refusal::bad("Minimum memory limit allowed is 6MB"));
    }
    if swap > 0 && memory > swap {
        return Err(Refusal::bad("Minimum memoryswap limit should be larger than memory limit, see usage"));
    }
    let cores = i64::from(super::CORES);
    if nano_cpus < 0 || nano_cpus > cores * 1_000_000_000 {
        return Err(Refusal::bad(format!(
            "Range of CPUs is from 0.01 to {cores}.00, as there are only {cores} CPUs available"
        )));
    }
    Ok(())
}

impl Create {
    /// Checks everything that does not depend on what else is there.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        if self.image.is_empty() {
            return Err(Refusal::bad("No image specified"));
        }
        let host = &self.host_config;
        check_resources(host.memory, host.memory_swap, host.nano_cpus)?;
        match host.restart_policy.name.as_str() {
            "" | "no" | "always" | "unless-stopped" | "on-failure" => {}
            other => return Err(Refusal::bad(format!("invalid restart policy '{other}'"))),
        }
        if host.auto_remove && !matches!(host.restart_policy.name.as_str(), "" | "no") {
            return Err(Refusal::bad("can't create 'AutoRemove' container with restart policy"));
        }
        for (key, bindings) in &host.port_bindings {
            let (port, kind) = key.split_once('/').unwrap_or((key, "tcp"));
            if port.parse::<u16>().is_err() || !matches!(kind, "tcp" | "udp" | "sctp") {
                return Err(Refusal::bad(format!("invalid port specification: \"{key}\"")));
            }
            for binding in bindings.iter().flatten() {
                let port = &binding.host_port;
                if !port.is_empty() && port.parse::<u16>().is_err() {
                    return Err(Refusal::bad(format!("invalid port specification: \"{port}\"")));
                }
            }
        }
        Ok(())
    }

    /// The environment with the image's own variables behind those that were given, as Docker merges them.
    pub(super) fn merge_env(&mut self) {
        for (name, value) in super::images::ENV {
            if !self.env.iter().any(|pair| pair.split('=').next() == Some(name)) {
                self.env.push(format!("{name}={value}"));
            }
        }
    }

    /// Whether what the image runs is run: a server.
    pub(super) fn is_server(&self) -> bool {
        self.entrypoint.first().is_none_or(|program| program != "sh")
    }

    /// The environment as pairs.
    pub(super) fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.env.iter().filter_map(|pair| pair.split_once('='))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_with_all_the_nulls_of_go() {
        let create: Create = serde_json::from_str(
            r#"{"Image":"a","Env":null,"Labels":null,"Cmd":null,"Entrypoint":"x","HostConfig":{"Binds":null,
            "RestartPolicy":{},"PortBindings":{"1/tcp":null},"LogConfig":{"Type":"","Config":null},"ShmSize":5}}"#,
        )
        .unwrap();
        assert_eq!(create.entrypoint, ["x"]);
        assert_eq!(create.host_config.rest["ShmSize"], 5);
        assert!(create.check().is_ok());
        assert!(serde_json::from_str::<Create>(r#"{"Image":5}"#).is_err());
    }

    #[test]
    fn nonsense_is_refused_in_dockers_words() {
        let refused = |json: &str| serde_json::from_str::<Create>(json).unwrap().check().unwrap_err().message;
        assert_eq!(refused("{}"), "No image specified");
        assert_eq!(
            refused(r#"{"Image":"a","HostConfig":{"Memory":1000}}"#),
            "Minimum memory limit allowed is 6MB"
        );
        assert!(
            refused(r#"{"Image":"a","HostConfig":{"NanoCpus":99000000000}}"#).starts_with("Range of CPUs")
        );
        let port = r#"{"Image":"a","HostConfig":{"PortBindings":{"1/tcp":[{"HostPort":"70000"}]}}}"#;
        assert_eq!(refused(port), "invalid port specification: \"70000\"");
    }

    #[test]
    fn a_log_is_as_large_as_its_files_together() {
        let log = |size: &str, files: &str| LogConfig {
            config: BTreeMap::from([("max-size".into(), size.into()), ("max-file".into(), files.into())]),
            ..LogConfig::default()
        };
        assert_eq!(log("10m", "3").bytes(), Some(30 << 20));
        assert_eq!(log("4096", "").bytes(), Some(4096));
        assert_eq!(log("10x", "1").bytes(), None);
        assert_eq!(LogConfig::default().bytes(), None);
    }
}
