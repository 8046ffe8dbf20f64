//! What is measured on: practice containers on the real Docker, and demo engines in processes of their own.

use std::{
    fs::File,
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

const IMAGE: &str = "itzg/minecraft-server:practice";

/// Containers as somebody makes them with `docker run`. They are removed when this is dropped.
pub struct Containers {
    label: String,
    prefix: String,
}

fn docker(arguments: &[&str]) -> Result<String> {
    let output = Command::new("timeout").args(["-s", "KILL", "300", "docker"]).args(arguments).output()?;
    ensure!(
        output.status.success(),
        "docker {}: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

impl Containers {
    /// So many, each of which logs so many lines a second (0: none), healthy.
    pub fn start(kind: &str, count: usize, lines_a_second: u32) -> Result<Self> {
        let own = std::process::id();
        let this =
            Self { label: format!("mineclifford.bench={own}-{kind}"), prefix: format!("bench{own}{kind}") };
        let rate = format!("PRACTICE_FLOOD_RATE={lines_a_second}");
        let lines = format!("PRACTICE_FLOOD={}", if lines_a_second > 0 { 10_000_000 } else { 0 });
        for index in 0..count {
            let name = this.name(index);
            let mut arguments = vec!["run", "-d", "-i", "--label", &this.label, "--name", &name];
            arguments.extend(["-e", "EULA=TRUE", "-e", "PRACTICE_WORLD_SECONDS=3600"]);
            arguments.extend(["-e", &lines, "-e", &rate, IMAGE]);
            docker(&arguments)?;
        }
        let end = Instant::now() + Duration::from_secs(60);
        for index in 0..count {
            let name = this.name(index);
            while docker(&["inspect", "-f", "{{.State.Health.Status}}", &name])? != "healthy" {
                ensure!(Instant::now() < end, "{name} is never healthy");
                thread::sleep(Duration::from_millis(200));
            }
        }
        Ok(this)
    }

    /// What all their names begin with.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The name of one.
    pub fn name(&self, index: usize) -> String {
        format!("{}-{index:02}", self.prefix)
    }

    /// Runs `mc-practice` in one, and waits until it is done.
    pub fn practice(&self, index: usize, command: &[&str]) -> Result<()> {
        let name = self.name(index);
        let mut arguments = vec!["exec", &name, "mc-practice"];
        arguments.extend(command);
        docker(&arguments).map(drop)
    }

    /// The pipe that is the container's standard output, to write into it at a moment that is known exactly. Needs the
    /// rights to look into processes of the container: root's, or those of the user of a rootless Docker.
    pub fn stdout(&self, index: usize) -> Result<File> {
        let pid = docker(&["inspect", "-f", "{{.State.Pid}}", &self.name(index)])?;
        File::options()
            .append(true)
            .open(format!("/proc/{pid}/fd/1"))
            .context("the container's standard output cannot be opened; this measurement needs root")
    }
}

impl Drop for Containers {
    fn drop(&mut self) {
        let filter = format!("label={}", self.label);
        let Ok(ids) = docker(&["ps", "-aq", "--filter", &filter]) else { return };
        let ids: Vec<_> = ids.split_whitespace().collect();
        if !ids.is_empty() {
            let _ = docker(&[&["rm", "-f", "-v"][..], &ids].concat());
        }
    }
}

/// A demo engine in a process of its own. It is killed when this is dropped.
pub struct Demo {
    process: Child,
    socket: PathBuf,
}

impl Demo {
    /// So many plain servers, of which so many run, behind a socket in this folder.
    pub fn start(program: &Path, folder: &Path, servers: usize, running: usize) -> Result<Self> {
        let socket = folder.join(format!("demo-{servers}-{running}.sock"));
        let process = Command::new(program)
            .args(["demo", "--servers", &servers.to_string(), "--running", &running.to_string(), "--listen"])
            .arg(&socket)
            .stdin(Stdio::null())
            .spawn()?;
        let demo = Self { process, socket };
        let end = Instant::now() + Duration::from_secs(30);
        while UnixStream::connect(&demo.socket).is_err() {
            ensure!(Instant::now() < end, "the demo engine never listens");
            thread::sleep(Duration::from_millis(50));
        }
        // Its servers load for a moment.
        thread::sleep(Duration::from_secs(2));
        Ok(demo)
    }

    /// Its address, as Docker's is written.
    pub fn address(&self) -> String {
        format!("unix://{}", self.socket.display())
    }

    /// Types lines into the console of one of its servers, and waits until the server has read them.
    pub fn type_lines(&self, server: &str, lines: &str) -> Result<()> {
        let mut stream = UnixStream::connect(&self.socket)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(
            stream,
            "POST /v1.41/containers/{server}/attach?stream=1&stdin=1 HTTP/1.1\r\nHost: docker\r\n\
             Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
        )?;
        let mut answer = Vec::new();
        let mut byte = [0];
        while !answer.ends_with(b"\r\n\r\n") {
            ensure!(stream.read(&mut byte)? == 1, "the demo hangs up");
            answer.push(byte[0]);
        }
        if !answer.starts_with(b"HTTP/1.1 101") && !answer.starts_with(b"HTTP/1.1 200") {
            bail!("the demo refuses: {}", String::from_utf8_lossy(&answer));
        }
        stream.write_all(lines.as_bytes())?;
        stream.shutdown(std::net::Shutdown::Write)?;
        // It does not hang up while the server runs; what was written is read within a moment.
        stream.set_read_timeout(Some(Duration::from_millis(300)))?;
        let _ = stream.read_to_end(&mut answer);
        Ok(())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        // The next section may want one of this size again.
        let _ = std::fs::remove_file(&self.socket);
    }
}
