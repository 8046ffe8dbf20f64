use ratatui::style::{Color, Modifier};

use super::*;
use crate::tui::input::Problem;

fn own(text: &str) -> (Theme, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("themes")).unwrap();
    std::fs::write(folder.path().join("themes/own.toml"), text).unwrap();
    let (theme, problems) = load(Some("own"), Some(folder.path()), ColourDepth::TrueColour, false);
    let prefix = format!("{}/themes/", folder.path().display());
    (theme, problems.iter().map(|problem: &Problem| problem.to_string().replace(&prefix, "")).collect())
}

#[test]
fn every_shipped_theme_loads_without_a_warning_in_every_depth() {
    assert!(SHIPPED.len() >= 8);
    for (name, _) in SHIPPED {
        for depth in
            [ColourDepth::Mono, ColourDepth::Ansi16, ColourDepth::Indexed256, ColourDepth::TrueColour]
        {
            let (theme, problems) = load(Some(name), None, depth, false);
            assert_eq!(problems, [], "{name}");
            for role in Role::ALL {
                let style = theme.style(*role);
                assert_eq!(depth.quantise_style(style), style, "{name} {}", role.word());
            }
        }
    }
    // What others inherit says something of every role.
    for (name, text) in SHIPPED.iter().filter(|(_, text)| !text.contains("\ninherits =")) {
        for role in Role::ALL {
            assert!(text.contains(&format!("\n{} =", role.word())), "{name} lacks {}", role.word());
        }
    }
    for choice in available(None) {
        assert!(choice.about.len() > 10, "{} does not say what it is", choice.name);
    }
}

#[test]
fn what_is_chosen_can_be_seen_without_colour() {
    for (name, _) in SHIPPED {
        let (theme, _) = load(Some(name), None, ColourDepth::Mono, false);
        let seen = Modifier::REVERSED | Modifier::BOLD;
        assert!(theme.style(Role::Selection).add_modifier.intersects(seen), "{name}");
    }
}

#[test]
fn the_default_theme_has_only_the_terminals_own_colours() {
    let (theme, _) = load(None, None, ColourDepth::TrueColour, false);
    for role in Role::ALL {
        let style = theme.style(*role);
        for color in [style.fg, style.bg].into_iter().flatten() {
            assert!(!matches!(color, Color::Rgb(..) | Color::Indexed(_)), "{}", role.word());
        }
    }
}

#[test]
fn an_own_theme_inherits_and_overrides() {
    let (theme, problems) = own(
        "inherits = \"light\"\n[palette]\nblue = \"#102030\"\n[roles]\ngood = \"blue\"\nbar = { bg = \"117\", mods = [\"italic\"] }\n",
    );
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(theme.style(Role::Good).fg, Some(Color::Rgb(0x10, 0x20, 0x30)));
    assert_eq!(theme.style(Role::Bar), Style::new().bg(Color::Indexed(117)).italic());
    let (light, _) = load(Some("light"), None, ColourDepth::TrueColour, false);
    assert_eq!(theme.style(Role::Error), light.style(Role::Error));
}

#[test]
fn what_is_wrong_is_named_with_its_line_and_the_rest_holds() {
    let (theme, problems) = own(
        "[palette]\nsea = \"#12\"\n[roles]\ngood = \"sea\"\nbad = \"red\"\nbusy = { fg = \"red\", blink = true }\noff = 3\ninfo = \"magenta\"\nspark = { mods = [\"fast\"] }\n",
    );
    assert_eq!(
        problems,
        [
            "own.toml:2: sea: must be a colour such as \"#a0c4ff\", \"bright-blue\" or \"117\"; it is left out",
            "own.toml:4: good: \"sea\" is neither a colour nor in the palette; it is left out",
            "own.toml:5: bad: no role has this name; it is left out",
            "own.toml:6: busy: \"blink\" is not known here; it may be fg, bg, mods; it is left out",
            "own.toml:7: off: must be a colour or a table such as { fg = \"red\", mods = [\"bold\"] }; it is left out",
            "own.toml:9: spark: \"fast\" is not bold, dim, italic, underlined or reversed; it is left out",
        ]
    );
    assert_eq!(theme.style(Role::Info).fg, Some(Color::Magenta));
    assert_eq!(theme.style(Role::Good).fg, Some(Color::Green));
}

#[test]
fn a_line_that_is_no_toml_and_a_table_that_is_not_known_break_only_themselves() {
    let (theme, problems) = own(
        "inherit = \"light\"\n[palette]\nsea = #102030\nsky = \"#405060\"\n[roles]\ngood = \"sky\"\n[colors]\nx = \"red\"\n",
    );
    assert_eq!(
        problems,
        [
            "own.toml:3: string values must be quoted, expected literal string; what can be read of the file holds",
            "own.toml:1: \"inherit\" is not known here; it may be about, inherits, palette, roles; it is left out",
            "own.toml:3: sea: must be a colour such as \"#a0c4ff\", \"bright-blue\" or \"117\"; it is left out",
            "own.toml:7: \"colors\" is not known here; it may be about, inherits, palette, roles; it is left out",
        ]
    );
    assert_eq!(theme.style(Role::Good).fg, Some(Color::Rgb(0x40, 0x50, 0x60)));
    let (_, problems) = own("inherits = 3\npalette = \"red\"\n");
    assert_eq!(
        problems,
        [
            "own.toml:1: `inherits` must be a text; it is left out",
            "own.toml:2: [palette] must be a table; it is left out"
        ]
    );
    let (_, problems) = own("inherits = \"own\"\n");
    assert_eq!(
        problems,
        ["theme \"own\":1: themes inherit from each other without end; \"own\" is left out"]
    );
}

