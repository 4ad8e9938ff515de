use kefu_core::{SectionValidity, Validity};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::checks::Faults;

/// When the text under a heading holds.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SectionDays {
    /// The heading's words; every heading of the document with these words is meant.
    pub heading: String,
    /// First day, `YYYY-MM-DD`.
    pub valid_from: Option<String>,
    /// Last day, `YYYY-MM-DD`.
    pub valid_to: Option<String>,
}

impl From<SectionValidity> for SectionDays {
    fn from(section: SectionValidity) -> Self {
        let Validity { from, to } = section.validity;
        Self { heading: section.heading, valid_from: from, valid_to: to }
    }
}

const MAX_SECTIONS: usize = 200;
const MAX_HEADING_BYTES: usize = 1_000;

/// Sections whose bounds were checked.
pub(super) fn checked_sections(
    faults: &mut Faults,
    sections: Vec<SectionDays>,
) -> Vec<SectionValidity> {
    if sections.len() > MAX_SECTIONS {
        faults.add("sections", format!("must be at most {MAX_SECTIONS}"));
    }
    let checked = sections.into_iter().take(MAX_SECTIONS).enumerate().map(|(idx, section)| {
        let field = |name: &str| format!("sections[{idx}].{name}");
        faults.text(&field("heading"), &section.heading, MAX_HEADING_BYTES);
        faults.day(&field("valid_from"), section.valid_from.as_deref());
        faults.day(&field("valid_to"), section.valid_to.as_deref());
        match (&section.valid_from, &section.valid_to) {
            (None, None) => faults.add(field("valid_to"), "is missing, and so is valid_from"),
            // Days in this form sort as text.
            (Some(from), Some(to)) if to < from => {
                faults.add(field("valid_to"), "must not lie before valid_from");
            }
            _ => {}
        }
        SectionValidity {
            heading: section.heading.split_whitespace().collect::<Vec<_>>().join(" "),
            validity: Validity { from: section.valid_from, to: section.valid_to },
        }
    });
    checked.collect()
}
