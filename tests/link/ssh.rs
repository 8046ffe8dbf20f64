//! From afar: a real sshd on this machine, and the person's own ssh.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tempfile::TempDir;

use crate::{
    program::{Program, Ran, finish, until},
    screen::{Screen, Setting},
    stage::Stage,
};

/// An sshd of this user, and an `ssh` that knows it as `far`. What goes over the wire is counted.
pub struct Far {
    pub folder: TempDir,
    sshd: Child,
    pub wire: Arc<AtomicU64>,
}

fn sshd() -> PathBuf {
    let places = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"];
    let found = places.iter().map(Path::new).find(|path| path.exists());
    found.expect("sshd is missing: test.sh installs the package openssh-server").to_owned()
}

fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output().expect(program);
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
}

impl Far {
    /// Where the program's engine is on the other side is said by the variable.
    pub fn new(data: &Path, docker: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name).display().to_string();
        for key in ["host", "mine"] {
            run("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", &at(key)]);
        }
        std::fs::copy(at("mine.pub"), at("authorized")).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let programs = Path::new(env!("CARGO_BIN_EXE_mineclifford")).parent().unwrap().display().to_string();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nStrictModes no\n\
             UsePAM no\nPasswordAuthentication no\nPermitRootLogin yes\nLogLevel ERROR\n\
             SetEnv PATH={programs}:/usr/bin:/bin MINECLIFFORD_DATA_DIR={} DOCKER_HOST={docker} XDG_CONFIG_HOME={}\n",
            at("host"),
            at("authorized"),
            data.display(),
            at("config"),
        );
        std::fs::write(at("sshd_config"), config).unwrap();
        // Where the package's own service was never started.
        let _ = std::fs::create_dir_all("/run/sshd");
        let sshd = Command::new(sshd())
            .args(["-D", "-e", "-f", &at("sshd_config")])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("sshd");
        until("sshd", || TcpStream::connect(("127.0.0.1", port)).is_ok());
        let (near, wire) = counting(port);
        let key = std::fs::read_to_string(at("host.pub")).unwrap();
        std::fs::write(at("known"), format!("[127.0.0.1]:{near} {key}")).unwrap();
        let user = Command::new("id").arg("-un").output().unwrap();
        let client = format!(
            "Host far\n HostName 127.0.0.1\n Port {near}\n User {}\n IdentityFile {}\n IdentitiesOnly yes\n \
             UserKnownHostsFile {}\n StrictHostKeyChecking yes\n",
            String::from_utf8_lossy(&user.stdout).trim(),
            at("mine"),
            at("known"),
        );
        std::fs::write(at("ssh_config"), client).unwrap();
        std::fs::create_dir(at("bin")).unwrap();
        // A person's settings are in their home, which is not the test's to change.
        let wrapper = format!("#!/bin/sh\nexec /usr/bin/ssh -F {} \"$@\"\n", at("ssh_config"));
        std::fs::write(at("bin/ssh"), wrapper).unwrap();
        std::fs::set_permissions(at("bin/ssh"), std::fs::Permissions::from_mode(0o755)).unwrap();
        Self { folder, sshd, wire }
    }

    /// The person's PATH, with their ssh first.
    pub fn path(&self) -> String {
        format!("{}:/usr/bin:/bin", self.folder.path().join("bin").display())
    }

    fn run(&self, program: &Program, arguments: &[&str]) -> Ran {
        let mut command = program.command(arguments);
        command.env("PATH", self.path()).env_remove("MINECLIFFORD_DATA_DIR");
        finish(command, "")
    }
}

impl Drop for Far {
    fn drop(&mut self) {
        let _ = self.sshd.kill();
        let _ = self.sshd.wait();
    }
}

/// A port that leads to another, and counts what goes through in both directions.
fn counting(to: u16) -> (u16, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = Arc::new(AtomicU64::new(0));
    let counted = count.clone();
    std::thread::spawn(move || {
        for near in listener.incoming() {
            let (Ok(near), Ok(far)) = (near, TcpStream::connect(("127.0.0.1", to))) else { return };
            let _ = (near.set_nodelay(true), far.set_nodelay(true));
            for (mut from, mut into) in [(near.try_clone().unwrap(), far.try_clone().unwrap()), (far, near)] {
                let count = counted.clone();
                std::thread::spawn(move || {
                    let mut buffer = [0; 16 * 1024];
                    while let Ok(read @ 1..) = from.read(&mut buffer) {
                        count.fetch_add(read as u64, Ordering::Relaxed);
                        if into.write_all(&buffer[..read]).is_err() {
                            break;
                        }
                    }
                    let _ = into.shutdown(Shutdown::Both);
                    let _ = from.shutdown(Shutdown::Both);
                });
            }
        }
    });
    (port, count)
}

