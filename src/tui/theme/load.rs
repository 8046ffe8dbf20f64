//! Reads themes: `inherits`, a palette of named colours, and a style for each role.

use std::{collections::HashMap, path::Path};

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;
use toml::{Spanned, Value};

use super::{ASCII, Role, Theme, UNICODE, color};
use crate::tui::{files, input::Problem, widgets::sgr::ColourDepth};

/// The themes that come with the program: name, text.
pub const SHIPPED: &[(&str, &str)] = &[
    ("default", include_str!("../../../themes/default.toml")),
    ("light", include_str!("../../../themes/light.toml")),
    ("high-contrast", include_str!("../../../themes/high-contrast.toml")),
    ("mono", include_str!("../../../themes/mono.toml")),
];

const MAX_BYTES: usize = 256 * 1024;
const INHERIT_MAX: usize = 8;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    inherits: Option<String>,
    #[serde(default)]
    #[allow(dead_code)]
    about: Option<String>,
    #[serde(default)]
    palette: HashMap<Spanned<String>, Spanned<Value>>,
    #[serde(default)]
    roles: HashMap<Spanned<String>, Spanned<Value>>,
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
    let mut layers = Vec::new();
    let mut next = Some(name.to_owned());
    while let Some(wanted) = next.take() {
        if layers.len() > INHERIT_MAX {
            let what = "themes inherit from each other without end; it is left out".to_owned();
            problems.push(Problem { file: format!("theme {wanted:?}"), line: 1, what });
            break;
        }
        match find(&wanted, folder).and_then(|(file, text)| read(&file, &text).map(|raw| (file, text, raw))) {
            Ok(layer) => {
                next = layer.2.inherits.clone().or((wanted != "default").then(|| "default".to_owned()));
                layers.push(layer);
            }
            Err(problem) => {
                problems.push(problem);
                next = (wanted != "default").then(|| "default".to_owned());
            }
        }
    }
    let mut palette = HashMap::new();
    let mut styles = [Style::new(); Role::ALL.len()];
    for (file, text, raw) in layers.iter().rev() {
        let mut found = apply(raw, file, text, &mut palette, &mut styles);
        found.sort_by_key(|problem| problem.line);
        problems.append(&mut found);
    }
    for style in &mut styles {
        *style = depth.quantise_style(*style);
    }
    (Theme { name: name.to_owned(), depth, symbols: if ascii { &ASCII } else { &UNICODE }, styles }, problems)
}

fn find(name: &str, folder: Option<&Path>) -> Result<(String, String), Problem> {
    let problem = |what: String| Problem { file: format!("theme {name:?}"), line: 1, what };
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) {
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
        let known: Vec<_> = SHIPPED.iter().map(|(name, _)| *name).collect();
        problem(format!("there is no such theme; there are {}. The default holds", known.join(", ")))
    })
}

fn read(file: &str, text: &str) -> Result<Raw, Problem> {
    toml::from_str(text).map_err(|error| {
        let byte = error.span().map_or(0, |span| span.start);
        Problem::at(
            file,
            text,
            byte,
            format!("{}; the file is not used", error.message().replace('\n', ", ")),
        )
    })
}

fn apply(
    raw: &Raw,
    file: &str,
    text: &str,
    palette: &mut HashMap<String, Color>,
    styles: &mut [Style; Role::ALL.len()],
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, value) in &raw.palette {
        match value.get_ref().as_str().and_then(color::parse) {
            Some(color) => {
                palette.insert(name.get_ref().clone(), color);
            }
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
    for (name, value) in &raw.roles {
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

/// A role's value: a colour for the text, or a table of `fg`, `bg` and `mods`.
fn style(value: &Value, palette: &HashMap<String, Color>) -> Result<Style, String> {
    let color = |value: &Value| {
        let text = value.as_str().ok_or("a colour must be a text")?;
        palette
            .get(text)
            .copied()
            .or_else(|| color::parse(text))
            .ok_or_else(|| format!("{text:?} is neither a colour nor in the palette"))
    };
    let table = match value {
        Value::String(_) => return Ok(Style::new().fg(color(value)?)),
        Value::Table(table) => table,
        _ => return Err("must be a colour or a table such as { fg = \"red\", mods = [\"bold\"] }".into()),
    };
    let mut style = Style::new();
    for (key, value) in table {
        match key.as_str() {
            "fg" => style.fg = Some(color(value)?),
            "bg" => style.bg = Some(color(value)?),
            "mods" => {
                for word in value.as_array().ok_or("`mods` must be a list such as [\"bold\"]")? {
                    style = style.add_modifier(modifier(word)?);
                }
            }
            odd => return Err(format!("{odd:?} is not known here; it may be fg, bg, mods")),
        }
    }
    Ok(style)
}

fn modifier(value: &Value) -> Result<Modifier, String> {
    Ok(match value.as_str().unwrap_or_default() {
        "bold" => Modifier::BOLD,
        "dim" => Modifier::DIM,
        "italic" => Modifier::ITALIC,
        "underlined" => Modifier::UNDERLINED,
        "reversed" => Modifier::REVERSED,
        _ => return Err(format!("{value} is not bold, dim, italic, underlined or reversed")),
    })
}
