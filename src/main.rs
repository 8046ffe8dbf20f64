//! The program: everything is in the library, see `cli`.

fn main() -> std::process::ExitCode {
    mineclifford::cli::main()
}
