//! Commands that only look: list, show, stats, logs.

use std::sync::Arc;

use serde_json::{Value, json};

use super::fake::{Closed, Desk, Fake, host, lines, server, unreachable};
use crate::{
    cli::{commands::doctor, exit::Exit, io::Facts},
    model::{Explanation, HostState, Ownership, Server, State},
};

const TERMINAL: Facts =
    Facts { in_terminal: true, out_terminal: true, err_terminal: true, width: Some(100), colour: true };

fn crashed(name: &str) -> Server {
    let mut server = server(name, State::Crashed);
    server.explanation = Some(Arc::new(Explanation {
        code: "oom_container".into(),
        what: "It ran out of memory.".into(),
        means: "The world was saved a minute before.".into(),
        next: "Give it more memory.".into(),
    }));
    server
}

fn hostile() -> Server {
    let mut server = server("evil\u{1b}[2J\u{1b}]0;t\u{7}\nfake ready\u{202e}", State::Loading(Some(40)));
    let about = Arc::make_mut(&mut server.about);
    (about.ownership, about.image) = (Ownership::Found, "x\u{9b}31m".into());
    about.version = Some("1.21\u{1b}[31m".into());
    server
}

#[tokio::test]
async fn the_list_for_scripts_has_every_field() {
    let fake = Fake::with(vec![server("survival", State::Ready), server("old", State::Stopped)]);
    let ran = fake.run(&["server", "list", "--json"]).await;
    assert_eq!(ran.exit, Exit::Done);
    insta::assert_snapshot!("list_json", ran.out);
    let Value::Array(servers) = ran.json() else { panic!() };
    for field in [
        "id",
        "name",
        "state",
        "type",
        "version",
        "image",
        "host",
        "port",
        "container_id",
        "cpu_percent",
        "memory_bytes",
        "memory_limit_bytes",
        "players_online",
        "players_max",
        "uptime_seconds",
        "managed",
    ] {
        assert!(servers.iter().all(|server| server.get(field).is_some()), "{field} is missing");
    }
}

#[tokio::test]
async fn the_list_for_people_is_aligned_and_explains_crashes() {
    let fake = Fake::with(vec![server("survival", State::Ready), crashed("arena")]);
    let ran = fake.run(&["server", "list"]).await;
    assert_eq!(ran.exit, Exit::Done);
    insta::assert_snapshot!("list", ran.out);
    assert_eq!(
        ran.err,
        "arena: It ran out of memory. The world was saved a minute before. Give it more memory.\n"
    );
    let ran = fake.run(&["server", "list", "--stats", "-q"]).await;
    insta::assert_snapshot!("list_stats", ran.out);
    assert_eq!(ran.err, "");
}

#[tokio::test]
async fn hostile_names_reach_neither_table_nor_json_as_they_are() {
    let fake = Fake::with(vec![hostile()]);
    for line in [&["server", "list"][..], &["server", "list", "--json"], &["stats"], &["stats", "--json"]] {
        let ran = fake.run(line).await;
        assert_eq!(ran.exit, Exit::Done, "{line:?}");
        let text = ran.out.replace('\n', "");
        assert!(!text.contains(crate::cli::output::clean::is_hostile), "{line:?}: {text:?}");
    }
    let ran = fake.run(&["server", "list"]).await;
    assert_eq!(ran.out.lines().count(), 2, "{}", ran.out);
    let name = fake.run(&["server", "list", "--json"]).await.json()[0]["name"].clone();
    assert_eq!(name, json!(hostile().name()), "scripts get the name unchanged");
    let ran = fake.run_on(&["server", "list"], TERMINAL, "").await;
    assert!(!ran.out.contains("\u{1b}[2J") && !ran.out.contains("\u{1b}]"), "{:?}", ran.out);
}

#[tokio::test]
async fn an_empty_list_says_how_to_begin() {
    let fake = Fake::with(Vec::new());
    let ran = fake.run(&["server", "list"]).await;
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Done, ""));
    assert!(ran.err.contains("server create"));
    assert_eq!(fake.run(&["server", "list", "--json"]).await.out, "[]\n");
}

#[tokio::test(start_paused = true)]
async fn without_docker_what_is_stored_is_listed_and_the_code_is_5() {
    let fake = Fake::with(vec![server("survival", State::Unknown)]);
    fake.change(|world| world.hosts = vec![Arc::new(host(HostState::Down(Box::new(unreachable()))))]);
    let ran = fake.run(&["server", "list", "--json"]).await;
    assert_eq!(ran.exit, Exit::Unreachable);
    assert_eq!(ran.json()[0]["state"], "unknown");
    assert_eq!(ran.error()["kind"], "unreachable");
    let ran = fake.run(&["server", "show", "nobody"]).await;
    assert_eq!(ran.exit, Exit::Unreachable, "what is not known may be there all the same");
    // A host that never answers is not waited for without end.
    fake.change(|world| {
        world.settled = false;
        world.hosts = vec![Arc::new(host(HostState::Connecting))];
    });
    for line in [&["server", "list"][..], &["server", "start", "survival"], &["logs", "survival"], &["stats"]]
    {
        let ran = fake.run(line).await;
        assert_eq!(ran.exit, Exit::Unreachable, "{line:?}");
        assert!(ran.err.contains("did not answer within 10 seconds"), "{}", ran.err);
    }
}

