//! Who is told of what happens, and what people at the desk are helped with.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use kefu_core::EventKind;
use kefu_core::ports::{Records, Subscription};
use kefu_desk::{DraftRules, Packages, SimilarTickets};
use kefu_fetch::{Networks, WebSender, WebSenderSettings};
use kefu_server::{
    Assistance, ChannelKind, ChannelSpec, Channels, DeliveryPolicy, Endpoint, EndpointKind,
    Outreach, Secret, TeachMode,
};

use super::Engine;
use crate::config::{
    ChannelEntry, ChannelWord, SecretText, Settings, TeachWord, WebhookEntry, WebhookKind,
};

const SLACK_REPLIES: &str = "https://slack.com/api/chat.postMessage";
const USER_AGENT: &str = "Kefu/0.1 (webhooks)";
/// Answers of endpoints that are read; lists of conversations are longest.
const MAX_REPLY_BYTES: u64 = 4 << 20;
const DAY: Duration = Duration::from_secs(86_400);

/// What the records keep for whom.
pub(crate) fn subscriptions(settings: &Settings) -> anyhow::Result<Vec<Subscription>> {
    Ok(endpoints(settings)?.iter().map(Endpoint::subscription).collect())
}

pub(super) fn outreach(settings: &Settings) -> anyhow::Result<Outreach> {
    for warning in settings.channels.iter().filter_map(ChannelEntry::warning) {
        tracing::warn!("{warning}");
    }
    let section = &settings.delivery;
    let networks = section.allow_networks.iter().map(String::as_str);
    let sender = WebSender::new(WebSenderSettings {
        user_agent: USER_AGENT.to_owned(),
        allow_networks: Networks::parse(networks)
            .map_err(|unknown| anyhow!("delivery.allow_networks: {unknown:?} is no network"))?,
        timeout_ms: section.timeout_ms,
        max_reply_bytes: MAX_REPLY_BYTES,
    });
    Ok(Outreach {
        sender: Arc::new(sender),
        endpoints: endpoints(settings)?,
        channels: Channels::open(settings.channels.iter().map(channel).collect())?,
        policy: DeliveryPolicy {
            max_attempts: section.max_attempts,
            first_retry: Duration::from_millis(section.first_retry_ms),
            longest_retry: Duration::from_millis(section.longest_retry_ms),
            keep: DAY * section.keep_days,
        },
    })
}

pub(super) fn assistance(engine: &Engine, settings: &Settings) -> Assistance {
    let records: Arc<dyn Records> = engine.records.clone();
    let embedder = engine.models.embedder.clone();
    let similar = SimilarTickets::new(Arc::clone(&records), embedder, engine.analyser.clone());
    Assistance {
        packages: Arc::new(Packages::new(records, engine.triage.clone())),
        similar: Arc::new(similar),
        draft_rules: Arc::new(DraftRules::new(&settings.desk.forbidden_words)),
        teach: match settings.desk.teach {
            TeachWord::Review => TeachMode::Review,
            TeachWord::Direct => TeachMode::Direct,
        },
    }
}

fn endpoints(settings: &Settings) -> anyhow::Result<Vec<Endpoint>> {
    let webhooks = settings.webhooks.iter().map(endpoint);
    let replies = settings.channels.iter().filter_map(replies).map(Ok);
    webhooks.chain(replies).collect()
}

/// Where what is said to a channel's customers goes.
fn replies(entry: &ChannelEntry) -> Option<Endpoint> {
    Some(Endpoint {
        name: format!("channel:{}", entry.name),
        url: reply_url(entry)?,
        kind: EndpointKind::Channel,
        secret: Secret::new(entry.secret.0.as_str()),
        kinds: vec![EventKind::ConversationMessage],
    })
}

fn reply_url(entry: &ChannelEntry) -> Option<String> {
    let usual = (entry.kind == ChannelWord::Slack).then(|| SLACK_REPLIES.to_owned());
    entry.reply_url.clone().or(usual)
}

fn channel(entry: &ChannelEntry) -> ChannelSpec {
    let secret = |text: &SecretText| Secret::new(text.0.as_str());
    ChannelSpec {
        name: entry.name.clone(),
        kind: match entry.kind {
            ChannelWord::Generic => ChannelKind::Generic,
            ChannelWord::Slack => ChannelKind::Slack,
            ChannelWord::Wecom => ChannelKind::Wecom,
        },
        secret: secret(&entry.secret),
        token: entry.token.as_ref().map(secret),
        aes_key: entry.aes_key.as_ref().map(secret),
        reply_url: reply_url(entry),
        follow_customer: entry.follow_customer,
    }
}

fn endpoint(entry: &WebhookEntry) -> anyhow::Result<Endpoint> {
    let needed = |number: Option<u64>, what: &str| {
        number.with_context(|| format!("webhooks: {}: {what} is missing", entry.name))
    };
    Ok(Endpoint {
        name: entry.name.clone(),
        url: entry.url.clone(),
        kind: match entry.kind {
            WebhookKind::Generic => EndpointKind::Generic,
            WebhookKind::Chatwoot => EndpointKind::Chatwoot {
                account_id: needed(entry.account_id, "account_id")?,
                inbox_id: needed(entry.inbox_id, "inbox_id")?,
            },
        },
        secret: Secret::new(entry.secret.0.as_str()),
        kinds: entry.kinds(),
    })
}
