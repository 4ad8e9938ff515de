//! The written form of hours and holidays.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::{Hours, MINUTES_PER_DAY, days_between, joined};

const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];
const MAX_RANGE_DAYS: usize = 366;

/// Adds one entry of weekly hours to the days of the week.
pub(super) fn week(text: &str, week: &mut [Vec<Hours>; 7]) -> Result<(), String> {
    let mut words = text.split_whitespace();
    let days = words.next().ok_or("it is empty")?;
    let (first, last) = match days.split_once('-') {
        Some((first, last)) => (day(first)?, day(last)?),
        None if days.eq_ignore_ascii_case("daily") => (Weekday::Monday, Weekday::Sunday),
        None => (day(days)?, day(days)?),
    };
    let ranges: Vec<(u16, u16)> = words.map(range).collect::<Result<_, _>>()?;
    if ranges.is_empty() {
        return Err("it names no hours".to_owned());
    }
    for day in days_between(first, last) {
        for (start_minute, end_minute) in &ranges {
            for (day, hours) in within_days(day, *start_minute, *end_minute) {
                if let Some(of_day) = week.get_mut(day) {
                    of_day.push(hours);
                }
            }
        }
    }
    Ok(())
}

/// Reads one entry of holidays.
pub(super) fn day_and_hours(text: &str) -> Result<(Vec<Date>, Vec<Hours>), String> {
    let mut words = text.split_whitespace();
    let days = words.next().ok_or("it is empty")?;
    let (first, last) = match days.split_once("..") {
        Some((first, last)) => (date(first)?, date(last)?),
        None => (date(days)?, date(days)?),
    };
    if last < first {
        return Err("it ends before it begins".to_owned());
    }
    let all = std::iter::successors(Some(first), |day| day.checked_add(1.day()).ok());
    let dates: Vec<Date> = all.take_while(|day| *day <= last).take(MAX_RANGE_DAYS + 1).collect();
    if dates.len() > MAX_RANGE_DAYS {
        return Err("it is longer than a year".to_owned());
    }
    let mut hours = Vec::new();
    for word in words {
        let (start_minute, end_minute) = range(word)?;
        if end_minute <= start_minute {
            return Err(format!("{word} ends before it begins"));
        }
        hours.push(Hours { start_minute, end_minute });
    }
    Ok((dates, joined(hours)))
}

/// The hours on the days they fall on: past midnight is the next day.
fn within_days(day: usize, start_minute: u16, end_minute: u16) -> Vec<(usize, Hours)> {
    if end_minute > start_minute {
        return vec![(day, Hours { start_minute, end_minute })];
    }
    let mut parts = vec![(day, Hours { start_minute, end_minute: MINUTES_PER_DAY })];
    if end_minute > 0 {
        parts.push(((day + 1) % 7, Hours { start_minute: 0, end_minute }));
    }
    parts
}

fn day(name: &str) -> Result<Weekday, String> {
    let known = DAYS.into_iter().find(|(known, _)| name.eq_ignore_ascii_case(known));
    let known = known.map(|(_, day)| day);
    known.ok_or_else(|| {
        format!("{name:?} is no day; days are mon, tue, wed, thu, fri, sat, sun and daily")
    })
}

fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| format!("{text:?} is no day of the calendar"))
}

fn range(text: &str) -> Result<(u16, u16), String> {
    let (start, end) = text.split_once('-').ok_or_else(|| format!("{text:?} is no span"))?;
    let (start, end) = (minute(start)?, minute(end)?);
    if start == MINUTES_PER_DAY || start == end {
        return Err(format!("{text:?} has no length"));
    }
    Ok((start, end))
}

fn minute(text: &str) -> Result<u16, String> {
    let parts = text.split_once(':').and_then(|(hour, minute)| {
        let is_short = (1..=2).contains(&hour.len()) && minute.len() == 2;
        let read = |digits: &str| digits.parse::<u16>().ok().filter(|_| is_short);
        Some((read(hour)?, read(minute)?))
    });
    match parts {
        Some((hour @ 0..=23, minute @ 0..=59)) => Ok(hour * 60 + minute),
        Some((24, 0)) => Ok(MINUTES_PER_DAY),
        _ => Err(format!("{text:?} is no time of day")),
    }
}
