//! The days on which content holds.

/// First and last day; both count, and a missing one leaves that end open. Days have the form
/// `YYYY-MM-DD`, in which they are ordered as text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Validity {
    /// First day.
    pub from: Option<String>,
    /// Last day.
    pub to: Option<String>,
}

impl Validity {
    /// Whether it holds on `day`.
    #[must_use]
    pub fn holds_on(&self, day: &str) -> bool {
        self.from.as_deref().is_none_or(|from| from <= day)
            && self.to.as_deref().is_none_or(|to| day <= to)
    }

    /// Whether both ends are open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.from.is_none() && self.to.is_none()
    }

    /// The days on which both hold.
    #[must_use]
    pub fn narrowed(&self, other: &Self) -> Self {
        let both =
            |a: &Option<String>, b: &Option<String>, pick: fn(String, String) -> String| match (
                a.clone(),
                b.clone(),
            ) {
                (Some(a), Some(b)) => Some(pick(a, b)),
                (a, b) => a.or(b),
            };
        Self {
            from: both(&self.from, &other.from, String::max),
            to: both(&self.to, &other.to, String::min),
        }
    }
}

/// When the part of a document under one heading holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionValidity {
    /// The heading's words, as the document has them; every heading with these words is meant.
    pub heading: String,
    /// The days, within those of the document.
    pub validity: Validity,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(from: Option<&str>, to: Option<&str>) -> Validity {
        Validity { from: from.map(str::to_owned), to: to.map(str::to_owned) }
    }

    #[test]
    fn both_ends_count_and_the_narrower_one_wins() {
        let year = days(Some("2026-01-01"), Some("2026-12-31"));
        assert!(year.holds_on("2026-01-01") && year.holds_on("2026-12-31"));
        assert!(!year.holds_on("2025-12-31") && !year.holds_on("2027-01-01"));
        let spring = days(None, Some("2026-05-31"));
        let both = days(Some("2026-01-01"), Some("2026-05-31"));
        assert_eq!((year.narrowed(&spring), spring.narrowed(&year)), (both.clone(), both));
        assert!(Validity::default().is_open() && Validity::default().holds_on("0000-01-01"));
    }
}
