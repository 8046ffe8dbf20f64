//! The server driven by hand.

use std::time::Duration;

use super::Phase;
use super::rig::Rig;
use crate::disk::{Disk as _, MemDisk};
use crate::output::{Exit, Port};

#[test]
fn vanilla_opens_rcon_after_done_and_paper_before() {
    let vanilla = Rig::ready(&[]);
    assert_eq!(vanilla.ports, [Port::Game, Port::Rcon]);
    assert!(vanilla.log.find("Done (").unwrap() < vanilla.log.find("RCON running on 0.0.0.0:25575").unwrap());
    assert!(vanilla.log.contains("[Server thread/INFO]: Preparing level \"world\"\n"));
    let paper = Rig::ready(&[("TYPE", "PAPER")]);
    assert!(paper.log.find("Done (").unwrap() > paper.log.find("RCON running on 0.0.0.0:25575").unwrap());
    assert!(paper.log.contains(" INFO]: Done (0.300s)! For help, type \"help\"\n"));
}

#[test]
fn commands_typed_early_wait_for_ready() {
    let mut rig = Rig::loading(&[]);
    assert_eq!(rig.console("say early"), "");
    assert!(rig.server.status().is_none());
    rig.until(|rig| rig.server.phase() == Phase::Ready);
    assert!(rig.log.ends_with("[Not Secure] [Server] early\n"));
    assert_eq!(rig.server.status().unwrap().max, 20);
}

#[test]
fn saving_off_keeps_the_files_still_until_somebody_plays() {
    let mut rig = Rig::ready(&[("PAUSE_WHEN_EMPTY_SECONDS", "0")]);
    let before = rig.image();
    rig.wait(Duration::from_secs(11));
    assert_ne!(rig.image(), before);
    assert_eq!(rig.rcon("save-off"), "Automatic saving is now disabled");
    assert_eq!(rig.rcon("save-off"), "Saving is already turned off");
    assert!(rig.log.ends_with("[Rcon: Automatic saving is now disabled]\n"));
    assert_eq!(rig.rcon("save-all flush"), "Saving the game (this may take a moment!)Saved the game");
    let still = rig.image();
    rig.wait(Duration::from_secs(60));
    assert_eq!(rig.image(), still);
    rig.console("practice join Steve");
    rig.wait(Duration::from_secs(60));
    let names: Vec<String> = rig.image().into_iter().map(|(name, _)| name).collect();
    assert!(names.iter().any(|name| name == "world/region/r.-1.0.mca"));
    assert!(names.iter().any(|name| name.starts_with("world/playerdata/")));
    assert_eq!(rig.rcon("save-on"), "Automatic saving is now enabled");
}

#[test]
fn paper_ends_every_message_with_a_line_break() {
    let mut rig = Rig::ready(&[("TYPE", "PAPER")]);
    assert_eq!(rig.rcon("save-all flush"), "Saving the game (this may take a moment!)\nSaved the game\n");
    assert_eq!(rig.rcon("tps"), "§6TPS from last 1m, 5m, 15m: §a20.0, §a20.0, §a20.0\n");
    assert!(rig.console("tps").ends_with("INFO]: TPS from last 1m, 5m, 15m: 20.0, 20.0, 20.0\n"));
}

#[test]
fn a_slow_flush_blocks_the_main_thread_and_trips_the_watchdog() {
    let mut rig = Rig::ready(&[("PRACTICE_FLUSH_SECONDS", "10")]);
    rig.call(|server, cx| server.rcon(cx, 1, "save-all flush"));
    rig.call(|server, cx| server.rcon(cx, 2, "list"));
    assert!(rig.replies.is_empty());
    rig.wait(Duration::from_secs(10));
    let tickets: Vec<u64> = rig.replies.iter().map(|(ticket, _)| *ticket).collect();
    assert_eq!(tickets, [1, 2]);

    let mut rig = Rig::ready(&[("PRACTICE_FLUSH_SECONDS", "90")]);
    rig.console("save-all flush");
    rig.wait(Duration::from_secs(61));
    assert!(rig.log.contains("A single server tick took 60.00 seconds (should be max 0.05)"));
    assert_eq!(rig.exit, Some(Exit { code: 1, out_of_memory: false }));
}

