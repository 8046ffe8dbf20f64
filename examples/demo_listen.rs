//! The demo engine at a Unix socket, for benchmarks and for trying other clients on it:
//!
//! `cargo run --example demo_listen -- /tmp/demo.sock [SERVERS [RUNNING]]`, then `DOCKER_HOST=unix:///tmp/demo.sock docker ps`.
//! Without numbers it begins with the believable servers. Ctrl-C ends it and removes the socket.

use std::path::PathBuf;

use mineclifford::demo::{Demo, Options};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let path = PathBuf::from(arguments.next().ok_or_else(|| anyhow::anyhow!("where is the socket to be?"))?);
    let numbers: Vec<usize> = arguments.map(|text| text.parse()).collect::<Result<_, _>>()?;
    let options = match numbers[..] {
        [] => Options::default(),
        [servers] => Options::fleet(servers, servers),
        [servers, running, ..] => Options::fleet(servers, running),
    };
    // Room for the long logs of tests that are meant for a real engine.
    let demo = Demo::start(Options { log_bytes: 16 << 20, ..options });
    let listening = demo.listen(&path)?;
    tokio::signal::ctrl_c().await?;
    drop(listening);
    Ok(())
}
