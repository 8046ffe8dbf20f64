//! The way to the person's clipboard: a program of the desktop, or the terminal itself by OSC 52.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Most bytes of text that a terminal is given at once: encoded and framed they stay below the 100,000 bytes that
/// xterm, tmux and others take in one sequence.
pub const TERMINAL_MAX: usize = 74_994;
/// Most bytes of text that a program is given at once.
pub const PROGRAM_MAX: usize = 8 * 1024 * 1024;

/// Bytes of a sequence that GNU screen passes on in one piece.
const SCREEN_PIECE: usize = 240;

/// A program with its arguments; it reads the text from its standard input.
pub type Program = &'static [&'static str];

/// What stands between this program and the terminal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Around {
    /// Nothing that keeps sequences back.
    #[default]
    Nothing,
    /// tmux, which passes on what is wrapped for it.
    Tmux,
    /// GNU screen, which does so in small pieces.
    Screen,
}

/// The way to the person's clipboard.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Clipboard {
    /// Programs to try first, in their order.
    pub programs: Vec<Program>,
    /// What the terminal's sequence has to pass.
    pub around: Around,
}

/// tmux keeps sequences back unless it is told not to, but takes a text itself, and passes that on to the terminal.
pub const TMUX: Program = &["tmux", "load-buffer", "-w", "-"];

impl Clipboard {
    /// Finds the way from the environment. Over SSH the desktop of this machine is not the person's, so the terminal
    /// comes first there; else a program of the desktop does, since not every terminal takes OSC 52.
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        let around = match (set("TMUX"), set("STY")) {
            (true, _) => Around::Tmux,
            (false, true) => Around::Screen,
            (false, false) => Around::Nothing,
        };
        let mut programs: Vec<Program> = Vec::new();
        if !["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"].into_iter().any(set) {
            if cfg!(target_os = "macos") {
                programs.push(&["pbcopy"]);
            }
            if set("WAYLAND_DISPLAY") {
                programs.push(&["wl-copy"]);
            }
            if set("DISPLAY") {
                programs.push(&["xclip", "-selection", "clipboard", "-in"]);
                programs.push(&["xsel", "--clipboard", "--input"]);
            }
            if set("WSL_DISTRO_NAME") {
                programs.push(&["clip.exe"]);
            }
        }
        Self { programs, around }
    }

    /// Most bytes of text that it takes at once.
    pub fn limit(&self) -> usize {
        if self.programs.is_empty() { TERMINAL_MAX } else { PROGRAM_MAX }
    }
}

/// The sequence that gives the terminal a text: OSC 52, wrapped for what stands between.
pub fn sequence(text: &str, around: Around) -> String {
    let plain = format!("\x1b]52;c;{}\x07", STANDARD.encode(text));
    match around {
        Around::Nothing => plain,
        Around::Tmux => format!("\x1bPtmux;{}\x1b\\", plain.replace('\x1b', "\x1b\x1b")),
        Around::Screen => {
            let mut wrapped = String::new();
            let mut rest = plain.as_str();
            while !rest.is_empty() {
                // All of it is ASCII.
                let (piece, more) = rest.split_at(rest.len().min(SCREEN_PIECE));
                wrapped.push_str("\x1bP");
                wrapped.push_str(piece);
                wrapped.push_str("\x1b\\");
                rest = more;
            }
            wrapped
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(set: &[&str]) -> Clipboard {
        Clipboard::detect(|name| set.contains(&name).then(|| "x".to_owned()))
    }

    #[test]
    fn over_ssh_the_terminal_comes_first_and_else_the_desktop() {
        let there = way(&["SSH_CONNECTION", "DISPLAY", "WAYLAND_DISPLAY", "TMUX"]);
        assert_eq!(there, Clipboard { programs: vec![], around: Around::Tmux });
        assert_eq!(there.limit(), TERMINAL_MAX);
        let here = way(&["DISPLAY", "WAYLAND_DISPLAY"]);
        assert_eq!(
            here.programs.iter().map(|program| program[0]).collect::<Vec<_>>(),
            ["wl-copy", "xclip", "xsel"]
        );
        assert_eq!(here.limit(), PROGRAM_MAX);
        assert_eq!(way(&["STY"]).around, Around::Screen);
        assert_eq!(way(&[]), Clipboard::default());
    }

    #[test]
    fn the_sequence_is_as_terminals_and_multiplexers_want_it() {
        assert_eq!(sequence("hi", Around::Nothing), "\x1b]52;c;aGk=\x07");
        assert_eq!(sequence("hi", Around::Tmux), "\x1bPtmux;\x1b\x1b]52;c;aGk=\x07\x1b\\");
        let long = "x".repeat(TERMINAL_MAX);
        assert!(sequence(&long, Around::Nothing).len() <= 100_000);
        let pieces = sequence(&long, Around::Screen);
        let joined: String = pieces.split("\x1b\\").map(|piece| piece.trim_start_matches("\x1bP")).collect();
        assert_eq!(joined, sequence(&long, Around::Nothing));
        assert!(pieces.split("\x1b\\").all(|piece| piece.len() <= SCREEN_PIECE + 2));
    }
}
