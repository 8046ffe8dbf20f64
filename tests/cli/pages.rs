//! `doctor`, `completions`, `man`, `--help`, `--version`.

use crate::program::Program;

#[test]
fn the_doctor_is_content_with_this_machine() {
    let program = Program::new("doctor");
    let told = program.run(&["doctor", "--json"]).ends(0).json();
    assert_eq!(told["ok"], true);
    let checks = told["checks"].as_array().expect("checks");
    for name in ["config", "data_folder", "database", "docker", "image", "disk_space", "terminal"] {
        let check = checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("no {name}"));
        assert_ne!(check["status"], "fail", "{check}");
    }
    assert!(program.run(&["doctor"]).ends(0).out.contains("Docker "));
}

#[test]
fn the_doctor_names_what_is_wrong() {
    let program = Program::new("ill");
    let ran = program.run(&["doctor", "--docker", "unix:///nowhere"]).ends(5);
    assert!(ran.out.contains("FAIL  docker") && ran.out.contains("mineclifford demo"), "{ran:#?}");
    let file = program.folder.path().join("file");
    std::fs::write(&file, "not a folder").expect("a file");
    let ran = program.run(&["doctor", "--data-dir", file.to_str().expect("a path")]).ends(1);
    assert!(ran.out.contains("is not a folder"), "{ran:#?}");
}

#[test]
fn pages_need_no_docker() {
    let program = Program::at("pages", "unix:///nowhere");
    for (shell, part) in [("bash", "complete -F"), ("zsh", "#compdef"), ("fish", "complete -c")] {
        let out = program.run(&["completions", shell]).ends(0).out;
        assert!(out.contains(part) && out.contains("adopt"), "{shell}");
    }
    program.run(&["completions", "cmd.exe"]).ends(2);
    let man = program.run(&["man"]).ends(0).out;
    assert!(man.contains(".TH mineclifford") && man.contains("adopt"), "{man}");
    let help = program.run(&["--help"]).ends(0).out;
    for verb in ["demo", "server", "logs", "console", "stats", "doctor", "completions", "man"] {
        assert!(help.contains(verb), "{verb} is not in {help}");
    }
    let help = program.run(&["server", "--help"]).ends(0).out;
    for verb in ["create", "list", "show", "start", "stop", "restart", "kill", "edit", "delete", "adopt"] {
        assert!(help.contains(verb), "{verb} is not in {help}");
    }
    let version = program.run(&["--version"]).ends(0).out;
    assert_eq!(version, format!("mineclifford {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn the_dashboard_needs_a_terminal() {
    let program = Program::new("tty");
    for line in [&[][..], &["demo"]] {
        let ran = program.run(line).ends(2);
        assert!(ran.err.contains("needs a terminal"), "{ran:#?}");
        assert_eq!(ran.out, "");
    }
}
