//! Makes a PNG of each SVG in screenshots/, with the font that lies here, so that they look the same on every machine.
//!
//! `cargo run -p raster` makes them anew; `cargo test -p raster` says which are old. The SVGs are made by
//! `UPDATE_PICTURES=1 cargo test --test pictures`.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result};
use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{Options, Tree, fontdb::Database},
};

const REGULAR: &[u8] = include_bytes!("../fonts/regular.ttf");
const BOLD: &[u8] = include_bytes!("../fonts/bold.ttf");
const FAMILY: &str = "DejaVu Sans Mono";

fn main() -> Result<()> {
    for svg in pictures()? {
        let png = svg.with_extension("png");
        fs::write(&png, draw(&svg)?.encode_png()?)
            .with_context(|| format!("cannot write {}", png.display()))?;
    }
    Ok(())
}

/// The SVGs, by name.
fn pictures() -> Result<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../screenshots");
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        found.push(entry?.path());
    }
    found.retain(|path| path.extension().is_some_and(|ending| ending == "svg"));
    found.sort();
    Ok(found)
}

/// The picture, a pixel for each of its units.
fn draw(svg: &Path) -> Result<Pixmap> {
    let text = fs::read_to_string(svg).with_context(|| format!("cannot read {}", svg.display()))?;
    let mut fonts = Database::new();
    fonts.load_font_data(REGULAR.to_vec());
    fonts.load_font_data(BOLD.to_vec());
    fonts.set_monospace_family(FAMILY);
    let options = Options { font_family: FAMILY.into(), fontdb: Arc::new(fonts), ..Options::default() };
    let tree = Tree::from_str(&text, &options)?;
    let size = tree.size().to_int_size();
    let mut picture = Pixmap::new(size.width(), size.height()).context("a picture without a size")?;
    resvg::render(&tree, Transform::identity(), &mut picture.as_mut());
    Ok(picture)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// The most that a pixel may differ on average, of 255: processors round a little differently.
    const DIFFERENCE: f64 = 0.1;

    #[test]
    fn pngs_are_current() {
        let pictures = pictures().unwrap();
        assert!(pictures.len() > 5);
        let mut old = Vec::new();
        for svg in pictures {
            let png = svg.with_extension("png");
            let current = Pixmap::load_png(&png).is_ok_and(|there| is_same(&there, &draw(&svg).unwrap()));
            if !current {
                old.push(png.file_name().unwrap().display().to_string());
            }
        }
        assert!(
            old.is_empty(),
            "not as their SVGs: {}; `cargo run -p raster` makes them anew",
            old.join(", ")
        );
    }

    fn is_same(one: &Pixmap, other: &Pixmap) -> bool {
        let differences = one.data().iter().zip(other.data()).map(|(a, b)| f64::from(a.abs_diff(*b)));
        one.data().len() == other.data().len()
            && one.width() == other.width()
            && differences.sum::<f64>() / one.data().len() as f64 <= DIFFERENCE
    }

    #[test]
    fn every_character_of_the_pictures_is_in_the_font() {
        let mut fonts = Database::new();
        fonts.load_font_data(REGULAR.to_vec());
        let id = fonts.faces().next().unwrap().id;
        for svg in pictures().unwrap() {
            let text = fs::read_to_string(&svg).unwrap();
            for part in text.split("<text").skip(1) {
                let shown = part.split_once('>').and_then(|(_, rest)| rest.split_once("</text>")).unwrap().0;
                let missing: String = shown.chars().filter(|c| !has(&fonts, id, *c)).collect();
                assert!(
                    missing.is_empty(),
                    "{}: no glyph for {missing:?}; tests/raster/fonts/README.md",
                    svg.display()
                );
            }
        }
    }

    fn has(fonts: &Database, id: resvg::usvg::fontdb::ID, c: char) -> bool {
        let found = fonts.with_face_data(id, |data, index| {
            let face = face(data, index)?;
            face.glyph_index(c)
        });
        found.flatten().is_some()
    }

    fn face(data: &[u8], index: u32) -> Option<ttf_parser::Face<'_>> {
        ttf_parser::Face::parse(data, index).ok()
    }
}
