//! Programs that are told of what happens.

use std::collections::BTreeSet;
use std::fmt;

use kefu_core::EventKind;
use serde::Deserialize;

const MIN_SECRET_CHARS: usize = 16;
const MAX_NAME_BYTES: usize = 64;

/// One `[[webhooks]]` table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookEntry {
    pub(crate) name: String,
    pub(crate) url: String,
    #[serde(default)]
    pub(crate) kind: WebhookKind,
    pub(crate) secret: SecretText,
    #[serde(default)]
    pub(crate) events: Vec<String>,
    pub(crate) account_id: Option<u64>,
    pub(crate) inbox_id: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WebhookKind {
    #[default]
    Generic,
    Chatwoot,
}

/// A secret of the configuration; nothing prints it.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct SecretText(pub(crate) String);

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("********")
    }
}

impl WebhookEntry {
    /// The events it is told of; without any named, all.
    pub(crate) fn kinds(&self) -> Vec<EventKind> {
        if self.events.is_empty() {
            return EventKind::ALL.to_vec();
        }
        self.events.iter().filter_map(|word| EventKind::parse(word)).collect()
    }
}

/// What is wrong with the tables, if anything.
pub(crate) fn check(entries: &[WebhookEntry]) -> Result<(), String> {
    let mut names = BTreeSet::new();
    for entry in entries {
        let name = &entry.name;
        let fault = |what: &str| Err(format!("webhooks: {name}: {what}"));
        if !is_name(name) {
            return fault("a name has 1 to 64 letters, digits, - and _");
        }
        if !names.insert(name) {
            return fault("there are two of this name");
        }
        if !entry.url.starts_with("https://") && !entry.url.starts_with("http://") {
            return fault("url must begin with https:// or http://");
        }
        let is_generic = entry.kind == WebhookKind::Generic;
        if is_generic && entry.secret.0.chars().count() < MIN_SECRET_CHARS {
            return fault("secret must have 16 characters or more");
        }
        if entry.secret.0.is_empty() {
            return fault("secret must be the access token");
        }
        if !is_generic && (entry.account_id.is_none() || entry.inbox_id.is_none()) {
            return fault("kind chatwoot needs account_id and inbox_id");
        }
        if let Some(word) = entry.events.iter().find(|word| EventKind::parse(word).is_none()) {
            let known: Vec<&str> = EventKind::ALL.iter().map(|kind| kind.as_str()).collect();
            let known = known.join(", ");
            return fault(&format!("events: {word:?} is not known; known are {known}"));
        }
    }
    Ok(())
}

pub(crate) fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    !name.is_empty() && name.len() <= MAX_NAME_BYTES && name.chars().all(allowed)
}
