//! The metrics as last collected, ready to be sent.

use std::{convert::Infallible, sync::Arc};

use axum::{
    body::Bytes,
    http::{HeaderMap, header},
};
use futures_util::{Stream, stream};

use super::family::Family;

/// What Prometheus text is called.
pub const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
/// What OpenMetrics is called.
pub const OPEN: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Whether a scraper prefers OpenMetrics. The weights of what it lists are looked at; the first of equals wins.
pub fn wants_open(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let (mut open, mut text) = (0.0, 0.0);
    for one in accepted.flat_map(|list| list.split(',')) {
        let mut parts = one.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f64>().ok()).unwrap_or(1.0);
        match kind {
            "application/openmetrics-text" => open = f64::max(open, weight),
            "text/plain" | "text/*" | "*/*" => text = f64::max(text, weight),
            _ => {}
        }
    }
    open > 0.0 && open >= text
}

struct Written {
    text: Bytes,
    open: Bytes,
    samples: Bytes,
}

/// The metrics as last collected.
#[derive(Default)]
pub struct Board {
    families: Vec<Written>,
}

fn written(family: Family) -> Written {
    Written {
        text: family.head(false).into(),
        open: family.head(true).into(),
        samples: family.samples.into(),
    }
}

impl Board {
    /// With these. A family without samples says nothing and is left out.
    pub fn new(families: Vec<Family>) -> Self {
        let families = families.into_iter().filter(|family| !family.samples.is_empty());
        Self { families: families.map(written).collect() }
    }

    /// All of it with these behind it, in pieces that are not copied.
    pub fn chunks(
        self: Arc<Self>,
        live: Vec<Family>,
        open: bool,
    ) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static {
        let live: Vec<_> =
            live.into_iter().filter(|family| !family.samples.is_empty()).map(written).collect();
        let mut chunks = Vec::with_capacity(2 * (self.families.len() + live.len()) + 1);
        for family in self.families.iter().chain(&live) {
            chunks.push(Ok(if open { family.open.clone() } else { family.text.clone() }));
            chunks.push(Ok(family.samples.clone()));
        }
        if open {
            chunks.push(Ok(Bytes::from_static(b"# EOF\n")));
        }
        stream::iter(chunks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_prometheus_sends_is_understood() {
        let asks = |accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            wants_open(&headers)
        };
        assert!(asks(
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
        ));
        for text in ["*/*", "text/plain", "text/plain;q=1,application/openmetrics-text;q=0.5", "text/html"] {
            assert!(!asks(text), "{text}");
        }
        assert!(!wants_open(&HeaderMap::new()));
    }
}
