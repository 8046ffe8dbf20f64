use super::cron;
use crate::{
    engine::schedules::plan::{check, check_name, duration, explain, zones_like},
    model::{
        FaultKind, ServerId,
        schedule::{Condition, Missed, Plan, Targets, Task, When},
    },
};

fn plan() -> Plan {
    Plan {
        name: "nightly".into(),
        targets: Targets::Created,
        when: cron("0 4 * * *", "Europe/Berlin"),
        task: Task::Backup,
        condition: Condition::Always,
        jitter_seconds: 0,
        at_once: 1,
        missed: Missed::RunOnce,
        paused: false,
    }
}

#[track_caller]
fn refused(plan: &Plan, field: &str, words: &str) {
    let fault = check(plan).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Invalid);
    assert_eq!(fault.field.as_deref(), Some(field), "{fault}");
    assert!(fault.what.contains(words), "{:?} does not say {words:?}", fault.what);
}

#[test]
fn a_wrong_expression_is_told_by_the_field_that_is_wrong() {
    for (expression, words) in [
        ("", "it has 0"),
        ("* * * *", "five fields (minute, hour, day of the month, month, day of the week)"),
        ("* * * * * * *", "it has 7"),
        ("60 4 * * *", "\"60\" is no minute: that is 0 to 59"),
        ("0 24 * * *", "\"24\" is no hour: that is 0 to 23"),
        ("0 4 32 * *", "\"32\" is no day of the month: that is 1 to 31"),
        ("0 4 0 * *", "\"0\" is no day of the month"),
        ("0 4 * 13 *", "\"13\" is no month: that is 1 to 12 or JAN to DEC"),
        ("0 4 * * 8", "\"8\" is no day of the week: that is 0 to 7 or SUN to SAT"),
        ("0 4 * * FOO", "\"FOO\" is no day of the week"),
        ("a 4 * * *", "\"a\" is no minute"),
        ("0 5-1-3 * * *", "is no hour"),
        ("0 4 * * * *", "is no"),
        ("*/0 * * * *", "\"*/0\" is no minute"),
        ("61 0 4 * * *", "\"61\" is no second"),
        ("* * * * * *", "its seconds must be at least 10 apart"),
        ("0,55 * * * * *", "its seconds must be at least 10 apart"),
        ("0 0 30 2 *", "never is due"),
        ("0 0 31 4,6,9,11 *", "never is due"),
        ("0 4 * * *\u{1b}[31m", "is no day of the week"),
        ("@daily", "it has 1"),
    ] {
        if expression == "0 4 * * * *" {
            // Six fields: the first is the second, so this is minute 4 of every hour.
            assert!(check(&Plan { when: cron(expression, "UTC"), ..plan() }).is_ok());
            continue;
        }
        refused(&Plan { when: cron(expression, "UTC"), ..plan() }, "cron", words);
    }
    let long = format!("{} * * * *", "1,".repeat(300));
    refused(&Plan { when: cron(&long, "UTC"), ..plan() }, "cron", "at most 512 characters");
}

#[test]
fn a_wrong_zone_is_told_with_the_one_that_may_be_meant() {
    refused(
        &Plan { when: cron("0 4 * * *", "Europe/Berlni"), ..plan() },
        "zone",
        "did you mean Europe/Berlin?",
    );
    refused(
        &Plan { when: cron("0 4 * * *", "Mars/Base"), ..plan() },
        "zone",
        "names are like Europe/Berlin or UTC",
    );
    refused(&Plan { when: cron("0 4 * * *", ""), ..plan() }, "zone", "there is no time zone");
    refused(&Plan { when: cron("0 4 * * *", "../../etc/passwd"), ..plan() }, "zone", "there is no time zone");
    assert!(explain(&cron("0 4 * * *", "Nowhere")).is_err());
    assert_eq!(zones_like("berlin", 1), ["Europe/Berlin"]);
    assert!(zones_like("kolkata", 3).contains(&"Asia/Kolkata".to_owned()));
}

#[test]
fn numbers_have_their_limits() {
    refused(&Plan { when: When::Every(59), ..plan() }, "every", "must be from 1m to 365d");
    refused(&Plan { when: When::Every(31_536_001), ..plan() }, "every", "must be from 1m to 365d");
    refused(&Plan { when: When::Every(u64::MAX), ..plan() }, "every", "must be from 1m to 365d");
    refused(&Plan { jitter_seconds: 3_601, ..plan() }, "jitter", "at most 3600 seconds");
    refused(
        &Plan { when: When::Every(60), jitter_seconds: 60, ..plan() },
        "jitter",
        "shorter than the interval",
    );
    refused(&Plan { at_once: 0, ..plan() }, "at_once", "must be from 1 to 64");
    refused(&Plan { at_once: 65, ..plan() }, "at_once", "must be from 1 to 64");
    refused(&Plan { targets: Targets::Servers(Vec::new()), ..plan() }, "servers", "name at least one");
    refused(&Plan { targets: Targets::Servers(vec![ServerId::new(); 1_001]), ..plan() }, "servers", "1000");
}

#[test]
fn a_command_is_one_line_like_any_that_is_typed() {
    let with = |lines: &[&str]| Plan {
        task: Task::Commands(lines.iter().map(|line| (*line).to_owned()).collect()),
        ..plan()
    };
    assert!(check(&with(&["say hello", "/save-all"])).is_ok());
    for bad in ["say hi\nstop", "say hi\r", "\nstop", "say \0", "say \u{1b}[2J"] {
        refused(&with(&["say hello", bad]), "command", "so nothing was sent");
    }
    refused(&with(&[]), "command", "1 to 32 lines");
    refused(&with(&["say x"; 33]), "command", "1 to 32 lines");
    refused(&with(&[" "]), "command", "empty");
    refused(&with(&[&"x".repeat(2_000)]), "command", "at most");
}

#[test]
fn names_are_told_apart_and_harmless() {
    for good in ["nightly", "Nachts um 4:00 (Berlin)", "ünïcode", "a"] {
        assert!(check_name(good).is_ok(), "{good}");
    }
    for bad in ["", " a", "a ", "-x", "a\nb", "a\u{1b}", "a/b", "a\u{202e}b", &"x".repeat(65)] {
        assert_eq!(check_name(bad).unwrap_err().field.as_deref(), Some("name"), "{bad:?}");
    }
}

#[test]
fn lengths_of_time_have_a_unit() {
    assert_eq!(duration("every", "24h").unwrap().as_secs(), 86_400);
    assert_eq!(duration("every", " 1d 12h ").unwrap().as_secs(), 129_600);
    for bad in ["24", "h", "", "-1h", "500ms", "1.0001s", "99999999999999999999d"] {
        assert_eq!(duration("jitter", bad).unwrap_err().field.as_deref(), Some("jitter"), "{bad:?}");
    }
}
