//! The practice server as a program: one static binary with the names of everything that the image calls.
//!
//! It acts by the last part of `argv[0]`, or, when called `practice`, by its first argument.

#[cfg(target_os = "linux")]
mod program;

fn main() -> std::process::ExitCode {
    #[cfg(target_os = "linux")]
    {
        program::run()
    }
    #[cfg(not(target_os = "linux"))]
    {
        eprintln!("the practice server runs on Linux only");
        std::process::ExitCode::from(1)
    }
}
