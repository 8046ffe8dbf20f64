//! The server's side of RCON, without sockets, with the quirks of the real one.
//!
//! A packet is little-endian: length of what follows, id, type, body, two zero bytes. The real server reads at most
//! 1460 bytes once and expects exactly one packet in them; anything else ends the connection.

/// The most that the server reads at once.
pub const READ_LIMIT: usize = 1460;
/// Replies are split after so many UTF-16 units.
pub const SPLIT_UNITS: usize = 4096;

const LOGIN: i32 = 3;
const COMMAND: i32 = 2;
const RESPONSE: i32 = 0;

/// One connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct Session {
    logged_in: bool,
}

/// What to do after one read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Write these bytes, in one write.
    Write(Vec<u8>),
    /// Run a command, then write each packet that [`reply`] makes with this id. Nothing is read meanwhile.
    Run {
        /// The packet's id.
        id: i32,
        /// The command.
        line: String,
    },
    /// End the connection.
    Close,
}

/// Makes one packet.
#[must_use]
pub fn packet(id: i32, kind: i32, body: &[u8]) -> Vec<u8> {
    let length = i32::try_from(body.len() + 10).unwrap_or(i32::MAX);
    let mut bytes = Vec::with_capacity(body.len() + 14);
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&id.to_le_bytes());
    bytes.extend_from_slice(&kind.to_le_bytes());
    bytes.extend_from_slice(body);
    bytes.extend_from_slice(&[0, 0]);
    bytes
}

/// The packets that answer a command: split every 4096 UTF-16 units, one empty packet for an empty answer, and no
/// terminator. A split through a surrogate pair leaves a `?` on each side, as Java's encoder does.
#[must_use]
pub fn reply(id: i32, text: &str) -> Vec<Vec<u8>> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let body = |part: &[u16]| -> Vec<u8> {
        let letters = char::decode_utf16(part.iter().copied()).map(|letter| letter.unwrap_or('?'));
        letters.collect::<String>().into_bytes()
    };
    if units.is_empty() {
        return vec![packet(id, RESPONSE, b"")];
    }
    units.chunks(SPLIT_UNITS).map(|part| packet(id, RESPONSE, &body(part))).collect()
}

fn number(bytes: &[u8], at: usize) -> i32 {
    bytes.get(at..at + 4).and_then(|part| part.try_into().ok()).map_or(0, i32::from_le_bytes)
}

impl Session {
    /// A new connection, not logged in.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what **one** read of at most [`READ_LIMIT`] bytes brought; nothing means that the client is gone.
    pub fn read(&mut self, bytes: &[u8], password: &str) -> Step {
        let length = usize::try_from(number(bytes, 0)).unwrap_or(0);
        if bytes.len() < 10 || bytes.len() > READ_LIMIT || length != bytes.len() - 4 {
            return Step::Close;
        }
        let id = number(bytes, 4);
        let text = bytes.get(12..).unwrap_or_default();
        let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
        let text = String::from_utf8_lossy(text).into_owned();
        match number(bytes, 8) {
            LOGIN => {
                self.logged_in = !text.is_empty() && text == password;
                let answer = if self.logged_in { id } else { -1 };
                Step::Write(packet(answer, COMMAND, b""))
            }
            COMMAND if self.logged_in => Step::Run { id, line: text },
            COMMAND => Step::Write(packet(-1, COMMAND, b"")),
            kind => Step::Write(packet(id, RESPONSE, format!("Unknown request {kind:x}").as_bytes())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logged_in() -> Session {
        let mut session = Session::new();
        assert_eq!(session.read(&packet(7, 3, b"secret"), "secret"), Step::Write(packet(7, 2, b"")));
        session
    }

    #[test]
    fn a_bad_login_answers_minus_one_and_stays() {
        let mut session = Session::new();
        assert_eq!(session.read(&packet(7, 2, b"list"), "secret"), Step::Write(packet(-1, 2, b"")));
        assert_eq!(session.read(&packet(7, 3, b"wrong"), "secret"), Step::Write(packet(-1, 2, b"")));
        assert_eq!(session.read(&packet(7, 3, b""), ""), Step::Write(packet(-1, 2, b"")));
        assert_eq!(session.read(&packet(8, 3, b"secret"), "secret"), Step::Write(packet(8, 2, b"")));
    }

    #[test]
    fn a_read_must_be_one_packet() {
        let one = packet(1, 2, b"list");
        assert_eq!(logged_in().read(&one, "secret"), Step::Run { id: 1, line: "list".into() });
        assert_eq!(logged_in().read(&[one.clone(), one.clone()].concat(), "secret"), Step::Close);
        assert_eq!(logged_in().read(&one[..one.len() - 1], "secret"), Step::Close);
        assert_eq!(logged_in().read(&[], "secret"), Step::Close);
        assert_eq!(logged_in().read(&packet(1, 2, &[b'a'; 1447]), "secret"), Step::Close);
        assert!(matches!(logged_in().read(&packet(1, 2, &[b'a'; 1446]), "secret"), Step::Run { .. }));
    }

    #[test]
    fn other_types_are_named_in_hexadecimal() {
        let mut session = logged_in();
        assert_eq!(
            session.read(&packet(9, 0, b""), "secret"),
            Step::Write(packet(9, 0, b"Unknown request 0"))
        );
        assert_eq!(
            session.read(&packet(9, 200, b""), "secret"),
            Step::Write(packet(9, 0, b"Unknown request c8"))
        );
    }

    #[test]
    fn replies_are_split_by_utf16_units() {
        assert_eq!(reply(1, ""), [packet(1, 0, b"")]);
        assert_eq!(reply(1, &"a".repeat(4096)).len(), 1);
        let long = reply(1, &"€".repeat(4097));
        assert_eq!(long.len(), 2);
        assert_eq!(long[0].len(), 14 + 3 * 4096);
        let pair = reply(1, &("a".repeat(4095) + "😀"));
        assert!(pair[0].ends_with(b"a?\0\0") && pair[1].ends_with(b"?\0\0"));
    }
}
