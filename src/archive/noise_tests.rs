//! What of a world is noise.

use practice::{region::Region, rng::Rng};

use super::*;

#[test]
fn a_region_is_mostly_noise_and_text_is_none() {
    let region = Region { seed: 7, x: 1, z: -2, chunks: 64, born: 1_700_000_000 };
    let mut world = vec![0; usize::try_from(region.len()).unwrap()];
    region.read_at(0, &mut world);
    assert!(is_mostly_noise(&world));
    let mut noise = [0; GRAIN];
    Rng::new(1).fill(&mut noise);
    assert!(is_noise(&noise) && !is_noise(&noise[1..]));
    let text = "difficulty=hard\nlevel-name=world\nview-distance=10\n".repeat(400);
    for packable in [text.as_bytes(), &[0; 8192], b"", b"short"] {
        assert!(!is_mostly_noise(packable));
    }
    // As much of the one as of the other is not mostly either.
    assert!(!is_mostly_noise(&[noise, [0; GRAIN]].concat().repeat(SAMPLE)));
}
