//! What is put in comes out again, bounded, and without its secrets where it should be.

use std::os::unix::fs::PermissionsExt;

use secrecy::ExposeSecret;

use super::{super::*, *};
use crate::{
    model::{
        Explanation, Role, Token, TokenPlan,
        schedule::{Condition, Missed, Outcome, Plan, Run, Targets, Task, When},
    },
    store::{base::Base, table},
};

#[tokio::test]
async fn everything_survives_a_restart() {
    let place = place();
    let store = Store::open(&place.path).await.unwrap();
    let mut a = server("alpha");
    a.looping = Some(Explanation {
        code: "exit".into(),
        what: "It ended.".into(),
        means: String::new(),
        next: String::new(),
    });
    let b = ServerRecord { rcon_password: None, wanted: Wanted::Stopped, ..server("beta") };
    let begun = job(&a);
    let host = HostRecord { id: "attic".into(), endpoint: "ssh://attic".into() };
    store.put_server(a.clone()).await.unwrap();
    store.put_server(b.clone()).await.unwrap();
    store.put_job(begun.clone()).await.unwrap();
    store.put_host(host.clone()).await.unwrap();
    store.close().await;

    let store = Store::open(&place.path).await.unwrap();
    let loaded = store.load().await.unwrap();
    let [first, second] = loaded.servers.as_slice() else { panic!("{:?}", loaded.servers) };
    assert_eq!(serde_json::to_value(first).unwrap(), serde_json::to_value(&a).unwrap());
    assert_eq!(serde_json::to_value(second).unwrap(), serde_json::to_value(&b).unwrap());
    assert_eq!(first.rcon_password.as_ref().unwrap().expose_secret(), "pass-alpha");
    assert!(second.rcon_password.is_none());
    assert_eq!((loaded.jobs, loaded.hosts), (vec![begun.clone()], vec![host]));

    store.remove_job(begun.id).await.unwrap();
    store.remove_host("attic".into()).await.unwrap();
    store.put_server(ServerRecord { rcon_password: None, ..a }).await.unwrap();
    let loaded = store.load().await.unwrap();
    assert!(loaded.jobs.is_empty() && loaded.hosts.is_empty());
    assert_eq!(loaded.servers.len(), 2);
    assert!(loaded.servers[0].rcon_password.is_none(), "a password that is taken away must go");
}

#[tokio::test]
async fn the_file_and_its_folder_are_for_this_user_alone() {
    let place = place();
    filled(&place.path, 1).await;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&place.path), 0o600);
    assert_eq!(mode(place.path.parent().unwrap()), 0o700);

    std::fs::set_permissions(&place.path, std::fs::Permissions::from_mode(0o644)).unwrap();
    Store::open(&place.path).await.unwrap().close().await;
    assert_eq!(mode(&place.path), 0o600);
}

#[tokio::test]
async fn passwords_are_neither_shown_nor_exported() {
    let place = place();
    let store = Store::open(&place.path).await.unwrap();
    let mut record = server("alpha");
    record.spec.env.insert("CF_API_KEY".into(), "hunter2".into());
    record.spec.env.insert("USE_AIKAR_FLAGS".into(), "true".into());
    assert!(!format!("{record:?}").contains("pass-alpha"));
    store.put_server(record.clone()).await.unwrap();
    store.type_line(record.id, "list".into()).await.unwrap();
    store.audit(vec![audit_line(1)]).await.unwrap();
    store.put_job(job(&record)).await.unwrap();

    let export = store.export().await.unwrap();
    let text = export.to_string();
    assert!(!text.contains("pass-alpha") && !text.contains("hunter2"), "{text}");
    assert_eq!(export["schema"], migrate::KNOWN);
    assert_eq!(export["servers"][0]["spec"]["name"], "alpha");
    assert_eq!(export["servers"][0]["spec"]["env"]["USE_AIKAR_FLAGS"], "true");
    assert_eq!(export["servers"][0]["typed"][0], "list");
    assert_eq!(export["audit"][0]["line"]["action"], "start 1");
    assert_eq!(export["jobs"][0]["stage"], "pull");
    // The value itself was kept for the engine.
    let loaded = store.load().await.unwrap();
    assert_eq!(loaded.servers[0].spec.env["CF_API_KEY"], "hunter2");
    assert!(!format!("{loaded:?}").contains("pass-alpha"));
}

