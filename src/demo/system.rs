//! What the engine says of itself.

use hyper::header::{CACHE_CONTROL, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

use super::clock::text;
use super::container::{Container, Status};
use super::http::{Answer, json as answer, whole};
use super::world::Shared;

/// `GET /_ping`
pub(super) fn ping() -> Answer {
    let mut response = Response::new(whole("OK"));
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store, must-revalidate"));
    Ok(response)
}

/// `GET /version`
pub(super) fn version(shared: &Shared) -> Answer {
    let api = shared.faults.api();
    let oldest = if shared.faults.api_at_least(44) { "1.24" } else { "1.12" };
    let version = super::VERSION;
    answer(
        StatusCode::OK,
        &json!({
            "Platform": { "Name": "Mineclifford demo" },
            "Components": [{
                "Name": "Engine", "Version": version,
                "Details": { "ApiVersion": api, "Arch": "amd64", "Experimental": "false", "MinAPIVersion": oldest, "Os": "linux" },
            }],
            "Version": version, "ApiVersion": api, "MinAPIVersion": oldest, "GitCommit": "demo", "GoVersion": "go1.19.8",
            "Os": "linux", "Arch": "amd64", "KernelVersion": "6.1.0-demo", "BuildTime": "2024-01-01T00:00:00.000000000+00:00",
        }),
    )
}

/// `GET /info`
pub(super) fn info(shared: &Shared) -> Answer {
    let world = shared.lock();
    let count =
        |fits: fn(&Container) -> bool| world.containers.values().filter(|container| fits(container)).count();
    answer(
        StatusCode::OK,
        &json!({
            "ID": "DEMO:DEMO:DEMO:DEMO:DEMO:DEMO:DEMO:DEMO:DEMO:DEMO:DEMO:DEMO",
            "Containers": world.containers.len(), "ContainersRunning": count(|c| c.state.status == Status::Running),
            "ContainersPaused": count(|c| c.state.status == Status::Paused),
            "ContainersStopped": count(|c| matches!(c.state.status, Status::Created | Status::Exited)),
            "Images": world.images.len(), "Driver": "overlay2", "DriverStatus": [],
            "Plugins": { "Volume": ["local"], "Network": ["bridge", "host", "null"], "Authorization": null, "Log": ["json-file"] },
            "MemoryLimit": true, "SwapLimit": true, "CpuCfsPeriod": true, "CpuCfsQuota": true, "CPUShares": true,
            "CPUSet": true, "PidsLimit": true, "OomKillDisable": true, "SystemTime": text(world.now().nanos),
            "LoggingDriver": "json-file", "CgroupDriver": "cgroupfs", "CgroupVersion": "1", "KernelVersion": "6.1.0-demo",
            "OperatingSystem": "Mineclifford demo", "OSType": "linux", "Architecture": "x86_64", "NCPU": super::CORES,
            "MemTotal": u64::from(super::MEMORY_GIB) << 30, "GenericResources": Value::Null,
            "DockerRootDir": "/var/lib/docker", "Name": "demo", "Labels": [], "ExperimentalBuild": false,
            "ServerVersion": super::VERSION, "Swarm": { "LocalNodeState": "inactive" }, "LiveRestoreEnabled": false,
            "SecurityOptions": ["name=seccomp,profile=default"], "Warnings": null,
        }),
    )
}
