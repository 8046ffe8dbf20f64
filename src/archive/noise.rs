//! Telling what cannot be packed from what can.
//!
//! Most of a world is chunks that the game compressed already. To a compressor they are noise, in which it would look for
//! repetitions in vain.

/// Bytes that are looked at together.
pub const GRAIN: usize = 512;
/// The sum of the squares of how often each byte is in a grain. It is 1534 on the average of true noise, give or take 45,
/// and 1600 in chunks that the game compressed; text has 10,000 and more.
const NOISE: u32 = 1800;
/// Of so many grains, one is looked at where a sample is enough. Odd, or it would be the same part of each sector.
const SAMPLE: usize = 17;

/// Of so many grains, one is looked at where noise goes on.
const STRIDE: usize = 8;

/// Whether more than half of some bytes cannot be packed, as far as a sample of them tells.
pub fn is_mostly_noise(bytes: &[u8]) -> bool {
    let sample = bytes.chunks(GRAIN).step_by(SAMPLE);
    let noisy = sample.clone().filter(|grain| is_noise(grain)).count();
    2 * noisy > sample.len()
}

/// How many zeros some bytes begin with.
pub fn zeros_at_start(bytes: &[u8]) -> usize {
    let (many, _) = bytes.as_chunks::<16>();
    let whole = many.iter().take_while(|many| **many == [0; 16]).count() * 16;
    whole + bytes.iter().skip(whole).take_while(|byte| **byte == 0).count()
}

/// Whether a grain has nothing in it that could be packed; a shorter one is never taken for noise. Two tables, since the
/// same byte twice in a row would wait for itself in one.
pub fn is_noise(grain: &[u8]) -> bool {
    if grain.len() < GRAIN || is_padded(grain) {
        return false;
    }
    let mut counts = [[0_u16; 256]; 2];
    for pair in grain.chunks_exact(2) {
        counts[0][usize::from(pair[0])] += 1;
        counts[1][usize::from(pair[1])] += 1;
    }
    let [even, odd] = counts;
    let squares = even.iter().zip(odd).map(|(even, odd)| u32::from(even + odd).pow(2));
    squares.sum::<u32>() < NOISE
}

/// How much noise there is at the beginning of some bytes, in bytes, to a whole grain. Where it goes on, only each
/// [`STRIDE`]th grain is looked at: something else that is shorter than a stride and is not padded is taken for noise.
pub fn noise_at_start(bytes: &[u8]) -> usize {
    let grains = |from: usize| bytes.get(from * GRAIN..).unwrap_or_default().chunks_exact(GRAIN);
    let mut known = usize::from(grains(0).next().is_some_and(is_noise));
    while known > 0 {
        let going_on = grains(known).take(STRIDE).take_while(|grain| !is_padded(grain)).count();
        let last = grains(known).take(going_on).next_back();
        if !last.is_some_and(is_noise) {
            return (known + grains(known).take_while(|grain| is_noise(grain)).count()) * GRAIN;
        }
        known += going_on;
    }
    0
}

/// Whether a grain ends with more zeros than noise has.
fn is_padded(grain: &[u8]) -> bool {
    grain.last_chunk().is_some_and(|end| *end == [0; 8])
}

#[cfg(test)]
#[path = "noise_tests.rs"]
mod tests;
