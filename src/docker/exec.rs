//! A command in a running container.

use std::time::Duration;

use bollard::models::ExecConfig;
use hyper::Method;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::io::AsyncReadExt;

use super::connect::Docker;
use super::containers::segment;
use super::error::{About, Error, chain};
use super::limits;
use super::transport::{Call, json, limited};
use super::types::ExecOutput;

/// How often the end of the command is asked for after its output ended.
const POLL: Duration = Duration::from_millis(20);

#[derive(Deserialize)]
struct Created {
    #[serde(rename = "Id")]
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ExecReply {
    #[serde(default)]
    running: bool,
    #[serde(default)]
    exit_code: Option<i64>,
}

impl Docker {
    /// Runs a command in a running container, without a shell, and waits for its end. `user` is a name or `uid:gid`; the
    /// image's own where `None`. What it prints beyond 1 MiB of each output is thrown away.
    ///
    /// After `limit` the waiting ends, **the command does not**: Docker has no call to end it.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Conflict`] when the container does not run, [`Error::TimedOut`],
    /// [`Error::Interrupted`], or as any call. A command that fails is no error: see [`ExecOutput::code`].
    pub async fn exec(
        &self,
        id: &str,
        command: &[&str],
        user: Option<&str>,
        limit: Duration,
    ) -> Result<ExecOutput, Error> {
        let about = About::Container(id);
        let what = format!("a command in {}", about.words());
        limited(limit, &what, self.exec_unlimited(id, command, user)).await
    }

    async fn exec_unlimited(
        &self,
        id: &str,
        command: &[&str],
        user: Option<&str>,
    ) -> Result<ExecOutput, Error> {
        let about = About::Container(id);
        let config = ExecConfig {
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            cmd: Some(command.iter().map(|&word| word.to_owned()).collect()),
            user: user.map(str::to_owned),
            ..ExecConfig::default()
        };
        let path = format!("/containers/{}/exec", segment(id, about)?);
        // Not through the library's call, which writes the command to the debug log.
        let created: Created = self.inner.transport.post(&path, &config, about).await?;
        let exec = segment(&created.id, about)?;
        let mut collected = Collected::default();
        self.collect(exec, about, &mut collected).await?;
        loop {
            let state: ExecReply = self.inner.transport.get(&format!("/exec/{exec}/json"), about).await?;
            // The output ends a moment before the daemon knows of the end.
            if let (false, Some(code)) = (state.running, state.exit_code) {
                return Ok(collected.into_output(code));
            }
            tokio::time::sleep(POLL).await;
        }
    }

    async fn collect(&self, exec: &str, about: About<'_>, collected: &mut Collected) -> Result<(), Error> {
        let path = format!("/exec/{exec}/start");
        let start = serde_json::json!({ "Detach": false, "Tty": false });
        let call = Call { method: Method::POST, body: json(&start, about)?, ..Call::get(&path, about) };
        let mut reply = self.inner.transport.open(call).await?;
        let what = || format!("a command in {}", about.words());
        let broken = |e: &(dyn std::error::Error + 'static)| Error::Interrupted {
            what: format!("{} ({})", what(), chain(e)),
        };
        let senseless = |reason: &str| Error::BadReply { what: what(), reason: reason.to_owned() };
        if reply.switches() {
            // Podman gives the connection away even unasked.
            let mut stream = TokioIo::new(reply.upgrade().await.map_err(|e| broken(&e))?);
            let mut buffer = vec![0; limits::HTTP_BUFFER];
            loop {
                match stream.read(&mut buffer).await.map_err(|e| broken(&e))? {
                    0 => break,
                    read => collected.push(&buffer[..read]).map_err(senseless)?,
                }
            }
        } else {
            while let Some(chunk) = reply.chunk().await {
                collected.push(&chunk.map_err(|e| broken(&e))?).map_err(senseless)?;
            }
        }
        if collected.is_whole() { Ok(()) } else { Err(Error::Interrupted { what: what() }) }
    }
}

/// Both outputs, from frames with a header of eight bytes as in a log, bounded.
#[derive(Default)]
struct Collected {
    header: Vec<u8>,
    /// Bytes left of the frame.
    left: usize,
    to_stderr: bool,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    truncated: bool,
}

impl Collected {
    fn push(&mut self, mut bytes: &[u8]) -> Result<(), &'static str> {
        while !bytes.is_empty() {
            if self.left == 0 {
                let (now, rest) = bytes.split_at(bytes.len().min(8 - self.header.len()));
                self.header.extend_from_slice(now);
                bytes = rest;
                if let [stream, 0, 0, 0, a, b, c, d] = self.header[..] {
                    self.to_stderr = stream == 2;
                    self.left = u32::from_be_bytes([a, b, c, d]) as usize;
                    self.header.clear();
                } else if self.header.len() == 8 {
                    return Err("this is no output in frames");
                }
                continue;
            }
            let (now, rest) = bytes.split_at(bytes.len().min(self.left));
            let kept = if self.to_stderr { &mut self.stderr } else { &mut self.stdout };
            let room = now.len().min(limits::EXEC_OUTPUT - kept.len());
            kept.extend_from_slice(&now[..room]);
            self.truncated |= room < now.len();
            self.left -= now.len();
            bytes = rest;
        }
        Ok(())
    }

    fn is_whole(&self) -> bool {
        self.left == 0 && self.header.is_empty()
    }

    fn into_output(self, code: i64) -> ExecOutput {
        ExecOutput { code, stdout: self.stdout, stderr: self.stderr, truncated: self.truncated }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(stream: u8, data: &[u8]) -> Vec<u8> {
        let mut frame = vec![stream, 0, 0, 0];
        frame.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        frame.extend(data);
        frame
    }

    #[test]
    fn outputs_are_told_apart_however_the_frames_are_cut() {
        let bytes = [frame(1, b"out"), frame(2, b"err"), frame(1, b""), frame(1, b"more")].concat();
        for size in 1..=bytes.len() {
            let mut collected = Collected::default();
            for chunk in bytes.chunks(size) {
                collected.push(chunk).unwrap();
            }
            assert!(collected.is_whole());
            let output = collected.into_output(0);
            assert_eq!((&output.stdout[..], &output.stderr[..]), (&b"outmore"[..], &b"err"[..]));
            assert!(!output.truncated);
        }
    }

    #[test]
    fn output_is_bounded_and_a_torn_frame_is_seen() {
        let mut collected = Collected::default();
        let chunk = vec![b'x'; limits::EXEC_OUTPUT];
        collected.push(&frame(1, &chunk)).unwrap();
        assert!(!collected.truncated);
        collected.push(&frame(1, b"y")).unwrap();
        assert!(collected.truncated);
        assert_eq!(collected.stdout.len(), limits::EXEC_OUTPUT);
        collected.push(&[1, 0, 0, 0, 255, 255, 255, 255, b'z']).unwrap();
        assert!(!collected.is_whole());
        assert!(Collected::default().push(b"HTTP/1.1").is_err());
    }
}
