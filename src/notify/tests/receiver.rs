//! A receiver of webhooks on this machine: it keeps what it got and answers as it was told.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};
use tokio_util::task::AbortOnDropHandle;

/// How it answers.
#[derive(Clone, Debug)]
pub enum Answer {
    Status(u16),
    /// 429 with this `Retry-After`.
    Later(&'static str),
    Redirect(String),
    /// The connection is closed.
    Drop,
    /// It never does.
    Hang,
    /// With headers that have no end.
    Endless,
}

/// A request.
#[derive(Debug)]
pub struct Got {
    pub line: String,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Got {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(String::as_str).unwrap_or_default()
    }
}

pub struct Receiver {
    address: SocketAddr,
    got: mpsc::UnboundedReceiver<Got>,
    _task: AbortOnDropHandle<()>,
}

impl Receiver {
    /// `answer` is asked with how many requests came before.
    pub async fn start(answer: impl Fn(usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, got) = mpsc::unbounded_channel();
        let (answer, count) = (Arc::new(answer), Arc::new(AtomicUsize::new(0)));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tell, answer, count) = (tell.clone(), answer.clone(), count.clone());
                tokio::spawn(async move {
                    let number = count.fetch_add(1, Ordering::SeqCst);
                    let _ = serve(stream, &tell, answer(number)).await;
                });
            }
        });
        Self { address, got, _task: AbortOnDropHandle::new(task) }
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The next request.
    pub async fn next(&mut self) -> Got {
        timeout(Duration::from_secs(30), self.got.recv()).await.unwrap().unwrap()
    }

    /// Requests that came and were not looked at.
    pub fn left(&mut self) -> usize {
        self.got.len()
    }
}

async fn serve(
    mut stream: TcpStream,
    tell: &mpsc::UnboundedSender<Got>,
    answer: Answer,
) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let mut lines = text.lines();
    let line = lines.next().unwrap_or_default().to_owned();
    let headers: BTreeMap<_, _> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    while bytes.len() < head + length {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
    }
    let _ = tell.send(Got { line, headers, body: bytes[head..].to_vec() });
    let close = "content-length: 0\r\nconnection: close\r\n\r\n";
    match answer {
        Answer::Status(status) => {
            stream.write_all(format!("HTTP/1.1 {status} X\r\n{close}").as_bytes()).await
        }
        Answer::Later(after) => {
            stream.write_all(format!("HTTP/1.1 429 X\r\nretry-after: {after}\r\n{close}").as_bytes()).await
        }
        Answer::Redirect(to) => {
            stream.write_all(format!("HTTP/1.1 307 X\r\nlocation: {to}\r\n{close}").as_bytes()).await
        }
        Answer::Drop => Ok(()),
        Answer::Hang => std::future::pending().await,
        Answer::Endless => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
            loop {
                stream.write_all(b"x-more: and more and more and more and more\r\n").await?;
            }
        }
    }
}
