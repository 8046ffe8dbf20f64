//! Images: is it here, and fetch it.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::{Stream, stream};
use hyper::Method;
use serde::Deserialize;

use crate::model::field;

use super::connect::Docker;
use super::error::{self, About, Error, clean};
use super::inspect::nullable;
use super::json_lines::JsonLines;
use super::limits;
use super::pull::{Line, Progress};
use super::transport::{Call, Transport, limited, query};
use super::types::{Image, PullProgress};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ImageReply {
    id: String,
    #[serde(default, deserialize_with = "nullable")]
    repo_tags: Vec<String>,
    #[serde(default)]
    size: u64,
    #[serde(default, deserialize_with = "nullable")]
    config: ImageConfig,
}

#[derive(Default, Deserialize)]
struct ImageConfig {
    #[serde(rename = "Labels", default, deserialize_with = "nullable")]
    labels: BTreeMap<String, String>,
}

/// Splits a reference into what is fetched and its tag; without one it is `latest`, never all of them.
fn split(reference: &str) -> (&str, Option<&str>) {
    if reference.contains('@') {
        return (reference, None);
    }
    match reference.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (reference, Some("latest")),
    }
}

impl Docker {
    /// The image of this reference, where the host has it.
    ///
    /// # Errors
    /// As any call: the engine cannot be reached, or does not answer in 30 s.
    pub async fn image(&self, reference: &str) -> Result<Option<Image>, Error> {
        let about = About::Image(reference);
        if field::image(reference).is_err() {
            return Ok(None);
        }
        let path = format!("/images/{reference}/json");
        let found: Result<ImageReply, Error> =
            limited(limits::CALL, &about.words(), self.inner.transport.get(&path, about)).await;
        match found {
            Ok(image) => Ok(Some(Image {
                id: image.id,
                tags: image.repo_tags,
                labels: image.config.labels,
                size: image.size,
            })),
            Err(Error::NoSuchImage { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Fetches an image; a missing tag means `latest`. Each element is the progress over all layers, and comes only when
    /// it changed. The image is there when the stream ended without an error. Dropping the stream lets the daemon stop;
    /// layers that are complete are kept for the next time.
    ///
    /// # Errors
    /// [`Error::NoSuchImage`], [`Error::PullDenied`], [`Error::Registry`], [`Error::NoSpace`]; [`Error::Interrupted`] when
    /// the connection broke off before the daemon said that it was done.
    pub fn pull(&self, reference: &str) -> impl Stream<Item = Result<PullProgress, Error>> + Send + use<> {
        let pull = Pull {
            transport: self.inner.transport.clone(),
            podman: self.inner.podman,
            reference: reference.to_owned(),
            progress: Progress::default(),
            state: State::Closed,
        };
        stream::unfold(pull, |mut pull| async move { Some((pull.next().await?, pull)) })
    }
}

struct Pull {
    transport: Arc<Transport>,
    podman: bool,
    reference: String,
    progress: Progress,
    state: State,
}

enum State {
    Closed,
    Open(Box<JsonLines>),
    Ended,
}

impl Pull {
    async fn next(&mut self) -> Option<Result<PullProgress, Error>> {
        let result = self.advance().await.transpose();
        if !matches!(result, Some(Ok(_))) {
            self.state = State::Ended;
        }
        result
    }

    async fn advance(&mut self) -> Result<Option<PullProgress>, Error> {
        loop {
            match &mut self.state {
                State::Ended => return Ok(None),
                State::Closed => self.state = State::Open(Box::new(self.open().await?)),
                State::Open(lines) => {
                    let Some(line) = lines.next::<Line>().await? else {
                        return if self.progress.is_done(self.podman) {
                            Ok(None)
                        } else {
                            Err(Error::Interrupted { what: format!("fetching {}", clean(&self.reference)) })
                        };
                    };
                    if let Some(message) = line.error() {
                        return Err(refused(&self.reference, 200, message));
                    }
                    if let Some(progress) = self.progress.add(&line) {
                        return Ok(Some(progress));
                    }
                }
            }
        }
    }

    async fn open(&mut self) -> Result<JsonLines, Error> {
        let reference = &self.reference;
        if field::image(reference).is_err() {
            return Err(Error::NoSuchImage { reference: clean(reference) });
        }
        let (image, tag) = split(reference);
        let mut pairs = vec![("fromImage", image)];
        if let Some(tag) = tag {
            pairs.push(("tag", tag));
        }
        let path = format!("/images/create{}", query(&pairs));
        let call =
            Call { method: Method::POST, limit: Some(limits::PULL_OPEN), ..Call::get(&path, About::Pull) };
        match self.transport.open(call).await {
            Ok(reply) => Ok(JsonLines::new(reply, format!("fetching {reference}"))),
            Err(Error::Api { status, message }) => Err(refused(reference, status, &message)),
            Err(error) => Err(error),
        }
    }
}

/// Why an image was not fetched, from the daemon's words: its status tells little, and within the stream there is none.
fn refused(reference: &str, status: u16, message: &str) -> Error {
    let lower = message.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let (reference, message) = (clean(reference), clean(message));
    if says(&["no space left on device", "disk quota exceeded"]) {
        return error::from_status(status, &message, About::Pull);
    }
    if says(&["manifest unknown", "not found: manifest", "no such image", "name unknown"])
        || (lower.contains("manifest for") && lower.contains("not found"))
    {
        return Error::NoSuchImage { reference };
    }
    if says(&["denied", "unauthorized", "authentication required", "forbidden"]) {
        return Error::PullDenied { reference, message };
    }
    if status == 404 {
        return Error::NoSuchImage { reference };
    }
    Error::Registry { reference, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_without_a_tag_means_latest() {
        assert_eq!(split("itzg/minecraft-server"), ("itzg/minecraft-server", Some("latest")));
        assert_eq!(split("itzg/minecraft-server:java21"), ("itzg/minecraft-server", Some("java21")));
        assert_eq!(split("localhost:5000/a/b"), ("localhost:5000/a/b", Some("latest")));
        assert_eq!(split("localhost:5000/a/b:c"), ("localhost:5000/a/b", Some("c")));
        assert_eq!(split("a@sha256:00"), ("a@sha256:00", None));
    }

    #[test]
    fn the_daemons_words_say_why_a_pull_failed() {
        let refused = |status, message| refused("a/b", status, message);
        let denied =
            "pull access denied for a/b, repository does not exist or may require 'docker login': denied";
        assert!(matches!(refused(404, denied), Error::PullDenied { .. }));
        let unknown = "manifest for a/b:c not found: manifest unknown: manifest unknown";
        assert!(matches!(refused(404, unknown), Error::NoSuchImage { .. }));
        assert!(matches!(refused(404, "page not found"), Error::NoSuchImage { .. }));
        let full = "failed to register layer: write /x: no space left on device";
        assert!(matches!(refused(200, full), Error::NoSpace { .. }));
        let offline =
            "Get https://registry-1.docker.io/v2/: dial tcp: lookup registry-1.docker.io: no such host";
        assert!(matches!(refused(500, offline), Error::Registry { .. }));
        assert!(matches!(refused(200, "toomanyrequests: rate limit"), Error::Registry { .. }));
    }
}
