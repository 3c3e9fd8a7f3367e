//! Points in time. Nothing here, or anywhere in core, reads a clock: `now` comes in as an argument.

use alloc::string::String;
use core::fmt;

use crate::snapshot::Persist;

/// Milliseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Persist)]
pub struct Timestamp(u64);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// The point `millis` milliseconds after the epoch.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since the epoch.
    pub const fn as_secs(self) -> u64 {
        self.0 / 1000
    }

    /// Milliseconds from `earlier` to `self`; 0 when `earlier` is later.
    pub const fn millis_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The point `millis` later; the end of time when there is none.
    #[must_use]
    pub const fn plus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// The point `millis` earlier; the epoch when there is none.
    #[must_use]
    pub const fn minus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_sub(millis))
    }

    /// The calendar date and time of day in UTC.
    pub const fn to_civil(self) -> CivilTime {
        let days = self.0 / 86_400_000;
        let ms_of_day = self.0 % 86_400_000;
        // Days to a date in the proleptic Gregorian calendar, by 400-year eras that start on 1 March.
        let shifted = days + 719_468;
        let era = shifted / 146_097;
        let day_of_era = shifted % 146_097;
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
        let seconds = ms_of_day / 1000;
        CivilTime {
            year,
            month: month as u8,
            day: day as u8,
            hour: (seconds / 3600) as u8,
            minute: (seconds / 60 % 60) as u8,
            second: (seconds % 60) as u8,
            millisecond: (ms_of_day % 1000) as u16,
        }
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 with milliseconds: `2013-01-01T00:00:00.000Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = self.to_civil();
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            t.year, t.month, t.day, t.hour, t.minute, t.second, t.millisecond
        )
    }
}

/// A date and time of day in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the calendar does not grow fields")]
pub struct CivilTime {
    /// Four or more digits.
    pub year: u64,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59; no leap seconds.
    pub second: u8,
    /// 0 to 999.
    pub millisecond: u16,
}

impl CivilTime {
    /// The text of Java's `Date`, which some messages of the service contain: `Thu Jan 22 01:22:02 UTC 2015`.
    pub(crate) fn to_java_date(self) -> String {
        const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let month_index = usize::from(self.month) - 1;
        // Sakamoto's day of the week.
        const OFFSETS: [u64; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
        let year = if self.month < 3 { self.year - 1 } else { self.year };
        let leap_days = year / 4 - year / 100 + year / 400;
        let day = (year + leap_days + OFFSETS[month_index] + u64::from(self.day)) % 7;
        alloc::format!(
            "{} {} {:02} {:02}:{:02}:{:02} UTC {}",
            DAYS[day as usize],
            MONTHS[month_index],
            self.day,
            self.hour,
            self.minute,
            self.second,
            self.year
        )
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn formats_known_dates() {
        assert_eq!(Timestamp::EPOCH.to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Timestamp::from_millis(951_782_400_000).to_string(), "2000-02-29T00:00:00.000Z");
        assert_eq!(Timestamp::from_millis(1_356_998_400_123).to_string(), "2013-01-01T00:00:00.123Z");
        assert_eq!(Timestamp::from_millis(4_107_542_399_999).to_string(), "2100-02-28T23:59:59.999Z");
        assert_eq!(Timestamp::from_millis(4_107_542_400_000).to_string(), "2100-03-01T00:00:00.000Z");
    }

    #[test]
    fn prints_dates_as_java_does() {
        let text = |millis| Timestamp::from_millis(millis).to_civil().to_java_date();
        assert_eq!(text(1_421_889_722_000), "Thu Jan 22 01:22:02 UTC 2015");
        assert_eq!(text(951_782_400_000), "Tue Feb 29 00:00:00 UTC 2000");
    }

    #[test]
    fn saturates_at_both_ends() {
        assert_eq!(Timestamp::EPOCH.minus_millis(1), Timestamp::EPOCH);
        assert_eq!(Timestamp::from_millis(u64::MAX).plus_millis(1), Timestamp::from_millis(u64::MAX));
        assert_eq!(Timestamp::from_millis(5).millis_since(Timestamp::from_millis(9)), 0);
    }
}
