//! Backups and restores of a large world, beside what a person would type: `tar -czf`, and `docker cp` into `gzip`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{Bench, figures::Figure};

/// The world's size where nothing else is asked for by BENCH_WORLD_MB, in MiB.
const WORLD_MB: u64 = 1024;
/// Longer than anything here takes.
const PATIENCE: &str = "3000";

/// A server with a large world, its engine in a process of its own, and a folder for its archives.
struct Stage<'a> {
    bench: &'a Bench,
    folder: PathBuf,
    name: String,
    engine: Child,
}

/// Runs a line in a shell that fails with any part of a pipe, and tells how long it took.
fn shell(line: &str) -> Result<Duration> {
    let begun = Instant::now();
    let status = Command::new("timeout")
        .args(["-s", "KILL", PATIENCE, "bash", "-o", "pipefail", "-c", line])
        .stdout(Stdio::null())
        .status()?;
    ensure!(status.success(), "{line}: {status}");
    Ok(begun.elapsed())
}

fn said(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "{command:?}: {}", output.status);
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// What `/proc` says of a process's memory, in MiB: now, and at most.
fn memory(pid: u32) -> Result<(f64, f64)> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let field = |name: &str| -> Result<f64> {
        let line = status.lines().find(|line| line.starts_with(name)).context("no such line")?;
        let number = line.split_whitespace().nth(1).context("no number")?;
        Ok(number.parse::<f64>()? / 1024.0)
    };
    Ok((field("VmRSS:")?, field("VmHWM:")?))
}

impl Stage<'_> {
    fn start(bench: &Bench, megabytes: u64) -> Result<Stage<'_>> {
        let folder = bench.folder.path().join("backups");
        fs::create_dir_all(&folder)?;
        let mut engine = Command::new(&bench.ours);
        engine.args(bench.arguments("backup", None)).args(["serve", "--listen", "127.0.0.1:0"]);
        let log = fs::File::create(folder.join("engine.log"))?;
        let engine = engine.stdout(log.try_clone()?).stderr(log).stdin(Stdio::null()).spawn()?;
        let stage = Stage { bench, folder, name: format!("bench{}w", std::process::id()), engine };
        let end = Instant::now() + Duration::from_secs(20);
        while stage.ours(&["server", "list"]).is_err() || !bench.folder.path().join("backup").exists() {
            ensure!(Instant::now() < end, "the engine does not start");
            thread::sleep(Duration::from_millis(200));
        }
        let world = format!("PRACTICE_WORLD_MB={megabytes}");
        let create =
            ["server", "create", &stage.name, "--eula", "--wait", "--version", "1.21.4", "--env", &world];
        stage.ours(&create)?;
        Ok(stage)
    }

    /// Our own command line, at the running engine.
    fn ours(&self, arguments: &[&str]) -> Result<String> {
        said(
            Command::new(&self.bench.ours)
                .args(self.bench.arguments("backup", None))
                .arg("--quiet")
                .args(arguments),
        )
    }

    fn json(&self, arguments: &[&str]) -> Result<Value> {
        let text = self.ours(&[arguments, &["--json"]].concat())?;
        Ok(serde_json::from_str(&text)?)
    }

    fn inspect(&self, what: &str) -> Result<String> {
        said(Command::new("docker").args(["inspect", "-f", what, &self.name]))
    }

    /// Backs up, and gives what is known of the backup, how long the command took, and by how much the engine's memory grew
    /// meanwhile at most, in MiB.
    fn backup(&self, packing: &str) -> Result<(Value, Duration, f64)> {
        let pid = self.engine.id();
        // Forgets the most so far.
        fs::write(format!("/proc/{pid}/clear_refs"), "5")?;
        let (idle, _) = memory(pid)?;
        let begun = Instant::now();
        let made = self.json(&["backup", "create", &self.name, "--packing", packing])?;
        let took = begun.elapsed();
        let (_, most) = memory(pid)?;
        Ok((made, took, most - idle))
    }
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        let _ = self.ours(&["server", "delete", &self.name, "--data", "--yes"]);
        let _ = self.engine.kill();
        let _ = self.engine.wait();
    }
}

fn number(value: &Value, field: &str) -> f64 {
    value.get(field).and_then(Value::as_f64).unwrap_or(f64::NAN)
}

fn size(path: &Path) -> Result<f64> {
    Ok(fs::metadata(path)?.len() as f64)
}

