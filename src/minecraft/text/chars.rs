//! Which characters may reach a terminal.

/// How many combining marks may follow one another; more pile up over the lines above and below.
pub(super) const MAX_MARKS: u8 = 4;

/// Whether a character only shows itself: it moves no cursor, turns no direction, and has a width that terminals
/// agree on.
///
/// Refused, beside the C0 and C1 controls:
/// * the bidirectional controls (they make a line read as something else than it is);
/// * line and paragraph separators;
/// * everything invisible that Unicode calls default-ignorable: zero-width space, joiner and non-joiner, word
///   joiner, soft hyphen, fillers, tags, variation selectors. The joiner and the emoji selector go too, because
///   terminals disagree on the width of what they make, and a wrong width tears the screen. An emoji made of
///   several then shows as its parts.
/// * non-characters and private control-like annotation marks.
pub fn is_harmless(c: char) -> bool {
    match c as u32 {
        0x20..=0x7E => true,
        0..=0x1F | 0x7F..=0x9F | 0xAD => false,
        0xA0..=0x2FF => true,
        0x034F | 0x061C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F => false,
        0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F => false,
        0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB => false,
        0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF => false,
        n => n & 0xFFFE != 0xFFFE && !(0xFDD0..=0xFDEF).contains(&n),
    }
}

/// Whether a character is drawn on top of the one before it. The blocks that stacked-up text is made of; marks of
/// single scripts are left alone.
pub(super) fn is_mark(c: char) -> bool {
    matches!(c as u32, 0x0300..=0x036F | 0x0483..=0x0489 | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF
        | 0x20D0..=0x20FF | 0xFE20..=0xFE2F)
}
