//! The server's side of the list ping and of the legacy ping, without sockets.

/// What the list ping tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The game's version, such as `1.21.4`, with the brand in front on servers that are not vanilla.
    pub version: String,
    /// The protocol number.
    pub protocol: u32,
    /// Players that are there.
    pub online: usize,
    /// Players that fit.
    pub max: u32,
    /// Some of them, name and identifier.
    pub sample: Vec<(String, String)>,
    /// The message of the day.
    pub motd: String,
}

impl Status {
    /// The JSON that the game sends.
    #[must_use]
    pub fn json(&self) -> String {
        let sample: Vec<String> = self
            .sample
            .iter()
            .map(|(name, id)| format!("{{\"id\":{},\"name\":{}}}", quote(id), quote(name)))
            .collect();
        let sample =
            if sample.is_empty() { String::new() } else { format!(",\"sample\":[{}]", sample.join(",")) };
        format!(
            "{{\"version\":{{\"name\":{},\"protocol\":{}}},\"enforcesSecureChat\":true,\"description\":{},\
             \"players\":{{\"max\":{},\"online\":{}{sample}}}}}",
            quote(&self.version),
            self.protocol,
            quote(&self.motd),
            self.max,
            self.online
        )
    }

    fn legacy(&self) -> Vec<u8> {
        let motd: String = self.motd.chars().filter(|letter| *letter != '\0').collect();
        let text = format!("§1\0127\0{}\0{motd}\0{}\0{}", self.version, self.online, self.max);
        let units: Vec<u16> = text.encode_utf16().collect();
        let mut bytes = vec![0xFF];
        bytes.extend_from_slice(&u16::try_from(units.len()).unwrap_or(0).to_be_bytes());
        bytes.extend(units.iter().flat_map(|unit| unit.to_be_bytes()));
        bytes
    }
}

/// A JSON string with its quotes.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            control if control < ' ' => quoted.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// One connection to the game port. Bytes may come in any pieces.
#[derive(Debug, Default)]
pub struct Session {
    input: Vec<u8>,
    state: State,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    New,
    Status,
    Done,
}

/// What to do after some bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Write these.
    pub write: Vec<u8>,
    /// Then end the connection.
    pub close: bool,
}

/// The most that a client may send before it is cut off.
const INPUT_LIMIT: usize = 4096;

/// Writes a number in groups of seven bits, lowest first.
pub fn put_var_int(buffer: &mut Vec<u8>, value: u32) {
    let mut rest = value;
    while rest >= 0x80 {
        buffer.push(u8::try_from(rest & 0x7F).unwrap_or(0) | 0x80);
        rest >>= 7;
    }
    buffer.push(u8::try_from(rest).unwrap_or(0));
}

/// Reads such a number: the value and its length. `None`: more bytes are needed, or there are more than five.
#[must_use]
pub fn var_int(bytes: &[u8]) -> Option<(u32, usize)> {
    let mut value = 0;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        value |= u32::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
    }
    None
}

/// Puts the length in front of a packet.
#[must_use]
pub fn frame(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(body.len() + 5);
    put_var_int(&mut bytes, u32::try_from(body.len()).unwrap_or(0));
    bytes.extend_from_slice(body);
    bytes
}

/// A packet with one string.
fn string_packet(id: u8, text: &str) -> Vec<u8> {
    let mut body = vec![id];
    put_var_int(&mut body, u32::try_from(text.len()).unwrap_or(0));
    body.extend_from_slice(text.as_bytes());
    frame(&body)
}

impl Session {
    /// A new connection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes some bytes. `status` is `None` early in a start, when the real server answers `{}`.
    pub fn read(&mut self, bytes: &[u8], status: Option<&Status>) -> Step {
        self.input.extend_from_slice(bytes);
        let mut step = Step::default();
        if bytes.is_empty() || self.input.len() > INPUT_LIMIT {
            step.close = true;
            return step;
        }
        if self.state == State::New && self.input[0] == 0xFE {
            step.write = status.map(Status::legacy).unwrap_or_default();
            step.close = true;
            return step;
        }
        while !step.close {
            let Some(packet) = self.packet() else { break };
            self.handle(&packet, status, &mut step);
        }
        step
    }