#[test]
fn players_come_talk_die_and_go() {
    let mut rig = Rig::ready(&[]);
    let joined = rig.console("practice join Steve");
    assert!(joined.contains("UUID of player Steve is "));
    assert!(joined.contains("Steve[/172.17.0.1:"));
    assert!(joined.ends_with("[Server thread/INFO]: Steve joined the game\n"));
    assert!(rig.console("practice chat Steve hi all").ends_with("[Not Secure] <Steve> hi all\n"));
    assert!(rig.console("practice die Steve drowned").ends_with("]: Steve drowned\n"));
    assert!(rig.console("practice advance Steve Stone Age").contains("has made the advancement [Stone Age]"));
    assert_eq!(rig.rcon("list"), "There are 1 of a max of 20 players online: Steve");
    assert_eq!(rig.rcon("kick Steve bye now"), "Kicked Steve: bye now");
    assert!(rig.log.contains("Steve lost connection: bye now\n"));
    assert!(rig.log.contains("Steve left the game\n"));
    assert_eq!(rig.rcon("list"), "There are 0 of a max of 20 players online: ");
    assert!(rig.console("practice chat Steve hi").contains("practice: nothing done"));
}

#[test]
fn lists_keep_people_out() {
    let mut rig = Rig::ready(&[("WHITELIST", "Alex")]);
    assert!(rig.console("practice join Steve").contains("You are not white-listed on this server!"));
    assert_eq!(rig.rcon("whitelist add Steve"), "Added Steve to the whitelist");
    assert_eq!(rig.rcon("whitelist list"), "There are 2 whitelisted player(s): Alex, Steve");
    assert!(rig.call(|server, cx| server.join(cx, "Steve")));
    assert_eq!(rig.rcon("ban Steve"), "Banned Steve: Banned by an operator.");
    assert!(rig.server.players().is_empty());
    assert_eq!(rig.rcon("banlist"), "There are 1 ban(s):Steve was banned by Rcon: Banned by an operator.");
    assert!(String::from_utf8(rig.disk.read("banned-players.json").unwrap()).unwrap().contains("\"Steve\""));
}

#[test]
fn nonsense_is_pointed_at() {
    let mut rig = Rig::ready(&[]);
    let unknown = "Unknown or incomplete command, see below for error";
    assert_eq!(rig.rcon("foo"), format!("{unknown}foo<--[HERE]"));
    assert_eq!(rig.rcon("kick"), format!("{unknown}kick<--[HERE]"));
    assert_eq!(rig.rcon("time set banana"), "Incorrect argument for command...set banana<--[HERE]");
    assert_eq!(rig.rcon("practice join Steve"), format!("{unknown}practice<--[HERE]"));
}

#[test]
fn stops_save_and_report_their_code() {
    let mut rig = Rig::ready(&[]);
    rig.console("save-off");
    let before = rig.image();
    assert_eq!(rig.rcon("stop"), "Stopping the server");
    rig.until(|rig| rig.exit.is_some());
    assert_eq!(rig.exit, Some(Exit { code: 0, out_of_memory: false }));
    assert!(rig.log.contains("]: ThreadedAnvilChunkStorage: All dimensions are saved\n"));
    assert_ne!(rig.image(), before);

    let mut rig = Rig::ready(&[]);
    rig.call(|server, cx| server.terminate(cx));
    rig.until(|rig| rig.exit.is_some());
    assert_eq!(rig.exit.map(|exit| exit.code), Some(143));

    let mut rig = Rig::ready(&[("PRACTICE_FAIL", "ignore-stop")]);
    rig.console("stop");
    rig.call(|server, cx| server.terminate(cx));
    rig.wait(Duration::from_secs(100));
    assert_eq!(rig.server.phase(), Phase::Ready);
}

