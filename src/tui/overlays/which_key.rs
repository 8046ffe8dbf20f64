//! What may follow the keys of a chord that has begun.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use crate::tui::{
    action::{Action, Scene},
    app::inside,
    input::{Found, Key, Keymap, keymap::label},
    paint,
    theme::{Role, Theme},
};

/// What may follow: its keys, and what it does.
fn rows(keymap: &Keymap, scene: Scene, chord: &[Key]) -> Vec<(String, Action)> {
    let Found::Prefix(next) = keymap.find(scene, chord) else { return Vec::new() };
    next.iter().map(|binding| (label(&binding.keys[chord.len()..]), binding.action)).collect()
}

/// Where it is drawn: the lower left corner of an area.
fn corner(rows: &[(String, Action)], area: Rect) -> Rect {
    let wide = rows.iter().map(|(keys, action)| keys.len() + action.info().title.len()).max();
    let high = (rows.len() as u16 + 2).min(area.height);
    let width = (wide.unwrap_or(0) as u16 + 6).max(14).min(area.width);
    Rect { y: area.bottom() - high, height: high, width, ..area }
}

/// What stands at a place of it.
pub fn at(keymap: &Keymap, scene: Scene, chord: &[Key], area: Rect, place: Position) -> Option<Action> {
    let rows = rows(keymap, scene, chord);
    let inner = inside(corner(&rows, area));
    let row = rows.get(usize::from(place.y.checked_sub(inner.y)?))?;
    inner.contains(place).then_some(row.1)
}

/// Draws what may follow into the lower left corner of an area.
pub fn view(keymap: &Keymap, scene: Scene, chord: &[Key], area: Rect, buf: &mut Buffer, theme: &Theme) {
    let rows = rows(keymap, scene, chord);
    if rows.is_empty() {
        return;
    }
    let corner = corner(&rows, area);
    let inner = paint::dialog(buf, corner, corner.width, corner.height, &label(chord), theme);
    for (y, (keys, action)) in (0..inner.height).zip(&rows) {
        let x = paint::text(buf, inner, 1, y, keys, theme.style(Role::Key));
        paint::text(buf, inner, x + 2, y, action.info().title, theme.style(Role::Text));
    }
}
