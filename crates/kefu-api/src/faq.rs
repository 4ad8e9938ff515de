//! `GET /v1/faq`.

use kefu_core::Language;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::checks::{Faults, InvalidFields};

/// Which questions.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct FaqQuery {
    /// Only in this language, such as `zh`; all when left out.
    pub language: Option<String>,
}

/// Questions to offer to customers.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FaqResponse {
    /// The questions, the configured ones first; no two are equal.
    pub items: Vec<FaqItem>,
}

/// One question.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FaqItem {
    /// What to show, and what to ask when it is chosen.
    #[schema(example = "How long do I have to return something?")]
    pub question: String,
    /// Its language.
    #[schema(example = "en")]
    pub language: String,
}

impl FaqQuery {
    /// Checks the language.
    ///
    /// # Errors
    /// [`InvalidFields`] naming `language`.
    pub fn check(self) -> Result<Option<Language>, InvalidFields> {
        let mut faults = Faults::default();
        let language = faults.language("language", self.language.as_deref());
        faults.or(language)
    }
}
