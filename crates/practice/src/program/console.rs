//! mc-send-to-console and mc-practice.

use std::io::{Read as _, Write as _};
use std::os::unix::fs::FileTypeExt as _;
use std::os::unix::net::UnixStream;

use rustix::process::{Pid, Signal, kill_process};

use super::files;

/// Writes a line into the console pipe. Root may not, as with the real one.
pub fn send(words: &[String]) -> i32 {
    if rustix::process::getuid().is_root() && super::settings().uid != 0 {
        eprintln!(
            "ERROR: mc-send-to-console must be run as the user of the server, such as with --user 1000"
        );
        return 2;
    }
    let path = super::tmp("minecraft-console-in");
    if !std::fs::metadata(&path).is_ok_and(|meta| meta.file_type().is_fifo()) {
        eprintln!("ERROR: Named pipe {} is missing; set CREATE_CONSOLE_IN_PIPE to true", path.display());
        return 1;
    }
    let line = words.join(" ") + "\n";
    match std::fs::File::options().write(true).open(path).and_then(|mut pipe| pipe.write_all(line.as_bytes()))
    {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("ERROR: {error}");
            1
        }
    }
}

/// Gives a `practice` command to the server over its private socket and waits until it is done; or looks at files.
pub fn practice(words: &[String]) -> i32 {
    let texts: Vec<&str> = words.iter().map(String::as_str).collect();
    let result = match texts.as_slice() {
        ["ls", path] => files::list(path),
        ["cat", path] => files::cat(path),
        ["hash", path] => files::hash(path),
        ["sleep", seconds] => {
            std::thread::sleep(std::time::Duration::from_secs_f64(
                seconds.parse::<f64>().unwrap_or(1.0).clamp(0.0, 1e6),
            ));
            Ok(())
        }
        ["signal", name] => signal(name),
        [] => Err(std::io::Error::other("say what: join, leave, chat, …, ls, cat, hash, sleep, signal")),
        _ => tell(&format!("practice {}\n", words.join(" "))),
    };
    match result {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("mc-practice: {error}");
            1
        }
    }
}

fn tell(line: &str) -> std::io::Result<()> {
    let mut stream = UnixStream::connect(super::tmp("practice.sock"))?;
    stream.write_all(line.as_bytes())?;
    stream.shutdown(std::net::Shutdown::Write)?;
    let mut answer = Vec::new();
    // The server closes when it has done it; one that died of it counts as done.
    let _ = stream.take(1024).read_to_end(&mut answer);
    Ok(())
}

/// Sends a signal to the server process itself, past the runner.
fn signal(name: &str) -> std::io::Result<()> {
    let signal = match name {
        "TERM" => Signal::TERM,
        "KILL" => Signal::KILL,
        "STOP" => Signal::STOP,
        "CONT" => Signal::CONT,
        _ => return Err(std::io::Error::other("TERM, KILL, STOP or CONT")),
    };
    let text = std::fs::read_to_string(super::tmp("java.pid"))?;
    let pid = text.trim().parse().ok().and_then(Pid::from_raw);
    let pid = pid.ok_or_else(|| std::io::Error::other("no process id"))?;
    Ok(kill_process(pid, signal)?)
}
