//! The time before each line.

use std::fmt::Write;

use jiff::{Timestamp, tz::TimeZone};

/// How the time at which the host had a line is shown before it. (The server writes its own into the line.)
#[derive(Clone, PartialEq, Debug, Default)]
pub enum Stamps {
    /// Not at all.
    #[default]
    Off,
    /// `14:03:59`, in this time zone.
    Time(TimeZone),
    /// `11-23 14:03:59`, in this time zone.
    DateTime(TimeZone),
}

impl Stamps {
    /// Columns that it takes, the space after it included.
    pub(super) fn width(&self) -> u16 {
        match self {
            Self::Off => 0,
            Self::Time(_) => 9,
            Self::DateTime(_) => 15,
        }
    }

    /// Writes it into `text`, which is emptied first.
    pub(super) fn write(&self, at: Timestamp, text: &mut String) {
        text.clear();
        // Writing to a string cannot fail.
        let _ = match self {
            Self::Off => Ok(()),
            Self::Time(zone) => {
                let time = zone.to_datetime(at);
                write!(text, "{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())
            }
            Self::DateTime(zone) => {
                let time = zone.to_datetime(at);
                let (month, day) = (time.month(), time.day());
                write!(
                    text,
                    "{month:02}-{day:02} {:02}:{:02}:{:02}",
                    time.hour(),
                    time.minute(),
                    time.second()
                )
            }
        };
    }
}
