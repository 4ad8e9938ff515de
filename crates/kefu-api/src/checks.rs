//! Checking requests: every fault with the name of its field.

use std::collections::BTreeSet;

use kefu_core::{DocumentId, Language};
use serde::Serialize;
use utoipa::ToSchema;

/// One fault of a request.
#[derive(Clone, Debug, Serialize, ToSchema, PartialEq, Eq)]
pub struct FieldError {
    /// Name of the field, with dots and indices for nested ones (`history[2].text`).
    #[schema(example = "question")]
    pub field: String,
    /// What is wrong and what would be right.
    #[schema(example = "must not be empty")]
    pub message: String,
}

impl FieldError {
    /// A fault of `field`.
    #[must_use]
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// The faults of a request; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidFields(pub Vec<FieldError>);

/// Collects faults, so that a caller learns of all of them at once.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<FieldError>);

impl Faults {
    pub(crate) fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(FieldError::new(field, message));
    }

    /// `value` when no fault was added.
    pub(crate) fn or<T>(self, value: T) -> Result<T, InvalidFields> {
        if self.0.is_empty() { Ok(value) } else { Err(InvalidFields(self.0)) }
    }

    /// The faults, for a caller that has added one.
    pub(crate) fn into_invalid(self) -> InvalidFields {
        InvalidFields(self.0)
    }

    /// Text that must say something.
    pub(crate) fn text(&mut self, field: &str, text: &str, max_bytes: usize) {
        if text.trim().is_empty() {
            self.add(field, "must not be empty");
        } else {
            self.length(field, text, max_bytes);
        }
    }

    /// Text that may be left out but not be empty.
    pub(crate) fn optional_text(&mut self, field: &str, text: Option<&str>, max_bytes: usize) {
        if let Some(text) = text {
            self.text(field, text, max_bytes);
        }
    }

    pub(crate) fn length(&mut self, field: &str, text: &str, max_bytes: usize) {
        if text.len() > max_bytes {
            let n_bytes = text.len();
            self.add(field, format!("has {n_bytes} bytes; at most {max_bytes} are allowed"));
        }
    }

    /// Text without line feeds and other control characters.
    pub(crate) fn line(&mut self, field: &str, text: &str) {
        if text.chars().any(char::is_control) {
            self.add(field, "must not hold line feeds or other control characters");
        }
    }

    /// An id of a kind that has a parser. `None` adds a fault when text was given.
    pub(crate) fn id<T>(
        &mut self,
        field: &str,
        text: Option<&str>,
        parse: impl Fn(&str) -> Result<T, kefu_core::error::InvalidId>,
    ) -> Option<T> {
        match parse(text?) {
            Ok(id) => Some(id),
            Err(error) => {
                self.add(field, error.to_string());
                None
            }
        }
    }

    pub(crate) fn language(&mut self, field: &str, code: Option<&str>) -> Option<Language> {
        let language = Language::from_code(code?);
        if language.is_none() {
            self.add(field, "must be a language code such as en or zh");
        }
        language.filter(|language| *language != Language::UNDETERMINED)
    }

    /// A calendar day, `YYYY-MM-DD`.
    pub(crate) fn day(&mut self, field: &str, text: Option<&str>) {
        if text.is_some_and(|text| !crate::time::is_day(text)) {
            self.add(field, "must be a date of the form YYYY-MM-DD");
        }
    }

    pub(crate) fn document_ids(&mut self, field: &str, ids: &[String]) -> BTreeSet<DocumentId> {
        if ids.is_empty() || ids.len() > MAX_FILTER_DOCUMENTS {
            self.add(field, format!("must name 1 to {MAX_FILTER_DOCUMENTS} documents"));
        }
        let mut known = BTreeSet::new();
        for (idx, id) in ids.iter().enumerate() {
            match DocumentId::new(id.as_str()) {
                Ok(id) => {
                    known.insert(id);
                }
                Err(error) => self.add(format!("{field}[{idx}]"), error.to_string()),
            }
        }
        known
    }
}

const MAX_FILTER_DOCUMENTS: usize = 1000;
