//! Commands that change something: what they order, what they say, with which code they end.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::json;

use super::fake::{Fake, ended, obey, server, set, unreachable};
use crate::{
    cli::{exit::Exit, io::Facts},
    model::{
        Answer, Changes, Explanation, Fault, FaultKind, JobKind, JobState, Memory, Order, Ownership, Spec,
        State, Via,
    },
};

const ASKING: Facts =
    Facts { in_terminal: true, out_terminal: true, err_terminal: true, width: Some(80), colour: false };

fn refusing(kind: FaultKind) -> Fake {
    let servers = vec![server("survival", State::Stopped)];
    Fake::scripted(servers, move |_, _| Err(Fault::new(kind, "It may not be.", "So it stays.", "Ask again.")))
}

#[tokio::test]
async fn create_orders_what_was_said_and_tells_the_port() {
    let fake = Fake::with(Vec::new());
    let ran =
        fake.run(&["server", "create", "survival", "--eula", "--memory", "4G", "--type", "paper"]).await;
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Done, "survival: created, ready, port 25565\n"));
    let spec = Spec {
        name: "survival".into(),
        eula: true,
        memory: Memory::mib(4096),
        server_type: crate::model::ServerType::Paper,
        ..Spec::default()
    };
    assert_eq!(fake.asked(), [Order::Create(Box::new(spec))]);
    let ran = fake.run(&["server", "create", "other", "--eula", "--wait", "--json"]).await;
    assert_eq!((ran.json()["name"].clone(), ran.json()["state"].clone()), (json!("other"), json!("ready")));
    let ran = fake.run(&["server", "create", "third", "--eula", "--quiet"]).await;
    assert_eq!((ran.exit, ran.out, ran.err), (Exit::Done, String::new(), String::new()));
}

#[tokio::test]
async fn a_broken_rule_is_code_2_and_asks_nothing_of_the_engine() {
    let fake = Fake::with(vec![server("survival", State::Ready)]);
    for (line, field) in [
        (&["server", "create", "no eula", "--json"][..], "name"),
        (&["server", "create", "survival", "--json"], "eula"),
        (&["server", "create", "x1", "--eula", "--memory", "1M", "--json"], "memory"),
        (&["server", "edit", "survival", "--json"], "options"),
        (&["server", "edit", "survival", "--view-distance", "99", "--json"], "view_distance"),
        (&["server", "edit", "survival", "--motd", "x", "--unset", "motd", "--json"], "motd"),
        (&["server", "rename", "survival", "a/b", "--json"], "name"),
        (&["server", "clone", "survival", "", "--json"], "name"),
        (&["server", "delete", "survival", "--data", "--json"], "yes"),
        (&["--json", "console", "survival", "say hi\nstop"], "command"),
        (&["--json", "console", "survival", "say \u{1b}[31m"], "command"),
        (&["--json", "console", "survival", " "], "command"),
    ] {
        let ran = fake.run(line).await;
        assert_eq!(ran.exit, Exit::Usage, "{line:?}: {ran:?}");
        assert_eq!(
            (ran.error()["kind"].clone(), ran.error()["field"].clone()),
            (json!("invalid"), json!(field))
        );
    }
    assert!(fake.asked().is_empty());
}

#[tokio::test]
async fn each_sort_of_refusal_has_its_code() {
    for (kind, exit) in [
        (FaultKind::Invalid, Exit::Usage),
        (FaultKind::NotFound, Exit::NotFound),
        (FaultKind::Conflict, Exit::Conflict),
        (FaultKind::Unreachable, Exit::Unreachable),
        (FaultKind::Denied, Exit::Failed),
        (FaultKind::Failed, Exit::Failed),
    ] {
        let fake = refusing(kind);
        for line in [
            &["server", "start", "survival"][..],
            &["server", "edit", "survival", "--motd", "x"],
            &["server", "create", "other", "--eula"],
            &["server", "delete", "survival"],
            &["console", "survival", "list"],
        ] {
            let ran = fake.run(line).await;
            assert_eq!(ran.exit, exit, "{line:?} {kind:?}");
            assert_eq!(ran.err, "error: It may not be.\n  So it stays.\n  Ask again.\n", "{line:?}");
        }
    }
}

#[tokio::test]
async fn a_job_that_fails_says_why() {
    let fake = Fake::scripted(Vec::new(), |_, world| {
        let fault = Fault::new(FaultKind::Conflict, "Port 25565 is in use.", "", "Choose another.");
        ended(world, JobKind::Create, server("x1", State::Creating).id(), JobState::Failed(Box::new(fault)))
    });
    let ran = fake.run(&["server", "create", "survival", "--eula", "--json"]).await;
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Conflict, ""));
    assert_eq!(ran.error()["what"], "Port 25565 is in use.");
}

