//! Names that never change: one for each server, job, backup, schedule and host.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new one. Ids sort by the moment they were made (UUID version 7, RFC 9562).
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// The last twelve hexadecimal digits: enough to tell apart what one engine holds, short enough to read.
            pub fn short(&self) -> String {
                let text = self.0.simple().to_string();
                text[text.len() - 12..].to_owned()
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

uuid_id! {
    /// One server, for as long as it is known, whatever its container is called.
    ServerId
}

impl ServerId {
    /// The id of a container that nobody has adopted yet: derived from the container's own id (its first 32
    /// hexadecimal digits, padded with zeros), so that it is the same each time the container is seen.
    pub fn of_container(container: &str) -> Self {
        let mut value: u128 = 0;
        for digit in container.chars().take(32).filter_map(|c| c.to_digit(16)) {
            value = (value << 4) | u128::from(digit);
        }
        Self(uuid::Builder::from_random_bytes(value.to_be_bytes()).into_uuid())
    }
}

uuid_id! {
    /// One long job.
    JobId
}

uuid_id! {
    /// One backup.
    BackupId
}

uuid_id! {
    /// One schedule.
    ScheduleId
}

uuid_id! {
    /// One token.
    TokenId
}

/// A machine with a Docker engine. `local` is the one that this program runs on.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HostId(pub Arc<str>);

impl HostId {
    /// The Docker engine that the `docker` command would speak to here.
    pub fn local() -> Self {
        Self("local".into())
    }
}

impl fmt::Display for HostId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for HostId {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_has_the_same_server_id_each_time() {
        let id = "4c01db0b339c8d1e3a0b0e8f1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f708192a3";
        assert_eq!(ServerId::of_container(id), ServerId::of_container(id));
        assert_ne!(ServerId::of_container(id), ServerId::of_container(&id.replace('4', "5")));
    }
}
