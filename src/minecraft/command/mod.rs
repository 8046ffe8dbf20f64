//! Console commands: what may be sent, and how to read the replies that matter.

pub mod reply;
mod validate;

pub(crate) use reply::number;
pub use reply::{PlayerList, SaveAll, SaveOff, SaveOn, player_list, save_all, save_off, save_on};
pub use validate::{CommandError, MAX_COMMAND, MAX_RCON_CLI, validate};
