//! What can be wrong with the settings.

use std::{fmt, path::PathBuf};

use super::explain::Place;
use crate::model::{Fault, FaultKind};

/// Something in the file that is worth saying and keeps nobody from starting.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Warning {
    /// Where.
    pub place: Place,
    /// What, in one sentence.
    pub text: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.text)
    }
}

/// Something in the file that cannot be taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// The key, such as `console.lines`; `None` where the file is not TOML.
    pub key: Option<String>,
    /// The rule that is broken: "must be from 1 to 120".
    pub rule: String,
}

/// `file:line:column: key rule`, without the picture.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Some(key) => write!(f, "{}: {key} {}", self.place, self.rule),
            None => write!(f, "{}: {}", self.place, self.rule),
        }
    }
}

/// Why the settings could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing says where this user's files are.
    #[error("there is no home folder: HOME is not set to an absolute path")]
    NoHome,
    /// The file that was named is not there.
    #[error("there is no settings file {}", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be read.
    #[error("the settings file {} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// The file is larger than any settings file.
    #[error("the settings file {} has more than {max} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// At most so many bytes.
        max: u64,
    },
    /// The file is not TOML, or values in it break their rules.
    #[error("{}", pictures(problems))]
    Invalid {
        /// In the order of the file; at least one.
        problems: Vec<Problem>,
    },
    /// A flag or variable breaks its rule.
    #[error("{name} {rule}")]
    Argument {
        /// The flag's or variable's name.
        name: &'static str,
        /// The rule that is broken.
        rule: String,
    },
}

fn pictures(problems: &[Problem]) -> String {
    let each = problems.iter().map(|problem| format!("{problem}\n{}", problem.place.picture()));
    each.collect::<Vec<_>>().join("\n\n")
}

impl Error {
    /// What a person is told. For a file that cannot be taken, the details have a line and a caret for each place.
    pub fn fault(&self) -> Fault {
        const MEANS: &str = "Nothing was started or changed; servers that run go on running.";
        let fault = |what: String, next: &str| Fault::new(FaultKind::Invalid, what, MEANS, next);
        match self {
            Self::NoHome => fault(
                "There is no home folder to keep the settings and the database in.".into(),
                "Set HOME, or name a folder with --data-dir.",
            ),
            Self::Missing { path } => fault(
                format!("There is no settings file {}.", path.display()),
                "Correct --config or MINECLIFFORD_CONFIG, or leave it out to use the usual place.",
            ),
            Self::Unreadable { path, .. } => fault(
                format!("The settings file {} cannot be read.", path.display()),
                "Give this user the right to read it, or name another with --config.",
            )
            .because(self),
            Self::TooLarge { path, .. } => fault(
                format!("{} is too large to be a settings file.", path.display()),
                "Name the right file with --config; config.example.toml shows what one looks like.",
            )
            .because(self),
            Self::Invalid { problems } => {
                let more = match problems.len() {
                    0 | 1 => String::new(),
                    n => format!(" (and {} more)", n - 1),
                };
                let first = problems.first().map(ToString::to_string).unwrap_or_default();
                let mut fault = fault(
                    format!("{first}{more}."),
                    "Correct the file; config.example.toml shows every key with its default.",
                );
                fault.field = problems.first().and_then(|problem| problem.key.clone());
                fault.chain = problems
                    .iter()
                    .map(|problem| format!("{problem}\n{}", problem.place.picture()))
                    .collect();
                fault
            }
            Self::Argument { name, rule } => Fault::invalid(*name, rule),
        }
    }
}
