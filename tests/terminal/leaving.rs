//! However the dashboard ends, the terminal is given back.

use std::{fs, time::Duration};

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

/// CPU time of a process so far, in clock ticks of a hundredth of a second.
fn ticks(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("a process");
    let fields: Vec<_> = stat.rsplit(')').next().expect("fields").split_whitespace().collect();
    fields[11].parse::<u64>().expect("ticks") + fields[12].parse::<u64>().expect("ticks")
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
