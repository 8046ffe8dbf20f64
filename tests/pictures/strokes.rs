//! Lines and blocks of the box-drawing and block-element characters (U+2500 to U+259F) as shapes, so that borders
//! and gauges join whatever font the viewer has.

/// A cell's width and height in the picture's units.
pub const CELL: (f64, f64) = (9.0, 19.0);

/// Whether a character is drawn as a shape.
pub fn is_shape(symbol: &str) -> bool {
    shape(symbol, 0.0, 0.0).is_some()
}

/// A character's shape with the upper left corner of its cell there: SVG path data, and whether it is filled (else
/// it is stroked).
pub fn shape(symbol: &str, x: f64, y: f64) -> Option<(String, Fill)> {
    let (w, h) = CELL;
    let (mx, my) = (x + w / 2.0, y + h / 2.0);
    let (r, b) = (x + w, y + h);
    let rect = |x: f64, y: f64, w: f64, h: f64| format!("M{} {}h{}v{}h{}z", n(x), n(y), n(w), n(h), n(-w));
    let solid = |share: f64| Some((rect(x, b - h * share, w, h * share), Fill::Full));
    let part = |share: f64| Some((rect(x, y, w * share, h), Fill::Full));
    let line = |data: String| Some((data, Fill::Stroke));
    let curve = 4.5;
    match symbol {
        "─" => line(format!("M{} {}H{}", n(x), n(my), n(r))),
        "│" => line(format!("M{} {}V{}", n(mx), n(y), n(b))),
        "╭" => line(format!(
            "M{0} {1}V{2}Q{0} {3} {4} {3}H{5}",
            n(mx),
            n(b),
            n(my + curve),
            n(my),
            n(mx + curve),
            n(r)
        )),
        "╮" => line(format!(
            "M{0} {1}V{2}Q{0} {3} {4} {3}H{5}",
            n(mx),
            n(b),
            n(my + curve),
            n(my),
            n(mx - curve),
            n(x)
        )),
        "╰" => line(format!(
            "M{0} {1}V{2}Q{0} {3} {4} {3}H{5}",
            n(mx),
            n(y),
            n(my - curve),
            n(my),
            n(mx + curve),
            n(r)
        )),
        "╯" => line(format!(
            "M{0} {1}V{2}Q{0} {3} {4} {3}H{5}",
            n(mx),
            n(y),
            n(my - curve),
            n(my),
            n(mx - curve),
            n(x)
        )),
        "▁" => solid(0.125),
        "▂" => solid(0.25),
        "▃" => solid(0.375),
        "▄" => solid(0.5),
        "▅" => solid(0.625),
        "▆" => solid(0.75),
        "▇" => solid(0.875),
        "█" => solid(1.0),
        "▉" => part(0.875),
        "▊" => part(0.75),
        "▋" => part(0.625),
        "▌" => part(0.5),
        "▍" => part(0.375),
        "▎" => part(0.25),
        "▏" => part(0.125),
        "░" => Some((rect(x, y, w, h), Fill::Quarter)),
        "▒" => Some((rect(x, y, w, h), Fill::Half)),
        _ => None,
    }
}

/// How a shape is painted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fill {
    Full,
    Half,
    Quarter,
    Stroke,
}

/// A number without needless digits.
pub fn n(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[test]
fn numbers_are_short() {
    assert_eq!([0.0, 1.5, 2.25, -9.0, 10.0].map(n), ["0", "1.5", "2.25", "-9", "10"]);
}

#[test]
fn shapes_stay_in_their_cells() {
    assert_eq!(shape("█", 9.0, 19.0), Some(("M9 19h9v19h-9z".into(), Fill::Full)));
    assert_eq!(shape("─", 0.0, 0.0), Some(("M0 9.5H9".into(), Fill::Stroke)));
    assert!(is_shape("╭") && !is_shape("a"));
}
