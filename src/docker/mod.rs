//! Docker: the only room that talks to it, over the Engine API (<https://docs.docker.com/reference/api/engine/>).
//!
//! One [`Docker`] is one daemon, wherever it is: a socket, TCP with or without TLS, ssh, or this process. Every call
//! has a time limit; streams have none and end when they are dropped. Whatever a daemon sends is bounded before it is
//! kept. No type of bollard's leaves this folder.

mod archive;
mod attach;
mod connect;
mod connector;
mod containers;
mod context;
mod endpoint;
mod error;
mod events;
mod exec;
mod fault;
mod images;
mod inspect;
mod json_lines;
mod limits;
mod list;
mod log_frames;
mod logs;
mod plan;
mod processes;
mod pull;
mod socket;
mod stats;
mod tls;
mod transport;
mod types;
mod volumes;

pub use attach::Stdin;
pub use connect::Docker;
pub use connector::{Connector, Duplex};
pub use endpoint::Endpoint;
pub use error::Error;
pub use plan::{Plan, PortPlan, Resources};
pub use types::{
    Container, ContainerEvent, Detail, EngineInfo, ExecOutput, Health, Image, LogPiece, LogQuery, Mount,
    MountKind, PathStat, Phase, PortMap, PullProgress, Volume, What,
};