#[tokio::test(start_paused = true)]
async fn measurements_are_waited_for_but_not_for_ever() {
    let mut unmeasured = server("survival", State::Ready);
    unmeasured.sample = None;
    let fake = Fake::with(vec![unmeasured]);
    let began = tokio::time::Instant::now();
    let ran = fake.run(&["server", "list"]).await;
    assert!(began.elapsed().is_zero() && ran.exit == Exit::Done, "people see the list at once");
    let ran = fake.run(&["server", "list", "--json", "--no-stats"]).await;
    assert!(began.elapsed().is_zero() && ran.exit == Exit::Done);
    let ran = fake.run(&["server", "list", "--json"]).await;
    assert_eq!(began.elapsed(), crate::cli::commands::reach::MEASURE);
    assert_eq!(ran.json()[0]["cpu_percent"], Value::Null);
    let running = fake.run(&["server", "list", "--json"]);
    let measure = async {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        fake.change(|world| world.servers = vec![Arc::new(server("survival", State::Ready))]);
    };
    let (ran, ()) = tokio::join!(running, measure);
    assert_eq!(ran.json()[0]["cpu_percent"], json!(12.34));
}

#[tokio::test]
async fn show_tells_everything_but_secrets() {
    let mut shown = crashed("survival");
    let about = Arc::make_mut(&mut shown.about);
    about.spec.env.insert("CF_API_KEY".into(), "s3cret".into());
    about.spec.env.insert("PLAIN".into(), "yes".into());
    about.spec.motd = Some("a \u{1b}[31mred one".into());
    let fake = Fake::with(vec![shown]);
    let ran = fake.run(&["server", "show", "survival"]).await;
    insta::assert_snapshot!("show", ran.out);
    let json = fake.run(&["server", "show", "survival", "--json"]).await;
    insta::assert_snapshot!("show_json", json.out);
    for ran in [ran, json] {
        assert_eq!(ran.exit, Exit::Done);
        assert!(!ran.out.contains("s3cret") && ran.out.contains("CF_API_KEY"));
    }
}

#[tokio::test]
async fn what_is_not_there_is_code_3_in_words_and_in_json() {
    let fake = Fake::with(Vec::new());
    for line in [
        &["server", "show", "nobody"][..],
        &["logs", "nobody"],
        &["stats", "nobody"],
        &["console", "nobody", "list"],
        &["server", "edit", "nobody", "--motd", "x"],
        &["server", "rename", "nobody", "somebody"],
        &["server", "clone", "nobody", "somebody"],
        &["server", "delete", "nobody"],
        &["server", "adopt", "nobody"],
        &["server", "forget", "nobody"],
        &["server", "start", "nobody"],
    ] {
        let ran = fake.run(line).await;
        assert_eq!((ran.exit, ran.out.as_str()), (Exit::NotFound, ""), "{line:?}");
        assert!(ran.err.starts_with("error: There is no server called"), "{}", ran.err);
    }
    let ran = fake.run(&["server", "show", "nobody", "--json"]).await;
    insta::assert_snapshot!("error_json", ran.err);
    assert!(fake.asked().is_empty());
}

#[tokio::test]
async fn stats_of_all_that_run_or_of_those_named() {
    let fake = Fake::with(vec![server("survival", State::Ready), server("old", State::Stopped)]);
    let ran = fake.run(&["stats"]).await;
    insta::assert_snapshot!("stats", ran.out);
    let ran = fake.run(&["stats", "old", "survival", "--json"]).await;
    insta::assert_snapshot!("stats_json", ran.out);
    let ran = Fake::with(Vec::new()).run(&["stats"]).await;
    assert_eq!((ran.exit, ran.out.as_str(), ran.err.as_str()), (Exit::Done, "", "No server is running.\n"));
}

