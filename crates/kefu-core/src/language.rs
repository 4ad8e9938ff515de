//! Languages as two-letter codes.

use std::fmt;

/// A language by its ISO 639-1 code; `und` (undetermined) when nothing is known.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Language([u8; 2]);

impl Language {
    /// English.
    pub const ENGLISH: Self = Self(*b"en");
    /// Chinese in either script.
    pub const CHINESE: Self = Self(*b"zh");
    /// Not determined: no letters, or a script that is not told apart.
    pub const UNDETERMINED: Self = Self(*b"un");

    /// Reads a code such as `en`, `zh`, `zh-Hant` or `EN_us`; region and script are ignored.
    /// `None` when the first part is not two letters (and not `und`).
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let primary = code.trim().split(['-', '_']).next()?.to_ascii_lowercase();
        if primary == "und" {
            return Some(Self::UNDETERMINED);
        }
        match primary.as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => Some(Self([*a, *b])),
            _ => None,
        }
    }

    /// The code in lower case, `und` when undetermined.
    #[must_use]
    pub fn code(&self) -> &str {
        if *self == Self::UNDETERMINED {
            return "und";
        }
        std::str::from_utf8(&self.0).unwrap_or("und")
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Language({})", self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_normalised() {
        assert_eq!(Language::from_code("ZH-Hant"), Some(Language::CHINESE));
        assert_eq!(Language::from_code("en_US"), Some(Language::ENGLISH));
        assert_eq!(Language::from_code("und"), Some(Language::UNDETERMINED));
        assert_eq!(Language::from_code("english"), None);
    }
}
