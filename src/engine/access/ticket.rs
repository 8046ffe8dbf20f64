//! Tickets: JSON Web Tokens (RFC 7519) signed with HMAC-SHA-256 (HS256, RFC 7518, 3.2).
//!
//! One header is written and only that very header is read, so there is no algorithm to be confused about.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use ring::hmac;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::model::{ServerId, TokenId};

/// How long a ticket can be used: long enough to open a connection.
const LIFE: SignedDuration = SignedDuration::from_secs(60);
/// A ticket has some 400 bytes.
const LONGEST: usize = 1024;
const HEADER: &[u8] = br#"{"alg":"HS256","typ":"JWT"}"#;

/// What a ticket says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Claims {
    #[serde(rename = "aud")]
    audience: String,
    /// By which token it was got.
    #[serde(rename = "sub")]
    pub token: TokenId,
    /// Its own number: it is good once.
    #[serde(rename = "jti")]
    pub id: Uuid,
    /// For which server.
    #[serde(rename = "srv", default, skip_serializing_if = "Option::is_none")]
    pub server: Option<ServerId>,
    #[serde(rename = "iat")]
    issued: i64,
    #[serde(rename = "exp")]
    expires: i64,
}

impl Claims {
    /// Of a ticket that begins now.
    pub fn new(audience: String, token: TokenId, server: Option<ServerId>, now: Timestamp) -> Self {
        let issued = now.as_second();
        Self { audience, token, id: Uuid::now_v7(), server, issued, expires: issued + LIFE.as_secs() }
    }

    /// From when on it is worthless.
    pub fn expires_at(&self) -> Timestamp {
        Timestamp::from_second(self.expires).unwrap_or(Timestamp::MIN)
    }
}

/// Signs.
pub fn seal(key: &[u8; 32], claims: &Claims) -> String {
    let claims = serde_json::to_vec(claims).unwrap_or_default();
    let text = format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(HEADER), BASE64_URL_SAFE_NO_PAD.encode(claims));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes());
    format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(tag))
}

/// What a ticket says, where it is one of ours for this audience and holds now.
pub fn open(key: &[u8; 32], text: &str, audience: &str, now: Timestamp) -> Option<Claims> {
    if text.len() > LONGEST {
        return None;
    }
    let (signed, tag) = text.rsplit_once('.')?;
    let tag = BASE64_URL_SAFE_NO_PAD.decode(tag).ok()?;
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, key), signed.as_bytes(), &tag).ok()?;
    let (header, claims) = signed.split_once('.')?;
    if BASE64_URL_SAFE_NO_PAD.decode(header).ok()? != HEADER {
        return None;
    }
    let claims: Claims = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    let (from, until) = (claims.issued - LIFE.as_secs(), claims.expires);
    let holds = claims.audience == audience && (from..until).contains(&now.as_second());
    holds.then_some(claims)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_this_key_signed_for_this_audience_and_only_for_a_minute() {
        let (key, now) = ([1; 32], Timestamp::now());
        let claims = Claims::new("here".into(), TokenId::new(), None, now);
        let text = seal(&key, &claims);
        assert_eq!(open(&key, &text, "here", now), Some(claims.clone()));
        assert_eq!(open(&key, &text, "there", now), None);
        assert_eq!(open(&[2; 32], &text, "here", now), None);
        assert_eq!(open(&key, &text, "here", now + SignedDuration::from_secs(61)), None);
        assert_eq!(open(&key, &text, "here", now - SignedDuration::from_hours(1)), None);
        // No signature, and the algorithm that asks for none (CVE-2015-9235 and its kin).
        let parts: Vec<_> = text.split('.').collect();
        let none = BASE64_URL_SAFE_NO_PAD.encode(br#"{"alg":"none"}"#);
        for forged in [format!("{}.{}.", parts[0], parts[1]), format!("{none}.{}.", parts[1]), String::new()]
        {
            assert_eq!(open(&key, &forged, "here", now), None, "{forged}");
        }
        let other = seal(&key, &Claims { server: Some(ServerId::new()), ..claims });
        let mixed = format!("{}.{}.{}", parts[0], other.split('.').nth(1).unwrap(), parts[2]);
        assert_eq!(open(&key, &mixed, "here", now), None);
    }
}
