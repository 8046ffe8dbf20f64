//! By which names this service may be called, and from which sites' pages.
//!
//! A page of a hostile site can make a browser send requests here, and can make its own name lead to this machine (DNS
//! rebinding). Such a request has that site's name in `Host` or in `Origin`. An address in `Host` is no name that
//! anybody could turn.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderValue, Uri, header, uri::Authority};

use crate::api::problem::Problem;

/// By which names this service may be called, and from which sites' pages.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Names of this service beside `localhost` and its addresses; lower case, without a port.
    pub hosts: Vec<String>,
    /// Other sites whose pages may use it, as browsers write them: `https://panel.example.org`.
    pub origins: Vec<String>,
}

impl Names {
    /// Whether a request may come by this name and from this page.
    ///
    /// # Errors
    /// The problem to be answered with.
    pub fn check(&self, headers: &HeaderMap, uri: &Uri, tls: bool) -> Result<(), Problem> {
        let mut hosts = headers.get_all(header::HOST).iter();
        let host = match (uri.authority(), hosts.next(), hosts.next()) {
            (Some(authority), _, None) => Some(authority.clone()),
            (None, Some(host), None) => host.to_str().ok().and_then(|host| host.parse::<Authority>().ok()),
            _ => None,
        };
        let host = host.filter(|host| self.is_own(host.host())).ok_or_else(Problem::wrong_host)?;
        let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
        let scheme = if tls { "https" } else { "http" };
        let own = format!("{scheme}://{host}");
        let same = origin.to_str().is_ok_and(|origin| origin.eq_ignore_ascii_case(&own));
        if same || self.is_other_site(origin) { Ok(()) } else { Err(Problem::wrong_origin()) }
    }

    fn is_own(&self, host: &str) -> bool {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let name = host.trim_end_matches('.').to_ascii_lowercase();
        bare.parse::<IpAddr>().is_ok() || name == "localhost" || self.hosts.contains(&name)
    }

    /// Whether this is another site whose pages may use the API.
    pub fn is_other_site(&self, origin: &HeaderValue) -> bool {
        origin
            .to_str()
            .is_ok_and(|origin| self.origins.iter().any(|other| other.eq_ignore_ascii_case(origin)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names { hosts: vec!["mc.example.org".into()], origins: vec!["https://panel.example.org".into()] }
    }

    fn check(host: Option<&str>, origin: Option<&str>) -> Option<u16> {
        let mut headers = HeaderMap::new();
        if let Some(host) = host {
            headers.insert(header::HOST, HeaderValue::from_str(host).unwrap());
        }
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_str(origin).unwrap());
        }
        names()
            .check(&headers, &Uri::from_static("/api/health"), false)
            .err()
            .map(|problem| problem.status().as_u16())
    }

    #[test]
    fn a_name_that_was_turned_here_is_refused() {
        for good in
            ["127.0.0.1:8000", "localhost", "LOCALHOST:1", "[::1]:8000", "10.1.2.3", "mc.example.org:8000"]
        {
            assert_eq!(check(Some(good), None), None, "{good}");
        }
        for bad in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "mc.example.org@evil.example",
            "",
        ] {
            assert_eq!(check(Some(bad), None), Some(421), "{bad}");
        }
        assert_eq!(check(None, None), Some(421));
    }

    #[test]
    fn a_page_of_another_site_is_refused() {
        let from = |origin| check(Some("127.0.0.1:8000"), Some(origin));
        assert_eq!(from("http://127.0.0.1:8000"), None);
        assert_eq!(from("https://panel.example.org"), None);
        for bad in [
            "null",
            "https://127.0.0.1:8000",
            "http://127.0.0.1:8001",
            "https://evil.example",
            "http://localhost:8000",
        ] {
            assert_eq!(from(bad), Some(403), "{bad}");
        }
    }
}
