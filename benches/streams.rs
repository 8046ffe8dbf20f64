//! What a line of a log and a packet of RCON cost on their way in. The time of "log" is that of a thousand lines.

use std::{borrow::Cow, hint::black_box};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jiff::Timestamp;
use mineclifford::{
    minecraft::{
        log,
        rcon::{self, kind},
        text::{self, LineAssembler, Stream},
    },
    model::console::{LineKind, Ring},
};

const LINES: u64 = 1_000;

fn chunk(line: impl Fn(u64) -> String) -> Vec<u8> {
    (0..LINES).flat_map(|number| format!("{}\n", line(number)).into_bytes()).collect()
}

/// The way of a line through the engine: put together, made harmless, understood, kept.
fn pass(bytes: &[u8], assembler: &mut LineAssembler, text: &mut String, ring: &mut Ring) {
    assembler.push(Stream::Out, bytes, |raw| {
        text.clear();
        text::console_line_cut(raw.bytes, raw.cut, text);
        let bare: Cow<'_, str> = text::strip_sgr(text);
        let line = log::parse(&bare);
        black_box(log::event(&line));
        ring.push(Timestamp::UNIX_EPOCH, line.level.into(), LineKind::Output, text);
    });
}

fn lines(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("log, 1000 lines");
    group.throughput(Throughput::Elements(LINES));
    let kinds: [(&str, Vec<u8>); 3] = [
        ("plain", chunk(|n| format!("[12:00:00] [Server thread/INFO]: flood line {n} of 1000"))),
        ("chat", chunk(|n| format!("[12:00:00] [Server thread/INFO]: <Player{n}> what a fine day it is"))),
        (
            "colours",
            chunk(|n| format!("\u{1b}[33m[12:00:00 WARN]: \u{1b}[0mline \u{1b}[1;32m{n}\u{1b}[0m of 1000")),
        ),
    ];
    for (name, bytes) in &kinds {
        let (mut assembler, mut text) = (LineAssembler::new(), String::new());
        let mut ring = Ring::new(5_000, 512 * 1024);
        group.bench_function(*name, |bencher| {
            bencher.iter(|| pass(bytes, &mut assembler, &mut text, &mut ring));
        });
    }
    group.finish();
}

fn packets(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("rcon");
    let body = b"There are 3 of a max of 20 players online: Alex, Notch, Steve";
    let mut out = Vec::new();
    group.bench_function("encode", |bencher| {
        bencher.iter(|| {
            out.clear();
            let _ = black_box(rcon::encode(7, kind::COMMAND, black_box(body), &mut out));
        });
    });
    let mut packet = Vec::new();
    let _ = rcon::encode(7, kind::COMMAND, body, &mut packet);
    group.bench_function("decode", |bencher| {
        bencher.iter(|| {
            let mut input = bytes::BytesMut::from(packet.as_slice());
            let _ = black_box(rcon::decode(&mut input));
        });
    });
    group.finish();
}

criterion_group!(benches, lines, packets);
criterion_main!(benches);
