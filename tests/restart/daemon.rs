//! A Docker daemon in a network namespace of its own, so that it touches nothing of the machine's Docker.

use std::{
    fs::File,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::{program::until, support::docker};

pub struct Daemon {
    folder: TempDir,
    network: String,
    process: Option<Child>,
}

#[track_caller]
fn run(words: &[&str]) {
    let output = Command::new(words[0]).args(&words[1..]).output().expect("the command");
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
}

impl Daemon {
    pub fn start() -> Self {
        let network = format!("mct{}", std::process::id());
        run(&["ip", "netns", "add", &network]);
        let folder = tempfile::tempdir().expect("a folder");
        // The machine's own settings are not for this one.
        std::fs::write(folder.path().join("daemon.json"), "{}").expect("written");
        let mut daemon = Self { folder, network, process: None };
        run(&["ip", "-n", &daemon.network, "link", "set", "lo", "up"]);
        daemon.again();
        daemon
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    pub fn address(&self) -> String {
        format!("unix://{}", self.path("docker.sock"))
    }

    /// What starts a program in the daemon's network.
    pub fn inside(&self) -> Vec<String> {
        vec!["nsenter".into(), format!("--net=/var/run/netns/{}", self.network)]
    }

    /// Starts the daemon on what an earlier one has left, and waits until it answers.
    pub fn again(&mut self) {
        // The daemon reads its pid file, and its old number may be somebody else's by now.
        let _ = std::fs::remove_file(self.path("docker.pid"));
        self.forget_containerd();
        let log = File::options().create(true).append(true).open(self.path("log")).expect("a log");
        let words = self.inside();
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).args([
            "dockerd",
            "--config-file",
            &self.path("daemon.json"),
            "--bip",
            "172.30.77.1/24",
        ]);
        for (option, name) in [("--data-root", "data"), ("--exec-root", "exec"), ("--pidfile", "docker.pid")]
        {
            command.args([option, &self.path(name)]);
        }
        command.args(["--cgroup-parent", &format!("/{}", self.network), "-H", &self.address()]);
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a log")).stderr(log);
        self.process = Some(command.spawn().expect("dockerd"));
        until("the daemon", || {
            let ended = self.process.as_mut().expect("a daemon").try_wait().expect("a child");
            let log = || std::fs::read_to_string(self.path("log")).unwrap_or_default();
            assert!(ended.is_none(), "dockerd ended: {}", log());
            !self.docker(&["version", "-f", "{{.Server.Version}}"]).is_empty()
        });
    }

    /// dockerd's own containerd ends with it. Where nobody reaps it, it still has a number, and dockerd would wait for it.
    fn forget_containerd(&self) {
        let file = self.path("exec/containerd/containerd.pid");
        let Ok(pid) = std::fs::read_to_string(&file) else { return };
        until("containerd to end", || {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
            stat.map_or(true, |stat| {
                stat.rsplit(')').next().unwrap_or_default().trim().starts_with(['Z', 'X'])
            })
        });
        std::fs::remove_file(file).expect("removed");
    }

    /// What a daemon that does not come back has left running: by number, each of them ours.
    fn kill_what_is_left(&self) {
        let folder = self.folder.path().display().to_string();
        let group = format!("/{}", self.network);
        for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
            let read = |name: &str| std::fs::read(entry.path().join(name)).unwrap_or_default();
            let words = String::from_utf8_lossy(&read("cmdline")).into_owned();
            let groups = String::from_utf8_lossy(&read("cgroup")).into_owned();
            let pid = entry.file_name().to_string_lossy().into_owned();
            let contained =
                groups.lines().any(|line| line.rsplit(':').next().unwrap_or_default().starts_with(&group));
            if contained || (words.contains("containerd") && words.contains(&folder)) {
                let _ = Command::new("kill").args(["-9", &pid]).stderr(Stdio::null()).status();
            }
        }
    }

    pub fn kill(&mut self) {
        let mut process = self.process.take().expect("a daemon");
        process.kill().expect("killed");
        process.wait().expect("gone");
    }

    /// Ends it as the system would.
    pub fn stop(&mut self) {
        let mut process = self.process.take().expect("a daemon");
        assert!(Command::new("kill").arg(process.id().to_string()).status().expect("kill").success());
        process.wait().expect("gone");
    }

    pub fn docker(&self, arguments: &[&str]) -> String {
        docker(&[&["-H", &self.address()], arguments].concat())
    }

    /// Gives it an image of the machine's Docker.
    pub fn load(&self, image: &str) {
        let file = self.path("image.tar");
        run(&["docker", "save", "-o", &file, image]);
        run(&["docker", "-H", &self.address(), "load", "-i", &file]);
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        for id in self.docker(&["ps", "-aq"]).split_whitespace() {
            self.docker(&["rm", "-f", "-v", id]);
        }
        if let Some(mut process) = self.process.take() {
            let asked = Command::new("kill").arg(process.id().to_string()).status();
            if asked.is_ok_and(|status| status.success()) {
                let begun = std::time::Instant::now();
                while process.try_wait().is_ok_and(|status| status.is_none())
                    && begun.elapsed() < std::time::Duration::from_secs(10)
                {
                    std::thread::sleep(std::time::Duration::from_millis(20));
                }
            }
            let _ = process.kill();
            let _ = process.wait();
        }
        self.kill_what_is_left();
        for mount in mounts_below(&self.folder.path().display().to_string()) {
            let _ = Command::new("umount").arg(mount).status();
        }
        let _ = Command::new("ip").args(["netns", "del", &self.network]).status();
    }
}

/// What is mounted below a folder, the innermost first.
fn mounts_below(folder: &str) -> Vec<String> {
    let table = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let places = table.lines().filter_map(|line| line.split(' ').nth(1));
    let mut places: Vec<_> = places.filter(|place| place.starts_with(folder)).map(str::to_owned).collect();
    places.sort_by_key(|place| std::cmp::Reverse(place.len()));
    places
}
