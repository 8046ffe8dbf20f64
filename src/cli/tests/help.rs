//! What clap makes of our words: the command line itself, its help, the manual, completions.

use clap::{CommandFactory, Parser};

use super::fake::{Desk, Fake};
use crate::cli::{args::Cli, commands::pages, exit::Exit, io::Facts, usage};

/// The help of a command, for a terminal of 100 columns.
fn help(path: &[&str]) -> String {
    let mut command = Cli::command();
    command.build();
    let mut found = &mut command;
    for name in path {
        found = found.find_subcommand_mut(name).unwrap();
    }
    found.render_long_help().to_string()
}

#[test]
fn clap_finds_no_fault_with_it() {
    Cli::command().debug_assert();
}

#[test]
fn help_as_people_read_it() {
    for path in [
        &[][..],
        &["server"],
        &["server", "create"],
        &["server", "list"],
        &["server", "start"],
        &["server", "edit"],
        &["server", "delete"],
        &["schedule"],
        &["schedule", "add"],
        &["logs"],
        &["console"],
        &["stats"],
    ] {
        let name = format!("help_{}", if path.is_empty() { "program".to_owned() } else { path.join("_") });
        insta::assert_snapshot!(name, help(path));
    }
}

#[test]
fn every_command_has_a_description_and_every_option_too() {
    fn check(command: &clap::Command) {
        assert!(command.get_about().is_some(), "{} says nothing", command.get_name());
        for arg in command.get_arguments() {
            assert!(arg.get_help().is_some(), "{} of {} says nothing", arg.get_id(), command.get_name());
        }
        command.get_subcommands().for_each(check);
    }
    check(&Cli::command());
}

#[tokio::test]
async fn the_manual_has_a_page_for_every_command() {
    let mut desk = Desk::new(&["man"], Facts::default(), "");
    pages::man(&mut desk.io).unwrap();
    let pages = desk.run(&Fake::with(Vec::new()).handle).await.out;
    for title in
        ["mineclifford 1", "mineclifford-server 1", "mineclifford-server-create 1", "mineclifford-logs 1"]
    {
        assert!(pages.contains(&format!(".TH {title}")), "{title} is missing");
    }
    let create = pages.split(".TH ").find(|page| page.starts_with("mineclifford-server-create 1")).unwrap();
    insta::assert_snapshot!("man_server_create", create);
}

#[tokio::test]
async fn each_shell_gets_a_script_that_knows_the_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let cli = Cli::try_parse_from(["mineclifford", "completions", shell]).unwrap();
        let Some(crate::cli::args::Command::Completions { shell }) = cli.command else { panic!() };
        let mut desk = Desk::new(&["man"], Facts::default(), "");
        pages::completions(&mut desk.io, shell).unwrap();
        let script = desk.run(&Fake::with(Vec::new()).handle).await.out;
        // Not every shell's script lists the values of an option.
        let values = matches!(shell.to_string().as_str(), "bash" | "zsh" | "fish");
        for word in ["adopt", "max-players", "neoforge", "spectator"].iter().take(if values { 4 } else { 2 })
        {
            assert!(script.contains(word), "{shell} does not know {word}");
        }
        if shell == clap_complete::Shell::Fish {
            insta::assert_snapshot!("completions_fish", script);
        }
    }
}

#[test]
fn wrong_command_lines_say_what_is_wrong() {
    for (line, expected) in [
        (&["server", "list", "--jsno"][..], "--jsno"),
        (&["server", "start"], "<NAME>"),
        (&["server", "create", "x", "--type", "bedrock"], "bedrock"),
        (&["server", "create", "x", "--memory", "lots"], "must be a number with M or G"),
        (&["server", "create", "x", "--env", "NOVALUE"], "NAME=value"),
        (&["server", "edit", "x", "--unset", "name"], "name"),
        (&["server", "edit", "x", "--seed", "1"], "--seed"),
        (&["server", "start", "x", "--timeout", "soon"], "soon"),
        (&["nonsense"], "nonsense"),
    ] {
        let error = Cli::try_parse_from(["mineclifford"].iter().chain(line)).unwrap_err();
        assert!(error.use_stderr(), "{line:?}");
        let fault = usage(&error);
        assert!(fault.what.contains(expected), "{line:?}: {fault:?}");
        assert_eq!(Exit::from(fault.kind), Exit::Usage);
    }
}

#[test]
fn global_options_stand_before_and_after_the_command() {
    for line in [["mineclifford", "--json", "server", "list"], ["mineclifford", "server", "list", "--json"]] {
        assert!(Cli::try_parse_from(line).unwrap().global.json, "{line:?}");
    }
    let cli = Cli::try_parse_from([
        "mineclifford",
        "stats",
        "--data-dir",
        "/d",
        "--config",
        "/c",
        "--docker",
        "unix:///s",
        "--read-only",
        "-qvv",
    ])
    .unwrap();
    let global = cli.global;
    assert_eq!(global.data_dir.unwrap().to_str(), Some("/d"));
    assert_eq!(global.config.unwrap().to_str(), Some("/c"));
    assert_eq!(global.docker.as_deref(), Some("unix:///s"));
    assert!(global.read_only && global.quiet && global.verbose == 2);
}

#[test]
fn the_words_of_a_console_command_are_left_alone() {
    let line = ["mineclifford", "console", "survival", "say", "-x", "--json", "hi"];
    let Some(crate::cli::args::Command::Console(args)) = Cli::try_parse_from(line).unwrap().command else {
        panic!()
    };
    assert_eq!(args.command, ["say", "-x", "--json", "hi"]);
}
