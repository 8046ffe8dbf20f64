//! Time, which this library is always given and never asks for.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// One moment: the driver's monotonic clock and the wall clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Time since a point that the driver chose once; never goes back.
    pub elapsed: Duration,
    /// Wall clock, milliseconds since 1970-01-01 UTC.
    pub unix_ms: u64,
}

impl Now {
    /// Reads the machine's clocks; `started` is the driver's own zero point.
    #[must_use]
    pub fn read(started: Instant) -> Self {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { elapsed: started.elapsed(), unix_ms: u64::try_from(unix.as_millis()).unwrap_or(u64::MAX) }
    }

    /// Wall clock in whole seconds since 1970-01-01 UTC, cut to 32 bits as region files keep it.
    #[must_use]
    pub fn unix_seconds(&self) -> u32 {
        u32::try_from(self.unix_ms / 1000).unwrap_or(u32::MAX)
    }
}

/// A date and a time of day in the proleptic Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// Year, such as 2026.
    pub year: i64,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute, 0 to 59.
    pub minute: u8,
    /// Second, 0 to 59.
    pub second: u8,
    /// Millisecond, 0 to 999.
    pub milli: u16,
}

/// Turns a wall clock (milliseconds since 1970 UTC) into date and time at a fixed offset east of UTC, in seconds.
#[must_use]
pub fn civil(unix_ms: u64, offset_seconds: i32) -> Civil {
    let ms = i64::try_from(unix_ms).unwrap_or(i64::MAX / 2).saturating_add(i64::from(offset_seconds) * 1000);
    let day_ms = ms.rem_euclid(86_400_000);
    let (year, month, day) = date(ms.div_euclid(86_400_000));
    let part = |value: i64| u8::try_from(value).unwrap_or(0);
    Civil {
        year,
        month,
        day,
        hour: part(day_ms / 3_600_000),
        minute: part(day_ms / 60_000 % 60),
        second: part(day_ms / 1000 % 60),
        milli: u16::try_from(day_ms % 1000).unwrap_or(0),
    }
}

/// Days since 1970-01-01 to year, month and day, counting in eras of 400 years that begin in March.
fn date(days: i64) -> (i64, u8, u8) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, u8::try_from(month).unwrap_or(1), u8::try_from(day).unwrap_or(1))
}

/// Offset east of UTC in seconds for a `TZ` value. Only fixed zones are known (`UTC`, `Etc/GMT-2`, `UTC+3`); the
/// sign of the last two is POSIX's, so `Etc/GMT-2` is two hours **east**. Anything else is UTC, because a static
/// program in an empty image has no zone files.
#[must_use]
pub fn zone_offset(tz: &str) -> i32 {
    let rest = tz.strip_prefix("Etc/").unwrap_or(tz);
    let rest = rest.strip_prefix("GMT").or_else(|| rest.strip_prefix("UTC")).unwrap_or("");
    rest.parse::<i32>().ok().filter(|hours| hours.abs() <= 14).map_or(0, |hours| -hours * 3600)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_leap_days_and_offsets() {
        let leap = civil(1_709_164_799_000 + 1000, 0);
        assert_eq!((leap.year, leap.month, leap.day, leap.hour), (2024, 2, 29, 0));
        let east = civil(0, zone_offset("Etc/GMT-2"));
        assert_eq!((east.year, east.hour), (1970, 2));
        let west = civil(0, zone_offset("UTC+3"));
        assert_eq!((west.year, west.month, west.day, west.hour), (1969, 12, 31, 21));
        assert_eq!(zone_offset("Europe/Warsaw"), 0);
    }
}
