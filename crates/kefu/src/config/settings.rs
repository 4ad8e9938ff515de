//! The checked settings. Every field is explained in `default.toml`.

use std::net::SocketAddr;
use std::path::PathBuf;

use kefu_fetch::Networks;
use kefu_ingest::KeepRules;
use kefu_models::Processor;
use serde::Deserialize;

use super::channels::{self, ChannelEntry};
use super::desk::DeskSection;
use super::webhooks::{self, SecretText, WebhookEntry};

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) webhooks: Vec<WebhookEntry>,
    pub(crate) channels: Vec<ChannelEntry>,
    pub(crate) server: ServerSection,
    pub(crate) chat: ChatSection,
    pub(crate) tenant: TenantSection,
    pub(crate) models: ModelsSection,
    pub(crate) store: StoreSection,
    pub(crate) ingest: IngestSection,
    pub(crate) fetch: FetchSection,
    pub(crate) sources: SourcesSection,
    pub(crate) releases: ReleasesSection,
    pub(crate) answer: AnswerSection,
    pub(crate) desk: DeskSection,
    pub(crate) delivery: DeliverySection,
    pub(crate) log: LogSection,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServerSection {
    pub(crate) listen: SocketAddr,
    pub(crate) allow_remote: bool,
    pub(crate) hosts: Vec<String>,
    pub(crate) cors_origins: Vec<String>,
    pub(crate) max_body_bytes: usize,
    pub(crate) max_concurrent_requests: usize,
    pub(crate) request_timeout_ms: u64,
    pub(crate) grace_ms: u64,
    pub(crate) suggested_questions: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TenantSection {
    pub(crate) default: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelsSection {
    pub(crate) profile: String,
    pub(crate) dir: String,
    pub(crate) folder: String,
    pub(crate) offline: bool,
    pub(crate) hub_endpoint: String,
    pub(crate) hub_token: String,
    pub(crate) python: String,
    pub(crate) fetch_timeout_ms: u64,
    pub(crate) threads: usize,
    pub(crate) device: Processor,
    pub(crate) n_parallel: usize,
    pub(crate) cache_mib: usize,
    pub(crate) drafts: bool,
    pub(crate) max_waiting: usize,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StoreKind {
    Edge,
    Qdrant,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoreSection {
    pub(crate) kind: StoreKind,
    pub(crate) url: String,
    pub(crate) api_key: String,
    pub(crate) timeout_ms: u64,
    pub(crate) n_shards: u32,
    pub(crate) n_replicas: u32,
    pub(crate) query_threads: usize,
    pub(crate) max_waiting: usize,
    pub(crate) min_free_bytes: u64,
    pub(crate) max_log_bytes: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IngestSection {
    pub(crate) chunk_tokens: usize,
    pub(crate) words_first: bool,
    pub(crate) max_file_bytes: u64,
    pub(crate) max_upload_bytes: usize,
    pub(crate) max_queued_jobs: usize,
    pub(crate) default_state: String,
    pub(crate) keep_rules: Vec<String>,
    pub(crate) max_removed_share: f64,
    pub(crate) parse_timeout_ms: u64,
    pub(crate) parse_cpu_seconds: u64,
    pub(crate) parse_memory_bytes: u64,
    pub(crate) parse_output_bytes: u64,
    pub(crate) parse_max_pages: u64,
    pub(crate) parse_workers: usize,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FetchSection {
    pub(crate) user_agent: String,
    pub(crate) allow_networks: Vec<String>,
    pub(crate) ignore_robots: Vec<String>,
    pub(crate) timeout_ms: u64,
    pub(crate) delay_ms: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChatSection {
    pub(crate) identity_secret: SecretText,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourcesSection {
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReleasesSection {
    pub(crate) keep: usize,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GenerateMode {
    Never,
    WhenNeeded,
    Always,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerSection {
    pub(crate) top_k_per_leg: usize,
    pub(crate) rerank_depth: usize,
    pub(crate) cross_encoder_depth: usize,
    pub(crate) sentence_embed_depth: usize,
    pub(crate) calibration: String,
    pub(crate) threshold: f32,
    pub(crate) conservative_threshold: f32,
    pub(crate) curated_threshold: f32,
    pub(crate) generate: GenerateMode,
    pub(crate) max_answer_tokens: usize,
    pub(crate) max_prompt_tokens: usize,
    pub(crate) max_question_bytes: usize,
    pub(crate) max_question_terms: usize,
    pub(crate) max_history_turns: usize,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TeachWord {
    Review,
    Direct,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeliverySection {
    pub(crate) max_attempts: u32,
    pub(crate) first_retry_ms: u64,
    pub(crate) longest_retry_ms: u64,
    pub(crate) timeout_ms: u64,
    pub(crate) allow_networks: Vec<String>,
    pub(crate) keep_days: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogSection {
    pub(crate) level: String,
    pub(crate) format: LogFormat,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

impl Settings {
    /// Relations that types cannot express, each with the key to change.
    pub(crate) fn check(&self) -> Result<(), String> {
        let answer = &self.answer;
        let ingest = &self.ingest;
        let rules: &[(bool, &str)] = &[
            (
                matches!(self.chat.identity_secret.0.chars().count(), 0 | 16..),
                "chat.identity_secret must have 16 characters or more, or be empty",
            ),
            (self.releases.keep >= 1, "releases.keep must be at least 1"),
            (
                self.server.allow_remote || self.server.listen.ip().is_loopback(),
                "server.listen is not a loopback address and nothing would check who asks; put \
                 an authenticating proxy in front and set server.allow_remote = true",
            ),
            ((0.0..=1.0).contains(&answer.threshold), "answer.threshold must lie between 0 and 1"),
            (
                (0.0..=1.0).contains(&answer.conservative_threshold),
                "answer.conservative_threshold must lie between 0 and 1",
            ),
            (
                (0.9..=1.0).contains(&answer.curated_threshold),
                "answer.curated_threshold must lie between 0.9 and 1: a question in other words \
                 than the reviewed one scores 0.91 to 0.97, the same words 0.99, and 1 lets no \
                 reviewed answer stand by itself",
            ),
            ((1..=1000).contains(&answer.top_k_per_leg), "answer.top_k_per_leg must be 1 to 1000"),
            (
                (1..=answer.top_k_per_leg * 2).contains(&answer.rerank_depth),
                "answer.rerank_depth must be 1 to twice answer.top_k_per_leg",
            ),
            (answer.max_question_bytes >= 16, "answer.max_question_bytes must be at least 16"),
            ((32..=4096).contains(&ingest.chunk_tokens), "ingest.chunk_tokens must be 32 to 4096"),
            (
                KeepRules::parse(ingest.keep_rules.iter().map(String::as_str)).is_ok(),
                "ingest.keep_rules names an unknown rule; the default configuration lists them",
            ),
            (
                (0.0..=1.0).contains(&ingest.max_removed_share),
                "ingest.max_removed_share must lie between 0 and 1",
            ),
            ((1..=64).contains(&ingest.parse_workers), "ingest.parse_workers must be 1 to 64"),
            (
                (100..=600_000).contains(&self.fetch.timeout_ms),
                "fetch.timeout_ms must be 100 to 600000",
            ),
            (self.fetch.delay_ms <= 600_000, "fetch.delay_ms must be at most 600000"),
            (
                Networks::parse(self.fetch.allow_networks.iter().map(String::as_str)).is_ok(),
                "fetch.allow_networks must list networks such as 10.1.0.0/16, or addresses",
            ),
            (
                (1..=100).contains(&self.delivery.max_attempts),
                "delivery.max_attempts must be 1 to 100",
            ),
            (
                (10..=60_000).contains(&self.delivery.first_retry_ms),
                "delivery.first_retry_ms must be 10 to 60000",
            ),
            (
                (100..=600_000).contains(&self.delivery.timeout_ms),
                "delivery.timeout_ms must be 100 to 600000",
            ),
            (
                Networks::parse(self.delivery.allow_networks.iter().map(String::as_str)).is_ok(),
                "delivery.allow_networks must list networks such as 10.1.0.0/16, or addresses",
            ),
            (
                self.server.max_concurrent_requests >= 1,
                "server.max_concurrent_requests must be at least 1",
            ),
            (self.models.max_waiting >= 1, "models.max_waiting must be at least 1"),
            (self.models.n_parallel >= 1, "models.n_parallel must be at least 1"),
            (self.models.cache_mib >= 16, "models.cache_mib must be at least 16"),
            (self.store.max_waiting >= 1, "store.max_waiting must be at least 1"),
        ];
        match rules.iter().find(|(holds, _)| !holds) {
            Some((_, message)) => Err((*message).to_owned()),
            None => self
                .desk
                .policy()
                .map(|_| ())
                .and_then(|()| webhooks::check(&self.webhooks))
                .and_then(|()| channels::check(&self.channels)),
        }
    }
}
