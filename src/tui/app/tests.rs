//! What keys, answers and changes of the world lead to.

use std::sync::Arc;

use super::{testkit::*, *};
use crate::{
    engine::From,
    model::{Answer, Event, Fault, FaultKind, JobId, Order, State},
};

pub(super) fn rig() -> Rig {
    let mut rig = Rig::new(120, 40, world());
    rig.effects.clear();
    rig
}

pub(super) fn pick(rig: &mut Rig, name: &str) -> ServerId {
    let id = rig.snapshot.servers.iter().find(|server| server.name() == name).unwrap().id();
    rig.app.servers.select(id, &rig.snapshot);
    rig.give(What::Tick);
    rig.effects.clear();
    id
}

#[test]
fn the_chosen_servers_console_is_opened_at_its_tail() {
    let mut rig = Rig::new(120, 40, world());
    let alpha = server("alpha", State::Ready).id();
    assert_eq!(
        rig.effects,
        [Effect::Watch(alpha, From::Tail(10_000)), Effect::History(alpha), Effect::Typed(alpha)]
    );
    rig.effects.clear();
    rig.app.now = later(60);
    rig.keys("down");
    assert!(matches!(rig.effects[0], Effect::Watch(id, From::Tail(_)) if id == rig.snapshot.servers[1].id()));
    // At once after that, it waits whether one goes on.
    rig.effects.clear();
    rig.keys("down");
    assert_eq!(rig.effects, [Effect::Unwatch]);
    assert_eq!(next_moment(&rig.app, &rig.snapshot).unwrap(), rig.app.console.watch_at.unwrap());
}

#[test]
fn a_console_that_broke_off_goes_on_where_it_was() {
    let mut rig = rig().with_log();
    let alpha = rig.app.console.server.unwrap();
    rig.give(What::LinesEnded(alpha));
    assert_eq!(rig.effects, []);
    rig.app.now = later(2);
    rig.give(What::Tick);
    assert_eq!(rig.effects, [Effect::Watch(alpha, From::Seq(10))]);
    assert!(rig.screen().contains("Encountered an unexpected"));
}

#[test]
fn servers_are_started_stopped_and_restarted_by_one_key() {
    let mut rig = rig();
    let lobby = pick(&mut rig, "lobby");
    assert_eq!(rig.keys("s").orders(), [Order::Start(lobby)]);
    // What makes no sense says why and does nothing.
    assert_eq!(rig.keys("t").orders(), []);
    assert!(rig.screen().contains("lobby does not run."), "{}", rig.screen());
    let creative = pick(&mut rig, "creative");
    assert_eq!(rig.keys("t r").orders(), [Order::Stop(creative), Order::Restart(creative)]);
}

#[test]
fn players_are_not_thrown_out_without_a_question() {
    let mut rig = rig();
    let alpha = pick(&mut rig, "alpha");
    assert_eq!(rig.keys("t").orders(), []);
    assert!(rig.screen().contains("3 players are on it."));
    assert_eq!(rig.keys("enter").orders(), [], "No is chosen");
    assert!(rig.app.overlays.is_empty());
    assert_eq!(rig.keys("t y").orders(), [Order::Stop(alpha)]);
    assert_eq!(rig.keys("t right enter").orders(), [Order::Stop(alpha)]);
    assert_eq!(rig.keys("K esc").orders(), []);
    assert_eq!(rig.keys("K y").orders(), [Order::Kill(alpha)]);
}

#[test]
fn a_world_goes_only_when_its_servers_name_was_typed() {
    let mut rig = rig();
    let lobby = pick(&mut rig, "lobby");
    assert_eq!(rig.keys("d y").orders(), [Order::Delete { server: lobby, data: false, confirm: None }]);
    assert_eq!(rig.keys("D").text("y").keys("enter").orders(), []);
    assert!(!rig.app.overlays.is_empty());
    assert_eq!(rig.keys("backspace").text("lobb").keys("enter").orders(), []);
    let both = Order::Delete { server: lobby, data: true, confirm: Some("lobby".into()) };
    assert_eq!(rig.text("y").keys("enter").orders(), [both]);
    assert!(rig.app.overlays.is_empty());
}