#[test]
fn a_theme_can_change_only_the_colours_of_another() {
    let (theme, problems) = own("inherits = \"dark\"\n[palette]\ngood = \"#102030\"\n");
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(theme.style(Role::LogChat).fg, Some(Color::Rgb(0x10, 0x20, 0x30)));
    let (dark, _) = load(Some("dark"), None, ColourDepth::TrueColour, false);
    assert_eq!(theme.style(Role::Error), dark.style(Role::Error));
}

#[test]
fn a_persons_own_themes_can_be_chosen_beside_the_shipped_ones() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("themes")).unwrap();
    for (name, text) in [
        ("mine.toml", "about = \"Mine\\u001b[31m\""),
        ("../x.toml", ""),
        ("no good.toml", ""),
        ("dark.toml", ""),
    ] {
        std::fs::write(folder.path().join("themes").join(name), text).unwrap();
    }
    let found = available(Some(folder.path()));
    assert_eq!(found.len(), SHIPPED.len() + 1);
    let mine = found.last().unwrap();
    assert_eq!((mine.name.as_str(), mine.about.as_str()), ("mine", "Mine"));
}

#[test]
fn a_file_that_is_no_toml_and_a_theme_that_is_not_there_leave_the_default() {
    let (theme, problems) = own("[roles\n");
    assert_eq!(problems.len(), 1);
    assert!(
        problems[0].starts_with("own.toml:1: ")
            && problems[0].ends_with("what can be read of the file holds"),
        "{problems:?}"
    );
    assert_eq!(theme.style(Role::Good).fg, Some(Color::Green));
    let (_, problems) = load(Some("../x"), None, ColourDepth::Ansi16, false);
    assert_eq!(
        problems[0].to_string(),
        "theme \"../x\":1: a theme's name has only letters, digits, '-' and '_'"
    );
    let (_, problems) = load(Some("plaid"), None, ColourDepth::Ansi16, false);
    assert_eq!(
        problems[0].to_string(),
        "theme \"plaid\":1: there is no such theme; there are default, dark, light, high-contrast, deuteranopia, tritanopia, nether, ocean, mono. The default holds"
    );
}

#[test]
fn the_depth_is_settled_in_order() {
    let environment = |pairs: &'static [(&str, &str)]| {
        move |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    };
    let auto = |pairs| detect(ColorDepth::Auto, environment(pairs));
    assert_eq!(detect(ColorDepth::C256, environment(&[("NO_COLOR", "1")])), ColourDepth::Indexed256);
    assert_eq!(auto(&[("NO_COLOR", "1"), ("COLORTERM", "truecolor")]), ColourDepth::Mono);
    assert_eq!(auto(&[("NO_COLOR", ""), ("TERM", "xterm")]), ColourDepth::Ansi16);
    assert_eq!(auto(&[("COLORTERM", "truecolor"), ("TERM", "xterm")]), ColourDepth::TrueColour);
    assert_eq!(auto(&[("TERM", "tmux-256color")]), ColourDepth::Indexed256);
    assert_eq!(auto(&[("TERM", "linux")]), ColourDepth::Ansi16);
    assert_eq!(auto(&[("TERM", "dumb")]), ColourDepth::Mono);
    assert_eq!(auto(&[]), ColourDepth::Mono);
}

#[test]
fn tmux_without_utf_8_gets_ascii() {
    let environment = |pairs: &'static [(&str, &str)]| {
        move |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    };
    let ascii = |pairs| only_ascii(environment(pairs));
    assert!(ascii(&[("TMUX", "/tmp/tmux-0/default,1,0")]) && ascii(&[("STY", "1.pts"), ("LANG", "C")]));
    assert!(ascii(&[("TMUX", "x"), ("LC_ALL", "POSIX"), ("LANG", "en_GB.UTF-8")]));
    assert!(
        !ascii(&[("TMUX", "x"), ("LANG", "C.utf8")]) && !ascii(&[("TMUX", "x"), ("LC_CTYPE", "de_DE.UTF-8")])
    );
    // Without anything between, terminals show what comes.
    assert!(!ascii(&[]) && !ascii(&[("LANG", "C")]));
}

#[test]
fn every_state_has_a_glyph_of_one_cell_in_both_sets() {
    for ascii in [false, true] {
        let (theme, _) = load(None, None, ColourDepth::Ansi16, ascii);
        for state in [
            State::Ready,
            State::Pulling,
            State::Stopped,
            State::Crashed,
            State::Unhealthy,
            State::Paused,
            State::Missing,
        ] {
            let (glyph, _) = theme.state(state);
            assert_eq!(unicode_width::UnicodeWidthStr::width(glyph), 1, "{glyph}");
            assert!(!ascii || glyph.is_ascii());
        }
    }
}

#[test]
fn each_other_mistake_has_words_of_its_own() {
    let (_, problems) = own("[roles]\ngood = { fg = 3 }\nbusy = { mods = \"bold\" }\noff = { mods = [3] }\n");
    assert_eq!(
        problems,
        [
            "own.toml:2: good: a colour must be a text; it is left out",
            "own.toml:3: busy: `mods` must be a list such as [\"bold\"]; it is left out",
            "own.toml:4: off: \"\" is not bold, dim, italic, underlined or reversed; it is left out",
        ]
    );
}
