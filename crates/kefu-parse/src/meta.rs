//! Checks of metadata values. What decides who may read a document, or when it holds, is never
//! guessed at; what only decorates it is dropped with a note.

use kefu_core::{Audience, DocumentState, Language};
use serde::Deserialize;

use crate::error::ParseError;
use crate::parsed::{ParsedMeta, SectionDays};

/// Metadata as a row or a front matter says it.
#[derive(Debug, Default)]
pub(crate) struct RawMeta {
    pub(crate) language: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) audiences: Vec<String>,
    pub(crate) valid_from: Option<String>,
    pub(crate) valid_to: Option<String>,
    pub(crate) sections: Vec<RawSection>,
    pub(crate) state: Option<String>,
    pub(crate) keep: Vec<String>,
}

/// The days of one section as a row or a front matter says them.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct RawSection {
    #[serde(default)]
    pub(crate) heading: String,
    pub(crate) valid_from: Option<String>,
    pub(crate) valid_to: Option<String>,
}

/// Sections with days of their own in one document.
const MAX_SECTIONS: usize = 200;

/// Checks every value; remarks on dropped ones go to `notes`.
pub(crate) fn check(raw: RawMeta, notes: &mut Vec<String>) -> Result<ParsedMeta, ParseError> {
    let mut audiences = Vec::with_capacity(raw.audiences.len());
    for name in raw.audiences {
        match Audience::new(name.trim()) {
            Some(audience) => audiences.push(audience.as_str().to_owned()),
            None => {
                let detail = format!(
                    "has {name:?}: use letters, digits, '-', '_' and '.', at most 64 bytes"
                );
                return Err(ParseError::BadMetadata { field: "audiences", detail });
            }
        }
    }
    Ok(ParsedMeta {
        language: raw.language.and_then(|code| language(&code, notes)),
        url: raw.url.and_then(|url| address(&url, notes)),
        audiences,
        valid_from: day(raw.valid_from, "valid_from")?,
        valid_to: day(raw.valid_to, "valid_to")?,
        sections: sections(raw.sections)?,
        state: state(raw.state)?,
        keep: raw.keep,
    })
}

fn sections(raw: Vec<RawSection>) -> Result<Vec<SectionDays>, ParseError> {
    let bad = |detail: String| ParseError::BadMetadata { field: "sections", detail };
    if raw.len() > MAX_SECTIONS {
        return Err(bad(format!("has {} entries; at most {MAX_SECTIONS} are allowed", raw.len())));
    }
    let section = |raw: RawSection| {
        let heading = raw.heading.split_whitespace().collect::<Vec<_>>().join(" ");
        if heading.is_empty() {
            return Err(bad("has an entry without a heading".to_owned()));
        }
        let valid_from = day(raw.valid_from, "sections")?;
        let valid_to = day(raw.valid_to, "sections")?;
        if valid_from.is_none() && valid_to.is_none() {
            let detail = format!("says no day for {heading:?}: add valid_from or valid_to");
            return Err(bad(detail));
        }
        Ok(SectionDays { heading, valid_from, valid_to })
    };
    raw.into_iter().map(section).collect()
}

fn language(code: &str, notes: &mut Vec<String>) -> Option<String> {
    let language = Language::from_code(code);
    if language.is_none() {
        notes.push(format!("language code {code:?} is not known; the text decides"));
    }
    language.map(|l| l.code().to_owned())
}

/// Other schemes could run script in the page that shows the source.
fn address(url: &str, notes: &mut Vec<String>) -> Option<String> {
    let url = url.trim();
    let lower = url.to_ascii_lowercase();
    if lower.starts_with("https://") || lower.starts_with("http://") {
        return Some(url.to_owned());
    }
    if !url.is_empty() {
        notes.push("the url is left out: it begins with neither https:// nor http://".to_owned());
    }
    None
}

fn day(value: Option<String>, field: &'static str) -> Result<Option<String>, ParseError> {
    let Some(value) = value.map(|v| v.trim().to_owned()).filter(|v| !v.is_empty()) else {
        return Ok(None);
    };
    if is_day(&value) {
        return Ok(Some(value));
    }
    Err(ParseError::BadMetadata { field, detail: format!("is {value:?}: write YYYY-MM-DD") })
}

fn state(value: Option<String>) -> Result<Option<String>, ParseError> {
    let Some(value) = value.map(|v| v.trim().to_ascii_lowercase()).filter(|v| !v.is_empty()) else {
        return Ok(None);
    };
    if DocumentState::parse(&value).is_some() {
        return Ok(Some(value));
    }
    let detail = format!("is {value:?}: write draft, approved or retired");
    Err(ParseError::BadMetadata { field: "state", detail })
}

fn is_day(value: &str) -> bool {
    let parts: Vec<&str> = value.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let number = |text: &str, len: usize| {
        let digits = text.len() == len && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse::<u32>().ok()).flatten()
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2))
    else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let n_days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=n_days).contains(&day)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn days_are_calendar_days() {
        for good in ["2024-02-29", "2026-12-31"] {
            assert!(is_day(good), "{good}");
        }
        for bad in ["2023-02-29", "2026-13-01", "2026-1-1", "01.02.2026", "+026-01-01"] {
            assert!(!is_day(bad), "{bad}");
        }
    }

    #[test]
    fn a_state_is_a_known_word() {
        let checked = |word: &str| {
            let raw = RawMeta { state: Some(word.to_owned()), ..RawMeta::default() };
            check(raw, &mut Vec::new()).map(|meta| meta.state)
        };
        assert_eq!(checked(" Draft ").unwrap().as_deref(), Some("draft"));
        assert_eq!(checked("").unwrap(), None);
        assert!(checked("published").unwrap_err().to_string().contains("state"));
    }

    #[test]
    fn a_section_needs_a_heading_and_a_day() {
        let checked = |heading: &str, valid_to: Option<&str>| {
            let valid_to = valid_to.map(str::to_owned);
            let section = RawSection { heading: heading.to_owned(), valid_from: None, valid_to };
            let raw = RawMeta { sections: vec![section], ..RawMeta::default() };
            check(raw, &mut Vec::new()).map(|meta| meta.sections)
        };
        assert_eq!(
            checked(" Winter  sale ", Some("2026-02-28")).unwrap()[0].heading,
            "Winter sale"
        );
        for (heading, day) in [("", Some("2026-02-28")), ("Sale", None), ("Sale", Some("soon"))] {
            assert!(checked(heading, day).unwrap_err().to_string().contains("sections"));
        }
    }

    #[test]
    fn a_bad_audience_is_an_error_and_a_bad_url_a_note() {
        let mut notes = Vec::new();
        let raw = RawMeta { audiences: vec!["staff only".to_owned()], ..RawMeta::default() };
        assert_eq!(check(raw, &mut notes).unwrap_err().code(), "bad_metadata");
        let raw = RawMeta { url: Some("javascript:alert(1)".to_owned()), ..RawMeta::default() };
        assert_eq!(check(raw, &mut notes).unwrap().url, None);
        assert_eq!(notes.len(), 1);
    }
}
