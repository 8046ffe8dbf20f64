//! Ctrl-c, and progress while a job runs.

use std::{sync::Arc, time::Duration};

use super::fake::{Desk, Fake, job, lines, server};
use crate::{
    cli::{exit::Exit, io::Facts},
    model::{Answer, JobKind, JobState, Order, Progress, State},
};

/// An engine whose jobs run until they are cancelled.
fn endless(servers: Vec<crate::model::Server>) -> Fake {
    Fake::scripted(servers, |order, world| match order {
        Order::Cancel(id) => {
            for job in &mut world.jobs {
                if job.id == *id {
                    Arc::make_mut(job).state = JobState::Cancelled;
                }
            }
            Ok(Answer::Done)
        }
        _ => {
            let id = server("survival", State::Ready).id();
            let job = job(JobKind::Create, id, JobState::Running);
            let started = Answer::Started { job: job.id, server: id };
            world.jobs.push(Arc::new(job));
            Ok(started)
        }
    })
}

#[tokio::test]
async fn ctrl_c_cancels_the_job_and_waits_for_its_end() {
    let servers = || vec![server("survival", State::Stopped), server("other", State::Stopped)];
    for line in [
        &["server", "create", "new", "--eula"][..],
        &["server", "start", "survival"],
        &["server", "start", "survival", "other"],
        &["server", "delete", "survival"],
    ] {
        let fake = endless(servers());
        let desk = Desk::new(line, Facts::default(), "");
        let interrupt = desk.io.interrupt.clone();
        let raise = async {
            fake.handle.wait(|world| (!world.jobs.is_empty()).then_some(())).await.unwrap();
            interrupt.raise(Exit::Interrupted);
        };
        let (ran, ()) = tokio::join!(desk.run(&fake.handle), raise);
        assert_eq!(ran.exit, Exit::Interrupted, "{line:?}");
        assert!(matches!(fake.asked().last(), Some(Order::Cancel(_))), "{line:?}: {:?}", fake.asked());
        assert!(fake.handle.now().jobs.iter().all(|job| !job.is_running()), "{line:?}");
    }
}

#[tokio::test]
async fn ctrl_c_ends_whatever_goes_on_for_ever() {
    for line in [&["logs", "survival", "-f"][..], &["stats", "--follow"], &["console", "survival"]] {
        let fake = Fake::with(vec![server("survival", State::Ready)]);
        *fake.endless.lock().unwrap() = true;
        *fake.lines.lock().unwrap() = vec![lines(1, &["one"])];
        let mut desk = Desk::new(line, Facts::default(), "");
        // A terminal at which nobody types.
        let (_keyboard, input) = tokio::io::duplex(16);
        desk.io.input = Box::new(input);
        let interrupt = desk.io.interrupt.clone();
        let raise = async {
            tokio::task::yield_now().await;
            interrupt.raise(Exit::Terminated);
        };
        let (ran, ()) = tokio::join!(desk.run(&fake.handle), raise);
        assert_eq!(ran.exit, Exit::Terminated, "{line:?}");
        assert!(!ran.err.contains("error"), "{}", ran.err);
    }
}

#[tokio::test(start_paused = true)]
async fn progress_is_shown_while_a_job_runs() {
    let fake = endless(Vec::new());
    let facts = Facts { err_terminal: true, ..Facts::default() };
    let work = async {
        fake.handle.wait(|world| (!world.jobs.is_empty()).then_some(())).await.unwrap();
        for percent in [25, 50] {
            fake.change(|world| {
                let progress = Progress {
                    step: "pulling".into(),
                    done: percent,
                    total: Some(100),
                    unit: crate::model::job::Unit::Percent,
                    rate: None,
                };
                Arc::make_mut(&mut world.jobs[0]).progress = progress;
            });
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        fake.change(|world| {
            world.servers.push(Arc::new(server("survival", State::Starting)));
            Arc::make_mut(&mut world.jobs[0]).state = JobState::Done;
        });
        tokio::time::sleep(Duration::from_millis(10)).await;
        fake.change(|world| world.servers = vec![Arc::new(server("survival", State::Ready))]);
    };
    let (ran, ()) =
        tokio::join!(fake.run_on(&["server", "create", "survival", "--eula", "--wait"], facts, ""), work);
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Done, "survival: created, ready, port 25565\n"));
    for part in ["pulling [#####", " 25 %", " 50 %", "survival: starting"] {
        assert!(ran.err.contains(part), "{part} is missing in {:?}", ran.err);
    }
    assert!(ran.err.ends_with("\r\u{1b}[K"), "the line is taken away again: {:?}", ran.err);
}

