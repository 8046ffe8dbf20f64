//! What a new container is to be.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use bollard::models::{
    ContainerCreateBody, HealthConfig, HostConfig, HostConfigLogConfig, Mount, MountType, PortBinding,
    RestartPolicy, RestartPolicyNameEnum,
};

/// A port to publish.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PortPlan {
    /// The port inside the container.
    pub container: u16,
    /// UDP instead of TCP.
    pub udp: bool,
    /// The host's address; all of them where `None`.
    pub bind: Option<IpAddr>,
    /// The host's port; 0 for any that is free.
    pub host: u16,
}

/// A container to be made. Always: an input that stays open, no terminal, no init process, no privileges gained later.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// Its name.
    pub name: String,
    /// Its image, which must be on the host already.
    pub image: String,
    /// Its environment. May hold secrets.
    pub env: BTreeMap<String, String>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// The volume mounted at `/data`; made by Docker where it is not there.
    pub volume: String,
    /// A folder of the host to be mounted at `/data` instead of a volume. Only for what works on the data of a server that
    /// has it there already.
    pub folder: Option<String>,
    /// What is run instead of what the image runs: as root, with no rights but those over files, without the image's health
    /// check. Where it is empty the image does what it does.
    pub command: Vec<String>,
    /// Its published ports.
    pub ports: Vec<PortPlan>,
    /// Its memory's limit in bytes, with no swap beyond it; 0 for none.
    pub memory_limit: u64,
    /// Its share of the cores in billionths of one; no limit where `None`.
    pub nano_cpus: Option<u64>,
    /// Most processes and threads; no limit where `None`.
    pub pids_limit: Option<u32>,
    /// Seconds between the polite signal and the kill.
    pub stop_timeout_seconds: u32,
    /// Whether Docker starts it again when it ends by itself or the daemon starts (`unless-stopped`).
    pub restart: bool,
    /// Largest file of its log, in bytes; then the next is begun.
    pub log_max_size: u64,
    /// Most files of its log.
    pub log_max_files: u32,
    /// Its network: `bridge` where it is empty.
    pub network_mode: String,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            name: String::new(),
            image: String::new(),
            env: BTreeMap::new(),
            labels: BTreeMap::new(),
            volume: String::new(),
            folder: None,
            command: Vec::new(),
            ports: Vec::new(),
            memory_limit: 0,
            nano_cpus: None,
            pids_limit: None,
            stop_timeout_seconds: 60,
            restart: true,
            log_max_size: 10 * 1024 * 1024,
            log_max_files: 3,
            network_mode: "bridge".to_owned(),
        }
    }
}

/// Limits to change; `None` leaves one as it is.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Resources {
    /// Bytes of memory.
    pub memory_limit: Option<u64>,
    /// Share of the cores in billionths of one; 0 lifts the limit.
    pub nano_cpus: Option<u64>,
    /// Most processes and threads; -1 lifts the limit.
    pub pids_limit: Option<i64>,
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

impl Plan {
    /// The request that makes it.
    pub(super) fn body(&self) -> ContainerCreateBody {
        let own = !self.command.is_empty();
        ContainerCreateBody {
            entrypoint: own.then(|| self.command.clone()),
            cmd: own.then(Vec::new),
            user: own.then(|| "0:0".to_owned()),
            healthcheck: own
                .then(|| HealthConfig { test: Some(vec!["NONE".to_owned()]), ..HealthConfig::default() }),
            image: Some(self.image.clone()),
            env: Some(self.env.iter().map(|(name, value)| format!("{name}={value}")).collect()),
            labels: Some(self.labels.clone().into_iter().collect()),
            open_stdin: Some(true),
            // Otherwise the first console that goes away would close the server's input for good.
            stdin_once: Some(false),
            tty: Some(false),
            attach_stdin: Some(false),
            attach_stdout: Some(false),
            attach_stderr: Some(false),
            exposed_ports: Some(self.ports.iter().map(PortPlan::key).collect()),
            stop_timeout: Some(i64::from(self.stop_timeout_seconds)),
            host_config: Some(self.host_config()),
            ..ContainerCreateBody::default()
        }
    }

