//! What is told, and how it is written for each kind of target.

use jiff::Timestamp;
use ring::hmac;
use serde_json::{Value, json};
use uuid::Uuid;

use super::target::{Kind, Target};
use crate::model::{Secret, ServerId, Severity, Topic};

/// Longest text and details, in characters: Discord takes 256 and 4096 of them in an embed (its API reference, "Embed
/// Limits"), Slack 3000 in a block.
const TEXT_MAX: usize = 250;
const DETAILS_MAX: usize = 2_500;

/// Something that is told to others.
#[derive(Clone, PartialEq, Debug)]
pub struct Message {
    /// Never changes, however often it is sent: whoever gets it twice can tell.
    pub id: Uuid,
    /// When it happened.
    pub at: Timestamp,
    /// What it is about.
    pub topic: Topic,
    /// How much it matters.
    pub severity: Severity,
    /// About which server, and what that is called.
    pub server: Option<(ServerId, String)>,
    /// One sentence.
    pub text: String,
    /// What it means and what to do next; may be empty.
    pub details: String,
}

impl Message {
    /// One that only says that it came.
    pub fn test(now: Timestamp) -> Self {
        Self {
            id: Uuid::now_v7(),
            at: now,
            topic: Topic::Other,
            severity: Severity::Info,
            server: None,
            text: "This is a test of Mineclifford's notices.".into(),
            details: "Somebody asked for it with `mineclifford notify test`. Nothing happened.".into(),
        }
    }

    /// The body of a request, for this kind of target.
    pub fn body(&self, kind: Kind) -> Vec<u8> {
        let body = match kind {
            Kind::Discord => self.discord(),
            Kind::Slack => self.slack(),
            Kind::Json => self.json(),
        };
        body.to_string().into_bytes()
    }

    fn json(&self) -> Value {
        let server = self.server.as_ref().map(|(id, name)| json!({ "id": id.to_string(), "name": name }));
        json!({
            "version": 1,
            "id": self.id,
            "at": self.at,
            "topic": if self.topic == Topic::Other { "test" } else { self.topic.word() },
            "severity": self.severity,
            "server": server,
            "text": self.text,
            "details": self.details,
        })
    }

    fn discord(&self) -> Value {
        let color = match self.severity {
            Severity::Error => 0xd9_3f_3f,
            Severity::Warning => 0xd9_a4_3f,
            Severity::Success => 0x3f_a4_5a,
            Severity::Info => 0x3f_7f_d9,
        };
        json!({
            "username": "Mineclifford",
            // Whoever names a server "@everyone" calls nobody.
            "allowed_mentions": { "parse": [] },
            "embeds": [{
                "title": cut(&self.text, TEXT_MAX),
                "description": cut(&self.details, DETAILS_MAX),
                "color": color,
                "timestamp": self.at,
            }],
        })
    }

    fn slack(&self) -> Value {
        let text = slack_text(&cut(&self.text, TEXT_MAX));
        match self.details.as_str() {
            "" => json!({ "text": text }),
            details => json!({ "text": format!("{text}\n{}", slack_text(&cut(details, DETAILS_MAX))) }),
        }
    }
}

/// The three characters with which Slack's text gives orders, such as `<!channel>`.
fn slack_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn cut(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}…", &text[..at]),
    }
}

/// The headers beside the body. A receiver computes the same over `<timestamp>.<body>`, compares, and refuses what is
/// older than some minutes: then nobody can send a message again that was listened in on.
pub fn headers(
    message: &Message,
    target: &Target,
    body: &[u8],
    now: Timestamp,
) -> Vec<(&'static str, String)> {
    if target.kind != Kind::Json {
        return Vec::new();
    }
    let at = now.as_second().to_string();
    let mut headers = vec![("x-mineclifford-id", message.id.to_string())];
    if let Some(secret) = &target.secret {
        headers.push(("x-mineclifford-signature", signature(secret, &at, body)));
    }
    headers.push(("x-mineclifford-timestamp", at));
    headers
}

/// HMAC-SHA256 (RFC 2104), in hex, with the algorithm before it.
fn signature(secret: &Secret, at: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.0.as_bytes());
    let mut context = hmac::Context::with_key(&key);
    for part in [at.as_bytes(), b".", body] {
        context.update(part);
    }
    let hex: String = context.sign().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> Message {
        Message {
            id: Uuid::nil(),
            at: Timestamp::UNIX_EPOCH,
            topic: Topic::ServerCrashed,
            severity: Severity::Error,
            server: Some((ServerId(Uuid::nil()), "sur\"vival".into())),
            text: "<!channel> @everyone crashed".into(),
            details: "é".repeat(9_000),
        }
    }

    fn read(kind: Kind) -> Value {
        serde_json::from_slice(&message().body(kind)).unwrap()
    }

    #[test]
    fn a_program_gets_all_of_it() {
        let body = read(Kind::Json);
        assert_eq!(body["topic"], "server-crashed");
        assert_eq!(body["severity"], "error");
        assert_eq!(body["at"], "1970-01-01T00:00:00Z");
        assert_eq!(body["server"]["name"], "sur\"vival");
        assert_eq!(body["details"].as_str().unwrap().chars().count(), 9_000);
    }

    #[test]
    fn discord_calls_nobody_and_gets_no_more_than_it_takes() {
        let body = read(Kind::Discord);
        assert_eq!(body["allowed_mentions"]["parse"], json!([]));
        let embed = &body["embeds"][0];
        assert_eq!(embed["title"], "<!channel> @everyone crashed");
        assert_eq!(embed["description"].as_str().unwrap().chars().count(), DETAILS_MAX + 1);
    }

    #[test]
    fn slack_calls_nobody_either() {
        let text = read(Kind::Slack)["text"].as_str().unwrap().to_owned();
        assert!(text.starts_with("&lt;!channel&gt; @everyone crashed\né"), "{text:.60}");
        assert!(!text.contains('<') && text.chars().count() < 3_000);
    }

    #[test]
    fn the_signature_is_what_openssl_computes() {
        // printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac hunter2
        let signed = signature(&Secret("hunter2".into()), "1700000000", b"{\"a\":1}");
        assert_eq!(signed, "sha256=56b25cbf563812b38800e5f4dd1febfde087d36841155e70b3aa285517e1570a");
    }
}
