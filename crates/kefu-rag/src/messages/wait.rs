//! Points in time for customers.

use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};
use kefu_core::ports::CallBack;

/// Names of days, Monday first.
const DAYS_ZH: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];

/// Such as `Thursday, 26 November, 09:00 (Asia/Shanghai)`.
pub(super) fn english(call_back: &CallBack) -> String {
    let at = local(call_back).strftime("%A, %-d %B, %H:%M");
    format!("{at} ({})", call_back.time_zone)
}

/// Such as `11月26日（周四）09:00（Asia/Shanghai）`.
pub(super) fn chinese(call_back: &CallBack) -> String {
    let at = local(call_back);
    let day = usize::try_from(at.weekday().to_monday_zero_offset()).ok();
    let day = day.and_then(|day| DAYS_ZH.get(day)).copied().unwrap_or_default();
    let (hour, minute, zone) = (at.hour(), at.minute(), &call_back.time_zone);
    format!("{}月{}日（{day}）{hour:02}:{minute:02}（{zone}）", at.month(), at.day())
}

fn local(call_back: &CallBack) -> Zoned {
    let zone =
        Offset::from_seconds(call_back.offset_seconds).map_or(TimeZone::UTC, TimeZone::fixed);
    Timestamp::from_millisecond(call_back.at_ms).unwrap_or_default().to_zoned(zone)
}
