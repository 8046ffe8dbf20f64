//! What is counted of the API itself: requests, consoles that are open, the exporter's own cost.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

use axum::http::{Method, StatusCode};

use super::{
    family::{About, Family, counter, gauge, histogram},
    process,
};
use crate::{api::state::Api, model::tally::Histogram};

/// Bounds of the time that a scrape takes here, in seconds.
const SCRAPES: &[f64] = &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5];

const REQUESTS: About =
    counter("mineclifford_http_requests", "Requests that were answered, by method, route and status.");
const SCRAPE: About = histogram(
    "mineclifford_scrape_duration_seconds",
    "Time that putting together an answer to a scrape took here.",
);
const VIEWERS: About = gauge("mineclifford_console_viewers", "Consoles that are open through the API.");
const UPTIME: About = gauge("mineclifford_api_uptime_seconds", "Time since the API began.");

/// The names of what is written anew at each scrape, but for the process's own.
pub const LIVE: [About; 4] = [REQUESTS, SCRAPE, VIEWERS, UPTIME];

/// What was asked.
pub struct Requests {
    counts: Mutex<BTreeMap<(String, String, u16), u64>>,
    scrapes: Mutex<Histogram>,
}

impl Default for Requests {
    fn default() -> Self {
        Self { counts: Mutex::default(), scrapes: Mutex::new(Histogram::new(SCRAPES)) }
    }
}

impl Requests {
    /// A request was answered. Routes, methods that HTTP knows and statuses bound what there can be.
    pub fn count(&self, method: &Method, route: &str, status: StatusCode) {
        let known = [
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
            Method::HEAD,
            Method::OPTIONS,
        ];
        let method = if known.contains(method) { method.as_str() } else { "other" };
        let key = (method.to_owned(), route.to_owned(), status.as_u16());
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(key).or_default() += 1;
    }

    /// The metrics were given to a scraper.
    pub fn scraped(&self, took: Duration) {
        self.scrapes.lock().unwrap_or_else(PoisonError::into_inner).observe(took.as_secs_f64());
    }
}

/// What is written anew at each scrape.
pub fn live(api: &Api) -> Vec<Family> {
    let mut requests = Family::new(REQUESTS);
    let counts = api.requests.counts.lock().unwrap_or_else(PoisonError::into_inner);
    for ((method, route, status), count) in &*counts {
        let status = status.to_string();
        requests.add(&[("method", method), ("endpoint", route), ("status", &status)], *count as f64);
    }
    drop(counts);
    let mut scrapes = Family::new(SCRAPE);
    scrapes.add_histogram(&[], &api.requests.scrapes.lock().unwrap_or_else(PoisonError::into_inner));
    let mut families = vec![
        requests,
        Family::of(VIEWERS, api.viewers.load(Ordering::Relaxed) as f64),
        Family::of(UPTIME, api.began.elapsed().as_secs_f64()),
        scrapes,
    ];
    families.extend(process::families());
    families
}
