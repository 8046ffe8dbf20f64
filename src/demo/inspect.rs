//! One container as `GET /containers/{id}/json` shows it, in the shape that Docker 20.10 writes.

use hyper::StatusCode;
use serde_json::{Map, Value, json};

use super::Options;
use super::clock::text;
use super::container::{Container, Source, Status};
use super::create::{Check, Create};
use super::health::Health;
use super::http::{Answer, json as answer};
use super::images;
use super::lifecycle::NETWORK;
use super::volumes::mountpoint;
use super::world::World;

/// The image's health check.
pub(super) fn image_check(options: &Options) -> Check {
    Check {
        test: vec!["CMD".to_owned(), "mc-health".to_owned()],
        interval: u64::try_from(options.health_interval.as_nanos()).unwrap_or(0),
        timeout: 0,
        start_period: 120_000_000_000,
        retries: 2,
    }
}

/// The image's health check, as an inspection shows it.
pub(super) fn health_config(options: &Options) -> Value {
    check_json(&image_check(options))
}

/// Zeros are left out, as Go does.
fn check_json(check: &Check) -> Value {
    let mut map = Map::new();
    map.insert("Test".to_owned(), json!(check.test));
    for (name, value) in [
        ("Interval", check.interval),
        ("Timeout", check.timeout),
        ("StartPeriod", check.start_period),
        ("Retries", u64::from(check.retries)),
    ] {
        if value != 0 {
            map.insert(name.to_owned(), json!(value));
        }
    }
    Value::Object(map)
}

/// An end of the network, in the list and in an inspection.
pub(super) fn network(container: &Container) -> Value {
    let address = container.address.as_deref().unwrap_or_default();
    let up = !address.is_empty();
    let only = |text: String| if up { text } else { String::new() };
    json!({
        "IPAMConfig": null, "Links": null, "Aliases": null, "NetworkID": if container.run > 0 { NETWORK } else { "" },
        "EndpointID": only(container.id.chars().rev().collect()), "Gateway": only("198.18.0.1".to_owned()),
        "IPAddress": address, "IPPrefixLen": if up { 15 } else { 0 }, "IPv6Gateway": "", "GlobalIPv6Address": "",
        "GlobalIPv6PrefixLen": 0, "MacAddress": only(format!("02:42:c6:12:{:02x}:{:02x}", container.key / 250 % 250, container.key % 250 + 2)),
        "DriverOpts": null,
    })
}

/// The mount of `/data`.
pub(super) fn mounts(container: &Container) -> Value {
    let writable = container.writable;
    match &container.source {
        Source::Volume(name, _) => json!([{
            "Type": "volume", "Name": name, "Source": mountpoint(name), "Destination": "/data", "Driver": "local",
            "Mode": "z", "RW": writable, "Propagation": "",
        }]),
        Source::Bind(path) => json!([{
            "Type": "bind", "Source": path, "Destination": "/data", "Mode": "", "RW": writable,
            "Propagation": "rprivate",
        }]),
    }
}

fn state(container: &Container) -> Value {
    let state = &container.state;
    let status = state.status;
    let mut value = json!({
        "Status": status.word(), "Running": status.alive() || status == Status::Restarting,
        "Paused": status == Status::Paused, "Restarting": status == Status::Restarting, "OOMKilled": state.oom,
        "Dead": false, "Pid": state.pid, "ExitCode": state.exit_code, "Error": state.error,
        "StartedAt": text(state.started), "FinishedAt": text(state.finished),
    });
    if let (Some(health), Some(map)) = (&container.health, value.as_object_mut()) {
        map.insert("Health".to_owned(), health_json(health));
    }
    value
}

fn health_json(health: &Health) -> Value {
    let log: Vec<Value> = health
        .log
        .iter()
        .map(|probe| {
            json!({
                "Start": text(probe.start), "End": text(probe.end), "ExitCode": probe.code, "Output": probe.output,
            })
        })
        .collect();
    json!({ "Status": health.status, "FailingStreak": health.streak, "Log": log })
}

