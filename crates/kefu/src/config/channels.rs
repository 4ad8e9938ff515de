//! Channels that customers write through.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::webhooks::{SecretText, is_name};

const MIN_SECRET_CHARS: usize = 16;

/// One `[[channels]]` table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChannelEntry {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) kind: ChannelWord,
    pub(crate) secret: SecretText,
    pub(crate) token: Option<SecretText>,
    pub(crate) aes_key: Option<SecretText>,
    pub(crate) reply_url: Option<String>,
    #[serde(default)]
    pub(crate) follow_customer: bool,
}

impl ChannelEntry {
    /// What works and is likely not meant.
    pub(crate) fn warning(&self) -> Option<String> {
        let is_mute = self.kind != ChannelWord::Slack && self.reply_url.is_none();
        is_mute.then(|| {
            format!(
                "channels: {}: without reply_url, what people at the desk write reaches no customer \
                 of this channel; name the address that takes it",
                self.name
            )
        })
    }
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChannelWord {
    #[default]
    Generic,
    Slack,
    Wecom,
}

/// What is wrong with the tables, if anything.
pub(crate) fn check(entries: &[ChannelEntry]) -> Result<(), String> {
    let mut names = BTreeSet::new();
    for entry in entries {
        let name = &entry.name;
        let fault = |what: &str| Err(format!("channels: {name}: {what}"));
        let n_chars = entry.secret.0.chars().count();
        if !is_name(name) {
            return fault("a name has 1 to 64 letters, digits, - and _");
        }
        if ["api", "web", "desk"].contains(&name.as_str()) {
            return fault("this name is taken by Kefu's own doors");
        }
        if !names.insert(name) {
            return fault("there are two of this name");
        }
        if n_chars == 0 || (entry.kind != ChannelWord::Wecom && n_chars < MIN_SECRET_CHARS) {
            return fault("secret must have 16 characters or more");
        }
        if entry.kind == ChannelWord::Slack && entry.token.is_none() {
            return fault("kind slack needs the token that replies are authorised with");
        }
        let is_address = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        if !entry.reply_url.as_ref().is_none_or(is_address) {
            return fault("reply_url must begin with https:// or http://");
        }
    }
    Ok(())
}
