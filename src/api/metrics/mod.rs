//! The metrics: collected from what the engine shows and has counted, written as Prometheus text or OpenMetrics.
//!
//! A collection makes every family anew from the world as it is, so a server that is gone has no series. Samples are
//! written once for both formats; a scrape only puts the pieces together. Written here and not by a library, because
//! both formats come from one table, and because nothing has to be taken back.

mod board;
mod collect;
mod family;
mod process;
mod requests;
mod task;

pub use board::{Board, OPEN, TEXT, wants_open};
pub use requests::{Requests, live};
pub use task::run;

/// The names of all metrics, counters with their ending, as Prometheus text writes them.
pub fn names() -> Vec<String> {
    let empty = (crate::model::Snapshot::default(), crate::model::Tally::default());
    let collected = collect::collect(&empty.0, &empty.1, std::time::Duration::ZERO);
    let all = collected.into_iter().chain(process::families()).map(|family| family.about);
    all.chain(requests::LIVE)
        .map(|about| {
            format!("{}{}", about.name, if about.kind == family::Kind::Counter { "_total" } else { "" })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    /// What an operator needs at three in the morning. These names are in other people's dashboards and alerts.
    const PROMISED: &str = "
        mineclifford_app_info mineclifford_servers_by_status mineclifford_active_containers
        mineclifford_server_operations_total mineclifford_container_memory_bytes mineclifford_container_cpu_percent
        mineclifford_backup_operations_total mineclifford_backup_duration_seconds
        mineclifford_deployment_duration_seconds mineclifford_http_requests_total
        mineclifford_container_memory_limit_bytes mineclifford_container_network_receive_bytes_total
        mineclifford_container_network_transmit_bytes_total mineclifford_container_block_read_bytes_total
        mineclifford_container_block_write_bytes_total mineclifford_server_restarts mineclifford_server_crashes_total
        mineclifford_server_start_time_seconds mineclifford_players_online mineclifford_players_max
        mineclifford_player_joins_total mineclifford_player_leaves_total mineclifford_tick_seconds mineclifford_tps
        mineclifford_ping_latency_seconds mineclifford_log_lines_total mineclifford_backup_last_timestamp_seconds
        mineclifford_backup_last_size_bytes mineclifford_backup_bytes mineclifford_backup_last_saving_off_seconds
        mineclifford_backup_last_verified_timestamp_seconds mineclifford_backup_last_proven_timestamp_seconds
        mineclifford_backup_proof_failed mineclifford_schedule_last_lag_seconds mineclifford_schedule_skips_total
        mineclifford_schedule_next_timestamp_seconds mineclifford_job_duration_seconds
        mineclifford_backup_disk_free_bytes mineclifford_backup_disk_size_bytes mineclifford_backup_disk_full_seconds
        mineclifford_host_disk_free_bytes mineclifford_host_up mineclifford_console_viewers mineclifford_faces
        mineclifford_collection_duration_seconds mineclifford_scrape_duration_seconds process_cpu_seconds_total
        process_resident_memory_bytes";

    #[test]
    fn every_promised_metric_exists_once() {
        let names = super::names();
        for name in PROMISED.split_whitespace() {
            assert_eq!(names.iter().filter(|known| *known == name).count(), 1, "{name}");
        }
    }
}