    fn packet(&mut self) -> Option<Vec<u8>> {
        let (length, head) = var_int(&self.input)?;
        let end = head + usize::try_from(length).ok()?;
        let packet = self.input.get(head..end)?.to_vec();
        self.input.drain(..end);
        Some(packet)
    }

    fn handle(&mut self, packet: &[u8], status: Option<&Status>, step: &mut Step) {
        match (self.state, packet.split_first()) {
            // Handshake: the last byte tells what comes next.
            (State::New, Some((0, rest))) if rest.len() >= 5 && rest.last() == Some(&1) => {
                self.state = State::Status
            }
            (State::New, Some((0, rest))) if rest.len() >= 5 => {
                step.write.extend(string_packet(0, "{\"text\":\"This is a practice server.\"}"));
                step.close = true;
            }
            (State::Status, Some((0, []))) => {
                let json = status.map_or_else(|| "{}".to_owned(), Status::json);
                step.write.extend(string_packet(0, &json));
            }
            (State::Status, Some((1, echo))) if echo.len() == 8 => {
                step.write.extend(frame(packet));
                step.close = true;
                self.state = State::Done;
            }
            _ => step.close = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status() -> Status {
        Status {
            version: "1.21.4".into(),
            protocol: 769,
            online: 1,
            max: 20,
            sample: vec![("Steve".into(), "id".into())],
            motd: "a \"b\" §6c".into(),
        }
    }

    fn handshake(next: u8) -> Vec<u8> {
        let mut body = vec![0, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 9];
        body.extend_from_slice(b"localhost\x63\xDD");
        body.push(next);
        frame(&body)
    }

    #[test]
    fn answers_status_and_ping_in_any_pieces() {
        let mut bytes = handshake(1);
        bytes.extend([1, 0]);
        let ping = [9, 1, 1, 2, 3, 4, 5, 6, 7, 8];
        bytes.extend(ping);
        let mut whole = Session::new();
        let at_once = whole.read(&bytes, Some(&status()));
        let mut pieces = Session::new();
        let mut slowly = Step::default();
        for byte in &bytes {
            let step = pieces.read(&[*byte], Some(&status()));
            slowly.write.extend(step.write);
            slowly.close |= step.close;
        }
        assert_eq!(at_once, slowly);
        assert!(at_once.close && at_once.write.ends_with(&ping));
        let text = String::from_utf8_lossy(&at_once.write).into_owned();
        assert!(text.contains("\"description\":\"a \\\"b\\\" §6c\""));
        assert!(text.contains(
            "\"players\":{\"max\":20,\"online\":1,\"sample\":[{\"id\":\"id\",\"name\":\"Steve\"}]}"
        ));
    }

    #[test]
    fn is_empty_early_and_refuses_nonsense() {
        let mut bytes = handshake(1);
        bytes.extend([1, 0]);
        assert_eq!(Session::new().read(&bytes, None).write, [4, 0, 2, b'{', b'}']);
        assert!(Session::new().read(&[3, 9, 9, 9], None).close);
        assert!(Session::new().read(&[0x7F; 5000], None).close);
        assert!(Session::new().read(&[], None).close);
        assert!(Session::new().read(&handshake(2), Some(&status())).close);
    }

    #[test]
    fn knows_the_legacy_ping() {
        let step = Session::new().read(&[0xFE, 1], Some(&status()));
        assert!(step.close);
        assert_eq!(step.write[..5], [0xFF, 0, 28, 0, 0xA7]);
        assert_eq!(step.write.len(), 3 + 2 * 28);
    }
}
