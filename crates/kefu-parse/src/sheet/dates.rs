//! Moments by the format of their cell.

use calamine::ExcelDateTime;

const MONTHS: [&str; 12] = [
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

/// A date, a time or both. Without a format, or with one that is not understood, as
/// `2026-11-25 14:30:00`, parts that say nothing left out.
pub(super) fn moment(moment: &ExcelDateTime, code: Option<&str>) -> String {
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let parts = Parts {
        year: u32::from(year),
        month: u32::from(month),
        day: u32::from(day),
        hour: u32::from(hour),
        minute: u32::from(minute),
        second: u32::from(second),
    };
    if moment.is_duration() {
        let seconds = (moment.as_f64() * 86_400.0).round().max(0.0) as u64;
        return format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
    code.and_then(|code| parts.by(code)).unwrap_or_else(|| parts.plain(moment.as_f64()))
}

struct Parts {
    year: u32,
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
}

impl Parts {
    fn plain(&self, serial: f64) -> String {
        let date = format!("{:04}-{:02}-{:02}", self.year, self.month, self.day);
        let mut time = format!("{:02}:{:02}", self.hour, self.minute);
        if self.second > 0 {
            time.push_str(&format!(":{:02}", self.second));
        }
        if serial < 1.0 {
            time
        } else if serial.fract() == 0.0 {
            date
        } else {
            format!("{date} {time}")
        }
    }

    /// By a format; `None` when it holds what is not known.
    fn by(&self, code: &str) -> Option<String> {
        let section = code.split(';').next().unwrap_or_default();
        let is_half_day = section.to_ascii_lowercase().contains("am/pm");
        let mut out = String::new();
        let mut chars = section.chars().peekable();
        let mut after_hour = false;
        while let Some(c) = chars.next() {
            match c.to_ascii_lowercase() {
                '"' => out.extend(chars.by_ref().take_while(|c| *c != '"')),
                '\\' => out.extend(chars.next()),
                '[' => {
                    let inner: String = chars.by_ref().take_while(|c| *c != ']').collect();
                    // A locale changes names only; elapsed hours are something else.
                    if !inner.starts_with('$') {
                        return None;
                    }
                }
                '_' | '*' => {
                    chars.next();
                }
                'a' => {
                    for _ in 0..4 {
                        chars.next();
                    }
                    out.push_str(if self.hour < 12 { "AM" } else { "PM" });
                }
                letter @ ('y' | 'm' | 'd' | 'h' | 's') => {
                    let mut n = 1;
                    while chars.next_if(|c| c.to_ascii_lowercase() == letter).is_some() {
                        n += 1;
                    }
                    let rest: String = chars.clone().collect::<String>().to_ascii_lowercase();
                    let before_second =
                        rest.trim_start_matches([':', '"', '分', ' ']).starts_with('s');
                    let is_minute = letter == 'm' && (after_hour || before_second);
                    out.push_str(&self.field(letter, n, is_minute, is_half_day)?);
                    after_hour = letter == 'h';
                }
                '@' => {}
                other if other.is_ascii_alphabetic() || other == '0' || other == '#' => {
                    return None;
                }
                _ => out.push(c),
            }
        }
        let out = out.trim().to_owned();
        (!out.is_empty()).then_some(out)
    }

    fn field(&self, letter: char, n: usize, is_minute: bool, is_half_day: bool) -> Option<String> {
        let padded = |value: u32| if n >= 2 { format!("{value:02}") } else { value.to_string() };
        let name = || MONTHS.get(self.month.checked_sub(1)? as usize);
        Some(match letter {
            'y' if n <= 2 => format!("{:02}", self.year % 100),
            'y' => format!("{:04}", self.year),
            'm' if is_minute => padded(self.minute),
            'm' if n == 3 => name()?.get(..3)?.to_owned(),
            'm' if n >= 4 => (*name()?).to_owned(),
            'm' => padded(self.month),
            'd' if n <= 2 => padded(self.day),
            // Names of days are left to the reader.
            'd' => return None,
            'h' if is_half_day => padded((self.hour + 11) % 12 + 1),
            'h' => padded(self.hour),
            _ => padded(self.second),
        })
    }
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType;

    use super::*;

    #[test]
    fn dates_look_as_in_the_sheet() {
        // 2026-11-25 14:05
        let serial = 46_351.0 + (14.0 * 60.0 + 5.0) / 1_440.0;
        let at = ExcelDateTime::new(serial, ExcelDateTimeType::DateTime, false);
        let cases = [
            (None, "2026-11-25 14:05"),
            (Some("yyyy\"年\"m\"月\"d\"日\""), "2026年11月25日"),
            (Some("d mmm yyyy"), "25 Nov 2026"),
            (Some("mmmm d, yyyy"), "November 25, 2026"),
            (Some("dd/mm/yy hh:mm"), "25/11/26 14:05"),
            (Some("h:mm AM/PM"), "2:05 PM"),
            (Some("[$-409]yyyy\\-mm\\-dd;@"), "2026-11-25"),
            (Some("dddd"), "2026-11-25 14:05"),
        ];
        for (code, expected) in cases {
            assert_eq!(moment(&at, code), expected, "{code:?}");
        }
        let day = ExcelDateTime::new(46_351.0, ExcelDateTimeType::DateTime, false);
        assert_eq!(moment(&day, None), "2026-11-25");
        let length = ExcelDateTime::new(1.5, ExcelDateTimeType::TimeDelta, false);
        assert_eq!(moment(&length, Some("[h]:mm")), "36:00:00");
    }
}