#[tokio::test]
async fn followed_logs_go_on_with_new_lines() {
    let fake = Fake::with(vec![server("survival", State::Ready)]);
    *fake.endless.lock().unwrap() = true;
    *fake.lines.lock().unwrap() = vec![lines(1, &["one", "two"])];
    let go_on = async {
        let watcher = loop {
            if let Some(watcher) = fake.watchers.lock().unwrap().pop() {
                break watcher;
            }
            tokio::task::yield_now().await;
        };
        let batch = crate::model::console::Batch { skipped: 5, lines: Arc::new(lines(8, &["\u{1b}[1mnew"])) };
        watcher.send(batch).await.unwrap();
    };
    let (ran, ()) = tokio::join!(fake.run(&["logs", "survival", "-f", "--tail", "1"]), go_on);
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Done, "two\nnew\n"));
    assert!(ran.err.contains("5 lines were lost"), "{}", ran.err);
}

#[tokio::test]
async fn ctrl_c_that_comes_too_late_is_told_by_the_code_alone() {
    let fake = Fake::with(vec![server("survival", State::Ready)]);
    let desk = Desk::new(&["server", "stop", "survival"], Facts::default(), "");
    let interrupt = desk.io.interrupt.clone();
    let raise = async {
        fake.handle.wait(|world| (!world.jobs.is_empty()).then_some(())).await.unwrap();
        interrupt.raise(Exit::Interrupted);
    };
    let (ran, ()) = tokio::join!(desk.run(&fake.handle), raise);
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Interrupted, "survival: stopped\n"));
}

#[tokio::test]
async fn on_a_terminal_the_log_goes_by_above_the_line_that_is_typed() {
    let facts =
        Facts { in_terminal: true, out_terminal: true, err_terminal: true, width: Some(40), colour: false };
    let fake = Fake::with(vec![server("survival", State::Ready)]);
    *fake.endless.lock().unwrap() = true;
    *fake.lines.lock().unwrap() = vec![lines(1, &["\u{1b}]0;t\u{7}earlier"])];
    let mut desk = Desk::new(&["console", "survival"], facts, "");
    let (mut keyboard, input) = tokio::io::duplex(64);
    desk.io.input = Box::new(input);
    let screen = desk.screen();
    let type_it = async {
        use tokio::io::AsyncWriteExt;
        screen.shows("earlier").await;
        keyboard.write_all(b"say h").await.unwrap();
        let watcher = loop {
            if let Some(watcher) = fake.watchers.lock().unwrap().pop() {
                break watcher;
            }
            tokio::task::yield_now().await;
        };
        let batch = |text| crate::model::console::Batch { skipped: 0, lines: Arc::new(lines(2, &[text])) };
        watcher.send(batch("in between")).await.unwrap();
        screen.shows("in between").await;
        keyboard.write_all(b"i\r").await.unwrap();
        screen.shows("and more").await;
        keyboard.write_all(b"\x04").await.unwrap();
        watcher
    };
    let (ran, _watcher) = tokio::join!(desk.run(&fake.handle), type_it);
    assert_eq!(ran.exit, Exit::Done);
    let id = server("survival", State::Ready).id();
    assert_eq!(fake.asked(), [Order::Console { server: id, line: "say hi".into(), reply: false }]);
    let mut screen = vt100::Parser::new(10, 40, 0);
    screen.process(ran.out.replace('\n', "\r\n").as_bytes());
    let rows: Vec<_> = screen.screen().rows(0, 40).filter(|row| !row.is_empty()).collect();
    assert_eq!(rows[0], "earlier");
    for row in ["in between", "> say hi", "heard say hi", "and more"] {
        assert!(rows.iter().any(|seen| seen == row), "{row} is missing in {rows:?}");
    }
    assert_eq!(rows.iter().filter(|row| row.starts_with('>')).count(), 1, "{rows:?}");
}
