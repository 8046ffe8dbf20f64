//! The description of the API against the service that runs, by a checker that others wrote (schemathesis, from PyPI).

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{http::Service, stage::Stage};

/// The version that this was tried with.
const CHECKER: &str = "schemathesis==4.32.5";

#[test]
fn the_description_holds() {
    let service = Service::on(Stage::new("described"), &[]);
    let document = service.get("/api/openapi.json").is(200).json();
    assert_eq!(document["openapi"], "3.1.0");
    for path in [
        "/api/health",
        "/api/servers/",
        "/api/servers/{id}",
        "/api/servers/{id}/start",
        "/api/servers/{id}/backup",
        "/api/servers/{id}/restore",
        "/api/servers/{id}/backups",
        "/api/servers/console/{id}",
    ] {
        assert!(document["paths"][path].is_object(), "{path}");
    }
    let checker = checker();
    let mut command = limited(&checker);
    command.current_dir(service.stage.program.folder.path());
    command.args(["run", &format!("http://{}/api/openapi.json", service.address)]);
    command.args(["--header", &format!("Authorization: Bearer {}", service.token)]);
    command.args(["--checks", "all", "--phases", "examples,coverage,fuzzing", "--max-examples", "5"]);
    // Names and ports that are taken are no part of a schema. What happens without a token, the other tests try: after some
    // requests without one the door answers 429 to all of them, which the checker takes for a fault.
    command.args(["--exclude-checks", "positive_data_acceptance,ignored_auth,missing_required_header"]);
    // A stream and a WebSocket have no end that could be waited for; a token that is revoked would be this run's own.
    for path in ["/api/events", "/api/servers/console/{id}", "/api/tokens/{id}"] {
        command.args(["--exclude-path", path]);
    }
    command.args(["--rate-limit", "90/s", "--seed", "1", "--workers", "1", "--no-color"]);
    ends_well(command);
}

/// The checker, in an environment of its own that is made once.
fn checker() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("schemathesis");
    let program = folder.join("bin/schemathesis");
    let have = folder.join(CHECKER);
    if !have.exists() {
        let mut command = limited(Path::new("python3"));
        command.args(["-m", "venv"]).arg(&folder);
        ends_well(command);
        let mut command = limited(&folder.join("bin/pip"));
        command.args(["install", "--quiet", "--disable-pip-version-check", CHECKER]);
        ends_well(command);
        std::fs::write(have, "").unwrap();
    }
    program
}

/// A command that is ended after some minutes: it has much to fetch, or much to ask.
fn limited(program: &Path) -> Command {
    let mut command = Command::new("timeout");
    command.arg("300").arg(program);
    command
}

#[track_caller]
fn ends_well(mut command: Command) {
    let output = command.output().expect("the command");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
}
