//! What this process costs, by the names that Prometheus's own libraries use.

use std::fs;

use super::family::{Family, counter, gauge};

/// Pages and ticks as Linux counts them on every machine that this runs on.
fn page_size() -> f64 {
    rustix::param::page_size() as f64
}

fn ticks() -> f64 {
    rustix::param::clock_ticks_per_second() as f64
}

/// Nothing where the system does not tell.
pub fn families() -> Vec<Family> {
    let mut families = Vec::new();
    let Ok(stat) = fs::read_to_string("/proc/self/stat") else { return families };
    // The name in the second field may hold spaces; it ends with the last parenthesis (proc(5)).
    let Some((_, fields)) = stat.rsplit_once(')') else { return families };
    let fields: Vec<f64> = fields.split_whitespace().map(|field| field.parse().unwrap_or(0.0)).collect();
    let field = |number: usize| fields.get(number - 3).copied().unwrap_or(0.0);
    families.push(Family::of(
        counter("process_cpu_seconds", "Processor time that this process has used."),
        (field(14) + field(15)) / ticks(),
    ));
    families.push(Family::of(
        gauge("process_resident_memory_bytes", "Memory of this process that is in RAM."),
        field(24) * page_size(),
    ));
    if let Some(boot) = boot() {
        families.push(Family::of(
            gauge("process_start_time_seconds", "When this process began, in Unix time."),
            boot + field(22) / ticks(),
        ));
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        let about = gauge("process_open_fds", "Files and sockets that this process has open.");
        families.push(Family::of(about, open.count() as f64));
    }
    families
}

fn boot() -> Option<f64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}
