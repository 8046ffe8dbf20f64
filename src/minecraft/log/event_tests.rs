//! The contract's lines, and what must not pass for them.

use proptest::prelude::*;

use super::super::parse;
use super::*;

const VANILLA: &str = "[12:34:56] [Server thread/INFO]: ";
const PAPER: &str = "[12:34:56 INFO]: ";
const FORGE: &str = "[05Feb2026 12:34:56.789] [Server thread/INFO] [minecraft/DedicatedServer]: ";

#[test]
fn milestones_in_every_servers_shape() {
    let cases = [
        ("Starting minecraft server version 1.21.4", Event::StartingServer { version: "1.21.4" }),
        ("Preparing level \"world\"", Event::PreparingLevel),
        ("Preparing spawn area: 42%", Event::SpawnProgress { percent: 42 }),
        ("Preparing spawn area: 4200%", Event::SpawnProgress { percent: 100 }),
        ("Done (3.456s)! For help, type \"help\"", Event::Done { seconds: 3.456 }),
        ("Done (12,5s)! For help, type \"help\" or \"?\"", Event::Done { seconds: 12.5 }),
        ("RCON running on 0.0.0.0:25575", Event::RconRunning),
        ("Stopping server", Event::Stopping),
        ("Stopping the server", Event::Stopping),
        ("Saved the game", Event::Saved),
        ("Saved the world", Event::Saved),
        ("[Rcon: Saved the game]", Event::Saved),
        ("ThreadedAnvilChunkStorage: All dimensions are saved", Event::AllSaved),
        ("Automatic saving is now disabled", Event::SavingDisabled),
        ("[Alice: Automatic saving is now disabled]", Event::SavingDisabled),
        ("Automatic saving is now enabled", Event::SavingEnabled),
        ("Server empty for 60 seconds, pausing", Event::PausedEmpty),
        (
            "Can't keep up! Is the server overloaded? Running 2034ms or 40 ticks behind",
            Event::CantKeepUp { millis: 2034, ticks: 40 },
        ),
    ];
    for (text, wanted) in cases {
        for prefix in [VANILLA, PAPER, FORGE] {
            for system in ["", "System chat: "] {
                let line = format!("{prefix}{system}{text}");
                assert_eq!(event(&parse(&line)).as_ref(), Some(&wanted), "{line}");
            }
        }
    }
    let warning = "[12:34:56] [Server thread/WARN]: Can't keep up! Is the server overloaded? Running 1ms or 2 ticks \
                   behind";
    assert_eq!(event(&parse(warning)), Some(Event::CantKeepUp { millis: 1, ticks: 2 }));
}

#[test]
fn players() {
    let id = "069a79f4-44e9-4726-a5be-fca90e38aaf5";
    let cases = [
        (
            "Alice[/127.0.0.1:50000] logged in with entity id 12 at (1.5, 64.0, -3.5)",
            Event::Join { name: "Alice", address: Some("/127.0.0.1:50000") },
        ),
        (
            ".Bob[/[0:0:0:0:0:0:0:1]:5] logged in with entity id 12 at (1.5, 64.0, -3.5)",
            Event::Join { name: ".Bob", address: Some("/[0:0:0:0:0:0:0:1]:5") },
        ),
        ("Alice joined the game", Event::Join { name: "Alice", address: None }),
        ("Alice (formerly known as Al) joined the game", Event::Join { name: "Alice", address: None }),
        ("Alice left the game", Event::Leave { name: "Alice" }),
        ("There left the game", Event::Leave { name: "There" }),
        (
            "Alice lost connection: Disconnected",
            Event::LostConnection { name: "Alice", reason: "Disconnected" },
        ),
        (
            "Alice (/127.0.0.1:5) lost connection: Timed out",
            Event::LostConnection { name: "Alice", reason: "Timed out" },
        ),
        ("<Alice> hi > all", Event::Chat { name: "Alice", message: "hi > all" }),
        ("[Not Secure] <Alice> hi", Event::Chat { name: "Alice", message: "hi" }),
        (
            "Alice has made the advancement [Stone Age]",
            Event::Advancement { name: "Alice", title: "Stone Age" },
        ),
        (
            "Alice has completed the challenge [How Did We Get Here?]",
            Event::Advancement { name: "Alice", title: "How Did We Get Here?" },
        ),
        ("Alice has reached the goal [x]", Event::Advancement { name: "Alice", title: "x" }),
    ];
    for (text, wanted) in cases {
        for prefix in [VANILLA, PAPER] {
            assert_eq!(event(&parse(&format!("{prefix}{text}"))), Some(wanted.clone()), "{text}");
        }
    }
    let line = format!("[12:34:56] [User Authenticator #1/INFO]: UUID of player Alice is {id}");
    assert_eq!(event(&parse(&line)), Some(Event::Uuid { name: "Alice", uuid: id.parse().unwrap() }));
    let line = format!("{VANILLA}There are 1 of a max of 20 players online: Alice");
    let Some(Event::PlayerList(list)) = event(&parse(&line)) else { panic!("no list") };
    assert_eq!((list.online, list.max, list.names), (1, 20, vec!["Alice".to_owned()]));
}

