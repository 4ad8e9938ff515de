//! Points in time for customers.

use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};
use kefu_core::ports::CallBack;

/// Names of days and months, Monday and January first.
const DAYS_EN: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const DAYS_ZH: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Such as `Thursday, 26 November, 09:00 (Asia/Shanghai)`.
pub(super) fn english(call_back: &CallBack) -> String {
    let at = local(call_back);
    let day = name(&DAYS_EN, at.weekday().to_monday_zero_offset());
    let month = name(&MONTHS_EN, at.month() - 1);
    let (hour, minute, zone) = (at.hour(), at.minute(), &call_back.time_zone);
    format!("{day}, {} {month}, {hour:02}:{minute:02} ({zone})", at.day())
}

/// Such as `11月26日（周四）09:00（Asia/Shanghai）`.
pub(super) fn chinese(call_back: &CallBack) -> String {
    let at = local(call_back);
    let day = name(&DAYS_ZH, at.weekday().to_monday_zero_offset());
    let (hour, minute, zone) = (at.hour(), at.minute(), &call_back.time_zone);
    format!("{}月{}日（{day}）{hour:02}:{minute:02}（{zone}）", at.month(), at.day())
}

fn local(call_back: &CallBack) -> Zoned {
    let zone =
        Offset::from_seconds(call_back.offset_seconds).map_or(TimeZone::UTC, TimeZone::fixed);
    Timestamp::from_millisecond(call_back.at_ms).unwrap_or_default().to_zoned(zone)
}

fn name(names: &[&'static str], idx: i8) -> &'static str {
    usize::try_from(idx).ok().and_then(|idx| names.get(idx)).copied().unwrap_or_default()
}
