//! A dashboard beside services that come and go.

use crate::{
    screen::{Screen, Setting},
    stage::Stage,
};

const INSIDE: &str = "schedules stop when this closes";

fn wide() -> Setting {
    Setting::sized(160, 40)
}

/// Opens a console and writes into it.
fn typed(screen: &mut Screen, text: &str) {
    screen.press(&format!("say {text}\r"));
    screen.shows(&format!("[Server] {text}"));
}

fn count(screen: &Screen, text: &str) -> usize {
    screen.text().matches(text).count()
}

#[test]
fn a_service_that_is_killed_and_comes_back_costs_no_place_and_no_line() {
    let stage = Stage::new("comes");
    let service = stage.serve(&[]);
    let name = stage.ready();
    let mut screen = Screen::open(&stage.program, &[], &wide());
    screen.shows("attached to process");
    // The server whose console is looked at, and a command that is half typed.
    screen.press("/");
    screen.press(&name);
    screen.press("\r2");
    screen.shows(&format!("2 Console {name}"));
    typed(&mut screen, "one");
    let before = count(&screen, "[Server] one");
    screen.press("half a comm");
    screen.shows("half a comm");

    service.killed();
    screen.shows("This dashboard runs the engine itself now");
    screen.shows(INSIDE);
    screen.shows(&format!("2 Console {name}"));
    screen.shows("half a comm");
    for _ in 0.."half a comm".len() {
        screen.press("\x7f");
    }
    typed(&mut screen, "two");
    assert_eq!(count(&screen, "[Server] one"), before, "no line twice:\n{}", screen.text());
    // Others attach to the engine that is inside.
    stage.program.run(&["console", &name, "say", "from outside"]).ends(0);
    screen.shows("[Server] from outside");

    // A new service is given the database.
    let service = stage.serve(&[]);
    screen.shows("attached to process");
    screen.hides(INSIDE);
    typed(&mut screen, "three");
    for text in ["[Server] one", "[Server] two", "[Server] from outside"] {
        assert_eq!(count(&screen, text), 1, "{text}:\n{}", screen.text());
    }
    assert!(!screen.text().contains("may be missing"), "{}", screen.text());

    // And one that ends in order gives it back.
    service.signal("TERM");
    assert_eq!(service.ended().code, Some(0));
    screen.shows(INSIDE);
    typed(&mut screen, "four");
    assert_eq!(count(&screen, "[Server] three"), 1, "{}", screen.text());
    screen.press("\x11");
    screen.signal("TERM");
    screen.ended();
    screen.is_given_back();
    assert!(!stage.socket().exists());
}

#[test]
fn two_dashboards_share_one_engine_and_the_second_takes_over() {
    let stage = Stage::new("both");
    let mut first = Screen::open(&stage.program, &[], &wide());
    first.shows(INSIDE);
    let mut second = Screen::open(&stage.program, &[], &wide());
    second.shows("attached to process");
    let name = stage.ready();
    for screen in [&mut first, &mut second] {
        screen.press("/");
        screen.press(&name);
        screen.press("\r2");
        screen.shows(&format!("2 Console {name}"));
    }
    typed(&mut first, "to both");
    second.shows("[Server] to both");
    first.signal("TERM");
    first.ended();
    second.shows(INSIDE);
    typed(&mut second, "alone");
    assert_eq!(count(&second, "[Server] to both"), 1, "{}", second.text());
    second.signal("TERM");
    second.ended();
}
