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
    for (name, text) in SHIPPED {
        for depth in
            [ColourDepth::Mono, ColourDepth::Ansi16, ColourDepth::Indexed256, ColourDepth::TrueColour]
        {
            let (theme, problems) = load(Some(name), None, depth, false);
            assert_eq!(problems, [], "{name}");
            for role in Role::ALL {
                assert!(text.contains(&format!("\n{} =", role.word())), "{name} lacks {}", role.word());
                let style = theme.style(*role);
                assert_eq!(depth.quantise_style(style), style, "{name} {}", role.word());
            }
        }
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
fn a_file_that_is_no_toml_and_a_theme_that_is_not_there_leave_the_default() {
    let (theme, problems) = own("[roles\n");
    assert_eq!(problems.len(), 1);
    assert!(
        problems[0].starts_with("own.toml:1: ") && problems[0].ends_with("the file is not used"),
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
        "theme \"plaid\":1: there is no such theme; there are default, light, high-contrast, mono. The default holds"
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
