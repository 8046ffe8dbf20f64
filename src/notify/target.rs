//! Where notices are sent to.

use std::fmt;

use hyper::Uri;

use crate::model::{Secret, Topic};

/// Longest URL, in bytes.
const URL_MAX: usize = 2_048;

/// What a target understands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A webhook of a Discord channel.
    Discord,
    /// An incoming webhook of Slack, or of one of the many that take the same.
    Slack,
    /// Any program: JSON with a signature.
    Json,
}

/// One place that notices are sent to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// Its name in the settings and in the log.
    pub name: String,
    /// What it understands.
    pub kind: Kind,
    /// Where it is.
    pub address: Address,
    /// What messages to it are signed with; only [`Kind::Json`] looks at signatures.
    pub secret: Option<Secret>,
    /// What it is told of.
    pub topics: Vec<Topic>,
    /// Whether its host may be on this machine or in its network.
    pub private: bool,
}

/// A URL that notices are posted to. It is a secret by itself: whoever knows the path of a webhook may write to its
/// channel, so only the host is ever shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    uri: Uri,
    host: String,
    secure: bool,
}

impl Address {
    /// Reads a URL.
    ///
    /// # Errors
    /// The rule that it breaks; the URL itself is not in it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.len() > URL_MAX {
            return Err("must be a URL of at most 2048 bytes");
        }
        let uri: Uri =
            text.trim().parse().map_err(|_| "must be a URL such as https://hooks.example.org/x")?;
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err("must begin with https:// or http://"),
        };
        // A name and password in a URL end up in logs; there is no need for them here.
        if uri.authority().is_none_or(|authority| authority.as_str().contains('@')) {
            return Err("must name a host, without a user");
        }
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        if host.is_empty() {
            return Err("must name a host, without a user");
        }
        Ok(Self { uri, host, secure })
    }

    /// The host: a name in small letters, or an address.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.uri.port_u16().unwrap_or(if self.secure { 443 } else { 80 })
    }

    /// Whether the connection is encrypted.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// What the `Host` header says.
    pub(super) fn authority(&self) -> &str {
        self.uri.authority().map(|authority| authority.as_str()).unwrap_or_default()
    }

    /// Path and query, as the request's line has it.
    pub(super) fn path(&self) -> &str {
        self.uri.path_and_query().map(|path| path.as_str()).filter(|path| !path.is_empty()).unwrap_or("/")
    }
}

/// Only as much as may be in a log.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(f, "{scheme}://{}/…", self.authority())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart_and_never_shown() {
        let address =
            Address::parse("https://Discord.example.:8443/api/webhooks/1/hunter2?wait=true\n").unwrap();
        assert_eq!((address.host(), address.port(), address.is_secure()), ("discord.example", 8443, true));
        assert_eq!(address.path(), "/api/webhooks/1/hunter2?wait=true");
        for shown in [format!("{address}"), format!("{address:?}")] {
            assert!(shown.contains("Discord.example") && !shown.contains("hunter2"), "{shown}");
        }
        let bare = Address::parse("http://[::1]:9").unwrap();
        assert_eq!((bare.host(), bare.port(), bare.path(), bare.is_secure()), ("::1", 9, "/", false));
    }

    #[test]
    fn what_is_no_place_to_post_to_is_refused() {
        let long = format!("https://a/{}", "x".repeat(URL_MAX));
        let bad = [
            "",
            "x",
            "ftp://a/b",
            "https://",
            "https:///x",
            "https://me:pw@a/b",
            "file:///etc/passwd",
            "/x",
            &long,
        ];
        for text in bad {
            assert!(Address::parse(text).is_err(), "{text:.60}");
        }
    }
}