    fn host_config(&self) -> HostConfig {
        let mut bindings: HashMap<String, Option<Vec<PortBinding>>> = HashMap::new();
        for port in &self.ports {
            let binding = PortBinding {
                host_ip: port.bind.map(|address| address.to_string()),
                host_port: Some(if port.host == 0 { String::new() } else { port.host.to_string() }),
            };
            bindings.entry(port.key()).or_default().get_or_insert_default().push(binding);
        }
        let restart =
            if self.restart { RestartPolicyNameEnum::UNLESS_STOPPED } else { RestartPolicyNameEnum::NO };
        // A mount of the type "volume" is never read as a path of the host, whatever its name.
        let (source, typ) = match &self.folder {
            Some(folder) => (folder, MountType::BIND),
            None => (&self.volume, MountType::VOLUME),
        };
        let mount = (!source.is_empty()).then(|| Mount {
            target: Some("/data".to_owned()),
            source: Some(source.clone()),
            typ: Some(typ),
            ..Mount::default()
        });
        let own = !self.command.is_empty();
        let rights = ["CHOWN", "DAC_OVERRIDE", "FOWNER"];
        let network = if self.network_mode.is_empty() { "bridge" } else { &self.network_mode };
        HostConfig {
            cap_drop: own.then(|| vec!["ALL".to_owned()]),
            cap_add: own.then(|| rights.map(str::to_owned).to_vec()),
            mounts: Some(mount.into_iter().collect()),
            port_bindings: Some(bindings),
            memory: Some(signed(self.memory_limit)),
            // As much with swap as without: a Java heap in swap is a server that hangs.
            memory_swap: (self.memory_limit > 0).then(|| signed(self.memory_limit)),
            nano_cpus: self.nano_cpus.map(signed),
            pids_limit: self.pids_limit.map(i64::from),
            restart_policy: Some(RestartPolicy { name: Some(restart), maximum_retry_count: None }),
            log_config: Some(HostConfigLogConfig {
                typ: Some("json-file".to_owned()),
                config: Some(HashMap::from([
                    ("max-size".to_owned(), self.log_max_size.to_string()),
                    ("max-file".to_owned(), self.log_max_files.max(1).to_string()),
                ])),
            }),
            network_mode: Some(network.to_owned()),
            security_opt: Some(vec!["no-new-privileges".to_owned()]),
            privileged: Some(false),
            ..HostConfig::default()
        }
    }
}

impl PortPlan {
    fn key(&self) -> String {
        format!("{}/{}", self.container, if self.udp { "udp" } else { "tcp" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_becomes_the_request_that_docker_reads() {
        let port = |container, udp, host| PortPlan { container, udp, bind: None, host };
        let plan = Plan {
            name: "survival".into(),
            image: "itzg/minecraft-server".into(),
            env: BTreeMap::from([("EULA".into(), "TRUE".into())]),
            volume: "survival-data".into(),
            ports: vec![
                port(25565, false, 25565),
                PortPlan { bind: Some("127.0.0.1".parse().unwrap()), ..port(25575, false, 0) },
                port(19132, true, 19132),
            ],
            memory_limit: 3 << 30,
            nano_cpus: Some(1_500_000_000),
            pids_limit: Some(512),
            ..Plan::default()
        };
        let json = serde_json::to_value(plan.body()).unwrap();
        assert_eq!(json["OpenStdin"], true);
        assert_eq!(json["StdinOnce"], false);
        assert_eq!(json["Env"], serde_json::json!(["EULA=TRUE"]));
        let host = &json["HostConfig"];
        assert_eq!(host["Memory"], 3_u64 << 30);
        assert_eq!(host["MemorySwap"], 3_u64 << 30);
        assert_eq!(host["PortBindings"]["25565/tcp"][0]["HostPort"], "25565");
        assert_eq!(host["PortBindings"]["25575/tcp"][0]["HostPort"], "");
        assert_eq!(host["PortBindings"]["25575/tcp"][0]["HostIp"], "127.0.0.1");
        assert_eq!(host["PortBindings"]["19132/udp"][0]["HostPort"], "19132");
        assert_eq!(host["Mounts"][0]["Type"], "volume");
        assert_eq!(host["Mounts"][0]["Target"], "/data");
        assert_eq!(host["RestartPolicy"]["Name"], "unless-stopped");
        assert_eq!(host["SecurityOpt"], serde_json::json!(["no-new-privileges"]));
        assert_eq!(host["Privileged"], false);
        assert_eq!(host["LogConfig"]["Config"]["max-file"], "3");
        assert!(host.get("Binds").is_none());
        assert!(
            json.get("Entrypoint").is_none() && json.get("User").is_none() && host.get("CapDrop").is_none()
        );
    }

    #[test]
    fn what_is_run_instead_of_the_image_has_few_rights() {
        let plan = Plan {
            command: vec!["sh".into(), "-c".into(), "sleep 1".into()],
            folder: Some("/srv/world".into()),
            network_mode: "none".into(),
            restart: false,
            ..Plan::default()
        };
        let json = serde_json::to_value(plan.body()).unwrap();
        assert_eq!(json["Entrypoint"], serde_json::json!(["sh", "-c", "sleep 1"]));
        assert_eq!(json["Cmd"], serde_json::json!([]));
        assert_eq!(json["User"], "0:0");
        assert_eq!(json["Healthcheck"]["Test"], serde_json::json!(["NONE"]));
        let host = &json["HostConfig"];
        assert_eq!(host["CapDrop"], serde_json::json!(["ALL"]));
        assert_eq!(host["CapAdd"], serde_json::json!(["CHOWN", "DAC_OVERRIDE", "FOWNER"]));
        assert_eq!(host["NetworkMode"], "none");
        assert_eq!(host["RestartPolicy"]["Name"], "no");
        assert_eq!(
            (&host["Mounts"][0]["Type"], &host["Mounts"][0]["Source"]),
            (&"bind".into(), &"/srv/world".into())
        );
    }
}
