//! Points in time and calendar days as text.

use jiff::Timestamp;
use jiff::civil::Date;

/// RFC 3339 in UTC for milliseconds since the epoch; times beyond the calendar become its edge.
pub(crate) fn rfc3339(at_ms: i64) -> String {
    let edge = if at_ms < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_millisecond(at_ms).unwrap_or(edge).to_string()
}

/// The day, `YYYY-MM-DD` in UTC, that lies `n_days` after a point in time, milliseconds since the
/// epoch; days beyond the calendar become its edge.
#[must_use]
pub fn day_after(at_ms: i64, n_days: u32) -> String {
    let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::MAX);
    let today = at.to_zoned(jiff::tz::TimeZone::UTC).date();
    today.saturating_add(jiff::Span::new().days(i64::from(n_days.min(1_000_000)))).to_string()
}

/// Whether `text` is a day of the calendar written as `YYYY-MM-DD`.
pub(crate) fn is_day(text: &str) -> bool {
    text.len() == 10 && text.parse::<Date>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_checked_against_the_calendar() {
        assert!(is_day("2024-02-29"));
        assert!(!is_day("2023-02-29"));
        assert!(!is_day("2024-2-9"));
        assert!(!is_day("tomorrow!!"));
    }

    #[test]
    fn days_are_counted_on_the_calendar() {
        assert_eq!(day_after(1_700_000_000_123, 0), "2023-11-14");
        assert_eq!(day_after(1_700_000_000_123, 30), "2023-12-14");
        assert_eq!(day_after(1_700_000_000_123, u32::MAX).len(), 10);
    }

    #[test]
    fn times_are_utc() {
        assert_eq!(rfc3339(1_700_000_000_123), "2023-11-14T22:13:20.123Z");
    }
}