#[test]
fn somebody_elses_server_is_only_adopted() {
    let mut rig = rig();
    let found = pick(&mut rig, "somebody-elses");
    assert_eq!(rig.keys("t r K e c d D F").orders(), []);
    assert!(rig.app.overlays.is_empty());
    assert_eq!(rig.keys("a").orders(), [Order::Adopt(found)]);
    let lost = pick(&mut rig, "lost");
    assert_eq!(rig.keys("F y").orders(), [Order::Forget(lost)]);
}

#[test]
fn nothing_changes_in_read_only_mode() {
    let mut rig = rig();
    rig.change(|snapshot| snapshot.read_only = true);
    for server in ["alpha", "lobby", "lost", "somebody-elses"] {
        pick(&mut rig, server);
        assert_eq!(rig.keys("s t r K e c d D a F n R").orders(), [], "{server}");
        assert!(rig.app.overlays.is_empty());
    }
    pick(&mut rig, "alpha");
    assert_eq!(rig.keys("enter").text("stop").keys("enter").orders(), []);
    let screen = rig.screen();
    assert!(screen.contains("read-only") && screen.contains("Nothing can be changed: this is read-only."));
    // The draft is not lost.
    assert_eq!(rig.app.console.line.text(), "stop");
}

#[test]
fn a_server_is_made_by_keys_alone_and_its_console_opens_by_itself() {
    let mut rig = rig();
    rig.keys("n");
    assert!(rig.screen().contains("New server"), "{}", rig.screen());
    rig.text("survival").keys("ctrl-s");
    assert_eq!(rig.orders(), [], "the EULA was not accepted");
    assert!(!rig.app.overlays.is_empty());
    // The focus is at what is missing.
    rig.keys("space ctrl-s");
    let orders = rig.orders();
    let [Order::Create(spec)] = orders.as_slice() else { panic!("{orders:?}\n{}", rig.screen()) };
    assert_eq!((spec.name.as_str(), spec.eula), ("survival", true));
    assert_eq!(spec.port, 0, "the usual port is taken");
    assert!(!rig.app.overlays.is_empty(), "it waits for the engine");
    let refusal = Fault::invalid("name", "is taken");
    rig.give(What::Answered(Asked::Create, Err(refusal)));
    assert!(rig.screen().contains("is taken"), "{}", rig.screen());
    rig.keys("ctrl-s");
    let new = server("survival", State::Pulling);
    rig.give(What::Answered(Asked::Create, Ok(Answer::Started { job: JobId::new(), server: new.id() })));
    assert!(rig.app.overlays.is_empty());
    assert_eq!(rig.app.focus, Panel::Console);
    // It may be that the world does not know it yet.
    rig.effects.clear();
    rig.app.now = later(60);
    let id = new.id();
    rig.change(|snapshot| snapshot.servers.push(Arc::new(new)));
    assert!(rig.effects.contains(&Effect::Watch(id, From::Tail(10_000))));
    rig.change(|snapshot| {
        *snapshot.servers.last_mut().unwrap() = Arc::new(server("survival", State::Ready));
    });
    let say = Order::Console { server: id, line: "say hello".into(), reply: false };
    assert_eq!(rig.text("say hello").keys("enter").orders(), [say]);
}

