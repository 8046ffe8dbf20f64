//! What may follow the keys of a chord that has begun.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::tui::{
    action::Scene,
    input::{Found, Key, Keymap, keymap::label},
    paint,
    theme::{Role, Theme},
};

/// Draws what may follow into the lower left corner of an area.
pub fn view(keymap: &Keymap, scene: Scene, chord: &[Key], area: Rect, buf: &mut Buffer, theme: &Theme) {
    let Found::Prefix(next) = keymap.find(scene, chord) else { return };
    let rows: Vec<_> = next
        .iter()
        .map(|binding| (label(&binding.keys[chord.len()..]), binding.action.info().title))
        .collect();
    let wide = rows.iter().map(|(keys, title)| keys.len() + title.len()).max().unwrap_or(0) as u16 + 6;
    let high = (rows.len() as u16 + 2).min(area.height);
    let corner = Rect { y: area.bottom() - high, height: high, width: wide.max(14).min(area.width), ..area };
    let inner = paint::dialog(buf, corner, corner.width, corner.height, &label(chord), theme);
    for (y, (keys, title)) in (0..inner.height).zip(&rows) {
        let x = paint::text(buf, inner, 1, y, keys, theme.style(Role::Key));
        paint::text(buf, inner, x + 2, y, title, theme.style(Role::Text));
    }
}
