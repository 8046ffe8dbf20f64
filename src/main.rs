//! The program: everything is in the library, see `cli`.

/// Returns freed memory to the system sooner than the C library's, and a full console frees a lot of it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    mineclifford::cli::main()
}
