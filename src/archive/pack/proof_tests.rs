//! What is read back, as a whole and damaged, of a file that is still being written.

use std::{io::Write, time::Instant};

use practice::rng::Rng;

use super::{
    super::super::{
        codec::Packer,
        error::Damage,
        manifest::PIECE,
        ustar::{Head, padding, write_head},
    },
    super::trace::Trace,
    *,
};

const PACKINGS: [Packing; 2] = [Packing::Gzip, Packing::Zstd];

/// An archive of a few files in pieces, and what went in.
fn archive(packing: Packing) -> (Vec<(Vec<u8>, usize)>, Hash) {
    let (mut tar, mut trace, mut rng) = (Vec::new(), Trace::default(), Rng::new(5));
    for (number, size) in [(0, 0), (1, 3 * PIECE + 17), (2, 100_000), (3, 2 * PIECE)] {
        let mut content = vec![0; size];
        rng.fill(&mut content[..size / 2]);
        let path = format!("world/{number}");
        let head = Head {
            path: &path,
            target: None,
            folder: false,
            size: size as u64,
            mode: 0o644,
            uid: 1000,
            gid: 1000,
            modified: 1_700_000_000,
        };
        write_head(&head, &mut tar);
        trace.wrote(&head, tar.len() as u64, Some(Hash(Sha256::digest(&content).into())));
        tar.extend_from_slice(&content);
        tar.resize(tar.len() + usize::try_from(padding(size as u64)).unwrap(), 0);
    }
    tar.resize(tar.len() + 1024, 0);
    let mut packer = Packer::new(packing).unwrap();
    let pieces = tar.chunks(PIECE).map(|piece| {
        let mut packed = Vec::new();
        packer.pack(piece, &mut packed).unwrap();
        (packed, piece.len())
    });
    (pieces.collect(), trace.end())
}

struct Stage {
    _folder: tempfile::TempDir,
    file: File,
    trail: Trail,
    proof: Proof,
    meter: Meter,
    stop: Stop,
}

fn stage(packing: Packing) -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive");
    let file = File::create(&path).unwrap();
    let (trail, meter, stop) = (Trail::default(), Meter::new(), Stop::default());
    let proof = Proof::begin(&path, packing, trail.clone(), 2, meter.clone(), stop.clone()).unwrap();
    Stage { _folder: folder, file, trail, proof, meter, stop }
}

fn write(stage: &mut Stage, pieces: &[(Vec<u8>, usize)]) {
    for (packed, size) in pieces {
        stage.file.write_all(packed).unwrap();
        stage.trail.add(u32::try_from(packed.len()).unwrap(), *size);
    }
}

#[test]
fn what_went_in_comes_out() {
    for packing in PACKINGS {
        let (pieces, members) = archive(packing);
        let mut stage = stage(packing);
        write(&mut stage, &pieces);
        assert_eq!(stage.proof.sizes().len(), pieces.len());
        let found = stage.proof.end().unwrap();
        let file: Vec<u8> = pieces.into_iter().flat_map(|(packed, _)| packed).collect();
        assert_eq!(found.file, Hash(Sha256::digest(&file).into()));
        assert_eq!(found.members, members);
    }
}

#[test]
fn it_follows_before_all_is_written() {
    let mut stage = stage(Packing::Zstd);
    let mut packer = Packer::new(Packing::Zstd).unwrap();
    let mut packed = Vec::new();
    packer.pack(&[0; PIECE], &mut packed).unwrap();
    let pieces = vec![(packed, PIECE); 200];
    write(&mut stage, &pieces);
    let begun = Instant::now();
    while stage.meter.read_back() == 0 {
        assert!(begun.elapsed().as_secs() < 20, "nothing is read before the end");
        thread::yield_now();
    }
    // Zeros are the end of an archive with nothing in it.
    assert_eq!(stage.proof.end().unwrap().members, Trace::default().end());
}

#[test]
fn what_is_damaged_on_the_disk_is_seen() {
    for packing in PACKINGS {
        let (mut pieces, _) = archive(packing);
        let middle = pieces[1].0.len() / 2;
        pieces[1].0[middle] ^= 1;
        let mut stage = stage(packing);
        write(&mut stage, &pieces);
        let error = stage.proof.end().unwrap_err();
        let seen = matches!(error, Error::Damaged { damage: Damage::Piece { number: 1, .. }, .. });
        assert!(seen, "{packing:?}: {error:?}");
    }
}

#[test]
fn what_is_too_short_is_seen() {
    let (mut pieces, _) = archive(Packing::Gzip);
    pieces.pop();
    let mut stage = stage(Packing::Gzip);
    write(&mut stage, &pieces);
    let error = stage.proof.end().unwrap_err();
    assert!(matches!(error, Error::Damaged { damage: Damage::Cut, .. }), "{error:?}");
}

#[test]
fn who_gives_up_is_not_waited_for() {
    let (pieces, _) = archive(Packing::Gzip);
    let mut given_up = stage(Packing::Gzip);
    write(&mut given_up, &pieces[..1]);
    let begun = Instant::now();
    drop(given_up.proof);
    let mut stopped = stage(Packing::Gzip);
    write(&mut stopped, &pieces[..1]);
    drop(stopped.stop.guard());
    let thread = stopped.proof.thread.take().unwrap();
    let error = thread.join().unwrap().unwrap_err();
    assert!(matches!(error, Error::Cancelled), "{error:?}");
    assert!(begun.elapsed().as_secs() < 20);
}
