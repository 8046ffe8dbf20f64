//! Sizes, terminals and colours.

use crate::{
    program::Program,
    screen::{Screen, Setting},
};

#[test]
fn a_storm_of_sizes_ends_with_a_whole_picture() {
    let program = Program::new("storm");
    let mut screen = Screen::open(&program, &["demo"], &Setting::default());
    screen.is_taken();
    screen.shows("ready");
    for step in 0..200u16 {
        screen.resize(1 + (step * 37) % 220, 1 + (step * 17) % 70);
    }
    screen.resize(100, 30);
    screen.press("\x0c");
    screen.waits("the last size to be drawn", |seen| {
        let contents = seen.parser.screen().contents();
        contents.contains("ready") && contents.lines().any(|line| line.trim_end().chars().count() == 100)
    });
    screen.press("q");
    assert!(screen.ended().success());
    screen.is_given_back();
}

#[test]
fn small_terminals_are_drawn_or_told() {
    let program = Program::new("small");
    for (columns, rows) in [(80, 24), (40, 10), (20, 5), (5, 2), (1, 1)] {
        let mut screen = Screen::open(&program, &["demo"], &Setting::sized(columns, rows));
        screen.is_taken();
        if columns >= 20 {
            screen.waits("something to read", |seen| {
                seen.parser.screen().contents().chars().filter(|c| c.is_alphabetic()).count() > 10
            });
        }
        // Also with a form, the help and the palette open.
        for keys in ["n", "\x1b", "?", "\x1b", ":", "\x1b"] {
            screen.press(keys);
            std::thread::sleep(std::time::Duration::from_millis(60));
        }
        screen.press("q");
        assert!(screen.ended().success(), "{columns}x{rows}: {}", screen.text());
        screen.is_given_back();
    }
}

#[test]
fn a_terminal_that_cannot_place_its_cursor_is_told() {
    let program = Program::new("dumb");
    for term in ["dumb", "unknown", ""] {
        for line in [&[][..], &["demo"]] {
            let mut screen = Screen::open(&program, line, &Setting::default().with("TERM", term));
            screen.shows("cannot be drawn on this terminal");
            assert_ne!(screen.ended().exit_code(), 0);
            assert!(!screen.bytes().contains(&0x1b), "{term:?}: {}", screen.text());
            screen.is_given_back();
        }
    }
}

/// The SGR parameters that were ever written.
fn colours(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let mut found = Vec::new();
    for part in text.split("\x1b[").skip(1) {
        let end = part.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(part.len());
        if part[end..].starts_with('m') {
            found.extend(part[..end].split(';').map(str::to_owned));
        }
    }
    found
}

#[test]
fn no_color_means_no_colour() {
    let program = Program::new("mono");
    let is_colour = |code: &String| {
        code.parse::<u32>().is_ok_and(|code| matches!(code, 30..=38 | 40..=48 | 90..=97 | 100..=107))
    };
    for (setting, coloured) in [(Setting::default(), true), (Setting::default().with("NO_COLOR", "1"), false)]
    {
        let mut setting = setting;
        setting.without.retain(|name| coloured || *name != "NO_COLOR");
        let mut screen = Screen::open(&program, &["demo"], &setting);
        screen.is_taken();
        screen.shows("ready");
        screen.press("n");
        screen.shows("New server");
        screen.press("\x1b");
        screen.hides("New server");
        screen.press("q");
        screen.ended();
        let codes = colours(&screen.bytes());
        assert_eq!(codes.iter().any(is_colour), coloured, "{codes:?}");
    }
}

#[test]
fn a_terminal_that_nobody_knows_is_drawn_on_in_its_own_colours() {
    let program = Program::new("strange");
    let mut screen = Screen::open(&program, &["demo"], &Setting::default().with("TERM", "frobnicator-9"));
    screen.is_taken();
    screen.shows("ready");
    screen.press("q");
    assert!(screen.ended().success());
    screen.is_given_back();
    assert!(!colours(&screen.bytes()).iter().any(|code| code == "38" || code == "48"));
}

#[test]
fn flags_say_how_it_looks() {
    let program = Program::new("flags");
    let open = |flags: &[&str]| {
        let line: Vec<_> = ["demo"].into_iter().chain(flags.iter().copied()).collect();
        let mut screen = Screen::open(&program, &line, &Setting::default().with("NO_COLOR", "1"));
        screen.is_taken();
        screen.shows("ready");
        screen.press("q");
        assert!(screen.ended().success());
        screen.is_given_back();
        String::from_utf8_lossy(&screen.bytes()).into_owned()
    };
    let plain = open(&["--plain"]);
    assert!(plain.is_ascii() && !plain.contains("\x1b[?1000h"));
    assert!(open(&["--ascii"]).is_ascii());
    // What is asked for by a flag counts for more than the variable.
    let colourful = open(&["--theme", "ocean", "--color", "truecolor"]);
    assert!(colours(colourful.as_bytes()).iter().any(|code| code == "48"));
    let mut screen = Screen::open(&program, &["demo", "--keymap", "vim"], &Setting::default());
    screen.shows("ready");
    screen.press("ZZ");
    assert!(screen.ended().success());
    let mut screen = Screen::open(&program, &["demo", "--theme", "nowhere"], &Setting::default());
    screen.shows("there is no such theme");
    screen.press("q");
    assert!(screen.ended().success());
    let mut screen = Screen::open(&program, &["--color", "pink"], &Setting::default());
    screen.shows("must be one of");
    assert_eq!(screen.ended().exit_code(), 2);
}
