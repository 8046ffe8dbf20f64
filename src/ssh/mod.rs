//! The person's own ssh: addresses that cannot become its options, and byte streams through it.
//!
//! Its configuration, agent, jump hosts and known hosts count. It must not ask anything: there may be no terminal, or a
//! dashboard on it.

mod address;
mod clean;
mod tunnel;

pub use address::{Address, host_and_port};
pub use clean::{MESSAGE_MAX, clean};
pub use tunnel::{Tunnel, open};