#[tokio::test]
async fn a_server_that_crashes_while_it_is_waited_for_is_explained() {
    let fake = Fake::scripted(vec![server("survival", State::Stopped)], |order, world| {
        let Order::Start(id) = order else { panic!("{order:?}") };
        set(world, *id, |server| {
            server.state = State::Crashed;
            server.explanation = Some(Arc::new(Explanation {
                code: "java".into(),
                what: "Its Java is too old.".into(),
                means: "It never began.".into(),
                next: "Take another image.".into(),
            }));
        });
        ended(world, JobKind::Start, *id, JobState::Done)
    });
    let ran = fake.run(&["server", "start", "survival", "--wait"]).await;
    assert_eq!(ran.exit, Exit::Failed);
    assert_eq!(ran.err, "error: Its Java is too old.\n  It never began.\n  Take another image.\n");
    let ran = fake.run(&["server", "start", "survival"]).await;
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Done, "survival: started (crashed)\n"));
}

#[tokio::test(start_paused = true)]
async fn waiting_has_an_end() {
    let fake = Fake::scripted(vec![server("survival", State::Stopped)], |order, world| {
        let Order::Start(id) = order else { panic!("{order:?}") };
        set(world, *id, |server| server.state = State::Loading(Some(7)));
        ended(world, JobKind::Start, *id, JobState::Done)
    });
    let began = tokio::time::Instant::now();
    let ran = fake.run(&["server", "start", "survival", "--wait", "--timeout", "90s"]).await;
    assert_eq!((ran.exit, began.elapsed().as_secs()), (Exit::Failed, 90));
    assert!(ran.err.contains("After 1m 30s it can still not be joined."), "{}", ran.err);
}

#[tokio::test]
async fn all_names_are_tried_and_the_worst_code_wins() {
    let servers =
        vec![server("aa", State::Stopped), server("bb", State::Stopped), server("cc", State::Stopped)];
    let busy = servers[1].id();
    let fake = Fake::scripted(servers, move |order, world| match order {
        Order::Start(id) if *id == busy => Err(Fault::new(FaultKind::Conflict, "It is busy.", "", "Wait.")),
        _ => obey(order, world),
    });
    let ran = fake.run(&["server", "start", "aa", "nobody", "bb", "cc", "aa"]).await;
    assert_eq!(ran.exit, Exit::Conflict);
    let mut told: Vec<_> = ran.out.lines().collect();
    told.sort_unstable();
    assert_eq!(told, ["aa: started (ready)", "cc: started (ready)"]);
    assert!(
        ran.err.contains("error: bb: It is busy.") && ran.err.contains("error: nobody: There is no"),
        "{}",
        ran.err
    );
    let ran = fake.run(&["server", "start", "aa", "nobody", "bb", "--json"]).await;
    assert_eq!(ran.exit, Exit::Conflict);
    let seen: Vec<_> = ran
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].clone(), one["ok"].clone(), one["error"]["kind"].clone()))
        .collect();
    assert_eq!(
        seen,
        [
            (json!("aa"), json!(true), json!(null)),
            (json!("nobody"), json!(false), json!("not_found")),
            (json!("bb"), json!(false), json!("conflict"))
        ]
    );
    for line in ran.err.lines() {
        let told: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(told["name"].is_string() && told["error"]["kind"].is_string(), "{line}");
    }
}

#[tokio::test]
async fn each_verb_orders_what_it_says() {
    let fake = Fake::with(vec![server("survival", State::Ready)]);
    let id = server("survival", State::Ready).id();
    for (verb, said) in [
        ("stop", "stopped"),
        ("start", "started (ready)"),
        ("restart", "restarted (ready)"),
        ("kill", "killed (stopped)"),
    ] {
        let ran = fake.run(&["server", verb, "survival", "--wait"]).await;
        assert_eq!((ran.exit, ran.out), (Exit::Done, format!("survival: {said}\n")), "{verb}");
    }
    assert_eq!(fake.asked(), [Order::Stop(id), Order::Start(id), Order::Restart(id), Order::Kill(id)]);
}

#[tokio::test]
async fn edit_rename_clone_adopt_forget() {
    let mut found = server("found", State::Ready);
    Arc::make_mut(&mut found.about).ownership = Ownership::Found;
    let fake = Fake::with(vec![server("survival", State::Ready), found.clone()]);
    let id = server("survival", State::Ready).id();
    let ran =
        fake.run(&["server", "edit", "survival", "--memory", "3G", "--env", "A=b", "--unset", "cpus"]).await;
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Done, "survival: changed, ready, port 25565\n"));
    let ran = fake.run(&["server", "rename", "survival", "family"]).await;
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Done, "family: was survival, ready, port 25565\n"));
    let ran = fake.run(&["server", "clone", "family", "copy", "--port", "25570"]).await;
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Done, "copy: copied from family, stopped, port 25570\n"));
    let ran = fake.run(&["server", "adopt", "found", "--json"]).await;
    assert_eq!((ran.exit, ran.json()["ownership"].clone()), (Exit::Done, json!("adopted")));
    let ran = fake.run(&["server", "forget", "copy"]).await;
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Done, "copy: forgotten\n"));
    let changes = Changes {
        memory: Some(Memory::mib(3072)),
        cpus: Some(None),
        env_set: BTreeMap::from([("A".into(), "b".into())]),
        ..Changes::default()
    };
    assert_eq!(
        fake.asked(),
        [
            Order::Edit(id, Box::new(changes)),
            Order::Rename(id, "family".into()),
            Order::Clone { server: id, name: "copy".into(), port: 25570 },
            Order::Adopt(found.id()),
            Order::Forget(server("copy", State::Stopped).id()),
        ]
    );
}