#[tokio::test]
async fn typed_lines_are_bounded_by_server_and_go_with_it() {
    let place = place();
    let store = Store::open(&place.path).await.unwrap();
    let (a, b) = (server("alpha"), server("beta"));
    store.put_server(a.clone()).await.unwrap();
    store.type_line(b.id, "mine".into()).await.unwrap();
    for number in 0..TYPED_MAX + 20 {
        store.type_line(a.id, format!("say {number}")).await.unwrap();
        store.type_line(a.id, format!("say {number}")).await.unwrap();
    }
    let lines = store.typed(a.id).await.unwrap();
    assert_eq!(lines.len(), TYPED_MAX);
    assert_eq!((lines[0].as_str(), lines[TYPED_MAX - 1].as_str()), ("say 20", "say 519"));
    // Not in a row, so kept.
    store.type_line(a.id, "say 20".into()).await.unwrap();
    assert_eq!(store.typed(a.id).await.unwrap()[TYPED_MAX - 1], "say 20");

    store.remove_server(a.id).await.unwrap();
    assert_eq!(store.typed(a.id).await.unwrap(), Vec::<String>::new());
    assert_eq!(store.typed(b.id).await.unwrap(), ["mine"]);
    assert!(store.load().await.unwrap().servers.is_empty());
}

fn lines(entries: Vec<AuditEntry>) -> Vec<AuditLine> {
    entries.into_iter().map(|entry| entry.line).collect()
}

#[tokio::test]
async fn the_audit_trail_keeps_the_latest() {
    let place = place();
    let store = Store::open(&place.path).await.unwrap();
    for number in 0..5 {
        store.audit(vec![audit_line(number)]).await.unwrap();
    }
    let tail = store.audit_tail(2, None).await.unwrap();
    assert_eq!(lines(tail), [audit_line(3), audit_line(4)]);
    let before = store.audit_tail(2, Some(3)).await.unwrap();
    assert_eq!(before.last().and_then(|entry| entry.seq), Some(2));
    assert_eq!(lines(before), [audit_line(1), audit_line(2)]);
    assert_eq!(store.audit_tail(usize::MAX, None).await.unwrap().len(), 5);
    store.close().await;

    let mut base = Base::open(&place.path).unwrap();
    base.write(|txn| table::audit::push(txn, vec![audit_line(5)], 3)).unwrap();
    let kept = base.read(|txn| table::audit::tail(txn, 100, None)).unwrap();
    assert_eq!(lines(kept), [audit_line(3), audit_line(4), audit_line(5)]);
}

#[tokio::test]
async fn tokens_and_keys_are_remembered_and_never_exported() {
    let place = place();
    let store = Store::open(&place.path).await.unwrap();
    let plan = TokenPlan { role: Role::Viewer, servers: None, expires_at: None, note: "grafana".into() };
    let token = Token { id: crate::model::TokenId::new(), plan, created_at: moment(1) };
    let record = TokenRecord { token, hash: "ab".repeat(32) };
    store.put_token(record.clone()).await.unwrap();
    assert_eq!(store.key("tickets", [1; 32]).await.unwrap(), [1; 32]);
    store.close().await;

    let store = Store::open(&place.path).await.unwrap();
    assert_eq!(store.load().await.unwrap().tokens, std::slice::from_ref(&record));
    assert_eq!(store.key("tickets", [2; 32]).await.unwrap(), [1; 32], "the first one stays");
    let export = store.export().await.unwrap().to_string();
    assert!(!export.contains(&record.hash) && !export.contains("grafana"), "{export}");
    store.remove_token(record.token.id).await.unwrap();
    assert_eq!(store.load().await.unwrap().tokens, []);
}

fn schedule(name: &str) -> ScheduleRecord {
    let plan = Plan {
        name: name.into(),
        targets: Targets::Created,
        when: When::Cron { expression: "0 4 * * *".into(), zone: "Europe/Berlin".into() },
        task: Task::Commands(vec!["say hello".into()]),
        condition: Condition::WithPlayers,
        jitter_seconds: 30,
        at_once: 2,
        missed: Missed::Skip,
        paused: false,
    };
    let run =
        Run { due: moment(1), began: moment(2), ended: moment(3), outcome: Outcome::Failed("no".into()) };
    ScheduleRecord {
        id: ScheduleId::new(),
        plan,
        anchor: moment(0),
        next: Some(moment(9)),
        reckoned: moment(4),
        begun: Some(BegunRecord { due: moment(5), began: moment(6), asked: true, acted: false }),
        last: Some(run),
        skips: 7,
    }
}