#[tokio::test]
async fn logs_are_the_last_lines_and_plain_in_a_file() {
    let fake = Fake::with(vec![server("survival", State::Ready)]);
    *fake.lines.lock().unwrap() =
        vec![lines(1, &["one", "two"]), lines(3, &["\u{1b}[31mthree\u{1b}[0m", "four"])];
    assert_eq!(fake.run(&["logs", "survival"]).await.out, "one\ntwo\nthree\nfour\n");
    // The engine may send more than was asked for: it was still reading when it was asked.
    assert_eq!(fake.run(&["logs", "survival", "--tail", "2"]).await.out, "three\nfour\n");
    assert_eq!(fake.run(&["logs", "survival", "--tail", "0"]).await.out, "");
    assert_eq!(fake.run(&["logs", "survival", "-n1", "-t"]).await.out, "1970-01-01T00:00:00.000Z four\n");
    let ran = fake.run_on(&["logs", "survival", "-n2"], TERMINAL, "").await;
    assert_eq!(ran.out, "\u{1b}[31mthree\u{1b}[0m\u{1b}[0m\nfour\n");
    let ran = fake.run(&["logs", "survival", "-n2", "--json"]).await;
    insta::assert_snapshot!(ran.out, @r#"
    {"seq":3,"at":"1970-01-01T00:00:00Z","level":"info","kind":"output","text":"three"}
    {"seq":4,"at":"1970-01-01T00:00:00Z","level":"info","kind":"output","text":"four"}
    "#);
}

#[tokio::test]
async fn logs_end_where_the_engine_says_that_nothing_more_is_kept() {
    let fake = Fake::with(vec![server("survival", State::Ready)]);
    *fake.endless.lock().unwrap() = true;
    *fake.lines.lock().unwrap() = vec![lines(1, &["one", "two"])];
    let ran = fake.run(&["logs", "survival"]).await;
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Done, "one\ntwo\n"));
}

#[tokio::test]
async fn a_reader_that_went_away_is_no_failure() {
    let fake = Fake::with(vec![server("survival", State::Ready)]);
    *fake.lines.lock().unwrap() = vec![lines(1, &["one"])];
    for line in [
        &["server", "list"][..],
        &["server", "list", "--json"],
        &["server", "show", "survival"],
        &["stats"],
        &["logs", "survival", "-f"],
        &["console", "survival", "list"],
        &["server", "stop", "survival"],
    ] {
        let mut desk = Desk::new(line, Facts::default(), "");
        desk.io.out = Box::new(Closed);
        let ran = desk.run(&fake.handle).await;
        assert_eq!(ran.exit, Exit::Done, "{line:?}");
        assert!(!ran.err.contains("error"), "{line:?}: {}", ran.err);
    }
}

#[tokio::test]
async fn doctor_says_what_is_wrong_and_what_to_do() {
    let ground = doctor::Ground { warnings: vec!["`colour` is not known".into()], ..Default::default() };
    let run = async |fake: &Fake, json: bool| {
        let mut desk = Desk::new(&["doctor"], Facts::default(), "");
        desk.io.json = json;
        let outcome = doctor::run(&ground, Ok(&fake.handle), &mut desk.io, &|_| None).await;
        let exit = desk.io.finish(outcome);
        (exit, desk.run(&fake.handle).await.out)
    };
    let fake = Fake::with(Vec::new());
    let (exit, text) = run(&fake, false).await;
    assert_eq!(exit, Exit::Done);
    assert!(text.contains("ok    docker             Docker 28.2.2 at unix:///var/run/docker.sock"), "{text}");
    assert!(text.contains("warn  config             `colour` is not known"), "{text}");
    fake.change(|world| world.hosts = vec![Arc::new(host(HostState::Down(Box::new(unreachable()))))]);
    let (exit, text) = run(&fake, true).await;
    assert_eq!(exit, Exit::Unreachable);
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["ok"], false);
    let docker = report["checks"].as_array().unwrap().iter().find(|check| check["name"] == "docker").unwrap();
    assert_eq!(
        docker,
        &json!({
            "name": "docker", "status": "fail", "message": "Docker does not answer.",
            "next": "Nothing is known. Start Docker."
        })
    );
}

#[tokio::test]
async fn what_was_measured_before_is_a_table_or_json() {
    let fake = Fake::with(vec![server("survival", State::Ready)]);
    let ran = fake.run(&["stats", "survival", "--history=15m"]).await;
    assert_eq!(ran.exit, Exit::Done, "{ran:?}");
    assert!(ran.out.starts_with("survival: 15m, in steps of 5s\nTIME"), "{}", ran.out);
    let rows: Vec<_> = ran.out.lines().skip(2).collect();
    assert_eq!(rows.len(), 3, "{}", ran.out);
    assert!(
        rows[1].contains("12.5 %") && rows[1].contains(" 1 KiB/s") && rows[1].contains("20.0 ms"),
        "{}",
        ran.out
    );
    let ran = fake.run(&["stats", "--history=1m", "--json"]).await;
    let all = ran.json();
    assert_eq!(
        (&all[0]["name"], &all[0]["span"], &all[0]["step_seconds"]),
        (&json!("survival"), &json!("1m"), &json!(1))
    );
    let steps = all[0]["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 12);
    assert_eq!(steps[0]["net_rx_bytes_per_second"], Value::Null, "nothing is known of the first second");
    assert_eq!(steps[11]["players"]["max"], json!(2.0));
    // Without a span it is an hour, and a span that is none is told with those that there are.
    assert!(fake.run(&["stats", "--history"]).await.out.contains("1h, in steps of 30s"));
}
