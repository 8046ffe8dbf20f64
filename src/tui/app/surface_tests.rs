//! The mouse, places and sizes: what is drawn where, for every terminal.

use super::{testkit::*, tests::*, *};
use crate::model::{Fault, FaultKind, Ownership, State};

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

#[test]
fn rows_and_buttons_of_whatever_lies_over_the_panels_are_clicked() {
    use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    /// Clicks on the first cell of a text.
    fn click(rig: &mut Rig, text: &str) {
        let screen = rig.screen();
        let found = screen.lines().enumerate().find_map(|(y, line)| Some((line.find(text)?, y, line)));
        let (at, y, line) = found.unwrap_or_else(|| panic!("no {text:?} in\n{screen}"));
        let column = crate::tui::paint::width(&line[..at]);
        let kind = MouseEventKind::Down(MouseButton::Left);
        rig.give(What::Mouse(MouseEvent { kind, column, row: y as u16, modifiers: KeyModifiers::NONE }));
    }
    let mut rig = rig().with_log();
    rig.keys("?");
    click(&mut rig, "Give the whole screen");
    assert!(rig.app.overlays.is_empty() && rig.app.zoom, "a row of the help does what it tells of");
    rig.keys("z g");
    click(&mut rig, "g  first");
    assert!(rig.app.chord.is_empty());
    rig.keys("end g");
    click(&mut rig, "g  first");
    assert_eq!(rig.app.selected(&rig.snapshot).unwrap().name(), "alpha");
    let server = rig.app.console.server.unwrap();
    rig.give(What::Typed(server, vec!["list".into(), "say hi".into()]));
    rig.keys("2 ctrl-r");
    click(&mut rig, "list");
    assert!(rig.app.overlays.is_empty());
    assert_eq!(rig.app.console.line.text(), "list");
    rig.keys("esc Y");
    click(&mut rig, "alpha");
    assert!(rig.app.overlays.is_empty(), "beside a question it closes");
    rig.keys("m");
    click(&mut rig, "Esc closes");
    assert!(rig.app.overlays.is_empty());
    rig.app.toasts.show(NOW, crate::model::Severity::Info, "Something was done.", "");
    click(&mut rig, "Something was done.");
    assert!(!rig.screen().contains("Something was done."));
    rig.keys("3");
    click(&mut rig, "Disk");
    click(&mut rig, "Disk");
    assert!(rig.app.gauges.alone && rig.screen().contains("Disk, 5m"));
    // What would be lost stays.
    rig.keys("1 n").text("half typed");
    click(&mut rig, "Mineclifford");
    assert!(!rig.app.overlays.is_empty());
}

#[test]
fn messages_are_filtered_and_esc_shows_all_before_it_closes() {
    let mut rig = rig();
    for n in 0..40 {
        rig.app.toasts.show(NOW, crate::model::Severity::Info, &format!("message {n} of many"), "more of it");
    }
    rig.app.toasts.fault(NOW, &fault());
    rig.keys("m");
    assert!(rig.screen().contains("message 39") && !rig.screen().contains("message 7 "));
    rig.keys("/").text("message 7 ");
    let screen = rig.screen();
    assert!(screen.contains("message 7 of") && !screen.contains("message 39"), "{screen}");
    assert!(screen.contains("more of it"), "what belongs to it shows too");
    rig.keys("enter");
    assert_eq!(rig.app.overlays.len(), 1);
    rig.keys("/").text("nowhere");
    assert!(rig.screen().contains("Nothing contains this."));
    rig.keys("esc");
    assert!(rig.screen().contains("message 39"));
    rig.keys("esc");
    assert!(rig.app.overlays.is_empty());
}

#[test]
fn the_gauges_look_further_back_and_one_fills_the_panel() {
    let mut rig = rig();
    rig.keys("3 z");
    assert!(rig.screen().contains("Gauges, 5m"));
    rig.keys("] ] ] ] ] ]");
    assert!(rig.screen().contains("Gauges, 24h"));
    rig.keys("[ down enter");
    assert!(rig.screen().contains("Memory, 6h"), "{}", rig.screen());
    rig.keys("enter left left left left left left");
    assert!(rig.screen().contains("Gauges, 1m"));
    rig.app.settings.units = crate::model::Units::Decimal;
    assert!(rig.screen().contains("1.6 GB / 2.7 GB"), "{}", rig.screen());
}