#[tokio::test]
async fn schedules_and_flags_are_remembered_and_exported() {
    let place = place();
    let store = Store::open(&place.path).await.unwrap();
    let (one, two) = (schedule("one"), schedule("two"));
    let flag = Some((Flag::SchedulesPaused, true));
    store.put_schedules(vec![one.clone(), two.clone()], flag).await.unwrap();
    let long =
        ScheduleRecord { plan: Plan { name: "x".repeat(NAME_MAX + 1), ..one.plan.clone() }, ..one.clone() };
    let changed = ScheduleRecord { skips: 8, ..one.clone() };
    let error =
        store.put_schedules(vec![changed, long], Some((Flag::FirstSchedule, true))).await.unwrap_err();
    assert!(matches!(error, Error::TooLong { field: "name", .. }), "{error:?}");
    store.close().await;

    let store = Store::open(&place.path).await.unwrap();
    let loaded = store.load().await.unwrap();
    assert_eq!(loaded.schedules, [one.clone(), two.clone()], "all of a change or nothing");
    assert_eq!(loaded.flags, [Flag::SchedulesPaused].into());
    assert_eq!(store.export().await.unwrap()["schedules"][1]["plan"]["name"], "two");
    store.remove_schedule(one.id).await.unwrap();
    store.put_schedules(Vec::new(), Some((Flag::SchedulesPaused, false))).await.unwrap();
    let loaded = store.load().await.unwrap();
    assert_eq!((loaded.schedules, loaded.flags), (vec![two], [].into()));
}

#[tokio::test]
async fn what_comes_from_outside_is_bounded() {
    let place = place();
    let store = Store::open(&place.path).await.unwrap();
    let kept = server("kept");
    store.put_server(kept.clone()).await.unwrap();

    let long = ServerRecord { container_name: "x".repeat(NAME_MAX + 1), ..kept.clone() };
    let error = store.put_server(long).await.unwrap_err();
    assert!(matches!(error, Error::TooLong { field: "container_name", .. }), "{error:?}");
    assert_eq!(error.fault().field.as_deref(), Some("container_name"));
    let mut huge = kept.clone();
    huge.spec.env = (0..300).map(|n| (format!("V{n}"), "y".repeat(8 * 1024))).collect();
    let error = store.put_server(huge).await.unwrap_err();
    assert!(matches!(error, Error::TooLong { field: "servers", .. }), "{error:?}");
    let mut noted = job(&kept);
    noted.notes = (0..=NOTES_MAX).map(|n| (n.to_string(), String::new())).collect();
    assert!(matches!(store.put_job(noted).await, Err(Error::TooLong { field: "notes", .. })));
    let line = "z".repeat(LINE_MAX + 1);
    assert!(matches!(store.type_line(kept.id, line).await, Err(Error::TooLong { field: "line", .. })));
    assert_eq!(store.load().await.unwrap().servers[0].container_name, "kept");

    // An audit line is cut instead, between characters.
    let line = AuditLine { outcome: "ü".repeat(LINE_MAX), ..audit_line(1) };
    store.audit(vec![line]).await.unwrap();
    let outcome = store.audit_tail(1, None).await.unwrap().remove(0).line.outcome;
    assert!(outcome.len() <= LINE_MAX && outcome.ends_with("ü…"), "{}", outcome.len());
}

#[tokio::test]
async fn a_closed_store_says_so_and_another_may_open_it() {
    let place = place();
    let store = Store::open(&place.path).await.unwrap();
    let other = store.clone();
    let record = server("late");
    let put = other.put_server(record);
    put.await.unwrap();
    store.close().await;
    assert!(matches!(other.load().await, Err(Error::Closed { .. })));
    let again = Store::open(&place.path).await.unwrap();
    assert_eq!(again.load().await.unwrap().servers.len(), 1);
}

#[tokio::test]
async fn many_callers_at_once_are_all_served() {
    let place = place();
    let store = Store::open(&place.path).await.unwrap();
    let puts = (0..200).map(|n| {
        let store = store.clone();
        async move { store.put_server(server(&format!("s{n}"))).await }
    });
    for outcome in futures_util::future::join_all(puts).await {
        outcome.unwrap();
    }
    assert_eq!(store.load().await.unwrap().servers.len(), 200);
}
