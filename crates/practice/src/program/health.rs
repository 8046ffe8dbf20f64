//! mc-health: a real list ping to the server in this container.

use std::io::{Error, ErrorKind, Read as _, Result, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use practice::ping::{Status, frame, put_var_int, var_int};
use practice::tools;

/// Asks a server for its status JSON.
pub fn ask(mut stream: TcpStream) -> Result<String> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut body = vec![0, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F];
    put_var_int(&mut body, 9);
    body.extend_from_slice(b"localhost");
    body.extend_from_slice(&super::ports::game().to_be_bytes());
    body.push(1);
    let mut bytes = frame(&body);
    bytes.extend_from_slice(&[1, 0]);
    stream.write_all(&bytes)?;
    let mut input = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(text) = status_text(&input) {
            return Ok(text);
        }
        let count = stream.read(&mut buffer)?;
        if count == 0 || input.len() > 1 << 20 {
            return Err(Error::new(ErrorKind::UnexpectedEof, "EOF"));
        }
        input.extend_from_slice(&buffer[..count]);
    }
}

fn status_text(input: &[u8]) -> Option<String> {
    let (length, head) = var_int(input)?;
    let packet = input.get(head..head + usize::try_from(length).ok()?)?;
    let (length, head) = var_int(packet.get(1..)?)?;
    let text = packet.get(1 + head..1 + head + usize::try_from(length).ok()?)?;
    Some(String::from_utf8_lossy(text).into_owned())
}

/// The first value of a key in JSON that this program wrote; text without quotes and escapes. A quote inside a text is
/// escaped there, so a text cannot pretend to be a key.
pub fn field(json: &str, key: &str) -> String {
    let Some((_, rest)) = json.split_once(&format!("\"{key}\":")) else {
        return String::new();
    };
    let Some(text) = rest.strip_prefix('"') else {
        return rest.chars().take_while(char::is_ascii_digit).collect();
    };
    let mut value = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => break,
            '\\' => match letters.next() {
                Some('n') => value.push('\n'),
                Some('r') => value.push('\r'),
                Some('t') => value.push('\t'),
                Some('u') => {
                    let digits: String = letters.by_ref().take(4).collect();
                    value.extend(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32));
                }
                Some(other) => value.push(other),
                None => break,
            },
            other => value.push(other),
        }
    }
    value
}

/// The health check.
pub fn run() -> i32 {
    if std::env::var("DISABLE_HEALTHCHECK").is_ok_and(|value| value.eq_ignore_ascii_case("true")) {
        println!("Healthcheck disabled");
        return 0;
    }
    if super::data().join(".paused").exists() {
        println!("Java process suspended by Autopause function");
        return 0;
    }
    let port = super::ports::game();
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    match TcpStream::connect_timeout(&address, Duration::from_secs(5)).and_then(ask) {
        Ok(json) if json != "{}" => {
            let status = Status {
                version: field(&json, "name"),
                protocol: 0,
                online: field(&json, "online").parse().unwrap_or(0),
                max: field(&json, "max").parse().unwrap_or(0),
                sample: Vec::new(),
                motd: field(&json, "description"),
            };
            print!("{}", tools::health_line(&status, port));
            0
        }
        Ok(_) => {
            eprintln!("failed to ping localhost:{port} : the server is starting");
            1
        }
        Err(error) => {
            eprintln!("failed to ping localhost:{port} : {error}");
            1
        }
    }
}
