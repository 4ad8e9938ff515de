use std::future::Future;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kefu_core::Deadline;

use crate::error::RagError;

/// Runs `work` until the deadline.
pub(crate) async fn within<T>(
    deadline: Deadline,
    stage: &'static str,
    work: impl Future<Output = T>,
) -> Result<T, RagError> {
    tokio::time::timeout_at(deadline.instant().into(), work)
        .await
        .map_err(|_| RagError::DeadlineExceeded { stage })
}

/// Refuses to go on once the deadline has passed.
pub(crate) fn check(deadline: Deadline, stage: &'static str) -> Result<(), RagError> {
    if deadline.is_over() { Err(RagError::DeadlineExceeded { stage }) } else { Ok(()) }
}

/// A deadline that comes earlier by `margin`, so that the caller has time for what follows.
pub(crate) fn earlier(deadline: Deadline, margin: Duration) -> Deadline {
    Deadline::after(deadline.remaining().saturating_sub(margin))
}

/// The day of the calendar in UTC, `YYYY-MM-DD`; times beyond the calendar become its edge.
pub(crate) fn today(now_ms: i64) -> String {
    let edge = if now_ms < 0 { Timestamp::MIN } else { Timestamp::MAX };
    let now = Timestamp::from_millisecond(now_ms).unwrap_or(edge);
    now.to_zoned(TimeZone::UTC).date().to_string()
}

/// Whether `text` is a day of the calendar written as `YYYY-MM-DD`.
pub(crate) fn is_day(text: &str) -> bool {
    text.len() == 10 && text.parse::<Date>().is_ok()
}

/// Whole milliseconds since `start`.
pub(crate) fn ms_since(start: Instant) -> u32 {
    u32::try_from(start.elapsed().as_millis()).unwrap_or(u32::MAX)
}
