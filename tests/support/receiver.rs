//! Whoever is told by notices.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::mpsc::{Receiver, channel},
};

use serde_json::Value;

use crate::support::PATIENCE;

/// Takes every request with 204, and passes the bodies on.
pub fn receiver() -> (String, Receiver<(Value, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook/hunter2", listener.local_addr().unwrap());
    let (tell, got) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut length, mut signature) = (0, String::new());
            let mut line = String::new();
            while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
                if let Some((name, value)) = line.to_ascii_lowercase().split_once(": ") {
                    match name {
                        "content-length" => length = value.trim().parse().unwrap(),
                        "x-mineclifford-signature" => signature = value.trim().to_owned(),
                        _ => {}
                    }
                }
                line.clear();
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
            if tell.send((serde_json::from_slice(&body).unwrap(), signature)).is_err() {
                return;
            }
        }
    });
    (url, got)
}

/// The next one about this, and about this server where one is named: the demo's other servers have a life of their own.
pub fn about(got: &Receiver<(Value, String)>, topic: &str, server: Option<&str>) -> (Value, String) {
    loop {
        let next = got.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no word of {topic}"));
        if next.0["topic"] == topic && server.is_none_or(|server| next.0["server"]["name"] == server) {
            return next;
        }
    }
}
