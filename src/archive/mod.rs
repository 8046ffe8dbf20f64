//! Archives of servers' data: made from Docker's tar streams, verified, looked into, and unpacked to tar streams again.
//!
//! An archive is a plain `tar.gz` or `tar.zst` that any `tar` opens. Its last file is a [`Manifest`], which also lies beside
//! it as `<archive>.json`: every file with size and checksum, and how the backup came to be. Inside, the tar stream is cut
//! into pieces of 1 MiB that are packed each by itself, so that several threads work on it and one file can be read without
//! the others before it.
//!
//! The room knows no Docker and no engine. What comes in is as hostile as the world it comes from, and what is read back is
//! as hostile as whoever could write to the folder: nothing is unpacked but what the manifest lists, the manifest is held
//! to strict rules, and everything is held to its checksum. Work that blocks is done on threads of the room's own; dropping
//! what waits for it ends it.
//!
//! - [`Packer`] makes an archive; [`place::name`] names it, [`place::sweep`] removes what a killed program left.
//! - [`read_manifest`] reads the manifest, [`verify()`] everything.
//! - [`select`] says what a [`Scope`](crate::model::backup::Scope) means; [`unpack()`] and [`read_file`] give it.
//! - [`list()`] looks into a folder.

mod codec;
mod error;
mod fault;
mod filter;
mod gzip;
mod lanes;
mod layout;
mod list;
mod manifest;
mod meter;
mod noise;
mod pack;
mod path;
mod pieces;
pub mod place;
mod scope;
mod sidecar;
mod spare;
#[cfg(test)]
mod tests;
mod unpack;
mod ustar;
mod verify;
mod zeros;

pub use error::{Damage, Error, Refusal};
pub use filter::{Filter, OWN, STANDARD};
pub use layout::{Dimension, Layout, World};
pub use list::{list, shown};
pub use manifest::{About, File, Folder, Hash, INSIDE, Link, Manifest, Seal};
pub use meter::Meter;
pub use pack::{Packer, Plan, Seen, Taken};
pub use scope::{Selection, players, select};
pub use sidecar::{read as read_manifest, replace as replace_manifest};
pub use unpack::{Owner, read_file, unpack};
pub use verify::verify;