#[tokio::test]
async fn a_world_goes_only_when_its_name_was_typed() {
    let id = server("survival", State::Ready).id();
    let delete =
        |data, confirm: Option<&str>| Order::Delete { server: id, data, confirm: confirm.map(str::to_owned) };
    let fake = Fake::with(vec![server("survival", State::Ready)]);
    let ran = fake.run(&["server", "delete", "survival", "--data"]).await;
    assert_eq!(ran.exit, Exit::Usage, "nobody can be asked");
    for typed in ["surviva\n", "", "y\n", "survival2\n"] {
        let ran = fake.run_on(&["server", "delete", "survival", "--data"], ASKING, typed).await;
        assert_eq!(ran.exit, Exit::Failed, "{typed:?}");
        assert!(ran.err.contains("Nothing was deleted."), "{}", ran.err);
    }
    assert!(fake.asked().is_empty());
    let ran = fake.run_on(&["server", "delete", "survival", "--data"], ASKING, "survival\n").await;
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Done, "survival: deleted, and its world with it\n"));
    assert_eq!(fake.asked(), [delete(true, Some("survival"))]);

    let fake = Fake::with(vec![server("survival", State::Ready)]);
    let ran = fake.run(&["server", "delete", "survival", "--data", "--yes", "--json"]).await;
    assert_eq!((ran.exit, ran.json()["data_deleted"].clone()), (Exit::Done, json!(true)));
    assert_eq!(fake.asked(), [delete(true, Some("survival"))]);

    let fake = Fake::with(vec![server("survival", State::Ready)]);
    let ran = fake.run(&["server", "delete", "survival"]).await;
    assert_eq!(
        (ran.exit, ran.out.as_str()),
        (Exit::Done, "survival: deleted; its world is kept in survival-data\n")
    );
    assert_eq!(fake.asked(), [delete(false, None)]);
}

#[tokio::test]
async fn a_command_is_sent_and_its_reply_printed_harmless() {
    let fake = Fake::with(vec![server("survival", State::Ready)]);
    let id = server("survival", State::Ready).id();
    let ran = fake.run(&["console", "survival", "say", "hello", "there"]).await;
    assert_eq!(
        (ran.exit, ran.out.as_str(), ran.err.as_str()),
        (Exit::Done, "heard say hello there\nand more\n", "(by rcon)\n")
    );
    assert_eq!(fake.asked(), [Order::Console { server: id, line: "say hello there".into(), reply: true }]);
    let ran = fake.run(&["-q", "console", "survival", "list"]).await;
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("heard list\nand more\n", ""));
    let ran = fake.run(&["--json", "console", "survival", "list"]).await;
    assert_eq!(ran.json(), json!({"via": "rcon", "reply": "heard list\n\u{1b}[2Jand more"}));
}

#[tokio::test(start_paused = true)]
async fn lines_from_a_file_are_sent_in_order_and_what_comes_back_is_shown() {
    let fake = Fake::with(vec![server("survival", State::Ready)]);
    let id = server("survival", State::Ready).id();
    *fake.endless.lock().unwrap() = true;
    *fake.lines.lock().unwrap() = vec![super::fake::lines(1, &["earlier"])];
    let ran =
        fake.run_on(&["console", "survival"], Facts::default(), "say one\n\nbad\u{7}one\nsay two").await;
    assert_eq!(ran.exit, Exit::Done);
    let sent = |line: &str| Order::Console { server: id, line: line.into(), reply: false };
    assert_eq!(fake.asked(), [sent("say one"), sent("say two")]);
    assert!(ran.out.contains("earlier\n") && ran.out.contains("heard say two\n"), "{}", ran.out);
    assert!(ran.err.contains("error: command: must be one line"), "{}", ran.err);
}

#[tokio::test(start_paused = true)]
async fn where_stdin_is_closed_replies_are_asked_for() {
    let mut served = server("survival", State::Ready);
    served.via = Some(Via::Rcon);
    let fake = Fake::with(vec![served]);
    *fake.endless.lock().unwrap() = true;
    fake.run_on(&["console", "survival"], Facts::default(), "list\n").await;
    assert!(matches!(&fake.asked()[..], [Order::Console { reply: true, .. }]), "{:?}", fake.asked());
}

#[tokio::test]
async fn a_command_that_fails_does_not_end_an_interactive_console() {
    let mut left = 2;
    let fake = Fake::scripted(vec![server("survival", State::Ready)], move |_, _| {
        left -= 1;
        if left > 0 { Err(unreachable()) } else { Ok(Answer::Sent { via: Via::Stdin, reply: None }) }
    });
    *fake.endless.lock().unwrap() = true;
    let ran = fake.run_on(&["console", "survival"], ASKING, "one\ntwo\n").await;
    assert_eq!((ran.exit, fake.asked().len()), (Exit::Done, 2));
    assert!(ran.err.contains("Docker does not answer."));
}