/// The processes called `ssh` that a process started.
fn ssh_of(pid: u32) -> Vec<u32> {
    let list = Command::new("ps").args(["--ppid", &pid.to_string(), "-o", "pid=,comm="]).output().unwrap();
    let list = String::from_utf8_lossy(&list.stdout).into_owned();
    let ssh = list.lines().filter(|line| line.trim().ends_with("ssh"));
    ssh.filter_map(|line| line.split_whitespace().next()?.parse().ok()).collect()
}

pub fn docker_of(stage: &Stage) -> String {
    let docker = stage.program.surroundings().into_iter().find(|(name, _)| *name == "DOCKER_HOST");
    docker.expect("its Docker").1
}

#[test]
fn an_engine_on_another_machine_is_reached_by_ssh_alone() {
    let stage = Stage::new("far");
    let data = stage.program.folder.path().join("data");
    let far = Far::new(&data, &docker_of(&stage));
    // No engine yet: it says so, and how to start one.
    let ran = far.run(&stage.program, &["--connect", "ssh://far", "server", "list"]).ends(1);
    assert!(ran.err.contains("No engine runs there") && ran.err.contains("mineclifford serve"), "{ran:#?}");
    let _service = stage.serve(&[]);
    let name = stage.ready();
    let ran = far.run(&stage.program, &["--connect", "ssh://far", "server", "list"]).ends(0);
    assert!(ran.out.contains(&name), "{ran:#?}");
    let ran =
        far.run(&stage.program, &["--connect", "ssh://far", "console", &name, "say", "from afar"]).ends(0);
    assert!(ran.err.is_empty() || !ran.err.contains("error"), "{ran:#?}");
    // A machine whose key is not known, and one that nobody answers at.
    let ran = far.run(&stage.program, &["--connect", "ssh://127.0.0.1:1", "server", "list"]).ends(1);
    assert!(ran.err.contains("127.0.0.1:1"), "{ran:#?}");
}

#[test]
fn a_connection_that_breaks_is_made_again_and_the_console_has_no_gap() {
    let stage = Stage::new("breaks");
    let data = stage.program.folder.path().join("data");
    let far = Far::new(&data, &docker_of(&stage));
    let _service = stage.serve(&[]);
    let name = stage.ready();
    let mut command = stage.program.command(&["--connect", "ssh://far", "logs", "-f", "--json", &name]);
    command.env("PATH", far.path()).env_remove("MINECLIFFORD_DATA_DIR").stdout(Stdio::piped());
    let mut follower = command.spawn().unwrap();
    let lines = std::io::BufReader::new(follower.stdout.take().unwrap());
    let (to, seen) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        use std::io::BufRead;
        for line in lines.lines().map_while(Result::ok) {
            let line: serde_json::Value = serde_json::from_str(&line).expect("JSON");
            if to.send((line["seq"].as_u64().unwrap(), line["text"].as_str().unwrap().to_owned())).is_err() {
                return;
            }
        }
    });
    let mut last = None;
    let mut wait = |text: &str| {
        loop {
            let (seq, line) = seen.recv_timeout(crate::support::PATIENCE).expect("more lines");
            assert!(last.is_none_or(|last| seq == last + 1), "a gap before {seq}: {line}");
            last = Some(seq);
            if line.contains(text) {
                return;
            }
        }
    };
    for round in 0..3 {
        stage.program.run(&["console", &name, "say", &format!("before-{round}")]).ends(0);
        wait(&format!("[Server] before-{round}"));
        for pid in ssh_of(follower.id()) {
            run("kill", &["-9", &pid.to_string()]);
        }
        // What is written while nobody listens.
        for n in 0..5 {
            stage.program.run(&["console", &name, "say", &format!("meanwhile-{round}-{n}")]).ends(0);
        }
        wait(&format!("[Server] meanwhile-{round}-4"));
    }
    let _ = follower.kill();
    let _ = follower.wait();

    // A dashboard shows that it is reconnecting, and goes on.
    let setting = Setting::sized(160, 40).with("PATH", &far.path());
    let setting = Setting { without: vec!["NO_COLOR", "COLORTERM"], ..setting };
    let mut screen = Screen::open_without(
        &stage.program,
        &["--connect", "ssh://far"],
        &setting,
        &["MINECLIFFORD_DATA_DIR"],
    );
    screen.shows("attached to far");
    let pids = ssh_of(screen.pid());
    assert!(!pids.is_empty());
    for pid in pids {
        run("kill", &["-9", &pid.to_string()]);
    }
    screen.shows("reconnecting");
    screen.shows("attached to far");
    screen.signal("TERM");
    screen.ended();
}