/// Everything that Docker shows of the host's side when nothing was said about it.
const HOST_DEFAULTS: &str = r#"{"Binds":null,"ContainerIDFile":"","VolumeDriver":"","VolumesFrom":null,"CapAdd":null,
"CapDrop":null,"CgroupnsMode":"host","Dns":null,"DnsOptions":null,"DnsSearch":null,"ExtraHosts":null,"GroupAdd":null,
"IpcMode":"private","Cgroup":"","Links":null,"OomScoreAdj":0,"PidMode":"","Privileged":false,"PublishAllPorts":false,
"ReadonlyRootfs":false,"SecurityOpt":null,"UTSMode":"","UsernsMode":"","ShmSize":67108864,"Runtime":"runc",
"ConsoleSize":[0,0],"Isolation":"","CpuShares":0,"CgroupParent":"","BlkioWeight":0,"BlkioWeightDevice":null,
"BlkioDeviceReadBps":null,"BlkioDeviceWriteBps":null,"BlkioDeviceReadIOps":null,"BlkioDeviceWriteIOps":null,
"CpuRealtimePeriod":0,"CpuRealtimeRuntime":0,"CpusetCpus":"","CpusetMems":"","Devices":null,"DeviceCgroupRules":null,
"DeviceRequests":null,"KernelMemory":0,"KernelMemoryTCP":0,"MemoryReservation":0,"MemorySwappiness":null,
"OomKillDisable":false,"Ulimits":null,"CpuCount":0,"CpuPercent":0,"IOMaximumIOps":0,"IOMaximumBandwidth":0,
"MaskedPaths":["/proc/asound","/proc/acpi","/proc/kcore","/proc/keys","/proc/latency_stats","/proc/timer_list",
"/proc/timer_stats","/proc/sched_debug","/proc/scsi","/sys/firmware"],
"ReadonlyPaths":["/proc/bus","/proc/fs","/proc/irq","/proc/sys","/proc/sysrq-trigger"]}"#;

fn host_config(plan: &Create) -> Value {
    let host = &plan.host_config;
    let mut map: Map<String, Value> = serde_json::from_str(HOST_DEFAULTS).unwrap_or_default();
    map.extend(host.rest.clone());
    let known = json!({
        "LogConfig": {
            "Type": if host.log_config.r#type.is_empty() { "json-file" } else { &host.log_config.r#type },
            "Config": host.log_config.config,
        },
        "NetworkMode": if host.network_mode.is_empty() { "default" } else { &host.network_mode },
        "PortBindings": host.port_bindings, "RestartPolicy": host.restart_policy, "AutoRemove": host.auto_remove,
        "PublishAllPorts": host.publish_all_ports, "Memory": host.memory, "NanoCpus": host.nano_cpus,
        "CpuPeriod": host.cpu_period, "CpuQuota": host.cpu_quota, "MemorySwap": host.memory_swap,
        "PidsLimit": host.pids_limit,
    });
    if let Value::Object(known) = known {
        map.extend(known);
    }
    if !host.binds.is_empty() {
        map.insert("Binds".to_owned(), json!(host.binds));
    }
    if !host.mounts.is_empty() {
        map.insert("Mounts".to_owned(), json!(host.mounts));
    }
    Value::Object(map)
}

fn config(container: &Container, options: &Options) -> Value {
    let plan = &container.plan;
    let mut exposed = plan.exposed_ports.clone();
    exposed.entry("25565/tcp".to_owned()).or_insert_with(|| json!({}));
    let list = |words: &[String]| if words.is_empty() { Value::Null } else { json!(words) };
    let entrypoint =
        if plan.entrypoint.is_empty() { json!([images::ENTRYPOINT]) } else { json!(plan.entrypoint) };
    let hostname =
        if plan.hostname.is_empty() { container.id.get(..12).unwrap_or_default() } else { &plan.hostname };
    let check = plan.healthcheck.as_ref().map_or_else(|| health_config(options), check_json);
    let mut value = json!({
        "Hostname": hostname, "Domainname": "", "User": plan.user, "AttachStdin": false, "AttachStdout": false,
        "AttachStderr": false, "ExposedPorts": exposed, "Tty": plan.tty, "OpenStdin": plan.open_stdin,
        "StdinOnce": plan.stdin_once, "Env": plan.env, "Cmd": list(&plan.cmd), "Healthcheck": check,
        "Image": plan.image, "Volumes": {"/data": {}}, "WorkingDir": "/data", "Entrypoint": entrypoint, "OnBuild": null,
        "Labels": plan.labels, "StopSignal": if plan.stop_signal.is_empty() { "SIGTERM" } else { &plan.stop_signal },
    });
    if let (Some(seconds), Some(map)) = (plan.stop_timeout, value.as_object_mut()) {
        map.insert("StopTimeout".to_owned(), json!(seconds));
    }
    value
}

