//! How forms look.

use ratatui::style::{Modifier, Style};

/// How a form looks. The default needs no colour.
#[derive(Clone, Copy, Debug)]
pub struct FormStyles {
    /// Everything where nothing else applies.
    pub text: Style,
    /// The frame.
    pub border: Style,
    /// The title in the frame.
    pub title: Style,
    /// The headings of sections.
    pub heading: Style,
    /// The names of fields.
    pub label: Style,
    /// The name of the field with the focus.
    pub label_focused: Style,
    /// Values.
    pub value: Style,
    /// The value of the field with the focus.
    pub value_focused: Style,
    /// Values that cannot be changed.
    pub fixed: Style,
    /// What an empty field shows.
    pub placeholder: Style,
    /// Rules that a value breaks.
    pub error: Style,
    /// What deserves a second look.
    pub warning: Style,
    /// What follows from a value.
    pub note: Style,
    /// Explanations, and the keys at the bottom.
    pub help: Style,
    /// Buttons.
    pub button: Style,
    /// The button with the focus.
    pub button_focused: Style,
    /// The list that drops down.
    pub list: Style,
    /// The chosen line of that list.
    pub list_selected: Style,
    /// Only ASCII signs.
    pub ascii: bool,
}

impl Default for FormStyles {
    fn default() -> Self {
        let (plain, reversed) = (Style::new(), Style::new().add_modifier(Modifier::REVERSED));
        let (bold, dim) = (plain.add_modifier(Modifier::BOLD), plain.add_modifier(Modifier::DIM));
        Self {
            text: plain,
            border: plain,
            title: bold,
            heading: bold,
            label: plain,
            label_focused: bold,
            value: plain,
            value_focused: plain.add_modifier(Modifier::UNDERLINED),
            fixed: dim,
            placeholder: dim,
            error: bold,
            warning: bold,
            note: dim,
            help: dim,
            button: plain,
            button_focused: reversed,
            list: plain,
            list_selected: reversed,
            ascii: false,
        }
    }
}
