//! All of it together: a supervisor as systemd is one, a dashboard, a Prometheus, a script, a real Docker.

use std::{
    os::unix::net::UnixDatagram,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

use crate::{
    http::Script,
    program::{Program, until},
    prometheus::Prometheus,
    screen::{Screen, Setting},
    support::port,
    verbs::{create, reaches},
};

/// Starts the service, hears what it tells its service manager, and starts it again when it dies: what the unit that
/// ships asks systemd for (`Type=notify`, `Restart=on-failure`).
struct Supervisor {
    pid: Arc<AtomicU32>,
    ready: Arc<AtomicU32>,
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<Option<i32>>>,
}

impl Supervisor {
    fn start(program: &Program, listen: &str) -> Self {
        let path: PathBuf = program.folder.path().join("notify");
        let manager = UnixDatagram::bind(&path).unwrap();
        manager.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        let mut spawn = {
            let mut command = program.command(&["serve", "--listen", listen]);
            command
                .env("NOTIFY_SOCKET", &path)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            move || command.spawn().expect("the service")
        };
        let (pid, ready, stop) =
            (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
        let (pids, readies, stops) = (pid.clone(), ready.clone(), stop.clone());
        let thread = thread::spawn(move || {
            let mut child: Child = spawn();
            pids.store(child.id(), Ordering::SeqCst);
            let mut asked = false;
            let mut buffer = [0; 512];
            loop {
                if let Ok(length) = manager.recv(&mut buffer)
                    && String::from_utf8_lossy(&buffer[..length]).contains("READY=1")
                {
                    readies.fetch_add(1, Ordering::SeqCst);
                }
                if stops.load(Ordering::SeqCst) && !asked {
                    asked = Command::new("kill").arg(child.id().to_string()).status().unwrap().success();
                }
                if let Some(status) = child.try_wait().unwrap() {
                    if asked {
                        return status.code();
                    }
                    child = spawn();
                    pids.store(child.id(), Ordering::SeqCst);
                }
            }
        });
        let this = Self { pid, ready, stop, thread: Some(thread) };
        this.is_ready(1);
        this
    }

    /// Waits until it said so often that it is ready.
    fn is_ready(&self, times: u32) {
        until("it to be ready", || self.ready.load(Ordering::SeqCst) >= times);
    }

    fn kill(&self) {
        let pid = self.pid.load(Ordering::SeqCst).to_string();
        assert!(Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
    }

    /// Tells it to end; its exit code.
    fn end(mut self) -> Option<i32> {
        self.stop.store(true, Ordering::SeqCst);
        self.thread.take().unwrap().join().unwrap()
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[test]
fn a_service_a_dashboard_a_prometheus_and_a_script_work_together() {
    let program = Program::new("together");
    let address = format!("127.0.0.1:{}", port());
    let supervisor = Supervisor::start(&program, &address);
    let service = Script::new(&program, address.parse().unwrap());
    let prometheus = Prometheus::start(&address);
    let mut screen = Screen::open(&program, &[], &Setting::default());
    screen.shows("attached to");

    // The script makes a server; the dashboard and Prometheus see it.
    let name = program.name("a");
    create(&service, &name);
    screen.shows(&name[..12]);
    let status =
        |status: &str| format!("mineclifford_server_status{{server_name=\"{name}\",status=\"{status}\"}}");
    until("Prometheus to see it", || prometheus.value(&status("ready")).is_some());
    screen.press("8");
    screen.shows("dashboard");
    screen.shows(&address);
    screen.press("1");
    until("the dashboard to be counted", || {
        prometheus.value("mineclifford_faces{look=\"attached\"}").is_some_and(|count| count != "0")
    });

    // Killed, it is there again; the dashboard and the script go on, and nothing became of the server.
    let started = crate::support::docker(&["inspect", "-f", "{{.State.StartedAt}}", &name]);
    supervisor.kill();
    supervisor.is_ready(2);
    screen.shows("attached to");
    reaches(&service, &name, "ready");
    assert_eq!(crate::support::docker(&["inspect", "-f", "{{.State.StartedAt}}", &name]), started);

    // It crashes: the alert fires, the dashboard says so.
    let crash = format!("/api/servers/{name}/command");
    for _ in 0..5 {
        reaches(&service, &name, "ready");
        service.post(&crash, "{\"command\": \"practice crash\", \"reply\": false}").is(200);
        until("it to be down", || service.get(&format!("/api/servers/{name}")).json()["status"] != "ready");
    }
    reaches(&service, &name, "looping");
    until("the alert", || prometheus.fires("MinecraftCrashLoop"));
    screen.shows("looping");
    screen.press("q");
    screen.ended();
    assert_eq!(supervisor.end(), Some(0));
}
