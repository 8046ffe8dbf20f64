//! Members that any gzip reads.

use std::{
    io::{Read, Write},
    process::{Command, Stdio},
};

use flate2::read::GzDecoder;
use practice::{region::Region, rng::Rng};
use proptest::prelude::*;

use super::*;

fn noise(seed: u64, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    Rng::new(seed).fill(&mut bytes);
    bytes
}

fn region() -> Vec<u8> {
    let region = Region { seed: 7, x: 1, z: -2, chunks: 64, born: 1_700_000_000 };
    let mut bytes = vec![0; usize::try_from(region.len()).unwrap()];
    region.read_at(0, &mut bytes);
    bytes
}

fn packed(piece: &[u8]) -> Vec<u8> {
    let mut packed = b"left over".to_vec();
    Gzip::new().pack(piece, &mut packed).unwrap();
    let mut decoder = GzDecoder::new(&*packed);
    let mut unpacked = Vec::new();
    decoder.read_to_end(&mut unpacked).unwrap();
    assert!(unpacked == piece, "it comes out as something else");
    assert!(decoder.into_inner().is_empty(), "something comes after it");
    packed
}

#[test]
fn a_region_packs_as_well_as_with_the_usual_level() {
    let region = region();
    let mut usual = flate2::write::GzEncoder::new(Vec::new(), Compression::new(6));
    usual.write_all(&region).unwrap();
    let (ours, usual) = (packed(&region).len(), usual.finish().unwrap().len());
    assert!(ours * 100 <= usual * 103, "{ours} bytes, {usual} by level 6");
}

#[test]
fn text_is_packed_and_noise_is_not() {
    let text = "[12:00:00] [Server thread/INFO]: hello\n".repeat(1000).into_bytes();
    assert!(packed(&text).len() * 20 < text.len());
    let noise = noise(3, 200_000);
    assert!(packed(&noise).len() < noise.len() + 256);
    assert!(packed(&[]).len() < 64 && packed(&vec![0; 1 << 20]).len() < 4096);
    // A grain that is short of a whole one is never taken for noise, and nothing is lost between the two.
    packed(&[&text[..700], &noise[..5000], &[0; 3000], &noise[5000..5511], &text[..1]].concat());
}

#[test]
fn noise_is_cut_out_where_it_begins_and_ends() {
    let noise = noise(5, 4096 + 300);
    let bytes = [&[0; 2 * GRAIN][..], &noise, &vec![0; 3 * GRAIN - 300]].concat();
    let (before, middle, after) = split(&bytes);
    assert_eq!((before.len(), after.len()), (2 * GRAIN, 3 * GRAIN - 300));
    // Its last byte may be a zero.
    assert!(middle == noise || noise.starts_with(middle) && noise.len() - middle.len() < 3);
}

#[test]
fn gzip_reads_it() {
    let bytes = region();
    let packed = packed(&bytes);
    let mut gzip =
        Command::new("gzip").arg("-dc").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = gzip.stdin.take().unwrap();
    let writing = std::thread::spawn(move || input.write_all(&packed));
    assert!(gzip.wait_with_output().unwrap().stdout == bytes);
    writing.join().unwrap().unwrap();
}

proptest! {
    #[test]
    fn whatever_goes_in_comes_out(parts in prop::collection::vec((0..4_u8, any::<u64>(), 0..9000_usize), 0..12)) {
        let parts = parts.into_iter().map(|(kind, seed, count)| match kind {
            0 => vec![0; count],
            1 => noise(seed, count),
            2 => b"minecraft:stone ".iter().copied().cycle().take(count).collect(),
            _ => noise(seed, count).into_iter().map(|byte| byte & 0x0f).collect(),
        });
        packed(&parts.collect::<Vec<_>>().concat());
    }
}
