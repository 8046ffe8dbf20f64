//! The applets of the program.

mod autopause;
mod client;
mod console;
mod files;
mod health;
mod java;
mod ports;
mod rcon_cli;
mod runner;
mod start;

use std::path::PathBuf;
use std::process::ExitCode;

use practice::settings::Settings;

/// Where the world is; `/data` unless `PRACTICE_DATA` says otherwise, for a run outside a container.
fn data() -> PathBuf {
    std::env::var_os("PRACTICE_DATA").map_or_else(|| PathBuf::from("/data"), PathBuf::from)
}

/// Where pipes and sockets are; `/tmp` unless `PRACTICE_TMP` says otherwise.
fn tmp(name: &str) -> PathBuf {
    std::env::var_os("PRACTICE_TMP").map_or_else(|| PathBuf::from("/tmp"), PathBuf::from).join(name)
}

/// The environment; what is not UTF-8 is taken as far as it goes.
fn settings() -> Settings {
    let text = |value: std::ffi::OsString| value.to_string_lossy().into_owned();
    let mut settings = Settings::from_env(std::env::vars_os().map(|(name, value)| (text(name), text(value))));
    if let Some(path) = &settings.rcon_password_file
        && let Ok(word) = std::fs::read_to_string(path)
    {
        settings.rcon_password = word.trim().to_owned();
    }
    settings
}

/// A number that differs from start to start.
fn seed() -> u64 {
    use std::hash::{BuildHasher as _, Hasher as _};
    std::hash::RandomState::new().build_hasher().finish()
}

fn exit_code(code: i32) -> ExitCode {
    ExitCode::from(u8::try_from(code & 0xFF).unwrap_or(1))
}

/// Finds the applet and runs it.
pub fn run() -> ExitCode {
    let mut words: Vec<String> =
        std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let base = |word: &str| word.rsplit('/').next().unwrap_or_default().to_owned();
    if words.first().is_some_and(|word| base(word) == "practice") {
        words.remove(0);
    }
    let Some(name) = words.first().map(|word| base(word)) else {
        eprintln!(
            "usage: practice start|mc-server-runner|java|rcon-cli|mc-health|mc-send-to-console|mc-practice …"
        );
        return ExitCode::from(2);
    };
    let rest = &words[1..];
    exit_code(match name.as_str() {
        "start" => start::start(),
        "start-configuration" => start::configure(),
        "mc-server-runner" => runner::run(),
        "java" => java::run(),
        "rcon-cli" => rcon_cli::run(rest),
        "mc-health" => health::run(),
        "mc-send-to-console" => console::send(rest),
        "mc-practice" => console::practice(rest),
        other => {
            eprintln!("practice: no applet '{other}'");
            127
        }
    })
}
