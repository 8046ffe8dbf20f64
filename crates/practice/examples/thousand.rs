//! What a thousand servers cost: memory after the start and time for a simulated hour.

use std::sync::Arc;
use std::time::{Duration, Instant};

use practice::clock::Now;
use practice::container::Container;
use practice::disk::MemDisk;
use practice::output::Output;
use practice::settings::Settings;
use practice::sim::Context;

fn main() {
    let start = Instant::now();
    let mut servers: Vec<(Container, MemDisk)> = Vec::new();
    let mut out = Output::new();
    let zero = 1_700_000_000_000;
    for index in 0..1000 {
        let kind = if index % 2 == 0 { "PAPER" } else { "VANILLA" };
        let env = [
            ("EULA", "true"),
            ("TYPE", kind),
            ("PRACTICE_WORLD_MB", "500"),
            ("PRACTICE_PLAYERS", "2"),
            ("PRACTICE_ACTIVITY_SECONDS", "20"),
        ];
        let mut disk = MemDisk::new();
        let mut container = Container::new(Arc::new(Settings::from_env(env)));
        let now = Now { elapsed: Duration::ZERO, unix_ms: zero };
        let mut cx = Context { now, disk: &mut disk, out: &mut out };
        container.start(&mut cx, index);
        out.drain();
        servers.push((container, disk));
    }
    println!("started: {:?}, {}", start.elapsed(), resident());
    let start = Instant::now();
    let (mut wakes, mut events) = (0_u64, 0_u64);
    for (container, disk) in &mut servers {
        while let Some(at) = container.next_wake().filter(|at| *at < Duration::from_secs(3600)) {
            let unix_ms = zero + u64::try_from(at.as_millis()).unwrap_or(0);
            let now = Now { elapsed: at, unix_ms };
            container.wake(&mut Context { now, disk, out: &mut out });
            wakes += 1;
            events += out.drain().count() as u64;
        }
    }
    println!(
        "an hour of 1000 busy servers: {:?}, {wakes} wakes, {events} events, {}",
        start.elapsed(),
        resident()
    );
}

fn resident() -> String {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("VmRSS"));
    line.unwrap_or("memory unknown").to_owned()
}
