//! The progress of a pull, added up over the image's layers.

use std::collections::HashMap;

use serde::Deserialize;

use super::error::clean;
use super::inspect::nullable;
use super::limits;
use super::types::PullProgress;

/// One line of the daemon's report.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Line {
    #[serde(deserialize_with = "nullable")]
    status: String,
    #[serde(deserialize_with = "nullable")]
    id: String,
    #[serde(rename = "progressDetail", deserialize_with = "nullable")]
    detail: ProgressDetail,
    error: Option<String>,
    #[serde(rename = "errorDetail")]
    error_detail: Option<ErrorDetail>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ProgressDetail {
    current: Option<i64>,
    total: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorDetail {
    #[serde(deserialize_with = "nullable")]
    message: String,
}

impl Line {
    /// What went wrong: the stream's status was 200 long before.
    pub(super) fn error(&self) -> Option<&str> {
        let detail = self.error_detail.as_ref().map(|detail| detail.message.as_str());
        self.error.as_deref().or(detail)
    }
}

#[derive(Clone, Copy, Default)]
struct Layer {
    fetched: u64,
    total: Option<u64>,
    in_place: bool,
}

/// Adds up the lines.
#[derive(Default)]
pub(super) struct Progress {
    layers: HashMap<String, Layer>,
    last: PullProgress,
    finished: bool,
    ended_with_layer: bool,
}

impl Progress {
    /// Takes a line in; the progress, if it changed.
    pub(super) fn add(&mut self, line: &Line) -> Option<PullProgress> {
        let status = line.status.as_str();
        self.finished |= status.starts_with("Status: ");
        self.ended_with_layer = matches!(status, "Download complete" | "Pull complete");
        if !line.id.is_empty() {
            self.layer(line);
        }
        let known = |layer: &Layer| layer.in_place || layer.total.is_some();
        let total = self.layers.values().filter_map(|layer| layer.total).fold(0, u64::saturating_add);
        let all_known = !self.layers.is_empty() && self.layers.values().all(known);
        let done = self.layers.values().map(|layer| layer.fetched).fold(0, u64::saturating_add);
        let in_place = self.layers.values().filter(|layer| layer.in_place).count();
        let now = PullProgress {
            done: done.max(self.last.done),
            total: all_known.then_some(total),
            layers_done: u32::try_from(in_place).unwrap_or(u32::MAX),
            layers: u32::try_from(self.layers.len()).unwrap_or(u32::MAX),
            step: clean(status).chars().take(120).collect(),
        };
        if now == self.last {
            return None;
        }
        self.last = now.clone();
        Some(now)
    }

    fn layer(&mut self, line: &Line) {
        let number = |value: Option<i64>| value.and_then(|value| u64::try_from(value).ok());
        let begins = matches!(
            line.status.as_str(),
            "Pulling fs layer"
                | "Waiting"
                | "Downloading"
                | "Verifying Checksum"
                | "Download complete"
                | "Extracting"
                | "Pull complete"
                | "Already exists"
        );
        // The first line names the tag where the others name a layer.
        if !begins || (!self.layers.contains_key(&line.id) && self.layers.len() >= limits::LAYERS) {
            return;
        }
        let layer = self.layers.entry(line.id.chars().take(128).collect()).or_default();
        match line.status.as_str() {
            "Downloading" => {
                layer.total = number(line.detail.total).filter(|&total| total > 0).or(layer.total);
                let current = number(line.detail.current).unwrap_or(0);
                layer.fetched = layer.fetched.max(current.min(layer.total.unwrap_or(u64::MAX)));
            }
            "Verifying Checksum" | "Download complete" | "Extracting" => layer.complete(),
            "Pull complete" => {
                layer.complete();
                layer.in_place = true;
            }
            "Already exists" => layer.in_place = true,
            _ => {}
        }
    }

    /// Whether the daemon said that all is done. Podman says so only of the image's own id, as its last line.
    pub(super) fn is_done(&self, podman: bool) -> bool {
        self.finished || (podman && self.ended_with_layer)
    }
}

impl Layer {
    /// All of it is here. One so small that its size was never told counts as what was fetched.
    fn complete(&mut self) {
        let total = self.total.unwrap_or(self.fetched);
        self.total = Some(total);
        self.fetched = total;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(status: &str, id: &str, current: i64, total: i64) -> Line {
        let detail = ProgressDetail { current: Some(current), total: Some(total) };
        Line { status: status.into(), id: id.into(), detail, ..Line::default() }
    }

    #[test]
    fn layers_are_added_up_and_the_total_waits_for_all_of_them() {
        let mut progress = Progress::default();
        let first = progress.add(&line("Pulling from itzg/minecraft-server", "latest", 0, 0)).unwrap();
        assert_eq!((first.layers, first.total), (0, None));
        progress.add(&line("Already exists", "a", 0, 0));
        progress.add(&line("Pulling fs layer", "b", 0, 0));
        progress.add(&line("Pulling fs layer", "c", 0, 0));
        let half = progress.add(&line("Downloading", "b", 50, 100)).unwrap();
        assert_eq!((half.done, half.total, half.layers_done, half.layers), (50, None, 1, 3));
        let both = progress.add(&line("Downloading", "c", 10, 300)).unwrap();
        assert_eq!((both.done, both.total), (60, Some(400)));
        // A layer that starts again after a lost connection does not turn the bar back.
        let again = progress.add(&line("Downloading", "b", 1, 100));
        assert!(again.is_none_or(|again| again.done == 60));
        progress.add(&line("Download complete", "b", 0, 0));
        progress.add(&line("Extracting", "b", 3, 100));
        progress.add(&line("Pull complete", "b", 0, 0));
        let last = progress.add(&line("Pull complete", "c", 0, 0)).unwrap();
        assert_eq!((last.done, last.total, last.layers_done), (400, Some(400), 3));
        assert!(!progress.is_done(false));
        progress.add(&line("Status: Downloaded newer image for x", "", 0, 0));
        assert!(progress.is_done(false));
    }

    #[test]
    fn the_same_progress_is_told_once() {
        let mut progress = Progress::default();
        assert!(progress.add(&line("Waiting", "a", 0, 0)).is_some());
        assert!(progress.add(&line("Waiting", "a", 0, 0)).is_none());
    }

    #[test]
    fn podman_ends_without_a_status() {
        let mut progress = Progress::default();
        progress.add(&line("Download complete", "0123456789ab", 0, 0));
        assert!(progress.is_done(true));
        assert!(!progress.is_done(false));
    }

    #[test]
    fn an_error_in_the_stream_is_seen_and_numbers_from_outside_do_no_harm() {
        let error: Line = serde_json::from_str(r#"{"errorDetail":{"message":"boom"}}"#).unwrap();
        assert_eq!(error.error(), Some("boom"));
        let mut progress = Progress::default();
        progress.add(&line("Downloading", "0", -1, -1));
        for id in 1..limits::LAYERS * 2 {
            progress.add(&line("Downloading", &id.to_string(), i64::MAX, -1));
        }
        let last = progress.add(&line("Downloading", "0", i64::MAX, i64::MAX));
        // All is saturated by then, so nothing changed but what is said.
        assert!(last.is_none());
        let last = progress.add(&line("Waiting", "0", 0, 0)).unwrap();
        assert_eq!(last.layers as usize, limits::LAYERS);
        assert_eq!(last.done, u64::MAX);
    }
}