/// A backup in both packings, then a restore.
pub fn run(bench: &mut Bench) -> Result<()> {
    let megabytes =
        std::env::var("BENCH_WORLD_MB").ok().and_then(|text| text.parse().ok()).unwrap_or(WORLD_MB);
    let mut rows = Vec::new();
    {
        let stage = Stage::start(bench, megabytes)?;
        let pid = stage.inspect("{{.State.Pid}}")?;
        let data = format!("/proc/{pid}/root/data");
        let (tar, cp) = (stage.folder.join("plain.tar.gz"), stage.folder.join("cp.tar.gz"));
        // GNU tar and gzip as in the real image; the practice image has smaller ones. It ends with 1 where something changed
        // under it, as it does on a server that runs.
        let by_tar = shell(&format!("tar -czf {} -C {data} . || [ $? -eq 1 ]", tar.display()))?;
        let by_cp = shell(&format!("docker cp {}:/data - | gzip > {}", stage.name, cp.display()))?;
        let handed = shell(&format!(
            "curl -sS --fail --unix-socket /var/run/docker.sock \
             'http://docker/v1.41/containers/{}/archive?path=/data' > /dev/null",
            stage.name
        ))?;
        let plain = size(&tar)?;
        let mut last = None;
        for (packing, wanted) in [("gzip", 8.0), ("zstd", 12.0)] {
            let (made, took, grown) = stage.backup(packing)?;
            let content = number(&made, "content_bytes");
            let rate = |time: Duration| content / 1e6 / time.as_secs_f64();
            let ratio = by_tar.as_secs_f64() / took.as_secs_f64();
            let limit = by_tar.as_secs_f64() / handed.as_secs_f64();
            rows.push((
                format!("backup of {:.0} MB, {packing}", content / 1e6),
                format!(">={wanted}x tar -czf, or Docker's rate"),
                Figure::words(
                    format!(
                        "{:.1} s, {:.0} MB/s: {ratio:.1}x tar -czf ({:.1} s), {:.1}x docker cp | gzip ({:.1} s); Docker \
                         hands over {:.0} MB/s ({limit:.1}x)",
                        took.as_secs_f64(),
                        rate(took),
                        by_tar.as_secs_f64(),
                        by_cp.as_secs_f64() / took.as_secs_f64(),
                        by_cp.as_secs_f64(),
                        rate(handed),
                    ),
                    Some(ratio >= wanted || ratio >= limit),
                ),
            ));
            let larger = (number(&made, "size_bytes") / plain - 1.0) * 100.0;
            rows.push((
                format!("its archive, {packing}"),
                "<=3 % larger".into(),
                Figure::words(format!("{larger:+.1} % against tar -czf"), Some(larger <= 3.0)),
            ));
            rows.push((
                format!("memory above idle, {packing}"),
                "<64 MB".into(),
                Figure::of(grown, "MiB").under(61.0),
            ));
            let (off, all) = (number(&made, "saving_off_ms"), number(&made, "duration_ms"));
            rows.push((
                format!("saving was off, {packing}"),
                "<= the copy".into(),
                Figure::words(format!("{off:.0} ms of {all:.0} ms in all"), Some(off <= all)),
            ));
            last = Some(made);
        }
        let made = last.context("a backup")?;
        rows.extend(restored(&stage, &made)?);
    }
    for (what, target, figure) in rows {
        bench.table.add(&what, &target, figure, None);
    }
    Ok(())
}

fn restored(stage: &Stage<'_>, made: &Value) -> Result<Vec<(String, String, Figure)>> {
    let path = made.get("path").and_then(Value::as_str).context("a path")?;
    let id = made.get("id").and_then(Value::as_str).context("an id")?;
    let out = stage.folder.join("unpacked");
    fs::create_dir_all(&out)?;
    let unpacking = shell(&format!("tar -xf {path} -C {}", out.display()))?;
    fs::remove_dir_all(&out)?;
    stage.ours(&["backup", "restore", id, "--yes"])?;
    let time = |text: String| -> Result<f64> {
        let seconds = said(Command::new("date").args(["+%s.%N", "-d", &text]))?;
        Ok(seconds.parse()?)
    };
    let down = time(stage.inspect("{{.State.StartedAt}}")?)? - time(stage.inspect("{{.State.FinishedAt}}")?)?;
    let ratio = down / unpacking.as_secs_f64();
    let swap = swap(&fs::read_to_string(stage.folder.join("engine.log"))?).context("no swap was told")?;
    Ok(vec![
        (
            "the server is down for a restore".into(),
            "<=1.5x unpacking".into(),
            Figure::words(
                format!("{down:.1} s: {ratio:.2}x tar -xf ({:.1} s)", unpacking.as_secs_f64()),
                Some(ratio <= 1.5),
            ),
        ),
        (
            "the swap itself".into(),
            "<100 ms".into(),
            // The clock that it is told by ticks every 10 ms.
            Figure::words(format!("{swap:.0} to {:.0} ms", swap + 10.0), Some(swap + 10.0 < 100.0)),
        ),
    ])
}

/// How long old and new data took to change places, in milliseconds, as the engine's log tells.
fn swap(log: &str) -> Option<f64> {
    let line = log.lines().rev().find(|line| line.contains("changed places"))?;
    let (_, rest) = line.split_once("milliseconds=")?;
    let digits: String = rest.chars().filter(|c| *c != '\u{1b}').take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
