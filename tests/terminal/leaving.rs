//! However the dashboard ends, the terminal is given back.

use std::{
    fs,
    time::{Duration, Instant},
};

use mineclifford::tui::terminal::{Takeover, guarded};

use crate::{
    program::{Program, until},
    screen::{Screen, Setting},
};

/// A dashboard that is on the screen.
fn open(program: &Program) -> Screen {
    let screen = Screen::open(program, &["demo"], &Setting::default());
    screen.is_taken();
    screen.shows("ready");
    screen
}

#[test]
fn a_key_and_each_signal_give_the_terminal_back() {
    let program = Program::new("quit");
    for keys in ["q", "\x03"] {
        let mut screen = open(&program);
        screen.press(keys);
        assert!(screen.ended().success(), "{keys:?}");
        screen.is_given_back();
    }
    for signal in ["TERM", "INT", "QUIT", "HUP"] {
        let mut screen = open(&program);
        screen.signal(signal);
        screen.ends_within(Duration::from_secs(2));
        screen.is_given_back();
    }
}

#[test]
fn a_terminal_that_was_closed_ends_the_program_within_two_seconds() {
    let program = Program::new("closed");
    let mut screen = open(&program);
    screen.hang_up();
    screen.ends_within(Duration::from_secs(2));
}

#[test]
fn a_terminal_that_was_closed_ends_it_also_where_hang_ups_are_ignored() {
    let program = Program::new("nohup");
    // The whole session ignores hang-ups, as under `nohup`: only the terminal itself tells.
    let script = "trap '' HUP; exec \"$MC\" demo";
    let mut screen = Screen::script(&program, script, &Setting::default());
    screen.is_taken();
    screen.shows("ready");
    let pid = screen.pid();
    let mut spent = ticks(pid);
    let before = spent;
    screen.hang_up();
    let closed = Instant::now();
    // Until it is gone, what it spends is looked at: a loop that reads a closed terminal would spend all of it.
    while let Some(now) = spent_by(pid) {
        spent = now;
        assert!(closed.elapsed() < Duration::from_secs(2), "still there after two seconds");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(spent - before <= 50, "{} hundredths of a second between hang-up and end", spent - before);
    screen.ends_within(Duration::from_secs(1));
}

/// Run by the test below, on a terminal of its own.
#[test]
#[ignore = "panics on purpose"]
fn panics_on_a_terminal() {
    let _takeover = Takeover::enter(true).expect("a terminal");
    // One in a task of the engine ends nothing, and nothing is written over the dashboard.
    let task = std::thread::Builder::new().name("engine".into()).spawn(|| panic!("a task's panic"));
    assert!(task.expect("a thread").join().is_err());
    println!("still drawn");
    guarded(|| panic!("a panic while drawing"));
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_is_told() {
    let program = Program::new("panic");
    let itself = std::env::current_exe().expect("this test");
    let line = ["--ignored", "--exact", "--nocapture", "leaving::panics_on_a_terminal"];
    let mut screen = Screen::other(&program, &itself.display().to_string(), &line, &Setting::default());
    screen.shows("a panic while drawing");
    assert!(!screen.ended().success());
    screen.is_given_back();
    let written = String::from_utf8_lossy(&screen.bytes()).into_owned();
    let (drawn, told) = written.split_once("\x1b[?1049l").expect("the screen that was before");
    assert!(drawn.contains("still drawn") && !drawn.contains("panic while"), "{drawn:?}");
    assert!(told.contains("a panic while drawing") && !written.contains("a task's panic"), "{told:?}");
}

/// The same, while it is there and no zombie.
fn spent_by(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<_> = stat.rsplit(')').next()?.split_whitespace().collect();
    (fields[0] != "Z").then(|| fields[11].parse().unwrap_or(0) + fields[12].parse().unwrap_or(0))
}

/// CPU time of a process so far, in clock ticks of a hundredth of a second.
fn ticks(pid: u32) -> u64 {
    spent_by(pid).expect("a process")
}

#[test]
fn it_stops_to_the_background_and_comes_back() {
    let program = Program::new("jobs");
    let mut screen = Screen::shell(&program, &Setting::default());
    screen.shows("shell> ");
    for turn in 0..2 {
        screen.press(if turn == 0 { "\"$MC\" demo\r" } else { "fg\r" });
        screen.is_taken();
        screen.shows("ready");
        screen.press("\x1a");
        screen.waits("the shell", |seen| {
            let contents = seen.parser.screen().contents();
            !seen.parser.screen().alternate_screen()
                && contents.matches("Stopped").count() == turn + 1
                && contents.trim_end().ends_with("shell>")
        });
        screen.waits("the cursor", |seen| !seen.parser.screen().hide_cursor());
        // The shell has the terminal, and what is typed shows.
        screen.press(&format!("echo still-{}\r", turn + 40));
        screen.waits("the shell's answer", |seen| {
            seen.parser.screen().contents().lines().any(|line| line.trim() == format!("still-{}", turn + 40))
        });
    }
    screen.press("fg\r");
    screen.is_taken();
    screen.shows("ready");
    // A stop and a continue by somebody else draw it anew.
    let pid = child_of(screen.pid());
    kill("TSTP", pid);
    screen.waits("the shell", |seen| {
        let contents = seen.parser.screen().contents();
        contents.matches("Stopped").count() == 3 && contents.trim_end().ends_with("shell>")
    });
    screen.press("fg\r");
    screen.is_taken();
    screen.shows("ready");
    screen.press("q");
    screen.waits("the shell", |seen| {
        !seen.parser.screen().alternate_screen()
            && seen.parser.screen().contents().trim_end().ends_with("shell>")
    });
    screen.press("exit\r");
    screen.ended();
}

#[test]
fn without_a_shell_it_stays_in_front() {
    let program = Program::new("alone");
    // Nothing is between it and the terminal, as with `ssh -t HOST mineclifford`.
    let mut screen = open(&program);
    screen.press("\x1a");
    screen.shows("started without a shell");
    screen.signal("TSTP");
    screen.press("q");
    assert!(screen.ended().success());
    screen.is_given_back();
}

#[test]
fn an_idle_dashboard_writes_nothing_when_nothing_changes() {
    let program = Program::new("idle");
    let screen = Screen::open(&program, &["demo", "--servers", "5", "--running", "0"], &Setting::default());
    screen.is_taken();
    screen.shows("stopped");
    // Until nothing is on its way any more, which a start always has.
    let mut before = screen.bytes().len();
    until("it to fall silent", || {
        std::thread::sleep(Duration::from_secs(1));
        let now = screen.bytes().len();
        std::mem::replace(&mut before, now) == now
    });
    let (pid, start) = (screen.pid(), ticks(screen.pid()));
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(screen.bytes().len(), before, "nothing changed and something was drawn");
    assert!(ticks(pid) - start <= 10, "{} hundredths of a second in two seconds", ticks(pid) - start);
}

fn kill(signal: &str, pid: u32) {
    let sent = std::process::Command::new("kill").args([&format!("-{signal}"), &pid.to_string()]).status();
    assert!(sent.expect("kill").success());
}

fn child_of(pid: u32) -> u32 {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).expect("children");
    children.split_whitespace().next().expect("a child").parse().expect("a number")
}
