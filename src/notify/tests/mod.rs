//! Against real receivers on this machine, as good and as bad as they come.

mod receiver;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use ring::hmac;
use serde_json::Value;
use tokio::sync::{broadcast, mpsc, watch};

use self::receiver::{Answer, Got, Receiver};
use super::{
    desk::{Notices, Patience},
    *,
};
use crate::{
    engine::Handle,
    model::{Event, Notice, Origin, Secret, ServerId, Severity, Snapshot, Topic},
};

/// Tried soon again: the pauses themselves are tested without waiting for them.
const SOON: Patience =
    Patience { tries: 4, first: Duration::from_millis(5), longest: Duration::from_millis(20) };

/// An engine of which there is only what faces see.
struct Stage {
    handle: Handle,
    events: broadcast::Sender<Event>,
    _world: watch::Sender<Arc<Snapshot>>,
}

fn stage() -> Stage {
    let (requests, _) = mpsc::channel(1);
    let (world, seen) = watch::channel(Arc::new(Snapshot::default()));
    let (events, _) = broadcast::channel(1_024);
    Stage { handle: Handle::new(requests, seen, events.clone(), Origin::Engine), events, _world: world }
}

impl Stage {
    fn notices(&self, targets: Vec<Target>, patience: Patience) -> Notices {
        Notices::patiently(self.handle.clone(), self.events.subscribe(), targets, patience)
    }

    fn tell(&self, topic: Topic, text: &str) {
        let notice = Notice {
            at: Timestamp::now(),
            severity: Severity::Error,
            topic,
            server: None,
            text: text.into(),
            details: "Look at its log.".into(),
        };
        self.events.send(Event::Notice(notice)).unwrap();
    }

    fn joined(&self, player: &str) {
        let server = ServerId::new();
        self.events.send(Event::Joined { at: Timestamp::now(), server, player: player.into() }).unwrap();
    }
}

fn target(name: &str, url: &str) -> Target {
    Target {
        name: name.into(),
        kind: Kind::Json,
        address: Address::parse(url).unwrap(),
        secret: None,
        topics: Topic::CHOICES.to_vec(),
        private: true,
    }
}

