//! Reads themes: `inherits`, a palette of named colours, and a style for each role.

use std::{collections::HashMap, path::Path};

use ratatui::style::{Color, Modifier, Style};
use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

use super::{ASCII, Role, Theme, UNICODE, color};
use crate::tui::{
    document::{self, Choice},
    files,
    input::Problem,
    widgets::sgr::ColourDepth,
};

/// The themes that come with the program: name, text.
pub const SHIPPED: &[(&str, &str)] = &[
    ("default", include_str!("../../../themes/default.toml")),
    ("dark", include_str!("../../../themes/dark.toml")),
    ("light", include_str!("../../../themes/light.toml")),
    ("high-contrast", include_str!("../../../themes/high-contrast.toml")),
    ("deuteranopia", include_str!("../../../themes/deuteranopia.toml")),
    ("tritanopia", include_str!("../../../themes/tritanopia.toml")),
    ("nether", include_str!("../../../themes/nether.toml")),
    ("ocean", include_str!("../../../themes/ocean.toml")),
    ("mono", include_str!("../../../themes/mono.toml")),
];

const MAX_BYTES: usize = 256 * 1024;
const INHERIT_MAX: usize = 8;

/// A theme's file, as read.
struct Layer<'a> {
    file: &'a str,
    text: &'a str,
    table: DeTable<'a>,
}

/// The theme with this name (`default` where none is given), from the person's `themes/NAME.toml` or the shipped
/// ones, in so many colours. Whatever is wrong is reported, in the order of its lines; the rest holds.
pub fn load(
    name: Option<&str>,
    folder: Option<&Path>,
    depth: ColourDepth,
    ascii: bool,
) -> (Theme, Vec<Problem>) {
    let name = name.unwrap_or("default");
    let mut problems = Vec::new();
    let mut files: Vec<(String, String)> = Vec::new();
    let mut next = Some(name.to_owned());
    while let Some(wanted) = next.take() {
        let fallback = (wanted != "default").then(|| "default".to_owned());
        match find(&wanted, folder) {
            Ok((file, _)) if files.iter().any(|(known, _)| *known == file) || files.len() > INHERIT_MAX => {
                let what = format!("themes inherit from each other without end; {wanted:?} is left out");
                problems.push(Problem { file: format!("theme {wanted:?}"), line: 1, what });
            }
            Ok((file, text)) => {
                next = inherited(&text).or(fallback);
                files.push((file, text));
            }
            Err(problem) => {
                problems.push(problem);
                next = fallback;
            }
        }
    }
    let mut layers = Vec::new();
    for (file, text) in files.iter().rev() {
        let (table, broken) = document::read(file, text);
        problems.extend(broken);
        layers.push(Layer { file, text, table });
    }
    // Colours first and over all files, so that a theme may keep the roles of another and change only its colours.
    let mut palette = HashMap::new();
    for layer in &layers {
        sorted(&mut problems, colors(layer, &mut palette));
    }
    let mut styles = [Style::new(); Role::ALL.len()];
    for layer in &layers {
        sorted(&mut problems, roles(layer, &palette, &mut styles));
    }
    for style in &mut styles {
        *style = depth.quantise_style(*style);
    }
    (Theme { name: name.to_owned(), depth, symbols: if ascii { &ASCII } else { &UNICODE }, styles }, problems)
}

/// Themes by name with what they say of themselves: the person's own and the shipped ones.
pub fn available(folder: Option<&Path>) -> Vec<Choice> {
    document::choices("themes", folder, SHIPPED)
}

fn sorted(problems: &mut Vec<Problem>, mut found: Vec<Problem>) {
    found.sort_by_key(|problem| problem.line);
    problems.append(&mut found);
}

fn inherited(text: &str) -> Option<String> {
    let (table, _) = document::read("", text);
    table.get("inherits").and_then(|value| value.get_ref().as_str()).map(str::to_owned)
}

fn find(name: &str, folder: Option<&Path>) -> Result<(String, String), Problem> {
    let problem = |what: String| Problem { file: format!("theme {name:?}"), line: 1, what };
    if !document::is_name(name) {
        return Err(problem("a theme's name has only letters, digits, '-' and '_'".into()));
    }
    if let Some(path) = folder.map(|folder| folder.join("themes").join(format!("{name}.toml")))
        && path.exists()
    {
        let text = files::read(&path, MAX_BYTES).map_err(problem)?;
        return Ok((path.display().to_string(), text));
    }
    let shipped = SHIPPED.iter().find(|(shipped, _)| *shipped == name);
    shipped.map(|(name, text)| (format!("themes/{name}.toml"), (*text).to_owned())).ok_or_else(|| {
        let known: Vec<_> = available(folder).into_iter().map(|choice| choice.name).collect();
        problem(format!("there is no such theme; there are {}. The default holds", known.join(", ")))
    })
}

