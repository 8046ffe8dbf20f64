//! A real Prometheus, of Debian's package, with the configuration and the rules that ship.
#![allow(dead_code, missing_docs)]

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::Value;

use crate::program::finish;

/// What ships for whoever runs a service.
pub fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy")
}

/// A Prometheus that is ended with the test.
pub struct Prometheus {
    child: Child,
    address: String,
    _folder: tempfile::TempDir,
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Prometheus {
    /// The shipped configuration, at this service, and in a hurry.
    pub fn start(target: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for file in ["prometheus.yml", "recording.yml", "alerts.yml"] {
            let text = std::fs::read_to_string(deploy().join("prometheus").join(file)).unwrap();
            let text = text.replace("127.0.0.1:8000", target).replace("interval: 15s", "interval: 1s");
            let text = text.replace("for: 2m", "for: 1s").replace("for: 10m", "for: 1s");
            std::fs::write(folder.path().join(file), text).unwrap();
        }
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", folder.path().join("prometheus.yml").display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address={free}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("prometheus, of Debian's package prometheus");
        Self { child, address: free, _folder: folder }
    }

    pub fn ask(&self, path: &str, query: &str) -> Option<Value> {
        let mut command = Command::new("curl");
        command.args(["--silent", "--get", "--data-urlencode", &format!("query={query}")]);
        command.arg(format!("http://{}{path}", self.address));
        let answer: Value = serde_json::from_str(&finish(command, "").out).ok()?;
        assert_eq!(answer["status"], "success", "{query}: {answer}");
        Some(answer["data"].clone())
    }

    pub fn value(&self, query: &str) -> Option<String> {
        Some(self.ask("/api/v1/query", query)?["result"][0]["value"][1].as_str()?.to_owned())
    }

    /// Whether this alert fires.
    pub fn fires(&self, name: &str) -> bool {
        let alerts = self.ask("/api/v1/alerts", "").unwrap_or_default();
        let alerts = alerts["alerts"].as_array().cloned().unwrap_or_default();
        alerts.iter().any(|alert| alert["labels"]["alertname"] == name && alert["state"] == "firing")
    }
}
