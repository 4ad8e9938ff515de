//! Points in time and calendar days as text.

use jiff::Timestamp;
use jiff::civil::Date;

/// RFC 3339 in UTC for milliseconds since the epoch; times beyond the calendar become its edge.
pub(crate) fn rfc3339(at_ms: i64) -> String {
    let edge = if at_ms < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_millisecond(at_ms).unwrap_or(edge).to_string()
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
    fn times_are_utc() {
        assert_eq!(rfc3339(1_700_000_000_123), "2023-11-14T22:13:20.123Z");
    }
}
