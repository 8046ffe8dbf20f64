//! `completions`, `man`: what packagers and shells ask for.

use clap::CommandFactory;

use crate::cli::{args::Cli, exit::Outcome, io::Io};

/// Prints a completion script.
///
/// # Errors
/// That the output is closed.
pub fn completions(io: &mut Io, shell: clap_complete::Shell) -> Outcome {
    // Into memory first: the generator takes a closed pipe for a bug.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "mineclifford", &mut script);
    io.out.write_all(&script)?;
    Ok(io.out.flush()?)
}

/// Prints the manual: a page for the program, and one for each command after it.
///
/// # Errors
/// That the output is closed.
pub fn man(io: &mut Io) -> Outcome {
    let mut program = Cli::command();
    program.build();
    let mut pages = Vec::new();
    render(&program, &mut pages)?;
    io.out.write_all(&pages)?;
    Ok(io.out.flush()?)
}

fn render(command: &clap::Command, pages: &mut Vec<u8>) -> Outcome {
    // clap names a subcommand's page by its display name, `mineclifford-server-create`.
    clap_mangen::Man::new(command.clone()).manual("Mineclifford").render(pages)?;
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help") {
        render(sub, pages)?;
    }
    Ok(())
}