fn ports(container: &Container) -> Value {
    let mut map: Map<String, Value> = Map::new();
    if container.state.status.alive() {
        for inner in container.plan.exposed_ports.keys().map(String::as_str).chain(["25565/tcp"]) {
            map.insert(inner.to_owned(), Value::Null);
        }
        for port in &container.ports {
            let binding = json!({ "HostIp": port.address, "HostPort": port.port.to_string() });
            match map.get_mut(&port.inner) {
                Some(Value::Array(list)) => list.push(binding),
                _ => {
                    map.insert(port.inner.clone(), json!([binding]));
                }
            }
        }
    }
    Value::Object(map)
}

fn network_settings(container: &Container) -> Value {
    let end = network(container);
    let sandbox: String =
        if container.run > 0 { container.id.chars().rev().collect() } else { String::new() };
    let key = if sandbox.is_empty() {
        String::new()
    } else {
        format!("/var/run/docker/netns/{}", sandbox.get(..12).unwrap_or_default())
    };
    let mut map = json!({
        "Bridge": "", "SandboxID": sandbox, "HairpinMode": false, "LinkLocalIPv6Address": "", "LinkLocalIPv6PrefixLen": 0,
        "Ports": ports(container), "SandboxKey": key, "SecondaryIPAddresses": null, "SecondaryIPv6Addresses": null,
        "Networks": { "bridge": end },
    });
    if let Some(map) = map.as_object_mut() {
        for name in [
            "EndpointID",
            "Gateway",
            "GlobalIPv6Address",
            "GlobalIPv6PrefixLen",
            "IPAddress",
            "IPPrefixLen",
            "IPv6Gateway",
            "MacAddress",
        ] {
            map.insert(name.to_owned(), end.get(name).cloned().unwrap_or_default());
        }
    }
    map
}

impl World {
    /// `GET /containers/{id}/json`
    pub(super) fn inspect(&self, key: super::container::Key) -> Answer {
        let container = self.get(key)?;
        let plan = &container.plan;
        let started = container.run > 0;
        let file = |name: &str| {
            if started {
                format!("/var/lib/docker/containers/{}/{name}", container.id)
            } else {
                String::new()
            }
        };
        let path = plan.entrypoint.first().map_or(images::ENTRYPOINT, String::as_str);
        let running: Vec<&str> = self
            .execs
            .values()
            .filter(|exec| exec.container == key && exec.running)
            .map(|exec| exec.id.as_str())
            .collect();
        answer(
            StatusCode::OK,
            &json!({
                "Id": container.id, "Created": text(container.created), "Path": path, "Args": plan.cmd,
                "State": state(container), "Image": images::id(&images::full(&plan.image)),
                "ResolvConfPath": file("resolv.conf"), "HostnamePath": file("hostname"), "HostsPath": file("hosts"),
                "LogPath": file(&format!("{}-json.log", container.id)), "Name": format!("/{}", container.name),
                "RestartCount": container.restarts, "Driver": "overlay2", "Platform": "linux", "MountLabel": "",
                "ProcessLabel": "", "AppArmorProfile": "",
                "ExecIDs": if running.is_empty() { Value::Null } else { json!(running) },
                "HostConfig": host_config(plan), "GraphDriver": { "Data": null, "Name": "overlay2" },
                "Mounts": mounts(container), "Config": config(container, &self.options),
                "NetworkSettings": network_settings(container),
            }),
        )
    }
}