#[test]
fn a_server_is_edited_renamed_and_cloned() {
    let mut rig = rig();
    let lobby = pick(&mut rig, "lobby");
    assert_eq!(rig.keys("e ctrl-s").orders(), [], "nothing was changed");
    assert!(rig.app.overlays.is_empty());
    rig.keys("R end").text("-2").keys("ctrl-s");
    assert_eq!(rig.orders(), [Order::Rename(lobby, "lobby-2".into())]);
    rig.give(What::Answered(Asked::Rename, Ok(Answer::Done)));
    assert!(rig.app.overlays.is_empty());
    rig.keys("c ctrl-s");
    assert_eq!(rig.orders(), [Order::Clone { server: lobby, name: "lobby-copy".into(), port: 0 }]);
    rig.give(What::Answered(Asked::Clone, Ok(Answer::Started { job: JobId::new(), server: id(5) })));
    assert_eq!(rig.app.selected_id(), Some(id(5)));
}

#[test]
fn what_is_typed_stays_with_its_server() {
    let mut rig = rig();
    rig.keys("enter").text("say half");
    rig.keys("esc 1 down");
    rig.keys("enter").text("other");
    assert_eq!(rig.app.console.line.text(), "other");
    rig.keys("back-tab up tab");
    assert_eq!(rig.app.console.line.text(), "say half");
}

#[test]
fn several_pasted_commands_are_sent_only_when_wanted() {
    let mut rig = rig();
    let alpha = pick(&mut rig, "alpha");
    rig.keys("enter");
    rig.give(What::Paste("say one\r\nsay \u{1b}[31mtwo\n\n".into()));
    assert!(rig.screen().contains("Send 2 commands to alpha?"));
    assert_eq!(rig.orders(), []);
    rig.keys("y");
    let line = |line: &str| Order::Console { server: alpha, line: line.into(), reply: false };
    assert_eq!(rig.orders(), [line("say one"), line("say two")]);
    rig.give(What::Paste("just one\n".into()));
    assert_eq!((rig.orders(), rig.app.console.line.text()), (vec![], "just one"));
    rig.give(What::Paste("x\n".repeat(1_000)));
    assert!(rig.screen().contains("1000 lines were pasted"));
}

#[test]
fn the_list_is_filtered_and_sorted_and_keeps_its_choice() {
    let mut rig = rig();
    let creative = pick(&mut rig, "creative");
    rig.keys("/").text("re").keys("enter");
    let names = |rig: &Rig| -> Vec<String> {
        let rows = rig.app.servers.rows().iter();
        rows.map(|row| rig.snapshot.servers[*row as usize].name().to_owned()).collect()
    };
    assert_eq!(names(&rig), ["alpha", "creative", "fresh", "somebody-elses"], "names and states");
    assert_eq!(rig.app.selected_id(), Some(creative));
    rig.keys("esc");
    assert_eq!(names(&rig).len(), 7);
    // Players, then CPU.
    rig.keys("o");
    assert_eq!(rig.app.servers.sort.title(), "Players");
    assert_eq!(names(&rig)[0], "alpha");
    rig.keys("O");
    assert_eq!(names(&rig)[6], "alpha");
    assert_eq!(rig.app.selected_id(), Some(creative));
    rig.keys("/").text("nothing at all");
    assert!(rig.screen().contains("No server contains this."));
    assert_eq!(rig.app.selected_id(), None, "what cannot be seen cannot be deleted");
    rig.keys("esc");
    assert_eq!(rig.app.selected_id(), Some(creative));
    rig.keys("/").text("nothing at all").keys("enter esc");
    assert_eq!(rig.app.selected_id(), Some(creative));
}

#[test]
fn a_thousand_servers_keep_the_chosen_row_in_sight() {
    let mut snapshot = world();
    snapshot.servers = (0..1_000).map(|n| Arc::new(server(&format!("s{n:04}"), State::Ready))).collect();
    let mut rig = Rig::new(120, 40, snapshot);
    rig.keys("G");
    assert!(rig.screen().contains("s0999"));
    rig.keys("page-up page-up");
    let name = rig.app.selected(&rig.snapshot).unwrap().name().to_owned();
    assert!(rig.screen().contains(&name));
    rig.keys("g g");
    assert!(rig.screen().contains("s0000") && rig.app.chord.is_empty());
    // When the chosen one goes, its neighbour is chosen.
    rig.keys("down");
    rig.change(|snapshot| _ = snapshot.servers.remove(1));
    assert_eq!(rig.app.selected(&rig.snapshot).unwrap().name(), "s0002");
    rig.change(|snapshot| snapshot.servers.clear());
    assert_eq!(rig.app.selected_id(), None);
}

