//! A pull: layers that are fetched and unpacked side by side, told line by line as Docker tells it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use practice::rng::{Rng, hash};
use serde_json::{Value, json};

use super::http::{Answer, Query, streamed};
use super::images::{digits, full, id};
use super::refusal::Refusal;
use super::world::Shared;

/// Steps of a pull; between two of them lies the same time.
const STEPS: u32 = 40;
/// How long a pull takes.
const TIME: Duration = Duration::from_secs(2);
/// Sizes of the layers in bytes.
const LAYERS: [u64; 9] =
    [30_440_291, 16_974_218, 157_603_012, 159, 2_276, 61_048_910, 31_874_113, 1_204, 18_022_530];
/// The share of the time until the last layer is fetched.
const FETCHED: f64 = 0.8;

/// One layer's way: from which share of the time to which it is fetched, then unpacked.
struct Layer {
    id: String,
    size: u64,
    from: f64,
    until: f64,
    stage: u8,
}

struct Pull {
    shared: Arc<Shared>,
    reference: String,
    repository: String,
    tag: String,
    layers: Vec<Layer>,
    step: u32,
    tick: Duration,
    breaks: bool,
    known: bool,
    /// Broken off or done.
    over: bool,
}

fn line(status: &str, layer: &str, detail: &Value) -> Value {
    let mut value = json!({ "status": status, "progressDetail": detail, "id": layer });
    if let (Some(current), Some(total)) = (detail["current"].as_u64(), detail["total"].as_u64()) {
        let filled = usize::try_from(current * 50 / total.max(1)).unwrap_or(50).min(50);
        let arrow = if filled < 50 { ">" } else { "" };
        let bar = format!("{}{arrow}", "=".repeat(filled));
        value["progress"] = json!(format!("[{bar:<50}]  {}/{}", size(current), size(total)));
    }
    value
}

/// A size as Docker writes it: four digits, decimal units.
fn size(bytes: u64) -> String {
    let mut value = bytes as f64;
    let mut unit = "B";
    for larger in ["kB", "MB", "GB"] {
        if value < 1000.0 {
            break;
        }
        value /= 1000.0;
        unit = larger;
    }
    let digits = if value < 10.0 && unit != "B" {
        3
    } else if value < 100.0 && unit != "B" {
        2
    } else {
        usize::from(unit != "B")
    };
    format!("{value:.digits$}{unit}")
}

impl Layer {
    /// What it has to say at this share of the whole time.
    fn tell(&mut self, share: f64, out: &mut Vec<Value>) {
        let none = json!({});
        let within = |from: f64, until: f64| ((share - from) / (until - from)).clamp(0.0, 1.0);
        if self.stage == 0 {
            let done = within(self.from, self.until);
            if done < 1.0 {
                if done > 0.0 && self.size > 10_000 {
                    let detail = json!({ "current": (self.size as f64 * done) as u64, "total": self.size });
                    out.push(line("Downloading", &self.id, &detail));
                }
                return;
            }
            out.push(line("Verifying Checksum", &self.id, &none));
            out.push(line("Download complete", &self.id, &none));
            self.stage = 1;
        }
        if self.stage == 1 {
            let begin = FETCHED * 0.5 + self.until * 0.5;
            let done = within(begin, (begin + 0.12).min(0.98));
            if done >= 1.0 {
                let detail = json!({ "current": self.size, "total": self.size });
                out.push(line("Extracting", &self.id, &detail));
                out.push(line("Pull complete", &self.id, &none));
                self.stage = 2;
            } else if done > 0.0 && self.size > 10_000 {
                let detail = json!({ "current": (self.size as f64 * done) as u64, "total": self.size });
                out.push(line("Extracting", &self.id, &detail));
            }
        }
    }
}

impl Pull {
    fn lines(&mut self) -> Vec<Value> {
        let mut out = Vec::new();
        if self.step == 0 {
            out.push(json!({ "status": format!("Pulling from {}", self.repository), "id": self.tag }));
            if self.known {
                self.finish("Image is up to date", &mut out);
                return out;
            }
            out.extend(self.layers.iter().map(|layer| line("Pulling fs layer", &layer.id, &json!({}))));
            out.extend(self.layers.iter().skip(3).map(|layer| line("Waiting", &layer.id, &json!({}))));
            return out;
        }
        let share = f64::from(self.step) / f64::from(STEPS);
        for layer in &mut self.layers {
            layer.tell(share, &mut out);
        }
        if self.step >= STEPS {
            self.finish("Downloaded newer image", &mut out);
            let reference = self.reference.clone();
            self.shared.change(|world| {
                let now = world.now().nanos;
                world.images.insert(reference.clone(), now);
                world.emit_image("pull", &reference);
            });
        }
        out
    }

