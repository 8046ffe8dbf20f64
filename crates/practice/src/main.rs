//! The practice server as a program: one static binary with the names of everything that the image calls.
//!
//! It acts by the last part of `argv[0]`, or, when called `practice`, by its first argument.

#[cfg(unix)]
mod program;

fn main() -> std::process::ExitCode {
    #[cfg(unix)]
    {
        program::run()
    }
    #[cfg(not(unix))]
    {
        eprintln!("the practice server runs on Unix only");
        std::process::ExitCode::from(1)
    }
}
