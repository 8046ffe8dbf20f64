//! The rules for a console command.

use thiserror::Error;

/// The longest command in bytes: what one RCON packet holds (the server reads 1460 bytes, 14 of them frame). The
/// console would take more; one rule for every way keeps a command from depending on the way it goes.
pub const MAX_COMMAND: usize = 1446;

/// The longest command that the image's `rcon-cli` passes on, in bytes.
pub const MAX_RCON_CLI: usize = 1014;

/// Why a command was not sent. Each message names the rule.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CommandError {
    /// Nothing, or only a slash and spaces.
    #[error("the command is empty, so nothing was sent; type a command such as \"list\"")]
    Empty,
    /// Too long for one RCON packet.
    #[error(
        "the command has {length} bytes and the server reads at most {limit}, so nothing was sent; shorten it"
    )]
    TooLong {
        /// Its length in bytes.
        length: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// A line break: what follows it would be a second command.
    #[error(
        "a command must not hold a line break ({name} at byte {at}), because what follows would run as a second \
         command, so nothing was sent; send one command at a time"
    )]
    LineBreak {
        /// `CR` or `LF`.
        name: &'static str,
        /// Where, in bytes from the start.
        at: usize,
    },
    /// A NUL: it ends the command early on the wire.
    #[error(
        "a command must not hold a NUL (at byte {at}), because it would end there, so nothing was sent; remove it"
    )]
    Nul {
        /// Where, in bytes from the start.
        at: usize,
    },
    /// Any other control character.
    #[error(
        "a command must not hold control characters (U+{code:04X} at byte {at}), so nothing was sent; remove it"
    )]
    Control {
        /// Its code point.
        code: u32,
        /// Where, in bytes from the start.
        at: usize,
    },
}

/// Checks a command and takes off spaces around it and one leading slash, which players type and consoles do not
/// know. A line break at the very end is refused like any other.
///
/// # Errors
/// The rule that it breaks. Nothing is ever repaired silently: a command that was not meant is worse than none.
pub fn validate(command: &str) -> Result<&str, CommandError> {
    for (at, c) in command.char_indices() {
        match c {
            '\r' => return Err(CommandError::LineBreak { name: "CR", at }),
            '\n' => return Err(CommandError::LineBreak { name: "LF", at }),
            '\0' => return Err(CommandError::Nul { at }),
            // Some consoles and terminals break lines at these too.
            '\u{85}' | '\u{2028}' | '\u{2029}' => return Err(CommandError::Control { code: c as u32, at }),
            c if c.is_control() => return Err(CommandError::Control { code: c as u32, at }),
            _ => {}
        }
    }
    let bare = command.trim();
    let bare = bare.strip_prefix('/').unwrap_or(bare).trim_start();
    if bare.is_empty() {
        return Err(CommandError::Empty);
    }
    if bare.len() > MAX_COMMAND {
        return Err(CommandError::TooLong { length: bare.len(), limit: MAX_COMMAND });
    }
    Ok(bare)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn good_commands_lose_only_the_slash() {
        assert_eq!(validate("list"), Ok("list"));
        assert_eq!(validate(" /say hello  world "), Ok("say hello  world"));
        assert_eq!(validate("//set stone"), Ok("/set stone"));
        assert_eq!(validate(&"x".repeat(MAX_COMMAND)).map(str::len), Ok(MAX_COMMAND));
    }

    #[test]
    fn each_broken_rule_is_named() {
        assert_eq!(validate(" / "), Err(CommandError::Empty));
        assert_eq!(validate("say hi\nop me"), Err(CommandError::LineBreak { name: "LF", at: 6 }));
        assert_eq!(validate("say hi\r"), Err(CommandError::LineBreak { name: "CR", at: 6 }));
        assert_eq!(validate("say\0"), Err(CommandError::Nul { at: 3 }));
        assert_eq!(validate("say \x1b[2J"), Err(CommandError::Control { code: 0x1B, at: 4 }));
        assert_eq!(validate("a\u{85}b"), Err(CommandError::Control { code: 0x85, at: 1 }));
        let long = "é".repeat(MAX_COMMAND / 2 + 1);
        assert_eq!(validate(&long), Err(CommandError::TooLong { length: 1448, limit: 1446 }));
        assert!(validate("say hi\nop me").unwrap_err().to_string().contains("must not hold a line break"));
    }

    proptest! {
        #[test]
        fn what_passes_is_one_line_that_fits(command in "\\PC{0,20}[\\x00-\\x20]?\\PC{0,20}") {
            if let Ok(bare) = validate(&command) {
                prop_assert!(!bare.contains(['\r', '\n', '\0']) && bare.len() <= MAX_COMMAND && !bare.is_empty());
                prop_assert!(command.contains(bare));
            }
        }
    }
}
