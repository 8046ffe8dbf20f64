//! What keys, answers and changes of the world lead to.

use std::sync::Arc;

use super::{testkit::*, *};
use crate::{
    engine::From,
    model::{Answer, Event, Fault, FaultKind, JobId, Order, Ownership, State},
};

fn rig() -> Rig {
    let mut rig = Rig::new(120, 40, world());
    rig.effects.clear();
    rig
}

fn pick(rig: &mut Rig, name: &str) -> ServerId {
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

#[test]
fn the_mouse_chooses_scrolls_and_gives_the_focus() {
    use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    let mut rig = rig().with_log();
    let at = |rig: &mut Rig, kind, column, row| {
        rig.give(What::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
    };
    // Header, border, titles, first row.
    at(&mut rig, MouseEventKind::Down(MouseButton::Left), 10, 4);
    assert_eq!(rig.app.selected(&rig.snapshot).unwrap().name(), "broken");
    at(&mut rig, MouseEventKind::ScrollDown, 10, 4);
    assert_eq!(rig.app.selected(&rig.snapshot).unwrap().name(), "lobby");
    at(&mut rig, MouseEventKind::Down(MouseButton::Left), 80, 10);
    assert_eq!(rig.app.place(), Place::Log);
    at(&mut rig, MouseEventKind::Down(MouseButton::Left), 10, 39);
    at(&mut rig, MouseEventKind::Down(MouseButton::Left), 500, 500);
}

#[test]
fn borders_are_dragged_and_tabs_are_clicked() {
    use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    let mut rig = rig();
    let at = |rig: &mut Rig, kind, column, row| {
        rig.give(What::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
    };
    let area = |rig: &Rig, panel| rig.app.areas(&rig.snapshot).of(panel);
    let edge = area(&rig, Panel::Console).unwrap().x;
    at(&mut rig, MouseEventKind::Down(MouseButton::Left), edge, 10);
    at(&mut rig, MouseEventKind::Drag(MouseButton::Left), 70, 12);
    at(&mut rig, MouseEventKind::Up(MouseButton::Left), 70, 12);
    assert!(area(&rig, Panel::Console).unwrap().x.abs_diff(70) <= 1);
    // Let go, nothing is dragged any more.
    at(&mut rig, MouseEventKind::Drag(MouseButton::Left), 40, 12);
    assert!(area(&rig, Panel::Console).unwrap().x.abs_diff(70) <= 1);
    let strip = area(&rig, Panel::Gauges).unwrap();
    at(&mut rig, MouseEventKind::Down(MouseButton::Left), strip.x + 5, strip.y);
    at(&mut rig, MouseEventKind::Drag(MouseButton::Left), strip.x + 5, strip.y - 6);
    assert!(area(&rig, Panel::Gauges).unwrap().height.abs_diff(strip.height + 6) <= 1);
    rig.keys("+ +");
    assert!(area(&rig, Panel::Gauges).unwrap().height > strip.height + 7);
    rig.give(What::Resize(Size { width: 80, height: 24 }));
    let (panel, tab, _) = rig.app.areas(&rig.snapshot).tabs().remove(1);
    assert_eq!(panel, Panel::Details);
    at(&mut rig, MouseEventKind::Down(MouseButton::Left), tab.x + 1, tab.y);
    assert_eq!(rig.app.focus, Panel::Details);
    // What is looked at stays while one goes through the list.
    rig.keys("1 down down");
    assert!(rig.screen().contains("4 Details") && area(&rig, Panel::Details).is_some());
}

#[test]
fn the_layout_is_remembered() {
    let mut first = rig();
    first.keys("> > + 4 o O 1 down z");
    let remembered = first.app.remembered();
    let mut second = rig();
    assert_ne!(second.app.remembered(), remembered);
    second.app.recall(&remembered);
    assert_eq!(second.app.remembered(), remembered);
    assert!(second.app.zoom && second.app.focus == Panel::Servers);
    // From a file that somebody wrote, anything may come.
    let strange = Remembered { side: Some(60_000), strip: Some(0), tab: Some("x".into()), ..remembered };
    second.app.recall(&strange);
    assert_eq!((second.app.shares.side, second.app.shares.strip), (85, Some(10)));
}

#[test]
fn hostile_names_are_drawn_harmless() {
    let evil = "x\u{1b}]52;c;aGk=\u{7}\u{202e}\u{1b}[2J\n\0y";
    let mut snapshot = world();
    for server in &mut snapshot.servers {
        let server = Arc::make_mut(server);
        let about = Arc::make_mut(&mut server.about);
        (about.name, about.image, about.container_name) = (evil.into(), evil.into(), evil.into());
        about.spec.motd = Some(evil.into());
        about.ownership = Ownership::Adopted;
        server.players =
            Some(Arc::new(crate::model::Players { online: 1, max: 2, names: vec![evil.into()] }));
    }
    for job in &mut snapshot.jobs {
        let job = Arc::make_mut(job);
        (job.server_name, job.progress.step) = (evil.into(), evil.into());
    }
    let mut host = (*snapshot.hosts[0]).clone();
    host.engine = evil.into();
    snapshot.hosts = vec![Arc::new(host)];
    let mut rig = Rig::new(120, 40, snapshot);
    rig.app.toasts.fault(NOW, &Fault::new(FaultKind::Failed, evil, evil, evil));
    for keys in ["1", "d", "esc esc 4", "z", "5", "enter", "esc", "1", ":", "esc", "R", "esc", "e"] {
        let screen = rig.keys(keys).screen();
        assert!(!screen.contains(['\u{1b}', '\u{7}', '\u{202e}', '\0', '\u{9b}']), "{keys}: {screen}");
    }
}

#[test]
fn no_size_and_no_key_makes_it_panic() {
    let mut rig = rig().with_log();
    let keys = [
        "1", "down", "/", "esc", "?", "esc", ":", "esc", "n", "esc", "R", "esc", "d", "esc", "D", "esc", "2",
        "esc", "up", "3", "4", "G", "5", "enter", "esc", "z", "g", "esc", "m", "esc", "tab", "K", "enter",
        "e", "esc", "c",
    ];
    for (width, height) in [
        (0, 0),
        (1, 1),
        (39, 9),
        (40, 10),
        (41, 11),
        (60, 17),
        (99, 16),
        (100, 25),
        (250, 80),
        (3, 90),
        (300, 2),
    ] {
        rig.give(What::Resize(Size { width, height }));
        for key in keys {
            rig.keys(key);
            rig.screen();
        }
    }
    for n in 0..120 {
        rig.give(What::Resize(Size { width: n, height: n / 2 }));
        rig.screen();
    }
}

/// CPU time of this thread, in nanoseconds; what others do on the machine is not in it.
fn cpu() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

/// Prints what a frame costs; run it by name with `--ignored --nocapture`, best in release.
#[test]
#[ignore = "prints a figure, asserts nothing"]
fn what_a_frame_costs() {
    let mut snapshot = world();
    snapshot.servers = (0..1_000).map(|n| Arc::new(server(&format!("s{n:04}"), State::Ready))).collect();
    let mut rig = Rig::new(200, 60, snapshot);
    let console = rig.app.console.server.unwrap();
    for n in 0..1_000 {
        rig.give(What::Lines(console, lines(1 + 9 * n, LOG)));
    }
    let mut screen = crate::tui::terminal::Screen::new(rig.app.size);
    let ground = rig.theme.style(crate::tui::theme::Role::Text);
    let (mut bytes, mut updating, mut viewing, mut drawing) = (0, 0, 0, 0);
    for n in 0..500 {
        let begun = cpu();
        rig.give(What::Lines(console, lines(9_001 + n, &[LOG[n as usize % 9]])));
        let updated = cpu();
        let drawn = screen.draw(String::new(), ground, |frame| {
            let begun = cpu();
            view(&rig.app, &rig.snapshot, &rig.theme, frame);
            viewing += cpu() - begun;
        });
        drawing += cpu() - updated;
        updating += updated - begun;
        bytes += drawn.map_or(0, |frame| frame.len());
    }
    let each = |nanoseconds: u64| format!("{} us", nanoseconds / 500_000);
    println!(
        "a frame at 200x60 with one new line: {} of CPU ({} in the view), {} bytes; the line itself {}",
        each(drawing),
        each(viewing),
        bytes / 500,
        each(updating)
    );
    let begun = std::time::Instant::now();
    for _ in 0..500 {
        rig.keys("down");
    }
    println!("a key among 1,000 servers: {:?}", begun.elapsed() / 500);
    rig.keys("o o");
    let begun = std::time::Instant::now();
    for n in 0..200 {
        rig.change(|snapshot| Arc::make_mut(&mut snapshot.servers[n]).sample = Some(sample(60, 3.0)));
    }
    println!("a change of a world of 1,000 servers, sorted by CPU: {:?}", begun.elapsed() / 200);
}
