//! Dates and times of day.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{Fact, FactKind, pattern};

type Read = fn(&Captures<'_>) -> Option<Fact>;

const MONTH: &str = r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?";

/// Patterns with their readers, in the order they are tried.
pub(super) static READERS: LazyLock<[(Regex, Read); 11]> = LazyLock::new(|| {
    [
        (pattern(r"(?-u:\b)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?-u:\b)"), |m| {
            date(&m[1], &m[2], &m[3])
        }),
        (pattern(r"(\d{4}) ?年 ?(\d{1,2}) ?月 ?(\d{1,2}) ?[日号]"), |m| {
            date(&m[1], &m[2], &m[3])
        }),
        (pattern(r"(\d{4}) ?年 ?(\d{1,2}) ?月"), |m| date(&m[1], &m[2], "*")),
        (pattern(r"(\d{1,2}) ?月 ?(\d{1,2}) ?[日号]"), |m| date("*", &m[1], &m[2])),
        (
            pattern(&format!(
                r"(?-u:\b){MONTH} (\d{{1,2}})(?:st|nd|rd|th)?(?-u:\b)(?:,? (\d{{4}})(?-u:\b))?"
            )),
            |m| date(m.get(3).map_or("*", |y| y.as_str()), &month(&m[1]), &m[2]),
        ),
        (
            pattern(&format!(
                r"(?-u:\b)(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?{MONTH}(?-u:\b)(?:,? (\d{{4}})(?-u:\b))?"
            )),
            |m| date(m.get(3).map_or("*", |y| y.as_str()), &month(&m[2]), &m[1]),
        ),
        (pattern(&format!(r"(?-u:\b){MONTH},? (\d{{4}})(?-u:\b)")), |m| {
            date(&m[2], &month(&m[1]), "*")
        }),
        (pattern(r"(?-u:\b)(\d{1,2})/(\d{1,2})/(\d{2,4})(?-u:\b)"), |m| {
            Some(Fact::new(FactKind::Date, format!("{}/{}/{}", &m[1], &m[2], &m[3])))
        }),
        (pattern(r"(?-u:\b)(\d{1,2}):(\d{2})(?::\d{2})?(?: ?([ap])\.?m(?-u:\b))?"), |m| {
            time(&m[1], &m[2], m.get(3).map_or("", |half| half.as_str()))
        }),
        (pattern(r"(?-u:\b)(\d{1,2}) ?([ap])\.?m(?-u:\b)"), |m| time(&m[1], "0", &m[2])),
        (
            pattern(r"(上午|早上|下午|晚上|晚间|中午)? ?(\d{1,2}) ?点(半|(\d{1,2}) ?分)?"),
            |m| {
                let late = m.get(1).is_some_and(|w| matches!(w.as_str(), "下午" | "晚上" | "晚间"));
                let minutes = match (m.get(3), m.get(4)) {
                    (_, Some(minutes)) => minutes.as_str(),
                    (Some(_), None) => "30",
                    (None, None) => "0",
                };
                time(&m[2], minutes, if late { "p" } else { "" })
            },
        ),
    ]
});

/// Whether a date says nothing that `evidence` does not.
pub(super) fn agrees(claim: &str, evidence: &str) -> bool {
    let parts = claim.split('-').zip(evidence.split('-'));
    claim == evidence
        || claim.contains('-')
            && evidence.contains('-')
            && parts.into_iter().all(|(mine, theirs)| mine == "*" || mine == theirs)
}

fn date(year: &str, month: &str, day: &str) -> Option<Fact> {
    let (month, day) = (month.trim_start_matches('0'), day.trim_start_matches('0'));
    let in_range = |text: &str, max: u32| {
        text == "*" || text.parse::<u32>().is_ok_and(|n| (1..=max).contains(&n))
    };
    let fits = in_range(month, 12) && in_range(day, 31);
    fits.then(|| Fact::new(FactKind::Date, format!("{year}-{month}-{day}")))
}

fn month(name: &str) -> String {
    const NAMES: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let number = NAMES.iter().position(|short| name.starts_with(short)).map_or(0, |idx| idx + 1);
    number.to_string()
}

fn time(hour: &str, minute: &str, half: &str) -> Option<Fact> {
    let (hour, minute) = (hour.parse::<u32>().ok()?, minute.parse::<u32>().ok()?);
    let hour = match half {
        "p" if hour < 12 => hour + 12,
        "a" if hour == 12 => 0,
        _ => hour,
    };
    let fits = hour <= 24 && minute < 60;
    fits.then(|| Fact::new(FactKind::Time, (hour * 60 + minute).to_string()))
}