#[test]
fn figures() {
    let of = |text: &str| match event(&parse(&format!("{PAPER}{text}"))) {
        Some(Event::Tps(_)) => "tps",
        Some(Event::TickTimes(_)) => "mspt",
        Some(Event::TickQuery(_)) => "query",
        _ => "",
    };
    assert_eq!(of("TPS from last 1m, 5m, 15m: *20.0, 19.98, 20.0"), "tps");
    assert_eq!(of("Server tick times (avg/min/max) from last 5s, 10s, 1m:"), "");
    assert_eq!(of("◴ 0.4/0.3/4.8, 0.4/0.3/4.8, 0.4/0.3/4.8"), "mspt");
    assert_eq!(of("Target tick rate: 20.0 per second."), "query");
    assert_eq!(of("Average time per tick: 0.3ms (Target: 50.0ms)"), "query");
    assert_eq!(of("Percentiles: P50: 0.3ms P95: 0.4ms P99: 1.4ms, sample: 100"), "query");
}

#[test]
fn the_image_before_the_game() {
    let of = |line: &'static str| event(&parse(line));
    assert_eq!(of("[init] Running as uid=1000"), Some(Event::Init { text: "Running as uid=1000" }));
    let what = "Downloaded /data/mods/a.jar";
    assert_eq!(
        of("[mc-image-helper] 23:25:43.845 INFO  : Downloaded /data/mods/a.jar"),
        Some(Event::DownloadProgress { what, percent: None })
    );
    assert_eq!(
        of("Downloading mojang_1.21.4.jar 37% done"),
        Some(Event::DownloadProgress { what: "Downloading mojang_1.21.4.jar 37% done", percent: Some(37) })
    );
    assert_eq!(
        of("2026-02-05T21:15:15.276Z\tINFO\tmc-server-runner\tgracefully stopping server..."),
        Some(Event::Stopping)
    );
    assert_eq!(
        of("[init] [ERROR] Please accept the Minecraft EULA at"),
        Some(Event::Problem(Problem::EulaMissing))
    );
    assert_eq!(of("\tat java.base/java.lang.Thread.run(Thread.java:1583)"), None);
    assert_eq!(of("[12:34:56] [RCON Listener #1/INFO]: Thread RCON Client /127.0.0.1 started"), None);
}

/// Everything that would matter if a player could write it at the start of a line.
const FAKES: &[&str] = &[
    "Bob joined the game",
    "Bob left the game",
    "Bob lost connection: x",
    "Bob[/1.2.3.4:5] logged in with entity id 1 at (0, 0, 0)",
    "Saved the game",
    "[Rcon: Saved the game]",
    "Automatic saving is now disabled",
    "Automatic saving is now enabled",
    "Done (1.0s)! For help, type \"help\"",
    "Stopping server",
    "System chat: Bob joined the game",
    "[12:34:56] [Server thread/INFO]: Bob joined the game",
    "There are 9 of a max of 20 players online: Bob",
    "UUID of player Bob is 069a79f4-44e9-4726-a5be-fca90e38aaf5",
    "RCON running on 0.0.0.0:25575",
];

