use jiff::Timestamp;

use crate::{
    model::{AuditEntry, AuditLine, Caller, Event, Fault, FaultKind, JobId, JobState, Origin},
    tui::app::{
        Effect, What,
        gallery::picture,
        testkit::{Rig, later, world},
    },
};

fn entry(seq: u64, ago: i64, origin: Origin, action: &str, outcome: &str) -> AuditEntry {
    let at: Timestamp = later(-ago);
    let line = AuditLine {
        at,
        origin,
        action: action.into(),
        server: None,
        server_name: "alpha".into(),
        outcome: outcome.into(),
    };
    AuditEntry { seq: Some(seq), line }
}

fn trail() -> Vec<AuditEntry> {
    let caller = Caller { token: None, note: String::new(), address: None };
    vec![
        entry(1, 900, Origin::CommandLine, "create", "done"),
        entry(2, 600, Origin::Schedule, "schedule nightly: backup", "failed: the disk is full"),
        entry(3, 300, Origin::Api(Box::new(caller)), "console: say \u{1b}[31mhi", "done"),
        entry(4, 60, Origin::Dashboard, "stop", "cancelled"),
    ]
}

/// How often the trail was asked for since this was last looked at.
fn asked(rig: &mut Rig) -> usize {
    let effects = std::mem::take(&mut rig.effects);
    effects.iter().filter(|effect| **effect == Effect::Audit).count()
}

fn rig(width: u16, height: u16) -> Rig {
    let mut rig = Rig::new(width, height, world());
    assert_eq!(asked(&mut rig), 0);
    rig.keys("9");
    assert_eq!(asked(&mut rig), 1, "it is asked for when it is looked at");
    rig.give(What::Audit(Ok(trail())));
    rig
}

#[test]
fn it_shows_who_did_what_the_newest_first() {
    picture("audit", rig);
}

#[test]
fn it_is_filtered_and_a_line_is_shown_in_full() {
    let mut rig = rig(120, 40);
    rig.keys("/");
    rig.text("nightly");
    rig.keys("enter");
    let text = rig.screen();
    assert!(text.contains("nightly") && !text.contains("cancelled"), "{text}");
    rig.keys("enter");
    assert!(rig.screen().contains("Outcome: failed: the disk is full"), "{}", rig.screen());
}

#[test]
fn it_is_asked_for_again_when_something_was_done_and_only_where_it_shows() {
    let mut rig = rig(120, 40);
    let ended = || What::Event(Event::JobEnded { job: JobId::new(), state: JobState::Done });
    rig.give(ended());
    assert_eq!(asked(&mut rig), 1);
    rig.give(ended());
    assert_eq!(asked(&mut rig), 0, "one that is on its way is enough");
    rig.give(What::Audit(Ok(trail())));
    assert_eq!(asked(&mut rig), 1, "what happened meanwhile is in the next one");
    rig.give(What::Audit(Ok(trail())));
    rig.keys("2");
    rig.give(ended());
    assert_eq!(asked(&mut rig), 0, "nobody looks at it");
}

#[test]
fn why_it_cannot_be_read_is_said() {
    let mut rig = rig(120, 40);
    let fault = Fault::new(FaultKind::Failed, "The disk is gone.", "", "Look at it.");
    rig.give(What::Audit(Err(fault)));
    assert!(rig.screen().contains("The disk is gone."), "{}", rig.screen());
}
