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
