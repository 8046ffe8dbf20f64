//! rcon-cli: exit 1 only when connecting or logging in fails; everything else is exit 0, whatever the server said.

use std::io::{BufRead as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use practice::tools;

use super::client::{self, Client};

/// Runs one command, or each line of standard input.
pub fn run(words: &[String]) -> i32 {
    let mut host = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let mut port = super::ports::rcon();
    let mut password = None;
    let mut words = words.iter();
    let mut line: Vec<&str> = Vec::new();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--host" => host = words.next().and_then(|text| text.parse().ok()).unwrap_or(host),
            "--port" => port = words.next().and_then(|text| text.parse().ok()).unwrap_or(port),
            "--password" => password = words.next().cloned(),
            _ => {
                line.push(word);
                line.extend(words.by_ref().map(String::as_str));
            }
        }
    }
    let password = password.unwrap_or_else(client::password);
    let mut client = match Client::connect(SocketAddr::new(host, port), &password, Duration::from_secs(60)) {
        Ok(client) => client,
        Err(error) => {
            eprintln!("Failed to connect to RCON {error}");
            return 1;
        }
    };
    if line.is_empty() {
        interactive(&mut client);
    } else {
        ask(&mut client, &line.join(" "));
    }
    0
}

/// `false`: the connection is gone.
fn ask(client: &mut Client, line: &str) -> bool {
    match client.exchange(2, line) {
        Ok((_, text)) => {
            // A closed output is the reader's business.
            let _ = writeln!(std::io::stdout(), "{}", tools::ansi(&text));
            true
        }
        Err(error) => {
            eprintln!("Failed to execute command or read response: {error}");
            false
        }
    }
}

fn interactive(client: &mut Client) {
    let prompt = || {
        print!("> ");
        let _ = std::io::stdout().flush();
    };
    prompt();
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        if line == "exit" || !(line.is_empty() || ask(client, &line)) {
            return;
        }
        prompt();
    }
}