fn text(got: &Got) -> String {
    let body: Value = serde_json::from_slice(&got.body).unwrap();
    body["text"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_was_chosen_arrives_signed_and_nothing_else() {
    let mut receiver = Receiver::start(|_| Answer::Status(204)).await;
    let secret = Secret("hunter2".into());
    let chosen = Target {
        secret: Some(secret.clone()),
        topics: vec![Topic::ServerCrashed],
        ..target("ops", &receiver.url("/hook?a=b"))
    };
    let stage = stage();
    let notices = Notices::start(stage.handle.clone(), stage.events.subscribe(), vec![chosen]);
    stage.tell(Topic::DiskLow, "not chosen");
    stage.tell(Topic::Other, "no topic at all");
    stage.joined("Steve");
    stage.tell(Topic::ServerCrashed, "survival crashed");
    let got = receiver.next().await;
    assert_eq!(text(&got), "survival crashed");
    assert_eq!(got.line, "POST /hook?a=b HTTP/1.1");
    assert_eq!(got.header("content-type"), "application/json");
    // Whoever has the secret can tell that it is ours, and from when.
    let at = got.header("x-mineclifford-timestamp");
    assert!(Timestamp::now().as_second() - at.parse::<i64>().unwrap() < 60);
    let signed = got.header("x-mineclifford-signature").strip_prefix("sha256=").unwrap().to_owned();
    let bytes: Vec<u8> =
        (0..signed.len()).step_by(2).map(|at| u8::from_str_radix(&signed[at..at + 2], 16).unwrap()).collect();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.0.as_bytes());
    let whole = [at.as_bytes(), b".", &got.body].concat();
    hmac::verify(&key, &whole, &bytes).unwrap();
    notices.close().await;
    assert_eq!(receiver.left(), 0);
}

#[tokio::test]
async fn a_target_that_fails_is_tried_again_and_gets_the_same_message() {
    let mut receiver = Receiver::start(|count| {
        [Answer::Status(503), Answer::Drop, Answer::Status(200)][count.min(2)].clone()
    })
    .await;
    let stage = stage();
    let notices = stage.notices(vec![target("ops", &receiver.url("/"))], SOON);
    stage.tell(Topic::BackupFailed, "one");
    let ids = [receiver.next().await, receiver.next().await, receiver.next().await];
    assert!(ids.iter().all(|got| got.header("x-mineclifford-id") == ids[0].header("x-mineclifford-id")));
    stage.tell(Topic::BackupFailed, "two");
    assert_eq!(text(&receiver.next().await), "two");
    notices.close().await;
}

#[tokio::test]
async fn tries_have_an_end_and_what_is_refused_is_not_tried_again() {
    for (status, tries) in [(500, SOON.tries), (400, 1), (404, 1)] {
        let mut receiver = Receiver::start(move |_| Answer::Status(status)).await;
        let stage = stage();
        let notices = stage.notices(vec![target("ops", &receiver.url("/"))], SOON);
        stage.tell(Topic::BackupFailed, "one");
        stage.tell(Topic::BackupFailed, "two");
        for expected in ["one", "two"] {
            for _ in 0..tries {
                assert_eq!(text(&receiver.next().await), expected, "{status}");
            }
        }
        notices.close().await;
        assert_eq!(receiver.left(), 0, "{status}");
    }
}

#[tokio::test]
async fn nobody_is_followed_elsewhere() {
    let mut elsewhere = Receiver::start(|_| Answer::Status(200)).await;
    let there = elsewhere.url("/metadata");
    let mut receiver = Receiver::start(move |count| match count {
        0 => Answer::Redirect(there.clone()),
        _ => Answer::Status(200),
    })
    .await;
    let stage = stage();
    let notices = stage.notices(vec![target("ops", &receiver.url("/"))], SOON);
    stage.tell(Topic::DiskLow, "one");
    assert_eq!(text(&receiver.next().await), "one");
    stage.tell(Topic::DiskLow, "two");
    assert_eq!(text(&receiver.next().await), "two", "a redirect is not tried again");
    notices.close().await;
    assert_eq!(elsewhere.left(), 0);
}

#[tokio::test]
async fn a_slow_target_holds_up_nobody_and_its_queue_has_an_end() {
    let mut slow = Receiver::start(|_| Answer::Hang).await;
    let mut quick = Receiver::start(|_| Answer::Status(200)).await;
    let stage = stage();
    let both = vec![target("slow", &slow.url("/")), target("quick", &quick.url("/"))];
    let notices = stage.notices(both, SOON);
    stage.tell(Topic::DiskLow, "0");
    slow.next().await;
    assert_eq!(text(&quick.next().await), "0");
    for number in 1..=200 {
        stage.tell(Topic::DiskLow, &number.to_string());
        assert_eq!(text(&quick.next().await), number.to_string());
    }
    // One is being sent and sixty-four wait; the others were let go, and the end does not wait for it for long.
    let began = std::time::Instant::now();
    notices.close().await;
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!(slow.left(), 0, "a target that hangs gets one message at a time");
}

#[tokio::test]
async fn names_and_addresses_of_this_machine_are_refused_unless_allowed() {
    let mut receiver = Receiver::start(|_| Answer::Status(200)).await;
    let port = receiver.port();
    let message = Message::test(Timestamp::now());
    for host in
        ["127.0.0.1", "localhost", "LOCALHOST.", "127.1", "0.0.0.0", "[::ffff:127.0.0.1]", "0x7f000001"]
    {
        let mut one = target("ops", &format!("http://{host}:{port}/"));
        one.private = false;
        let error = Poster::default().post(&one, &message).await.unwrap_err();
        // An odd spelling of an address may also be no name at all.
        assert!(matches!(error, Error::Private(_) | Error::Unknown(_)), "{host}: {error}");
        assert!(
            matches!(error, Error::Private(_)) || !matches!(host, "127.0.0.1" | "localhost"),
            "{host}: {error}"
        );
    }
    assert_eq!(receiver.left(), 0, "nobody even connected");
    let allowed = target("ops", &format!("http://localhost:{port}/"));
    assert_eq!(Poster::default().post(&allowed, &message).await, Ok(200));
    assert_eq!(receiver.next().await.header("host"), format!("localhost:{port}"));
}

#[tokio::test]
async fn an_answer_without_end_is_not_read() {
    let receiver = Receiver::start(|_| Answer::Endless).await;
    let message = Message::test(Timestamp::now());
    let error = Poster::default().post(&target("ops", &receiver.url("/")), &message).await.unwrap_err();
    assert!(matches!(error, Error::Unreached(_)), "{error}");
}

#[tokio::test]
async fn a_busy_target_says_when() {
    let receiver = Receiver::start(|_| Answer::Later("1.5")).await;
    let message = Message::test(Timestamp::now());
    let error = Poster::default().post(&target("ops", &receiver.url("/")), &message).await.unwrap_err();
    assert_eq!(error.later(), Some(Duration::from_millis(1_500)));
    let receiver = Receiver::start(|_| Answer::Later("99999999")).await;
    let error = Poster::default().post(&target("ops", &receiver.url("/")), &message).await.unwrap_err();
    assert_eq!(error.later(), Some(Duration::from_secs(600)));
    let receiver = Receiver::start(|_| Answer::Later("Wed, 21 Oct 2026 07:28:00 GMT")).await;
    let error = Poster::default().post(&target("ops", &receiver.url("/")), &message).await.unwrap_err();
    assert_eq!((error.later(), error.passes()), (None, true));
}

#[tokio::test]
async fn other_targets_hold_from_when_they_are_set() {
    let mut old = Receiver::start(|_| Answer::Status(200)).await;
    let mut new = Receiver::start(|_| Answer::Status(200)).await;
    let stage = stage();
    let notices = stage.notices(vec![target("a", &old.url("/"))], SOON);
    stage.tell(Topic::DiskLow, "one");
    assert_eq!(text(&old.next().await), "one");
    notices.tune(vec![target("b", &new.url("/"))]);
    // Which of the two is taken first is not said: told until it arrives at the new one.
    let found = async {
        loop {
            stage.tell(Topic::DiskLow, "two");
            if let Ok(got) = tokio::time::timeout(Duration::from_millis(50), new.next()).await {
                return got;
            }
        }
    };
    assert_eq!(text(&found.await), "two");
    while old.left() > 0 {
        old.next().await;
    }
    stage.tell(Topic::DiskLow, "three");
    while text(&new.next().await) != "three" {}
    notices.close().await;
    assert_eq!(old.left(), 0);
}

#[tokio::test]
async fn what_waits_at_the_end_is_tried_once_more() {
    let mut receiver = Receiver::start(|_| Answer::Status(503)).await;
    let patience = Patience { tries: 9, first: Duration::from_secs(600), longest: Duration::from_secs(600) };
    let stage = stage();
    let notices = stage.notices(vec![target("ops", &receiver.url("/"))], patience);
    stage.tell(Topic::ServerCrashed, "one");
    assert_eq!(text(&receiver.next().await), "one");
    stage.tell(Topic::ServerCrashed, "two");
    // It has to be in the queue before the end: the desk hears in order, so a third that is heard says so.
    let mut quick = Receiver::start(|_| Answer::Status(200)).await;
    notices.tune(vec![target("ops", &receiver.url("/")), target("quick", &quick.url("/"))]);
    loop {
        stage.tell(Topic::ServerLooping, "three");
        if tokio::time::timeout(Duration::from_millis(50), quick.next()).await.is_ok() {
            break;
        }
    }
    notices.close().await;
    assert_eq!(text(&receiver.next().await), "one", "its pause is cut short");
    assert_eq!(text(&receiver.next().await), "two");
}
