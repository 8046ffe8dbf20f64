//! Commands inside a container.

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use practice::disk::EntryKind;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use super::attach::{switching, wants_upgrade};
use super::container::{Container, Key, Status};
use super::follow::output_type;
use super::http::{Answer, empty, json as answer, read_json, whole};
use super::refusal::Refusal;
use super::world::{Shared, World};

/// Commands that are over and still remembered.
const REMEMBERED: usize = 256;
/// Most bytes that `cat` prints.
const CAT_LIMIT: u64 = 16 * 1024 * 1024;
/// What is in the image to be run. What else there is in the real one, nobody asks for here.
const PROGRAMS: [&str; 4] = ["rcon-cli", "mc-health", "mc-send-to-console", "mc-practice"];

/// One command, from its creation on.
#[derive(Debug)]
pub(super) struct Exec {
    pub(super) id: String,
    pub(super) container: Key,
    pub(super) running: bool,
    request: ExecCreate,
    started: bool,
    code: Option<i32>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    pid: u32,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ExecCreate {
    cmd: Vec<String>,
    user: Option<String>,
    tty: Option<bool>,
    attach_stdin: Option<bool>,
    attach_stdout: Option<bool>,
    attach_stderr: Option<bool>,
    privileged: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ExecStart {
    detach: Option<bool>,
    tty: Option<bool>,
}

impl World {
    fn exec_create(&mut self, key: Key, name: &str, request: ExecCreate) -> Result<String, Refusal> {
        runs(self.get(key)?, name)?;
        if request.cmd.is_empty() {
            return Err(Refusal::bad("No exec command specified"));
        }
        while self.execs.len() >= REMEMBERED {
            let Some(over) =
                self.execs.iter().find(|(_, exec)| exec.code.is_some()).map(|(ticket, _)| *ticket)
            else {
                return Err(Refusal::failed("too many commands are running"));
            };
            self.execs.remove(&over);
        }
        let (ticket, id) = (self.fresh(), super::images::digits(&mut self.rng));
        let command = told(&request.cmd);
        let exec = Exec {
            id: id.clone(),
            container: key,
            running: false,
            request,
            started: false,
            code: None,
            stdout: Vec::new(),
            stderr: Vec::new(),
            pid: 0,
        };
        self.execs.insert(ticket, exec);
        self.emit(key, format!("exec_create: {command}"), &[("execID", id.clone())]);
        Ok(id)
    }

    fn exec_ticket(&self, id: &str) -> Result<u64, Refusal> {
        let found = self.execs.iter().find(|(_, exec)| exec.id == id);
        found
            .map(|(ticket, _)| *ticket)
            .ok_or_else(|| Refusal::missing(format!("No such exec instance: {id}")))
    }

    fn exec_start(&mut self, ticket: u64) -> Result<(), Refusal> {
        let pid = 60_000 + u32::try_from(self.rng.below(4000)).unwrap_or(0);
        let exec = self.execs.get_mut(&ticket).ok_or_else(|| Refusal::missing("No such exec instance"))?;
        let (key, id, argv) = (exec.container, exec.id.clone(), exec.request.cmd.clone());
        if exec.started {
            return Err(Refusal::conflict(format!("Error: Exec command {id} has already run")));
        }
        let uid = uid(exec.request.user.as_deref().unwrap_or_default());
        (exec.started, exec.running, exec.pid) = (true, true, pid);
        let container = self.get(key)?;
        runs(container, &container.id)?;
        self.emit(key, format!("exec_start: {}", told(&argv)), &[("execID", id)]);
        let name = argv.first().map_or("", |path| path.rsplit('/').next().unwrap_or(path));
        if name == "cat" {
            let (stdout, stderr, code) = self.cat(key, argv.get(1..).unwrap_or_default());
            self.exec_done(ticket, stdout, stderr, code);
        } else if let Some([root, verb, job]) = super::restore::step(&argv) {
            let (stdout, stderr, code) = self.restore_step(key, root, verb, job);
            self.exec_done(ticket, stdout, stderr, code);
        } else if PROGRAMS.contains(&name) {
            let argv: Vec<&str> = argv.iter().map(String::as_str).collect();
            self.drive(key, |sim, cx| sim.exec(cx, ticket, uid, &argv));
        } else {
            let text = format!(
                "OCI runtime exec failed: exec failed: unable to start container process: exec: \"{}\": executable file \
                 not found in $PATH: unknown\r\n",
                argv.first().map(String::as_str).unwrap_or_default()
            );
            self.exec_done(ticket, text.into_bytes(), Vec::new(), 126);
        }
        Ok(())
    }

    /// A command is over.
    pub(super) fn exec_done(&mut self, ticket: u64, stdout: Vec<u8>, stderr: Vec<u8>, code: i32) {
        let Some(exec) = self.execs.get_mut(&ticket).filter(|exec| exec.code.is_none()) else { return };
        (exec.stdout, exec.stderr, exec.code) = (stdout, stderr, Some(code));
        (exec.running, exec.pid) = (false, 0);
        let (key, id) = (exec.container, exec.id.clone());
        if let Some(container) = self.containers.get(&key) {
            container.changed.notify_waiters();
        }
        self.emit(key, "exec_die", &[("execID", id), ("exitCode", code.to_string())]);
    }

    /// Ends the commands in a container that ended.
    pub(super) fn end_execs(&mut self, key: Key) {
        let running: Vec<u64> = self
            .execs
            .iter()
            .filter(|(_, exec)| exec.container == key && exec.running)
            .map(|(ticket, _)| *ticket)
            .collect();
        for ticket in running {
            self.exec_done(ticket, Vec::new(), Vec::new(), 137);
        }
    }

    fn cat(&self, key: Key, paths: &[String]) -> (Vec<u8>, Vec<u8>, i32) {
        let (mut stdout, mut stderr) = (Vec::new(), String::new());
        for path in paths {
            match self.file(key, path) {
                Ok(bytes) => stdout.extend(bytes),
                Err(reason) => stderr.push_str(&format!("cat: {path}: {reason}\n")),
            }
        }
        let code = i32::from(!stderr.is_empty());
        (stdout, stderr.into_bytes(), code)
    }

    fn file(&self, key: Key, path: &str) -> Result<Vec<u8>, &'static str> {
        const MISSING: &str = "No such file or directory";
        let container = self.containers.get(&key).ok_or(MISSING)?;
        let absolute = if path.starts_with('/') { path.to_owned() } else { format!("/data/{path}") };
        let (disk, inner) = self.locate(container, &absolute).ok_or(MISSING)?;
        let disk = self.disks.get(&disk).ok_or(MISSING)?;
        let entry = disk.entry(&inner).ok_or(MISSING)?;
        if entry.kind == EntryKind::Dir {
            return Err("Is a directory");
        }
        let mut bytes = vec![0; usize::try_from(entry.len.min(CAT_LIMIT)).unwrap_or(0)];
        let count = disk.read_at(&inner, 0, &mut bytes).map_err(|_| MISSING)?;
        bytes.truncate(count);
        Ok(bytes)
    }

    fn exec_json(&self, id: &str) -> Answer {
        let ticket = self.exec_ticket(id)?;
        let exec = self.execs.get(&ticket).ok_or_else(|| Refusal::missing("No such exec instance"))?;
        let (command, arguments) =
            exec.request.cmd.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
        let mut process = json!({
            "tty": exec.request.tty.unwrap_or(false), "entrypoint": command, "arguments": arguments,
            "privileged": exec.request.privileged.unwrap_or(false),
        });
        if let (Some(user), Some(map)) = (&exec.request.user, process.as_object_mut()) {
            map.insert("user".to_owned(), json!(user));
        }
        let container = self.containers.get(&exec.container).map(|container| container.id.as_str());
        answer(
            StatusCode::OK,
            &json!({
                "ID": exec.id, "Running": exec.running, "ExitCode": exec.code.map_or(Value::Null, |code| json!(code)),
                "ProcessConfig": process, "OpenStdin": exec.request.attach_stdin.unwrap_or(false),
                "OpenStderr": exec.request.attach_stderr.unwrap_or(false),
                "OpenStdout": exec.request.attach_stdout.unwrap_or(false), "CanRemove": false,
                "ContainerID": container.unwrap_or_default(), "DetachKeys": "", "Pid": exec.pid,
            }),
        )
    }
}

/// `name` is what the container was called by, which Docker repeats in one of its sentences.
fn runs(container: &Container, name: &str) -> Result<(), Refusal> {
    let id = &container.id;
    match container.state.status {
        Status::Running => Ok(()),
        Status::Paused => {
            Err(Refusal::conflict(format!("Container {name} is paused, unpause the container before exec")))
        }
        Status::Restarting => Err(Refusal::conflict(format!(
            "Container {id} is restarting, wait until the container is running"
        ))),
        Status::Created | Status::Exited => Err(Refusal::conflict(format!("Container {id} is not running"))),
    }
}

/// A command as events tell it: the program, and its arguments behind a space.
fn told(argv: &[String]) -> String {
    let (first, rest) = argv.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    format!("{first} {}", rest.join(" "))
}

/// The user's number; the image knows two names.
fn uid(user: &str) -> u32 {
    match user.split(':').next().unwrap_or_default() {
        "" | "root" => 0,
        "minecraft" => 1000,
        text => text.parse().unwrap_or(1000),
    }
}

/// Puts output into frames, or leaves it as it is for a terminal.
fn frames(stdout: &[u8], stderr: &[u8], raw: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(stdout.len() + stderr.len() + 16);
    for (number, bytes) in [(1, stdout), (2, stderr)] {
        for part in bytes.chunks(32 * 1024) {
            if !raw {
                out.extend_from_slice(&[number, 0, 0, 0]);
                out.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            }
            out.extend_from_slice(part);
        }
    }
    out
}

/// Waits for a command's end and takes what it printed.
async fn finish(shared: &Shared, ticket: u64, key: Key) -> Vec<u8> {
    let over = |world: &World| world.execs.get(&ticket).is_none_or(|exec| exec.code.is_some());
    let Some(changed) = shared.lock().containers.get(&key).map(|container| container.changed.clone()) else {
        return Vec::new();
    };
    loop {
        let mut waiting = std::pin::pin!(changed.notified());
        waiting.as_mut().enable();
        if over(&shared.lock()) {
            break;
        }
        waiting.await;
    }
    let mut world = shared.lock();
    let Some(exec) = world.execs.get_mut(&ticket) else { return Vec::new() };
    let attached = |wanted: Option<bool>, bytes: &mut Vec<u8>| {
        let bytes = std::mem::take(bytes);
        if wanted.unwrap_or(false) { bytes } else { Vec::new() }
    };
    let stdout = attached(exec.request.attach_stdout, &mut exec.stdout);
    let stderr = attached(exec.request.attach_stderr, &mut exec.stderr);
    frames(&stdout, &stderr, exec.request.tty.unwrap_or(false))
}

/// `POST /containers/{id}/exec`
pub(super) async fn create(shared: &Shared, key: Key, name: &str, body: Incoming) -> Answer {
    let request = read_json(body).await?;
    let id = shared.change(|world| world.exec_create(key, name, request))?;
    answer(StatusCode::CREATED, &json!({ "Id": id }))
}

/// `GET /exec/{id}/json`
pub(super) fn inspect(shared: &Shared, id: &str) -> Answer {
    shared.lock().exec_json(id)
}

/// `POST /exec/{id}/start`
pub(super) async fn start(shared: &Arc<Shared>, id: &str, mut request: Request<Incoming>) -> Answer {
    let upgrade = wants_upgrade(&request).then(|| hyper::upgrade::on(&mut request));
    let options: ExecStart = read_json(request.into_body()).await?;
    let (ticket, key) = shared.change(|world| {
        let ticket = world.exec_ticket(id)?;
        let key = world.execs.get(&ticket).map(|exec| exec.container);
        world.exec_start(ticket)?;
        Ok::<_, Refusal>((ticket, key.unwrap_or_default()))
    })?;
    if options.detach.unwrap_or(false) {
        return Ok(empty(StatusCode::OK));
    }
    let tty = options.tty.unwrap_or(false);
    if let Some(upgrade) = upgrade {
        let owner = shared.clone();
        tokio::spawn(async move {
            let Ok(connection) = upgrade.await else { return };
            let mut connection = TokioIo::new(connection);
            let output = finish(&owner, ticket, key).await;
            // A client that has gone misses the output, as with a real one.
            let _ = connection.write_all(&output).await;
            let _ = connection.shutdown().await;
        });
        return Ok(switching(shared, tty));
    }
    let output = finish(shared, ticket, key).await;
    let mut response = hyper::Response::new(whole(output));
    response.headers_mut().insert(CONTENT_TYPE, output_type(shared, tty));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_numbers_in_the_end() {
        assert_eq!(
            [uid(""), uid("root"), uid("minecraft"), uid("1000:1000"), uid("7")],
            [0, 0, 1000, 1000, 7]
        );
    }

    #[test]
    fn output_is_framed_by_stream() {
        assert_eq!(frames(b"a", b"bc", false), b"\x01\0\0\0\0\0\0\x01a\x02\0\0\0\0\0\0\x02bc");
        assert_eq!(frames(b"a", b"bc", true), b"abc");
    }
}
