//! Requests and answers: queries, bodies, streams.

use std::collections::BTreeMap;
use std::io;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use http_body_util::{BodyExt, Either, Full, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::refusal::Refusal;

/// The body of an answer: whole, or a stream.
pub(super) type Body = Either<Full<Bytes>, StreamBody<BoxStream<'static, io::Result<Frame<Bytes>>>>>;

/// An answer, or why there is none.
pub(super) type Answer = Result<Response<Body>, Refusal>;

/// Largest body of a request that is JSON, in bytes.
const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// A whole body.
pub(super) fn whole(bytes: impl Into<Bytes>) -> Body {
    Either::Left(Full::new(bytes.into()))
}

/// An answer without a body.
pub(super) fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(whole(Bytes::new()));
    *response.status_mut() = status;
    response
}

/// A value as JSON, with Go's newline at its end.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Answer {
    let mut text = serde_json::to_vec(value).map_err(|error| Refusal::failed(error.to_string()))?;
    text.push(b'\n');
    let mut response = Response::new(whole(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// A refusal as an answer.
pub(super) fn refuse(refusal: &Refusal) -> Response<Body> {
    let body = serde_json::json!({ "message": refusal.message });
    json(refusal.status, &body).unwrap_or_else(|_| empty(refusal.status))
}

/// An answer whose body comes piece by piece; dropping it ends what feeds it.
pub(super) fn streamed(
    chunks: impl stream::Stream<Item = io::Result<Bytes>> + Send + 'static,
) -> Response<Body> {
    let frames = chunks.map(|chunk| chunk.map(Frame::data)).boxed();
    Response::new(Either::Right(StreamBody::new(frames)))
}

/// Reads a body of JSON.
pub(super) async fn read_json<T: DeserializeOwned>(body: Incoming) -> Result<T, Refusal> {
    let bytes = Limited::new(body, BODY_LIMIT)
        .collect()
        .await
        .map_err(|error| Refusal::bad(format!("the body cannot be read: {error}")))?
        .to_bytes();
    let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
    serde_json::from_slice(text).map_err(|error| Refusal::bad(format!("invalid JSON: {error}")))
}

/// The part of an address after `?`.
#[derive(Debug, Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn parse(text: Option<&str>) -> Self {
        let pairs = text.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decode(name), decode(value))
                })
                .collect(),
        )
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// A flag as Docker reads it: absent, empty and a few words are false, anything else is true.
    pub(super) fn flag(&self, name: &str) -> bool {
        !matches!(self.text(name).to_ascii_lowercase().as_str(), "" | "0" | "no" | "false" | "none")
    }

    /// As [`Query::flag`], with a value for when it is absent.
    pub(super) fn flag_or(&self, name: &str, default: bool) -> bool {
        if self.get(name).is_some() { self.flag(name) } else { default }
    }

    /// The `filters` parameter: each name with its values, in both of the forms that clients write.
    pub(super) fn filters(&self) -> Result<Filters, Refusal> {
        let text = self.text("filters");
        if text.is_empty() {
            return Ok(Filters::default());
        }
        if let Ok(lists) = serde_json::from_str::<BTreeMap<String, Vec<String>>>(text) {
            return Ok(Filters(lists));
        }
        let maps: BTreeMap<String, BTreeMap<String, bool>> =
            serde_json::from_str(text).map_err(|error| Refusal::bad(format!("invalid filter: {error}")))?;
        let lists = maps.into_iter().map(|(name, values)| (name, values.into_keys().collect()));
        Ok(Filters(lists.collect()))
    }

    /// A time in seconds since 1970 with an optional fraction, as nanoseconds.
    pub(super) fn nanos(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let text = self.text(name);
        if text.is_empty() || text == "0" {
            return Ok(None);
        }
        nanos(text).map(Some).ok_or_else(|| Refusal::bad(format!("invalid value for \"{name}\": {text}")))
    }
}

/// Reads `1767323045.000000009`, or a date in RFC 3339, exactly.
fn nanos(text: &str) -> Option<i64> {
    let Some((seconds, fraction)) =
        text.split_once('.').or(Some((text, ""))).filter(|(s, _)| s.parse::<i64>().is_ok())
    else {
        return i64::try_from(text.parse::<jiff::Timestamp>().ok()?.as_nanosecond()).ok();
    };
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    seconds.parse::<i64>().ok()?.checked_mul(1_000_000_000)?.checked_add(digits.parse().ok()?)
}

/// What a list is narrowed down to.
#[derive(Debug, Default)]
pub(super) struct Filters(BTreeMap<String, Vec<String>>);

impl Filters {
    /// Whether no filter of this name is set, or one of its values fits.
    pub(super) fn any(&self, name: &str, fits: impl Fn(&str) -> bool) -> bool {
        self.0.get(name).is_none_or(|values| values.is_empty() || values.iter().any(|value| fits(value)))
    }

    /// Whether every value of this filter fits.
    pub(super) fn all(&self, name: &str, fits: impl Fn(&str) -> bool) -> bool {
        self.0.get(name).is_none_or(|values| values.iter().all(|value| fits(value)))
    }

    /// Whether labels fit the `label` filter: `name` or `name=value`, all of them.
    pub(super) fn labels(&self, labels: &BTreeMap<String, String>) -> bool {
        self.all("label", |wanted| match wanted.split_once('=') {
            Some((name, value)) => labels.get(name).is_some_and(|have| have == value),
            None => labels.contains_key(wanted),
        })
    }
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match (first, tail) {
            (b'%', [high, low, after @ ..]) if hex(*high).is_some() && hex(*low).is_some() => {
                bytes.push(hex(*high).unwrap_or(0) * 16 + hex(*low).unwrap_or(0));
                rest = after;
            }
            (b'+', _) => {
                bytes.push(b' ');
                rest = tail;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_decoded_and_flags_are_dockers() {
        let query = Query::parse(Some("path=%2Fdata%2Fa%20b+c&follow=1&stdout=false&all"));
        assert_eq!(query.text("path"), "/data/a b c");
        assert!(query.flag("follow") && !query.flag("stdout") && !query.flag("all") && !query.flag("nope"));
        assert!(query.flag_or("nope", true));
    }

    #[test]
    fn a_time_keeps_its_nanoseconds() {
        let at = |text: &str| Query::parse(Some(&format!("since={text}"))).nanos("since");
        assert_eq!(at("1767323045.000000009").unwrap(), Some(1_767_323_045_000_000_009));
        assert_eq!(at("1767323045.5").unwrap(), Some(1_767_323_045_500_000_000));
        assert_eq!(at("2026-01-02T03:04:05.000000009Z").unwrap(), Some(1_767_323_045_000_000_009));
        assert_eq!(at("0").unwrap(), None);
        assert!(at("soon").is_err() && at("5.x").is_err());
    }

    #[test]
    fn both_forms_of_filters_are_read() {
        for text in [r#"{"label":["a=b"]}"#, r#"{"label":{"a=b":true}}"#] {
            let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let filters = Query::parse(Some(&format!("filters={encoded}"))).filters().unwrap();
            assert!(filters.labels(&BTreeMap::from([("a".to_owned(), "b".to_owned())])));
            assert!(!filters.labels(&BTreeMap::from([("a".to_owned(), "c".to_owned())])));
        }
        assert!(Query::parse(Some("filters=[")).filters().is_err());
    }
}
