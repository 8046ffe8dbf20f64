mod refused;
mod words;
mod year;

use crate::model::schedule::When;

fn cron(expression: &str, zone: &str) -> When {
    When::Cron { expression: expression.into(), zone: zone.into() }
}
