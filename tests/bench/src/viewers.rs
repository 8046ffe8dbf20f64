//! Many who watch one console: whether each gets every line, and how much later than Docker itself gives it.

use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    sync::{Arc, Barrier},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use crate::{
    Bench,
    figures::{Figure, Spread},
    ground::Containers,
    service::Service,
    socket::Socket,
};

const VIEWERS: usize = 100;
const LINES: usize = 10_000;
/// Lines a second.
const RATE: u32 = 1_000;
const MARK: &[u8] = b"benchline ";

/// One hundred viewers of one server that writes a thousand lines a second.
pub fn viewers(bench: &mut Bench) -> Result<()> {
    let containers = Containers::start("v", 1, 0)?;
    let service = Service::start(bench, "viewers", None, "30s")?;
    let server = containers.name(0);
    let id = id_of(&service, &server)?;
    let ready = Arc::new(Barrier::new(VIEWERS + 2));
    let readers: Vec<_> = (0..VIEWERS)
        .map(|_| {
            let mut socket = Socket::open(&service, &id, 0)?;
            let ready = ready.clone();
            Ok(thread::Builder::new().stack_size(256 * 1024).spawn(move || {
                // Said first: that it is open.
                let opened = socket.next().map(drop);
                ready.wait();
                opened?;
                read(|seen| {
                    seen(socket.next()?);
                    Ok(())
                })
            })?)
        })
        .collect::<Result<_>>()?;
    let docker = {
        let (ready, server) = (ready.clone(), server.clone());
        thread::spawn(move || {
            let stream = follow(&server);
            ready.wait();
            let mut stream = stream?;
            let mut buffer = vec![0; 64 * 1024];
            read(move |seen| {
                let length = stream.read(&mut buffer)?;
                ensure!(length > 0, "Docker ends the log");
                seen(&buffer[..length]);
                Ok(())
            })
        })
    };
    let mut out = containers.stdout(0)?;
    ready.wait();
    thread::sleep(Duration::from_millis(500));
    let begun = Instant::now();
    for number in 0..LINES {
        let due = begun + Duration::from_secs(1) * u32::try_from(number)? / RATE;
        thread::sleep(due.saturating_duration_since(Instant::now()));
        out.write_all(
            format!("[12:00:00] [Server thread/INFO]: benchline {number:07} of a flood\n").as_bytes(),
        )?;
    }
    let plain = docker.join().map_err(|_| anyhow::anyhow!("a reader broke"))??;
    let (mut spread, mut whole) = (Vec::with_capacity(VIEWERS * LINES), 0);
    for reader in readers {
        let times = reader.join().map_err(|_| anyhow::anyhow!("a viewer broke"))??;
        whole += usize::from(times.iter().all(Option::is_some));
        let both = times.iter().zip(&plain).filter_map(|(ours, plain)| Some(((*ours)?, (*plain)?)));
        spread.extend(both.map(|(ours, plain)| ours.saturating_duration_since(plain)));
    }
    ensure!(!spread.is_empty(), "no line arrived anywhere");
    let figure = Figure::p99(&Spread::of(spread)).under(10.0);
    bench.table.add("100 viewers, 1,000 lines/s: later than Docker's own", "p99 <10 ms", figure, None);
    let text = format!("{whole} of {VIEWERS}, {LINES} lines each");
    bench.table.add("viewers that got every line", "all", Figure::words(text, Some(whole == VIEWERS)), None);
    Ok(())
}

/// When each line was first seen. `next` gives what came to the function that it is given.
fn read(mut next: impl FnMut(&mut dyn FnMut(&[u8])) -> Result<()>) -> Result<Vec<Option<Instant>>> {
    let mut times = vec![None; LINES];
    let mut left = LINES;
    // A mark may lie across the border of two pieces.
    let mut held: Vec<u8> = Vec::new();
    let end = Instant::now() + Duration::from_secs(120);
    while left > 0 && Instant::now() < end {
        let ended = next(&mut |piece| {
            let now = Instant::now();
            held.extend_from_slice(piece);
            let mut at = 0;
            while let Some(found) = find(&held[at..]) {
                let from = at + found + MARK.len();
                let Some(digits) = held.get(from..from + 7) else { break };
                if let Some(time) = std::str::from_utf8(digits)
                    .ok()
                    .and_then(|text| text.parse().ok())
                    .and_then(|number: usize| times.get_mut(number))
                    && time.is_none()
                {
                    *time = Some(now);
                    left -= 1;
                }
                at = from;
            }
            let keep = held.len().saturating_sub(MARK.len() + 7).max(at);
            held.drain(..keep);
        });
        if ended.is_err() {
            break;
        }
    }
    Ok(times)
}

fn find(hay: &[u8]) -> Option<usize> {
    hay.windows(MARK.len()).position(|window| window == MARK)
}

/// Docker's own log of a container from now on, as it comes.
fn follow(container: &str) -> Result<UnixStream> {
    let mut stream = UnixStream::connect("/var/run/docker.sock")?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    write!(
        stream,
        "GET /v1.41/containers/{container}/logs?follow=1&stdout=1&tail=0 HTTP/1.1\r\nHost: docker\r\n\r\n"
    )?;
    Ok(stream)
}

fn id_of(service: &Service, name: &str) -> Result<String> {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let (status, body) = service.get(&format!("/api/servers/{name}"))?;
        if status == 200 {
            let (_, rest) = body.split_once("\"id\":\"").context("no id")?;
            return Ok(rest.split('"').next().unwrap_or_default().to_owned());
        }
        ensure!(Instant::now() < end, "the server is never seen: {body}");
        thread::sleep(Duration::from_millis(200));
    }
}
