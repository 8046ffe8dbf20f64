//! `/metrics`: Prometheus text, or OpenMetrics where that is asked for.

use std::time::Instant;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};

use crate::api::{metrics, state::Api};

/// Gives the metrics to a scraper.
pub async fn scrape(State(api): State<Api>, headers: HeaderMap) -> Response {
    let began = Instant::now();
    let open = metrics::wants_open(&headers);
    let board = api.board.borrow().clone();
    let live = metrics::live(&api);
    let body = Body::from_stream(board.chunks(live, open));
    api.requests.scraped(began.elapsed());
    let kind = if open { metrics::OPEN } else { metrics::TEXT };
    ([(header::CONTENT_TYPE, kind)], body).into_response()
}
