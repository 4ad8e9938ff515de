//! Names of rules.

/// Why something is not content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Copyright lines, licence numbers, share buttons, site notices, what follows the end.
    Boilerplate,
    /// A table of contents.
    Contents,
    /// A cookie banner.
    CookieBanner,
    /// A block that stands there a second time.
    Duplicate,
    /// Remains of markup, styles and scripts.
    Markup,
    /// Text whose characters were lost.
    Mojibake,
    /// Menus, breadcrumbs, lists of links.
    Navigation,
    /// Headers, footers and page numbers.
    RepeatedLines,
    /// Advertising that does not belong to the page.
    Spam,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 9] = [
        Self::Boilerplate,
        Self::Contents,
        Self::CookieBanner,
        Self::Duplicate,
        Self::Markup,
        Self::Mojibake,
        Self::Navigation,
        Self::RepeatedLines,
        Self::Spam,
    ];

    /// Its name in reports and settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Boilerplate => "boilerplate",
            Self::Contents => "contents",
            Self::CookieBanner => "cookie_banner",
            Self::Duplicate => "duplicate",
            Self::Markup => "markup",
            Self::Mojibake => "mojibake",
            Self::Navigation => "navigation",
            Self::RepeatedLines => "repeated_lines",
            Self::Spam => "spam",
        }
    }

    /// The rule with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.as_str() == name)
    }
}
