use super::cron;
use crate::{
    engine::schedules::plan::{explain, span},
    model::schedule::When,
};

#[test]
fn an_expression_is_told_in_words() {
    let told = [
        ("0 4 * * *", "at 04:00 every day in Europe/Berlin"),
        ("30 4 * * ?", "at 04:30 every day in Europe/Berlin"),
        ("15 30 4 * * *", "at 04:30:15 every day in Europe/Berlin"),
        ("0 4 * * MON", "at 04:00, on Monday in Europe/Berlin"),
        ("0 4 1 * *", "at 04:00, on day 1 in Europe/Berlin"),
        ("*/15 * * * *", "every 15 minutes in Europe/Berlin"),
        ("0 4 L * *", "at 04:00, on the last day of the month in Europe/Berlin"),
        ("0 4 1 1 *", "at 04:00, on day 1, in January in Europe/Berlin"),
    ];
    for (expression, words) in told {
        assert_eq!(explain(&cron(expression, "Europe/Berlin")).unwrap(), words, "{expression}");
    }
}

#[test]
fn an_interval_is_told_in_its_largest_unit() {
    for (seconds, words) in [
        (60, "1 minute"),
        (90, "90 seconds"),
        (5_400, "90 minutes"),
        (3_600, "1 hour"),
        (86_400, "24 hours"),
        (172_800, "2 days"),
        (1, "1 second"),
    ] {
        assert_eq!(span(seconds), words);
    }
    assert_eq!(explain(&When::Every(86_400)).unwrap(), "every 24 hours");
}
