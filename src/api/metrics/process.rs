//! What this process costs, by the names that Prometheus's own libraries use.

use std::{fs, sync::LazyLock};

use super::family::{Family, counter, gauge};

/// Pages and ticks as Linux counts them on every machine that this runs on.
fn page_size() -> f64 {
    rustix::param::page_size() as f64
}

fn ticks() -> f64 {
    rustix::param::clock_ticks_per_second() as f64
}

/// When the machine was started, in Unix time. The kernel counts all of its interrupts to tell it, so it is asked once.
static BOOT: LazyLock<Option<f64>> = LazyLock::new(|| {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
});

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
    if let Some(boot) = *BOOT {
        families.push(Family::of(
            gauge("process_start_time_seconds", "When this process began, in Unix time."),
            boot + field(22) / ticks(),
        ));
    }
    if let Some(open) = open_files() {
        let about = gauge("process_open_fds", "Files and sockets that this process has open.");
        families.push(Family::of(about, open as f64));
    }
    families
}

/// How many files and sockets are open. Since Linux 6.2 the folder's size tells it; before that it is nought, and they are
/// counted, which takes a millisecond where a thousand servers are watched.
fn open_files() -> Option<u64> {
    let folder = "/proc/self/fd";
    match fs::metadata(folder).ok()?.len() {
        0 => Some(fs::read_dir(folder).ok()?.count() as u64),
        open => Some(open),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_opened_is_counted() {
        let before = open_files().unwrap();
        let opened: Vec<_> = (0..100).map(|_| fs::File::open("/dev/null").unwrap()).collect();
        // Other tests open and close theirs meanwhile.
        assert!(open_files().unwrap() >= before + 50, "{before}");
        drop(opened);
    }
}