    fn finish(&mut self, word: &str, out: &mut Vec<Value>) {
        out.push(json!({ "status": format!("Digest: {}", id(&format!("{}@", self.reference))) }));
        out.push(json!({ "status": format!("Status: {word} for {}", self.reference) }));
        self.over = true;
    }

    async fn chunk(&mut self) -> Option<io::Result<Bytes>> {
        if self.over {
            return None;
        }
        loop {
            if self.step > 0 {
                tokio::time::sleep(self.tick).await;
            }
            self.shared.faults.flow().await;
            if self.breaks && self.step >= STEPS / 2 {
                self.over = true;
                return Some(Err(io::ErrorKind::ConnectionReset.into()));
            }
            let lines = self.lines();
            self.step += 1;
            if !lines.is_empty() {
                let text: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
                return Some(Ok(text.into()));
            }
        }
    }
}

fn layers(reference: &str) -> Vec<Layer> {
    let mut rng = Rng::new(hash(reference.as_bytes()));
    let total = LAYERS.len() as f64;
    LAYERS
        .iter()
        .enumerate()
        .map(|(index, size)| {
            // Three at a time, the later ones later, the large ones longer.
            let from = (index as f64 / 3.0).floor() * 3.0 / total * FETCHED * 0.5 + 0.02;
            let length = 0.1 + 0.4 * (*size as f64 / 157_603_012.0);
            let until = (from + length).min(FETCHED);
            Layer { id: digits(&mut rng).chars().take(12).collect(), size: *size, from, until, stage: 0 }
        })
        .collect()
}

/// `POST /images/create`
pub(super) fn pull(shared: &Arc<Shared>, query: &Query) -> Answer {
    let name = query.text("fromImage");
    if name.is_empty() {
        return Err(Refusal::bad("invalid reference format"));
    }
    let tag = query.text("tag");
    let reference = match tag {
        "" => full(name),
        digest if digest.starts_with("sha256:") => full(&format!("{name}@{digest}")),
        tag => full(&format!("{name}:{tag}")),
    };
    if reference.bytes().any(|byte| byte.is_ascii_uppercase() || byte <= b' ') && !reference.contains(':') {
        return Err(Refusal::bad("invalid reference format: repository name must be lowercase"));
    }
    let repository = reference.split([':', '@']).next().unwrap_or_default().to_owned();
    if reference.starts_with("nonexistent/") {
        return Err(Refusal::missing(format!(
            "pull access denied for {repository}, repository does not exist or may require 'docker login': denied: \
             requested access to the resource is denied"
        )));
    }
    let tag = reference.get(repository.len() + 1..).unwrap_or("latest").to_owned();
    if tag.starts_with("nonexistent") {
        return Err(Refusal::missing(format!(
            "manifest for {reference} not found: manifest unknown: manifest unknown"
        )));
    }
    let trouble = shared.faults.now();
    let pull = Pull {
        shared: shared.clone(),
        known: shared.lock().images.contains_key(&reference),
        layers: layers(&reference),
        tick: trouble.pull_time.unwrap_or(TIME) / STEPS,
        breaks: trouble.pull_breaks,
        reference,
        repository,
        tag,
        step: 0,
        over: false,
    };
    let mut response = streamed(stream::unfold(pull, |mut pull| async move {
        let chunk = pull.chunk().await?;
        Some((chunk, pull))
    }));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layer_ends_in_place_and_none_goes_back() {
        for mut layer in layers("a:b") {
            let mut last = 0;
            let mut out = Vec::new();
            for step in 1..=STEPS {
                out.clear();
                layer.tell(f64::from(step) / f64::from(STEPS), &mut out);
                for line in out.iter().filter(|line| line["status"] == "Downloading") {
                    let current = line["progressDetail"]["current"].as_u64().unwrap();
                    assert!(current > last);
                    last = current;
                }
            }
            assert_eq!(layer.stage, 2);
        }
    }

    #[test]
    fn sizes_have_few_digits() {
        assert_eq!(size(159), "159B");
        assert_eq!(size(2_276), "2.276kB");
        assert_eq!(size(30_440_291), "30.44MB");
        assert_eq!(size(157_603_012), "157.6MB");
    }
}