#[test]
fn a_chord_shows_what_may_follow_and_a_wrong_key_ends_it() {
    let mut rig = rig();
    rig.keys("g");
    assert!(rig.screen().contains("g  first"), "{}", rig.screen());
    rig.keys("q");
    assert!(rig.app.chord.is_empty());
    assert_eq!(rig.effects, [], "q was not taken for itself");
    rig.keys("q");
    assert_eq!(rig.effects, [Effect::Quit]);
}

#[test]
fn the_palette_finds_actions_and_servers() {
    let mut rig = rig();
    rig.keys(":").text("lobby").keys("enter");
    assert_eq!(rig.app.selected(&rig.snapshot).unwrap().name(), "lobby");
    rig.keys("ctrl-p").text("start").keys("enter");
    assert!(matches!(rig.orders().as_slice(), [Order::Start(_)]));
    rig.keys(":").text("zzzz").keys("enter");
    assert!(rig.screen().contains("Nothing contains this."));
    rig.keys("esc");
    assert!(rig.app.overlays.is_empty());
    // From the console too, where letters are text.
    rig.keys("2 ctrl-p").text("help").keys("enter");
    assert!(matches!(rig.app.overlays.as_slice(), [Overlay::Help(_)]));
}

#[test]
fn help_is_made_from_the_keymap_and_can_be_searched() {
    let mut rig = rig();
    rig.keys("?").text("kill");
    let screen = rig.screen();
    assert!(screen.contains("End the selected server at once") && !screen.contains("Leave the dashboard"));
    rig.keys("esc");
    assert!(rig.app.overlays.is_empty());
}

#[test]
fn jobs_are_chosen_shown_and_cancelled() {
    let mut rig = rig();
    let pull = rig.snapshot.jobs[2].id;
    assert_eq!(rig.keys("5 x").orders(), [Order::Cancel(pull)]);
    rig.keys("down enter");
    assert!(rig.screen().contains("No such file or directory"), "{}", rig.screen());
    rig.keys("esc down x");
    assert_eq!(rig.orders(), []);
    assert!(rig.screen().contains("This job cannot be cancelled now."));
}

#[test]
fn a_job_that_failed_is_told_in_full() {
    let mut rig = rig();
    let failed = crate::model::JobState::Failed(Box::new(fault()));
    rig.give(What::Event(Event::JobEnded { job: JobId::new(), state: failed.clone() }));
    assert!(rig.screen().contains("It did not work"));
    // While something else is open it is a message.
    rig.give(What::Event(Event::JobEnded { job: JobId::new(), state: failed }));
    assert_eq!(rig.app.overlays.len(), 1);
    rig.keys("esc");
    assert!(rig.screen().contains("Docker does not answer"));
    let refused = Fault::new(FaultKind::Conflict, "alpha is busy.", "", "Wait.");
    rig.give(What::Answered(Asked::Other, Err(refused)));
    assert!(rig.screen().contains("alpha is busy."));
    rig.keys("esc");
    assert!(!rig.screen().contains("alpha is busy."));
    rig.keys("m");
    assert!(rig.screen().contains("alpha is busy."));
}

#[test]
fn only_figures_are_no_hurry() {
    let mut rig = rig();
    rig.app.urgency = Urgency::None;
    rig.change(|snapshot| Arc::make_mut(&mut snapshot.servers[0]).sample = Some(sample(5, 1.0)));
    assert_eq!(rig.app.urgency, Urgency::Soon);
    rig.change(|snapshot| Arc::make_mut(&mut snapshot.servers[0]).state = State::Stopping);
    assert_eq!(rig.app.urgency, Urgency::Now);
}
