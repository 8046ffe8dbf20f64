//! A screen as SVG: grounds, shapes, text in runs that keep to their columns whatever font the viewer has.

use std::{collections::BTreeMap, fmt::Write as _};

use ratatui::{
    buffer::Cell,
    layout::Position,
    style::{Color, Modifier},
};
use unicode_width::UnicodeWidthStr as _;

use super::{
    scenes::Picture,
    strokes::{CELL, Fill, is_shape, n, shape},
};

/// The ground around the screen, and the height of the window's title bar.
const MARGIN: f64 = 14.0;
const TITLE: f64 = 34.0;
const FONT: f64 = 15.0;
const FONTS: &str = "'JetBrains Mono','Cascadia Mono','SF Mono',Menlo,'DejaVu Sans Mono',Consolas,monospace";

/// What a terminal makes of the colours that are not said exactly.
pub struct Terminal {
    pub ground: &'static str,
    pub text: &'static str,
    pub bar: &'static str,
    pub edge: &'static str,
    pub colours: [&'static str; 16],
}

/// A dark terminal.
pub const DARK: Terminal = Terminal {
    ground: "#11151c",
    text: "#d5dae3",
    bar: "#1a2029",
    edge: "#2b3442",
    colours: [
        "#11151c", "#f0717a", "#8fce72", "#e6c167", "#6cb0f5", "#c792ea", "#56c8d8", "#c3cad6", "#667184",
        "#ff8b92", "#a9e38c", "#f5d68a", "#8cc4ff", "#dcb0f7", "#7fe0ec", "#ffffff",
    ],
};

/// A light terminal.
pub const LIGHT: Terminal = Terminal {
    ground: "#fbfaf6",
    text: "#1f2328",
    bar: "#eceae3",
    edge: "#d3d0c6",
    colours: [
        "#1f2328", "#b3141f", "#116329", "#7d4e00", "#0550ae", "#6639ba", "#0a5a66", "#59636e", "#8b949e",
        "#cf222e", "#1a7f37", "#9a6700", "#0969da", "#8250df", "#1b7c83", "#ffffff",
    ],
};

/// The picture.
pub fn draw(picture: &Picture) -> String {
    let area = picture.screen.area;
    let (w, h) = (f64::from(area.width) * CELL.0, f64::from(area.height) * CELL.1);
    let (wide, high) = (w + 2.0 * MARGIN, h + TITLE + MARGIN);
    let Terminal { ground, bar, edge, text, .. } = picture.terminal;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\">\n\
         <title>{2}</title>\n\
         <style>text{{font:{FONT}px {FONTS}}}.b{{font-weight:700}}.i{{font-style:italic}}\
         .s{{fill:none;stroke-width:1.2}}</style>\n\
         <rect x=\".5\" y=\".5\" width=\"{3}\" height=\"{4}\" rx=\"10\" fill=\"{ground}\" stroke=\"{edge}\"/>\n\
         <path d=\"M.5 {TITLE}V10.5Q.5 .5 10.5 .5H{5}Q{6} .5 {6} 10.5V{TITLE}z\" fill=\"{bar}\" stroke=\"{edge}\"/>\n",
        n(wide),
        n(high),
        escape(picture.about),
        n(wide - 1.0),
        n(high - 1.0),
        n(wide - 10.5),
        n(wide - 0.5),
    );
    for (x, colour) in [(20, "#f0717a"), (40, "#e6c167"), (60, "#8fce72")] {
        let _ = writeln!(svg, "<circle cx=\"{x}\" cy=\"17\" r=\"6\" fill=\"{colour}\"/>");
    }
    let _ = writeln!(
        svg,
        "<text x=\"{}\" y=\"22\" text-anchor=\"middle\" fill=\"{text}\" fill-opacity=\".7\">{}</text>",
        n(wide / 2.0),
        escape(picture.title),
    );
    let _ = writeln!(svg, "<g transform=\"translate({} {})\">", n(MARGIN), n(TITLE + MARGIN / 2.0));
    grounds(picture, &mut svg);
    shapes(picture, &mut svg);
    for y in 0..area.height {
        row(picture, y, &mut svg);
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// What is under a cell, and what is on it.
fn colours<'a>(picture: &Picture, cell: &'a Cell) -> (Option<String>, String, &'a Cell) {
    let terminal = picture.terminal;
    let ground = colour(terminal, cell.bg);
    let text = colour(terminal, cell.fg).unwrap_or_else(|| terminal.text.into());
    if cell.modifier.contains(Modifier::REVERSED) {
        return (Some(text), ground.unwrap_or_else(|| terminal.ground.into()), cell);
    }
    (ground.filter(|ground| ground != terminal.ground), text, cell)
}

fn colour(terminal: &Terminal, colour: Color) -> Option<String> {
    let named = |index: usize| Some(terminal.colours[index].to_owned());
    match colour {
        Color::Reset => None,
        Color::Rgb(r, g, b) => Some(format!("#{r:02x}{g:02x}{b:02x}")),
        Color::Black => named(0),
        Color::Red => named(1),
        Color::Green => named(2),
        Color::Yellow => named(3),
        Color::Blue => named(4),
        Color::Magenta => named(5),
        Color::Cyan => named(6),
        Color::Gray => named(7),
        Color::DarkGray => named(8),
        Color::LightRed => named(9),
        Color::LightGreen => named(10),
        Color::LightYellow => named(11),
        Color::LightBlue => named(12),
        Color::LightMagenta => named(13),
        Color::LightCyan => named(14),
        Color::White => named(15),
        Color::Indexed(index) if index < 16 => named(index.into()),
        Color::Indexed(index) => panic!("colour {index} is not drawn with here"),
    }
}

fn at(picture: &Picture, x: u16, y: u16) -> &Cell {
    &picture.screen[Position { x, y }]
}

fn place(x: u16, y: u16) -> (f64, f64) {
    (f64::from(x) * CELL.0, f64::from(y) * CELL.1)
}

fn grounds(picture: &Picture, svg: &mut String) {
    let area = picture.screen.area;
    for y in 0..area.height {
        let mut x = 0;
        while x < area.width {
            let Some(ground) = colours(picture, at(picture, x, y)).0 else {
                x += 1;
                continue;
            };
            let end = (x..area.width)
                .find(|x| colours(picture, at(picture, *x, y)).0.as_ref() != Some(&ground))
                .unwrap_or(area.width);
            let ((left, top), (right, _)) = (place(x, y), place(end, y));
            let _ = writeln!(
                svg,
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{ground}\"/>",
                n(left),
                n(top),
                n(right - left),
                n(CELL.1),
            );
            x = end;
        }
    }
    if let Some(Position { x, y }) = picture.cursor {
        let (left, top) = place(x, y);
        let colour = picture.terminal.text;
        let _ = writeln!(
            svg,
            "<rect x=\"{}\" y=\"{}\" width=\"2\" height=\"{}\" fill=\"{colour}\"/>",
            n(left),
            n(top),
            n(CELL.1)
        );
    }
}

/// Every shape of a colour is one path.
fn shapes(picture: &Picture, svg: &mut String) {
    let area = picture.screen.area;
    let mut paths: BTreeMap<(Fill, String, bool), String> = BTreeMap::new();
    for y in 0..area.height {
        for x in 0..area.width {
            let (_, colour, cell) = colours(picture, at(picture, x, y));
            let (left, top) = place(x, y);
            if let Some((data, fill)) = shape(cell.symbol(), left, top) {
                let dim = cell.modifier.contains(Modifier::DIM);
                paths.entry((fill, colour, dim)).or_default().push_str(&data);
            }
        }
    }
    for ((fill, colour, dim), data) in paths {
        let opacity = match (fill, dim) {
            (Fill::Quarter, _) => " opacity=\".25\"",
            (Fill::Half, _) | (_, true) => " opacity=\".5\"",
            _ => "",
        };
        let paint = match fill {
            Fill::Stroke => format!("class=\"s\" stroke=\"{colour}\""),
            _ => format!("fill=\"{colour}\" shape-rendering=\"crispEdges\""),
        };
        let _ = writeln!(svg, "<path d=\"{data}\" {paint}{opacity}/>");
    }
}

/// The text of a row. A run ends where the look changes, before two spaces, and around characters that are not ASCII:
/// fonts disagree about their width.
fn row(picture: &Picture, y: u16, svg: &mut String) {
    let wide = picture.screen.area.width;
    let look = |x: u16| {
        let (_, colour, cell) = colours(picture, at(picture, x, y));
        let shown = Modifier::BOLD | Modifier::DIM | Modifier::ITALIC | Modifier::UNDERLINED;
        (colour, cell.modifier & shown)
    };
    let symbol = |x: u16| at(picture, x, y).symbol();
    let mut x = 0;
    while x < wide {
        let cells = u16::try_from(symbol(x).width()).unwrap_or(1).max(1);
        if symbol(x) == " " && !look(x).1.contains(Modifier::UNDERLINED) || is_shape(symbol(x)) {
            x += cells;
            continue;
        }
        let mut end = x + cells;
        if symbol(x).is_ascii() {
            let gap = |x: u16| symbol(x) == " " && (x + 1 >= wide || symbol(x + 1) == " ");
            let underlined = look(x).1.contains(Modifier::UNDERLINED);
            while end < wide && symbol(end).is_ascii() && look(end) == look(x) && (underlined || !gap(end)) {
                end += 1;
            }
        }
        let content: String = (x..end).map(symbol).collect();
        text(&content, (x, y), end - x, look(x), svg);
        x = end;
    }
}

fn text(content: &str, (x, y): (u16, u16), cells: u16, (colour, look): (String, Modifier), svg: &mut String) {
    let (left, top) = place(x, y);
    let long = f64::from(cells) * CELL.0;
    if look.contains(Modifier::UNDERLINED) {
        let bottom = n(top + CELL.1 - 2.5);
        let _ = writeln!(
            svg,
            "<path d=\"M{} {bottom}h{}\" stroke=\"{colour}\" opacity=\".6\"/>",
            n(left),
            n(long)
        );
    }
    let content = content.trim_end();
    if content.is_empty() {
        return;
    }
    let long = content.width() as f64 * CELL.0;
    let class = match (look.contains(Modifier::BOLD), look.contains(Modifier::ITALIC)) {
        (true, true) => " class=\"b i\"",
        (true, false) => " class=\"b\"",
        (false, true) => " class=\"i\"",
        (false, false) => "",
    };
    let dim = if look.contains(Modifier::DIM) { " opacity=\".6\"" } else { "" };
    let _ = writeln!(
        svg,
        "<text x=\"{}\" y=\"{}\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{colour}\"{class}{dim}>{}</text>",
        n(left),
        n(top + CELL.1 * 0.74),
        n(long),
        escape(content),
    );
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[test]
fn markup_in_a_log_is_text() {
    assert_eq!(escape("<Steve> & co"), "&lt;Steve&gt; &amp; co");
}
