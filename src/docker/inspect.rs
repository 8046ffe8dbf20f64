//! One container as the engine describes it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

use super::limits;
use super::types::{Detail, Health, Mount, MountKind, Phase, PortMap};

/// Takes `null` for the type's default: Go writes `null` for an empty list or map, and engines differ in what they
/// leave out.
pub(super) fn nullable<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// The answer's part that is needed. Our own type, not the library's: its words for states are fixed, and Podman has
/// others.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Inspected {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    image: String,
    #[serde(default)]
    created: String,
    #[serde(default)]
    restart_count: i64,
    #[serde(default, deserialize_with = "nullable")]
    state: StateReply,
    #[serde(default, deserialize_with = "nullable")]
    config: ConfigReply,
    #[serde(default, deserialize_with = "nullable")]
    host_config: HostReply,
    #[serde(default, deserialize_with = "nullable")]
    network_settings: NetworkReply,
    #[serde(default, deserialize_with = "nullable")]
    mounts: Vec<MountReply>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct StateReply {
    status: String,
    exit_code: i64,
    #[serde(rename = "OOMKilled")]
    oom_killed: bool,
    #[serde(deserialize_with = "nullable")]
    error: String,
    #[serde(deserialize_with = "nullable")]
    started_at: String,
    #[serde(deserialize_with = "nullable")]
    finished_at: String,
    health: Option<HealthReply>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct HealthReply {
    status: String,
    #[serde(deserialize_with = "nullable")]
    log: Vec<Probe>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Probe {
    #[serde(deserialize_with = "nullable")]
    output: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ConfigReply {
    image: String,
    #[serde(deserialize_with = "nullable")]
    env: Vec<String>,
    #[serde(deserialize_with = "nullable")]
    labels: BTreeMap<String, String>,
    tty: bool,
    open_stdin: bool,
    stop_timeout: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct HostReply {
    memory: i64,
    nano_cpus: i64,
    cpu_quota: i64,
    cpu_period: i64,
    pids_limit: Option<i64>,
    #[serde(deserialize_with = "nullable")]
    restart_policy: RestartReply,
    auto_remove: bool,
    privileged: bool,
    network_mode: String,
    #[serde(deserialize_with = "nullable")]
    port_bindings: Bindings,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct RestartReply {
    name: String,
}

type Bindings = BTreeMap<String, Option<Vec<BindingReply>>>;

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct BindingReply {
    host_ip: String,
    host_port: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct NetworkReply {
    #[serde(deserialize_with = "nullable")]
    ports: Bindings,
    #[serde(deserialize_with = "nullable")]
    networks: BTreeMap<String, Option<AttachedReply>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AttachedReply {
    #[serde(rename = "IPAddress")]
    address: String,
    #[serde(rename = "GlobalIPv6Address")]
    address_v6: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct MountReply {
    r#type: String,
    name: String,
    source: String,
    destination: String,
    #[serde(rename = "RW")]
    writable: bool,
}

/// Reads Docker's time; its zero (`0001-01-01T00:00:00Z`) means never.
fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok().filter(|at| *at > Timestamp::UNIX_EPOCH)
}

fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

impl Inspected {
    pub(super) fn into_detail(self) -> Detail {
        let Self { state, config, host_config: host, network_settings: network, .. } = self;
        let phase = Phase::parse(&state.status);
        let finished_at = time(&state.finished_at);
        let ended = !phase.is_alive() && (finished_at.is_some() || state.exit_code != 0);
        let probed = state.health.as_ref().and_then(|health| health.log.last());
        let mut ports = if phase.is_alive() { maps(&network.ports) } else { maps(&host.port_bindings) };
        ports.sort();
        ports.dedup();
        Detail {
            id: self.id,
            name: self.name.trim_start_matches('/').to_owned(),
            image: config.image,
            image_id: self.image,
            labels: config.labels,
            env: config.env.iter().filter_map(|pair| pair.split_once('=')).map(own).collect(),
            phase,
            health: state.health.as_ref().and_then(|health| Health::parse(&health.status)),
            health_output: probed.map(|probe| cut(&probe.output, limits::HEALTH_OUTPUT)),
            exit_code: ended.then_some(state.exit_code),
            oom_killed: state.oom_killed,
            error: cut(&state.error, limits::HEALTH_OUTPUT),
            restart_count: u32::try_from(self.restart_count).unwrap_or(0),
            restart_policy: match host.restart_policy.name {
                name if name.is_empty() => "no".to_owned(),
                name => name,
            },
            started_at: time(&state.started_at),
            finished_at,
            created_at: time(&self.created).unwrap_or(Timestamp::UNIX_EPOCH),
            tty: config.tty,
            open_stdin: config.open_stdin,
            memory_limit: unsigned(host.memory),
            nano_cpus: nano_cpus(host.nano_cpus, host.cpu_quota, host.cpu_period),
            pids_limit: host.pids_limit.unwrap_or(0),
            ports,
            addresses: addresses(&network),
            mounts: self.mounts.into_iter().filter_map(MountReply::into_mount).collect(),
            stop_timeout: config.stop_timeout.and_then(|seconds| u32::try_from(seconds).ok()),
            auto_remove: host.auto_remove,
            privileged: host.privileged,
            network_mode: host.network_mode,
        }
    }
}

fn own((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// The first `limit` bytes, or a little fewer so that no character is torn.
fn cut(text: &str, limit: usize) -> String {
    let mut end = text.len().min(limit);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

/// The limit on cores can be written in two ways: `--cpus`, or quota and period.
fn nano_cpus(nano: i64, quota: i64, period: i64) -> u64 {
    if nano > 0 || quota <= 0 {
        return unsigned(nano);
    }
    let period = if period > 0 { period } else { 100_000 };
    u64::try_from(i128::from(quota) * 1_000_000_000 / i128::from(period)).unwrap_or(u64::MAX)
}

fn maps(bindings: &Bindings) -> Vec<PortMap> {
    let mut maps = Vec::new();
    for (key, bindings) in bindings {
        let (port, kind) = key.split_once('/').unwrap_or((key, "tcp"));
        let (Ok(container), "tcp" | "udp") = (port.parse::<u16>(), kind) else { continue };
        let udp = kind == "udp";
        let bindings = bindings.as_deref().unwrap_or_default();
        if bindings.is_empty() {
            maps.push(PortMap { container, udp, host: None });
        }
        for binding in bindings {
            let address = match binding.host_ip.as_str() {
                "" => IpAddr::from([0, 0, 0, 0]),
                text => match text.parse() {
                    Ok(address) => address,
                    Err(_) => continue,
                },
            };
            let port = binding.host_port.parse().unwrap_or(0);
            maps.push(PortMap { container, udp, host: Some((address, port)) });
        }
    }
    maps
}

fn addresses(network: &NetworkReply) -> Vec<IpAddr> {
    let attached = network.networks.values().flatten();
    attached
        .flat_map(|attached| [&attached.address, &attached.address_v6])
        .filter_map(|address| address.parse().ok())
        .collect()
}

impl MountReply {
    fn into_mount(self) -> Option<Mount> {
        let (kind, source) = match self.r#type.as_str() {
            "volume" => (MountKind::Volume, self.name),
            "bind" => (MountKind::Bind, self.source),
            "tmpfs" => (MountKind::Tmpfs, String::new()),
            _ => return None,
        };
        Some(Mount {
            source_name_or_path: source,
            destination: self.destination,
            kind,
            writable: self.writable,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detail(json: &str) -> Detail {
        serde_json::from_str::<Inspected>(json).unwrap().into_detail()
    }

    const ENDED: &str = r#"{"Id":"abc","Name":"/survival","Image":"sha256:1","Created":"2026-01-02T03:04:05.678901234Z",
        "RestartCount":2,"State":{"Status":"exited","ExitCode":137,"OOMKilled":true,"Error":"",
        "StartedAt":"2026-01-02T03:04:06.1Z","FinishedAt":"2026-01-02T04:00:00Z",
        "Health":{"Status":"unhealthy","Log":[{"Output":"old"},{"Output":"could not ping"}]}},
        "Config":{"Image":"itzg/minecraft-server","Env":["EULA=TRUE","OPTS=a=b","BROKEN"],"Labels":null,"Tty":false,
        "OpenStdin":true,"StopTimeout":60},
        "HostConfig":{"Memory":3221225472,"NanoCpus":0,"CpuQuota":150000,"CpuPeriod":100000,"PidsLimit":null,
        "RestartPolicy":{"Name":"unless-stopped"},"NetworkMode":"default",
        "PortBindings":{"25565/tcp":[{"HostIp":"","HostPort":"25570"}],"1/sctp":[{"HostIp":"","HostPort":"1"}]}},
        "NetworkSettings":{"Ports":{},"Networks":{"bridge":{"IPAddress":"","GlobalIPv6Address":""}}},
        "Mounts":[{"Type":"volume","Name":"data","Source":"/var/lib/docker/volumes/data/_data","Destination":"/data","RW":true},
        {"Type":"bind","Source":"/etc/localtime","Destination":"/etc/localtime","RW":false}]}"#;

    #[test]
    fn a_container_that_ended_is_read() {
        let detail = detail(ENDED);
        assert_eq!(detail.name, "survival");
        assert_eq!((detail.phase, detail.exit_code, detail.oom_killed), (Phase::Exited, Some(137), true));
        assert_eq!(detail.health_output.as_deref(), Some("could not ping"));
        assert_eq!(detail.env.get("OPTS").map(String::as_str), Some("a=b"));
        assert_eq!(detail.env.len(), 2);
        assert_eq!(detail.nano_cpus, 1_500_000_000);
        let any = IpAddr::from([0, 0, 0, 0]);
        assert_eq!(detail.ports, [PortMap { container: 25565, udp: false, host: Some((any, 25570)) }]);
        assert_eq!(detail.mounts[0].source_name_or_path, "data");
        assert_eq!(detail.mounts[1].kind, MountKind::Bind);
        assert!(detail.addresses.is_empty());
        assert_eq!(detail.created_at.subsec_nanosecond(), 678_901_234);
    }

    #[test]
    fn one_that_runs_has_no_exit_code_and_its_real_ports() {
        let running = ENDED
            .replace(r#""Status":"exited","ExitCode":137"#, r#""Status":"running","ExitCode":0"#)
            .replace(
                r#""Ports":{}"#,
                r#""Ports":{"25565/tcp":[{"HostIp":"::","HostPort":"32768"}],"1/tcp":null}"#,
            )
            .replace(r#""IPAddress":"""#, r#""IPAddress":"172.17.0.2""#);
        let detail = detail(&running);
        assert_eq!(detail.exit_code, None);
        assert!(detail.ports.iter().any(|p| p.host.is_some_and(|(_, port)| port == 32768)));
        assert!(detail.ports.iter().any(|p| p.container == 1 && p.host.is_none()));
        assert_eq!(detail.addresses, [IpAddr::from([172, 17, 0, 2])]);
    }

    #[test]
    fn what_an_engine_leaves_out_is_borne() {
        let bare = detail(r#"{"Id":"x","State":{"Status":"stopped","StartedAt":"0001-01-01T00:00:00Z"}}"#);
        assert_eq!((bare.phase, bare.exit_code, bare.started_at), (Phase::Exited, None, None));
        assert_eq!(bare.restart_policy, "no");
        let nulls =
            r#"{"Id":"x","State":null,"Config":null,"HostConfig":null,"NetworkSettings":null,"Mounts":null}"#;
        assert_eq!(detail(nulls).id, "x");
        let failed = detail(r#"{"Id":"x","State":{"Status":"created","ExitCode":128,"Error":"port"}}"#);
        assert_eq!((failed.exit_code, failed.error.as_str()), (Some(128), "port"));
    }

    #[test]
    fn long_output_is_cut_between_characters() {
        assert_eq!(cut("äöü", 3), "ä");
        assert_eq!(cut("abc", 3), "abc");
    }
}