/// Takes up the colours that a file names, and tells what is odd at its top.
fn colors(layer: &Layer<'_>, palette: &mut HashMap<String, Color>) -> Vec<Problem> {
    let Layer { file, text, table } = layer;
    let mut problems = Vec::new();
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "inherits" | "about" => _ = document::text(file, text, key.get_ref(), value, &mut problems),
            "palette" | "roles" if value.get_ref().is_table() => {}
            "palette" | "roles" => {
                let what = format!("[{}] must be a table; it is left out", key.get_ref());
                problems.push(Problem::at(file, text, value.span().start, what));
            }
            _ => problems.push(document::odd(file, text, key, &["about", "inherits", "palette", "roles"])),
        }
    }
    for (name, value) in entries(table, "palette") {
        match value.get_ref().as_str().and_then(color::parse) {
            Some(color) => _ = palette.insert(name.get_ref().to_string(), color),
            None => problems.push(Problem::at(
                file,
                text,
                value.span().start,
                format!(
                    "{}: must be a colour such as \"#a0c4ff\", \"bright-blue\" or \"117\"; it is left out",
                    name.get_ref()
                ),
            )),
        }
    }
    problems
}

/// Takes up what a file says of the roles.
fn roles(
    layer: &Layer<'_>,
    palette: &HashMap<String, Color>,
    styles: &mut [Style; Role::ALL.len()],
) -> Vec<Problem> {
    let Layer { file, text, table } = layer;
    let mut problems = Vec::new();
    for (name, value) in entries(table, "roles") {
        let Some(role) = Role::ALL.iter().find(|role| role.word() == name.get_ref()) else {
            let what = format!("{}: no role has this name; it is left out", name.get_ref());
            problems.push(Problem::at(file, text, name.span().start, what));
            continue;
        };
        match style(value.get_ref(), palette) {
            Ok(style) => styles[*role as usize] = style,
            Err(what) => {
                let what = format!("{}: {what}; it is left out", name.get_ref());
                problems.push(Problem::at(file, text, value.span().start, what));
            }
        }
    }
    problems
}

/// What stands in one of a file's tables.
fn entries<'a, 'b>(
    table: &'a DeTable<'b>,
    name: &str,
) -> impl Iterator<Item = (&'a Spanned<DeString<'b>>, &'a Spanned<DeValue<'b>>)> {
    table.get(name).and_then(|value| value.get_ref().as_table()).into_iter().flatten()
}

/// A role's value: a colour for the text, or a table of `fg`, `bg` and `mods`.
fn style(value: &DeValue<'_>, palette: &HashMap<String, Color>) -> Result<Style, String> {
    let color = |value: &DeValue<'_>| {
        let text = value.as_str().ok_or("a colour must be a text")?;
        palette
            .get(text)
            .copied()
            .or_else(|| color::parse(text))
            .ok_or_else(|| format!("{text:?} is neither a colour nor in the palette"))
    };
    let table = match value {
        DeValue::String(_) => return Ok(Style::new().fg(color(value)?)),
        DeValue::Table(table) => table,
        _ => return Err("must be a colour or a table such as { fg = \"red\", mods = [\"bold\"] }".into()),
    };
    let mut style = Style::new();
    for (key, value) in table {
        let value = value.get_ref();
        match key.get_ref().as_ref() {
            "fg" => style.fg = Some(color(value)?),
            "bg" => style.bg = Some(color(value)?),
            "mods" => {
                for word in value.as_array().ok_or("`mods` must be a list such as [\"bold\"]")? {
                    style = style.add_modifier(modifier(word.get_ref())?);
                }
            }
            odd => return Err(format!("{odd:?} is not known here; it may be fg, bg, mods")),
        }
    }
    Ok(style)
}

fn modifier(value: &DeValue<'_>) -> Result<Modifier, String> {
    Ok(match value.as_str().unwrap_or_default() {
        "bold" => Modifier::BOLD,
        "dim" => Modifier::DIM,
        "italic" => Modifier::ITALIC,
        "underlined" => Modifier::UNDERLINED,
        "reversed" => Modifier::REVERSED,
        odd => return Err(format!("{odd:?} is not bold, dim, italic, underlined or reversed")),
    })
}
