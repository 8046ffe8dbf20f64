//! Tables for people: aligned, as wide as the terminal at the most, harmless whatever the cells hold.

use std::fmt::Write;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::clean;

/// No column is made narrower than this to fit the terminal.
const NARROWEST: usize = 4;
/// Between two columns.
const GAP: &str = "  ";

/// One cell.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    text: String,
    colour: Option<&'static str>,
}

impl Cell {
    /// A cell in a colour, given as an SGR parameter.
    pub fn coloured(text: impl AsRef<str>, colour: Option<&'static str>) -> Self {
        Self { text: clean::plain(text.as_ref()).into_owned(), colour }
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::coloured(text, None)
    }
}

/// A column's heading and manner.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    title: &'static str,
    right: bool,
    shrinks: bool,
}

impl Column {
    /// Text, at the left.
    pub const fn text(title: &'static str) -> Self {
        Self { title, right: false, shrinks: false }
    }

    /// Numbers, at the right.
    pub const fn number(title: &'static str) -> Self {
        Self { title, right: true, shrinks: false }
    }

    /// Text that is cut first where the terminal is narrow.
    pub const fn elastic(title: &'static str) -> Self {
        Self { title, right: false, shrinks: true }
    }
}

/// Rows under headings.
#[derive(Clone, Debug)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// Without rows.
    pub fn new(columns: impl Into<Vec<Column>>) -> Self {
        Self { columns: columns.into(), rows: Vec::new() }
    }

    /// Adds a row; cells that are missing are empty, those too many are let go.
    pub fn row(&mut self, cells: impl Into<Vec<Cell>>) {
        let mut cells = cells.into();
        cells.resize(self.columns.len(), Cell::default());
        self.rows.push(cells);
    }

    /// The table as text, each line ended by a line break; cut to `width` columns where that is given.
    pub fn render(&self, width: Option<usize>, colour: bool) -> String {
        let widths = self.widths(width);
        let mut text = String::new();
        let titles: Vec<Cell> = self
            .columns
            .iter()
            .map(|column| Cell { text: column.title.to_owned(), colour: colour.then_some("1") })
            .collect();
        self.line(&mut text, &titles, &widths, colour);
        for row in &self.rows {
            self.line(&mut text, row, &widths, colour);
        }
        text
    }

    fn widths(&self, limit: Option<usize>) -> Vec<usize> {
        let mut widths: Vec<usize> = self.columns.iter().map(|column| column.title.width()).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.text.width());
            }
        }
        let gaps = GAP.len() * self.columns.len().saturating_sub(1);
        let limit = limit.unwrap_or(usize::MAX);
        // Elastic columns give way first, the widest of them before the others; then any column does.
        for only_elastic in [true, false] {
            while widths.iter().sum::<usize>().saturating_add(gaps) > limit {
                let widest = widths
                    .iter_mut()
                    .zip(&self.columns)
                    .filter(|(width, column)| **width > NARROWEST && (column.shrinks || !only_elastic))
                    .max_by_key(|(width, _)| **width);
                match widest {
                    Some((width, _)) => *width -= 1,
                    None => break,
                }
            }
        }
        widths
    }

    fn line(&self, text: &mut String, cells: &[Cell], widths: &[usize], colour: bool) {
        let mut line = String::new();
        for (index, ((cell, column), width)) in cells.iter().zip(&self.columns).zip(widths).enumerate() {
            if index > 0 {
                line.push_str(GAP);
            }
            let shown = cut(&cell.text, *width);
            let padding = width.saturating_sub(shown.width());
            if column.right {
                line.extend(std::iter::repeat_n(' ', padding));
            }
            match cell.colour.filter(|_| colour && !shown.is_empty()) {
                Some(sgr) => {
                    let _ = write!(line, "\x1b[{sgr}m{shown}\x1b[0m");
                }
                None => line.push_str(&shown),
            }
            if !column.right {
                line.extend(std::iter::repeat_n(' ', padding));
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

/// The text in at most so many columns, with an ellipsis where something was cut.
pub fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut used = 0;
    let mut shown: String = text
        .chars()
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used < width
        })
        .collect();
    if width > 0 {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn table() -> Table {
        let mut table = Table::new([Column::elastic("NAME"), Column::text("STATE"), Column::number("PORT")]);
        table.row([Cell::from("survival"), Cell::coloured("ready", Some("32")), Cell::from("25565")]);
        table.row([Cell::from("a"), Cell::from("stopped"), Cell::from("-")]);
        table.row([Cell::from("日本語"), Cell::from("ready"), Cell::from("1")]);
        table
    }

    #[test]
    fn columns_are_aligned_by_what_is_seen() {
        insta::assert_snapshot!(table().render(None, false), @r"
        NAME      STATE     PORT
        survival  ready    25565
        a         stopped      -
        日本語    ready        1
        ");
    }

    #[test]
    fn a_narrow_terminal_cuts_elastic_columns_first() {
        insta::assert_snapshot!(table().render(Some(20), false), @r"
        NAME  STATE     PORT
        sur…  ready    25565
        a     stopped      -
        日…   ready        1
        ");
    }

    #[test]
    fn colours_only_where_they_are_allowed() {
        assert!(!table().render(None, false).contains('\u{1b}'));
        assert!(table().render(None, true).contains("\u{1b}[32mready\u{1b}[0m"));
    }

    #[test]
    fn hostile_cells_stay_in_their_cell() {
        let mut table = Table::new([Column::elastic("NAME"), Column::text("STATE")]);
        table.row([Cell::from("a\u{1b}[2J\u{1b}]0;t\u{7}\nfake  ready\u{202e}"), Cell::from("crashed")]);
        assert_eq!(table.render(None, false), "NAME           STATE\na fake  ready  crashed\n");
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_terminal(cells in prop::collection::vec(any::<String>(), 1..6), width in 20usize..120) {
            let mut table = Table::new([Column::elastic("NAME"), Column::text("STATE")]);
            for cell in &cells {
                table.row([Cell::from(cell), Cell::from(cell)]);
            }
            let text = table.render(Some(width), false);
            prop_assert_eq!(text.lines().count(), cells.len() + 1);
            for line in text.lines() {
                prop_assert!(line.chars().map(|c| c.width().unwrap_or(0)).sum::<usize>() <= width);
            }
        }
    }
}
