//! What the dashboard is started with.

use std::{env, path::PathBuf};

use super::theme::ColorDepth;
use crate::model::{Spec, Units};

/// What the dashboard is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The theme's name; `None` is `default`.
    pub theme: Option<String>,
    /// The keymap's name; `None` is `default`.
    pub keymap: Option<String>,
    /// The person's settings folder: `keymap.toml`, `keymaps/*.toml`, `themes/*.toml`.
    pub config_dir: Option<PathBuf>,
    /// Where the last sort order, layout and choice are remembered; `None` remembers nothing.
    pub state_dir: Option<PathBuf>,
    /// Whether only ASCII is drawn.
    pub ascii: bool,
    /// How many colours are drawn with.
    pub depth: ColorDepth,
    /// In which steps amounts of bytes are written.
    pub units: Units,
    /// Whether the mouse is listened to.
    pub mouse: bool,
    /// Most frames a second, 1 to 240; 0 is 33, and 10 over SSH.
    pub frame_rate: u32,
    /// Whether nothing may be changed from here.
    pub read_only: bool,
    /// Whether this is the demo.
    pub demo: bool,
    /// What the form for a new server begins with.
    pub defaults: Spec,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            theme: None,
            keymap: None,
            config_dir: None,
            state_dir: None,
            ascii: false,
            depth: ColorDepth::Auto,
            units: Units::Binary,
            mouse: true,
            frame_rate: 0,
            read_only: false,
            demo: false,
            defaults: Spec::default(),
        }
    }
}

impl Options {
    /// The frame rate that holds.
    pub(super) fn rate(&self) -> u32 {
        match self.frame_rate {
            0 if env::var_os("SSH_CONNECTION").is_some() => 10,
            // A line that just misses a frame waits for the next, and takes 2 ms to get there: 33 ms in all.
            0 => 33,
            rate => rate.min(240),
        }
    }
}
