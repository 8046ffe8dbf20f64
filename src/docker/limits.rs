//! Every limit of this room in one place: how long a call may take, and how much a daemon may make us hold.

use std::time::Duration;

/// To connect and learn the versions; then once more to read the host's figures.
pub(super) const CONNECT: Duration = Duration::from_secs(5);
/// A call that only reads, or that changes nothing slow.
pub(super) const CALL: Duration = Duration::from_secs(30);
/// Starting a container: Docker mounts, sets up the network and runs the first process in it.
pub(super) const START: Duration = Duration::from_secs(30);
/// Creating a container: Docker may have to copy the image's files into a new volume.
pub(super) const CREATE: Duration = Duration::from_secs(60);
/// Removing a container or a volume: large file systems take their time.
pub(super) const REMOVE: Duration = Duration::from_secs(120);
/// How much longer than its grace a stop may take: Docker kills after the grace, then tidies up.
pub(super) const STOP_EXTRA: Duration = Duration::from_secs(30);
/// Until a stream's first answer (not until its first element).
pub(super) const OPEN: Duration = Duration::from_secs(30);
/// Until the daemon begins to report on a pull: it asks the registry first.
pub(super) const PULL_OPEN: Duration = Duration::from_secs(120);
/// How long an upload may make no progress at all, its last answer included.
pub(super) const STALL: Duration = Duration::from_secs(600);

/// Most bytes in one reply of an ordinary call; a host with some thousands of containers stays far below.
pub(super) const REPLY: usize = 16 * 1024 * 1024;
/// Most bytes of one line in a stream of JSON values.
pub(super) const JSON_LINE: usize = 1024 * 1024;
/// Most bytes of an error's body that are read.
pub(super) const ERROR_BODY: usize = 64 * 1024;
/// Most characters of a daemon's message that are passed on.
pub(super) const MESSAGE: usize = 500;
/// Most bytes of a health check's last output.
pub(super) const HEALTH_OUTPUT: usize = 4 * 1024;
/// Most bytes of each of an exec's two outputs.
pub(super) const EXEC_OUTPUT: usize = 1024 * 1024;
/// Most bytes in one piece of a log; what comes in larger frames is cut.
pub(super) const LOG_PIECE: usize = 32 * 1024;
/// Most layers of an image whose progress is kept.
pub(super) const LAYERS: usize = 512;
/// Most bytes that hyper may hold per connection, in each direction.
pub(super) const HTTP_BUFFER: usize = 8 * 1024;
/// The same for an archive that is read, of which a socket holds some 200 KiB.
pub(super) const ARCHIVE_BUFFER: usize = 256 * 1024;
/// Connections kept open for the next call.
pub(super) const IDLE_CONNECTIONS: usize = 2;
/// Largest file of the `docker` command's configuration that is read, in bytes.
pub(super) const CONFIG_FILE: u64 = 1024 * 1024;
/// Most contexts that are looked through.
pub(super) const CONTEXTS: usize = 1000;
