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

#[test]
fn noise_ends_where_it_is_padded_and_where_something_else_begins() {
    let mut noise = vec![0; 40 * GRAIN];
    Rng::new(9).fill(&mut noise);
    let text = b"difficulty=hard\n".repeat(GRAIN / 16);
    for (whole, after) in [(0, 0), (1, 3), (7, 1), (8, 9), (9, 20), (17, 1), (30, 0)] {
        let bytes = [&noise[..whole * GRAIN], &vec![0; after * GRAIN]].concat();
        assert_eq!(noise_at_start(&bytes), whole * GRAIN, "{whole} and {after}");
        // Text for longer than the stride is seen to the grain.
        let bytes = [&noise[..whole * GRAIN], &text.repeat(20)[..]].concat();
        assert_eq!(noise_at_start(&bytes), whole * GRAIN, "{whole}");
    }
    assert_eq!(noise_at_start(&noise[1..]), 39 * GRAIN);
    assert_eq!(noise_at_start(&noise[..100]), 0);
}

#[test]
fn zeros_are_counted_to_the_byte() {
    for count in 0..70 {
        let bytes = [&vec![0; count][..], &[1, 0, 0]].concat();
        assert_eq!((zeros_at_start(&bytes), zeros_at_start(&bytes[..count])), (count, count));
    }
}
