//! The rules: which room may know which, what only one room imports, and how a file must be.

use super::source::{Named, code, paths};

/// A breach of a rule, in words that say where and why.
pub type Breach = String;

/// What each room may name: whole rooms, or paths within a room where only a part is free to it. Its tests may name
/// the whole of such a room: they play the other side.
pub const MAY: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("config", &["model"]),
    ("store", &["model"]),
    ("minecraft", &["model"]),
    ("ssh", &[]),
    ("tasks", &[]),
    ("docker", &["model", "ssh"]),
    ("archive", &["model"]),
    ("engine", &["model", "docker", "minecraft", "store", "archive", "tasks"]),
    // The demo is a Docker engine in this process: it is reached by a connector, and gives back its end of the wire.
    ("demo", &["model", "docker::Connector", "docker::Duplex"]),
    // The engine's handle at the other end of a connection: it makes handles and passes requests on, and no more.
    (
        "link",
        &[
            "model",
            "ssh",
            "tasks",
            "engine::Handle",
            "engine::From",
            "engine::Request",
            "engine::WATCH_DEPTH",
        ],
    ),
    // A face for programs; what is counted and shown comes through the handle, as for every face.
    ("api", &["model", "tasks", "engine::Handle", "engine::From"]),
    // A face for people who are elsewhere: it hears what happens and passes it on.
    ("notify", &["model", "tasks", "engine::Handle"]),
    ("tui", MAY_TUI),
    ("cli", MAY_CLI),
];

// The dashboard sees the engine's handle and nothing else of the world. Beside it there are pure functions that forms
// show while one types and the engine decides with: which image a server gets, and when a schedule is due.
const MAY_TUI: &[&str] =
    &["model", "engine::Handle", "engine::From", "engine::servers::image", "engine::schedules::plan"];

// The command line picks the face and starts the engine, so it knows what an engine is set up with; of Docker it knows
// how an address is written and found.
const MAY_CLI: &[&str] = &[
    "model",
    "config",
    "tui",
    "demo",
    "link",
    "api",
    "notify",
    "docker::Endpoint",
    "engine::Handle",
    "engine::From",
    "engine::Engine",
    "engine::Setup",
    "engine::Keep",
    "engine::BackupSettings",
    "engine::BackupTuning",
    "engine::ConsoleLimits",
    "engine::LoopRule",
    "engine::Tuning",
    "engine::Clock",
    "engine::schedules::plan",
    "engine::lay_pass",
];

/// Crates that one room alone imports: the others get its own types instead.
pub const OWNERS: &[(&str, &str)] = &[
    ("bollard", "docker"),
    ("redb", "store"),
    ("axum", "api"),
    ("utoipa", "api"),
    ("governor", "api"),
    ("rcgen", "api"),
    ("ratatui", "tui"),
    ("crossterm", "tui"),
    ("tui_textarea", "tui"),
    ("clap", "cli"),
    ("practice", "demo"),
    ("flate2", "archive"),
    ("zstd", "archive"),
    ("globset", "archive"),
];

/// Most lines of a file. What is aimed at is 400.
pub const LINES: usize = 600;

/// A file of src/.
pub struct File<'a> {
    /// From src/ on, with slashes: `tui/app/mod.rs`.
    pub path: &'a str,
    pub text: &'a str,
}

impl File<'_> {
    /// Where it stands in the tree of modules.
    fn module(&self) -> Vec<String> {
        let path = self.path.trim_end_matches(".rs");
        let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
        if matches!(parts.last().map(String::as_str), Some("mod" | "lib" | "main")) {
            parts.pop();
        }
        parts
    }

    /// Whether the file is only compiled for tests.
    pub fn is_test(&self) -> bool {
        let stem = self.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs");
        self.path.contains("/tests/")
            || ["tests", "snapshots", "testkit", "testing"].contains(&stem)
            || stem.ends_with("_tests")
    }
}

/// Every breach of a file.
pub fn breaches(file: &File<'_>) -> Vec<Breach> {
    let mut found = Vec::new();
    let module = file.module();
    if let Some(room) = module.first() {
        for named in paths(file.text, &module) {
            found.extend(arrow(file, room, &named));
        }
    }
    found.extend(shape(file));
    found
}

/// Whether a name crosses a wall that it must not.
fn arrow(file: &File<'_>, room: &str, named: &Named) -> Option<Breach> {
    let at = || format!("src/{}:{}", file.path, named.line);
    let first = named.parts.first()?.as_str();
    if let Some((_, owner)) = OWNERS.iter().find(|(name, _)| *name == first)
        && *owner != room
        // Protocols are tried against the practice server.
        && !(first == "practice" && file.is_test())
    {
        return Some(format!("{}: {room} imports {first}, which only {owner} may", at()));
    }
    if !matches!(first, "crate" | "mineclifford") {
        return None;
    }
    let other = named.parts.get(1)?.as_str();
    let is_room = MAY.iter().any(|(name, _)| *name == other);
    if other == room || !is_room {
        return None;
    }
    // A Docker to try the engine against.
    if (room, other) == ("engine", "demo") && file.is_test() {
        return None;
    }
    let Some((_, may)) = MAY.iter().find(|(name, _)| *name == room) else {
        return Some(format!("{}: no rule says what the room {room} may name", at()));
    };
    let whole = named.parts[1..].join("::");
    let free = may.iter().any(|free| {
        let inside = whole.strip_prefix(free).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
        inside || (file.is_test() && free.split("::").next() == Some(other))
    });
    (!free).then(|| format!("{}: {room} names {whole}, against the arrows", at()))
}

/// Its length, its head, and what is nowhere.
fn shape(file: &File<'_>) -> Vec<Breach> {
    let mut found = Vec::new();
    let mut breach = |line: usize, what: &str| found.push(format!("src/{}:{line}: {what}", file.path));
    let lines = file.text.lines().count();
    if lines > LINES {
        breach(lines, &format!("{lines} lines; {LINES} are the most, 400 the aim"));
    }
    let is_head = matches!(file.path.rsplit('/').next(), Some("mod.rs" | "lib.rs" | "main.rs"));
    if is_head && !file.is_test() && !file.text.starts_with("//!") {
        breach(1, "a room begins with a comment that says what it is");
    }
    let code = code(file.text);
    let mut tests_from = usize::MAX;
    for (index, line) in code.lines().enumerate() {
        let line = line.trim();
        if line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "unsafe") {
            breach(index + 1, "unsafe");
        }
        // Tests stand at the end of a file.
        if line == "#[cfg(test)]" {
            tests_from = tests_from.min(index);
        }
        if file.is_test() || index >= tests_from {
            continue;
        }
        for word in [".unwrap()", ".expect(", "panic!(", "todo!(", "unimplemented!("] {
            if line.contains(word) {
                breach(index + 1, &format!("{word} outside of tests"));
            }
        }
    }
    found
}
