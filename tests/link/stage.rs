//! A Docker that is the demo's, and programs on it.

use crate::program::{Going, Program, until};

/// The demo's engine as a process, and a program whose Docker that is.
pub struct Stage {
    pub program: Program,
    docker: Going,
}

impl Stage {
    pub fn new(name: &str) -> Self {
        Self::with(name, &[])
    }

    pub fn fleet(name: &str, servers: usize) -> Self {
        let count = servers.to_string();
        Self::with(name, &["--servers", &count, "--running", &count])
    }

    fn with(name: &str, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder").keep();
        let socket = folder.join("docker.sock");
        let program = Program::at(name, &format!("unix://{}", socket.display()));
        let mut line = vec!["demo", "--listen", socket.to_str().expect("a path")];
        line.extend(more);
        let docker = program.start(&line);
        until("the demo's socket", || socket.exists());
        Self { program, docker }
    }

    /// Kills the demo's engine.
    pub fn end_docker(&self) {
        self.docker.signal("KILL");
    }

    /// Starts the service and waits until it can be attached to.
    pub fn serve(&self, more: &[&str]) -> Going {
        // Many of these run at once, and there is one port 8000.
        let mut line = vec!["serve"];
        if !more.contains(&"--listen") {
            line.extend(["--listen", "none"]);
        }
        line.extend(more);
        let going = self.program.start(&line);
        going.says("the engine runs");
        going
    }

    pub fn socket(&self) -> std::path::PathBuf {
        self.program.folder.path().join("data/run/engine.sock")
    }

    /// `unix://` and the socket's path.
    pub fn url(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    /// A server of the demo that runs, and may be told what to do: another engine's servers are only shown at first.
    pub fn ready(&self) -> String {
        let mut found = None;
        until("a server that is ready", || {
            let all = self.program.run(&["server", "list", "--json", "--no-stats"]).ends(0).json();
            let all = all.as_array().expect("an array").clone();
            found = all.iter().find(|server| server["state"] == "ready").cloned();
            found.is_some()
        });
        let found = found.expect("one");
        let name = found["name"].as_str().expect("a name").to_owned();
        if found["managed"] != true {
            self.program.run(&["server", "adopt", &name]).ends(0);
        }
        name
    }
}