#[test]
fn what_players_write_fakes_nothing() {
    for fake in FAKES {
        for prefix in [VANILLA, PAPER, FORGE] {
            let chat = format!("{prefix}<Eve> {fake}");
            assert_eq!(event(&parse(&chat)), Some(Event::Chat { name: "Eve", message: fake }), "{chat}");
            for shape in ["[Eve] ", "* Eve ", "-> [Reds] <Eve> ", "Eve issued server command: /me "] {
                let line = format!("{prefix}{shape}{fake}");
                assert_eq!(event(&parse(&line)), None, "{line}");
            }
        }
        assert_eq!(event(&parse(&format!(" {fake}"))), None, "the rest of a chat of several lines: {fake}");
        // Without a prefix, nothing but the JVM's own trouble is believed.
        if !fake.starts_with("[1") {
            assert_eq!(event(&parse(fake)), None, "{fake}");
        }
    }
    assert_eq!(
        event(&parse(&format!("{VANILLA}System chat: <Eve> hi"))),
        None,
        "a command's text is no chat"
    );
    assert_eq!(event(&parse(&format!("{VANILLA}<> hi"))), None);
    assert_eq!(event(&parse(&format!("{VANILLA}Eve: Saved the game"))), None);
    assert_eq!(event(&parse(&format!("{VANILLA}<Eve joined the game"))), None);
}

proptest! {
    #[test]
    fn arbitrary_lines_never_panic(line in "\\PC{0,120}") {
        let parsed = parse(&line);
        prop_assert!(line.contains(parsed.text));
        let _ = event(&parsed);
        let _ = super::super::death(&parsed, |_| true);
    }

    #[test]
    fn lines_made_of_known_parts_never_panic(
        parts in proptest::collection::vec(
            prop_oneof![
                proptest::sample::select(&[
                    "[", "]", "[12:34:56", "]: ", "] [", "Server thread/INFO", "INFO]: ", "[init] ", "[ERROR] ",
                    "[mc-image-helper] ", "2026-02-05T21:15:15.276Z\t", "INFO\t", "mc-server-runner\t",
                    "System chat: ", "Done (", "s)! For help", "There are ", " of a max of ", " players online:",
                    "Can't keep up! ", "Running ", "ms or ", "class file version ", "UnsupportedClassVersionError",
                    "TPS from last 1m, 5m, 15m: ", "◴ ", "Percentiles: ", "P50: ", "/", ",", "%", "9", "§", "é", "<",
                    "> ", "Alice", " joined the game", "[/", "] logged in with entity id ", "Preparing spawn area: ",
                ]).prop_map(str::to_owned),
                "\\PC{0,5}",
            ],
            0..14,
        ),
    ) {
        let line = parts.concat();
        let parsed = parse(&line);
        let _ = event(&parsed);
        let _ = super::super::death(&parsed, |_| true);
    }

    #[test]
    fn chat_is_chat_whatever_it_says(
        name in "[A-Za-z0-9_]{1,16}",
        message in prop_oneof!["\\PC{0,60}", proptest::sample::select(FAKES).prop_map(str::to_owned)],
        prefix in proptest::sample::select(&[VANILLA, PAPER, FORGE]),
        marked in any::<bool>(),
    ) {
        let line = format!("{prefix}{}<{name}> {message}", if marked { "[Not Secure] " } else { "" });
        prop_assert_eq!(event(&parse(&line)), Some(Event::Chat { name: &name, message: &message }));
    }
}

/// Prints what a line costs: `cargo test --release … -- --ignored --nocapture costs`.
#[test]
#[ignore = "prints figures"]
fn costs() {
    let lines = [
        "[12:34:56] [Server thread/INFO]: Some plugin says that all is well with chunk 12, 34 of the overworld",
        "[12:34:56 INFO]: [Plugin] processed 1234 entities in 12ms",
        "[12:34:56] [Server thread/INFO]: <Alice> hello there, how are you all doing today?",
        "[12:34:56] [Server thread/WARN]: Alice moved too quickly! 12.3,0.0,-4.5",
        "\tat net.minecraft.server.MinecraftServer.runServer(MinecraftServer.java:1234) ~[server.jar:?]",
        "plain flood line without any prefix at all, number 123456",
    ];
    for line in lines {
        let rounds = 200_000u32;
        let started = std::time::Instant::now();
        let mut seen = 0u32;
        for _ in 0..rounds {
            seen += u32::from(event(&parse(std::hint::black_box(line))).is_some());
        }
        let each = started.elapsed() / rounds;
        println!("{each:?} a line, {} told something: {line}", seen / rounds);
    }
}
