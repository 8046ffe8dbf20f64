//! `[user@]host[:port]`, read so that no part of it can be taken for an option or a command.

/// A machine, as ssh knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Address {
    /// The user there; ssh's own choice where `None`.
    pub user: Option<String>,
    /// The machine: a name that ssh's configuration may know, or an IP address.
    pub host: String,
    /// Its port; ssh's own choice where `None`.
    pub port: Option<u16>,
}

impl Address {
    /// Reads what stands behind `ssh://`.
    ///
    /// # Errors
    /// The rule that is broken; a password that was written is not in it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim_end_matches('/');
        let (user, rest) = match text.rsplit_once('@') {
            Some((user, rest)) => (Some(user), rest),
            None => (None, text),
        };
        if user.is_some_and(|user| !is_name(user)) {
            return Err("the user may hold only letters, digits, '.', '-' and '_', and no password");
        }
        let (host, port) = host_and_port(rest)?;
        Ok(Self { user: user.map(str::to_owned), host: host.to_owned(), port })
    }
}

/// As a person may see it.
impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        if self.host.contains(':') {
            write!(f, "[{}]", self.host)?
        } else {
            f.write_str(&self.host)?
        }
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

/// Letters, digits, `.`, `-` and `_`, the first not `-`: a word that no program takes for an option.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 253
        && !text.starts_with('-')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
}

/// Splits `host[:port]`, with an IPv6 address in brackets.
///
/// # Errors
/// The rule that is broken.
pub fn host_and_port(text: &str) -> Result<(&str, Option<u16>), &'static str> {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((inner, after)) => {
            if inner.parse::<std::net::Ipv6Addr>().is_err() {
                return Err("what stands in [ ] must be an IPv6 address");
            }
            (inner, if after.is_empty() { None } else { Some(after.strip_prefix(':').unwrap_or("")) })
        }
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    if !host.contains(':') && !is_name(host) {
        return Err("the host may hold only letters, digits, '.', '-' and '_', and not begin with '-'");
    }
    let port = match port {
        None => None,
        Some(port) => Some(
            port.parse::<u16>()
                .ok()
                .filter(|&port| port > 0)
                .ok_or("the port must be a number from 1 to 65535")?,
        ),
    };
    Ok((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_and_written_as_people_write_it() {
        for text in ["host", "mc@host.example:2222", "[::1]:22", "a_b@10.0.0.1"] {
            assert_eq!(Address::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn nothing_becomes_an_option() {
        for text in [
            "",
            "-oProxyCommand=id",
            "-oProxyCommand=id@host",
            "user@-oProxyCommand=id",
            "user@-v",
            "host;id",
            "$(id)",
            "a b@host",
            "a:secret@host",
            "host:-p",
            "host:0",
        ] {
            let refused = Address::parse(text).unwrap_err();
            assert!(!refused.contains("secret"));
        }
    }
}
