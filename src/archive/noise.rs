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

/// Whether more than half of some bytes cannot be packed, as far as a sample of them tells.
pub fn is_mostly_noise(bytes: &[u8]) -> bool {
    let sample = bytes.chunks(GRAIN).step_by(SAMPLE);
    let noisy = sample.clone().filter(|grain| is_noise(grain)).count();
    2 * noisy > sample.len()
}

/// Whether a grain has nothing in it that could be packed; a shorter one is never taken for noise. Two tables, since the
/// same byte twice in a row would wait for itself in one.
pub fn is_noise(grain: &[u8]) -> bool {
    if grain.len() < GRAIN {
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

#[cfg(test)]
#[path = "noise_tests.rs"]
mod tests;
