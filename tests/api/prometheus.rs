//! A real Prometheus, with the rules and the scrape configuration that ship: it scrapes, evaluates and fires. And every
//! metric that the shipped rules and dashboards name exists.

use std::{collections::BTreeSet, process::Command};

use serde_json::Value;

use crate::{
    http::Service,
    program::{finish, until},
    scraper::{Prometheus, deploy},
    stage::Stage,
};

fn promtool(arguments: &[&str]) {
    let mut command = Command::new("promtool");
    command.args(arguments).current_dir(deploy().join("prometheus"));
    finish(command, "").ends(0);
}

#[test]
fn the_shipped_rules_are_right() {
    promtool(&["check", "config", "prometheus.yml"]);
    promtool(&["check", "rules", "recording.yml", "alerts.yml"]);
    promtool(&["test", "rules", "tests.yml"]);
}

/// Names of metrics in a text, without what histograms add to them.
fn named(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let words = text.split(|c| !is_part(c)).filter(|word| word.starts_with("mineclifford_"));
    let base = |word: &str| {
        let ends = ["_bucket", "_sum", "_count"];
        ends.iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word).to_owned()
    };
    words.map(base).collect()
}

#[test]
fn every_metric_that_is_named_exists() {
    let there: BTreeSet<String> = mineclifford::api::metric_names().into_iter().collect();
    let mut files = vec![deploy().join("prometheus/recording.yml"), deploy().join("prometheus/alerts.yml")];
    for entry in std::fs::read_dir(deploy().join("grafana")).unwrap() {
        files.push(entry.unwrap().path());
    }
    assert!(files.len() >= 5, "{files:?}");
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let used = named(&text);
        assert!(!used.is_empty(), "{}", file.display());
        let unknown: Vec<_> = used.difference(&there).collect();
        assert!(unknown.is_empty(), "{} names {unknown:?}", file.display());
    }
    // What a service gives is among them.
    let service = Service::new("names");
    for family in crate::metrics::families(&crate::metrics::scrape(&service)) {
        assert!(there.contains(&family), "{family}");
    }
}

/// The queries of a dashboard.
fn queries(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                match (key.as_str(), inner) {
                    ("expr", Value::String(query)) => found.push(query.clone()),
                    _ => queries(inner, found),
                }
            }
        }
        Value::Array(all) => all.iter().for_each(|inner| queries(inner, found)),
        _ => {}
    }
}

#[test]
fn it_scrapes_evaluates_and_fires() {
    let service = Service::on(Stage::new("prometheus"), &[]);
    let prometheus = Prometheus::start(&service.address.to_string());
    until("a scrape", || prometheus.value("up{job=\"mineclifford\"}").as_deref() == Some("1"));
    until("the servers", || {
        prometheus.value("sum(mineclifford_servers_by_status)").is_some_and(|sum| sum != "0")
    });
    until("a recording rule", || prometheus.value("mineclifford:players_online:sum").is_some());
    // The demo has a server that has crashed.
    until("an alert", || prometheus.fires("MinecraftServerDown"));
    // What the dashboards ask is understood.
    let mut asked = 0;
    for entry in std::fs::read_dir(deploy().join("grafana")).unwrap() {
        let dashboard: Value =
            serde_json::from_slice(&std::fs::read(entry.unwrap().path()).unwrap()).unwrap();
        let mut all = Vec::new();
        queries(&dashboard, &mut all);
        assert!(all.len() >= 4);
        for query in all {
            let query = query.replace("$server", ".*").replace("$__rate_interval", "1m");
            prometheus.ask("/api/v1/query", &query).expect("an answer");
            asked += 1;
        }
    }
    assert!(asked > 15, "{asked}");
}