#[test]
fn every_way_to_die_has_its_line_and_code() {
    let cases = [
        ("bind", 0, "**** FAILED TO BIND TO PORT!"),
        ("crash:5", 0, "This crash report has been saved to: /data/./crash-reports/crash-"),
        ("crash:0:7", 7, "Encountered an unexpected exception"),
        ("watchdog:2", 1, "Considering it to be crashed, server will forcibly shutdown."),
        ("heap", 0, "java.lang.OutOfMemoryError: Java heap space"),
        ("jvm-memory", 1, "There is insufficient memory for the Java Runtime"),
        ("wrong-java:65", 1, "(class file version 65.0)"),
        ("locked", 1, "session.lock: already locked (possibly by other"),
    ];
    for (fault, code, line) in cases {
        let mut rig = Rig::loading(&[("PRACTICE_FAIL", fault)]);
        rig.until(|rig| rig.exit.is_some());
        assert_eq!(rig.exit, Some(Exit { code, out_of_memory: false }), "{fault}");
        assert!(rig.log.contains(line), "{fault}: {}", rig.log);
    }
    let mut rig = Rig::loading(&[("PRACTICE_FAIL", "oom")]);
    rig.until(|rig| rig.exit.is_some());
    assert_eq!(rig.exit, Some(Exit { code: 137, out_of_memory: true }));
}

#[test]
fn failing_can_be_limited_to_the_first_starts() {
    let env = [("PRACTICE_FAIL", "crash:0:1"), ("PRACTICE_FAIL_TIMES", "2")];
    let mut disk = MemDisk::new();
    for start in 0..3 {
        let mut rig = Rig::with_disk(disk, &env);
        if start < 2 {
            rig.until(|rig| rig.exit.is_some());
        } else {
            rig.until(|rig| rig.server.phase() == Phase::Ready);
        }
        disk = rig.disk;
    }
}

#[test]
fn never_ready_and_hang_are_alive_and_useless() {
    let mut rig = Rig::loading(&[("PRACTICE_FAIL", "never-ready")]);
    rig.wait(Duration::from_secs(600));
    assert_eq!(rig.server.phase(), Phase::Loading);
    assert!(!rig.log.contains("Done ("));
    let mut rig = Rig::ready(&[]);
    rig.console("practice hang");
    assert_eq!(rig.console("say hello"), "");
    assert!(rig.server.hangs() && rig.server.next_wake().is_none());
}

#[test]
fn a_flood_is_complete_and_keeps_its_rate() {
    let mut rig = Rig::ready(&[]);
    rig.console("practice flood 5000");
    rig.wait(Duration::from_secs(1));
    assert!(rig.log.contains("flood line 1 of 5000\n") && rig.log.ends_with("flood line 5000 of 5000\n"));
    assert_eq!(rig.log.matches("flood line").count(), 5000);
    rig.console("practice flood 100 10");
    rig.wait(Duration::from_secs(5));
    let count = rig.log.matches(" of 100\n").count();
    assert!((49..=51).contains(&count), "{count}");
}

#[test]
fn an_empty_server_pauses_and_then_costs_nothing() {
    let mut rig = Rig::ready(&[]);
    rig.wait(Duration::from_secs(61));
    assert!(rig.log.ends_with("Server empty for 60 seconds, pausing\n"));
    assert_eq!(rig.server.next_wake(), None);
    rig.console("practice join Steve");
    assert!(rig.server.next_wake().is_some());
}

#[test]
fn newer_versions_mark_system_chat_but_not_chat() {
    let mut rig = Rig::ready(&[("VERSION", "26.3")]);
    assert!(rig.console("practice join Steve").ends_with("System chat: Steve joined the game\n"));
    assert!(rig.console("practice chat Steve hi").ends_with("]: [Not Secure] <Steve> hi\n"));
    assert!(rig.console("list").contains("]: System chat: There are 1 of a max of 20"));
}

#[test]
fn activity_moves_players_about() {
    let mut rig = Rig::ready(&[("PRACTICE_ACTIVITY_SECONDS", "1")]);
    rig.wait(Duration::from_secs(300));
    for word in [" joined the game", " left the game", "[Not Secure] <"] {
        assert!(rig.log.contains(word), "{word}");
    }
}

#[test]
fn a_full_disk_fails_the_save_and_says_so() {
    let mut rig = Rig::ready(&[]);
    rig.disk.set_limit(Some(0));
    assert_eq!(
        rig.rcon("save-all flush"),
        "Saving the game (this may take a moment!)Unable to save the game (is there enough disk space?)"
    );
}
