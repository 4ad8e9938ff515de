//! Configuration sections as the settings of the crates.

use std::time::Duration;

use anyhow::{Context, anyhow};
use kefu_core::DocumentState;
use kefu_fetch::{Networks, WebFetcherSettings};
use kefu_ingest::{IngestSettings, KeepRules, PipeParserSettings};
use kefu_rag::{AnswerSettings, GeneratePolicy};

use crate::config::{AnswerSection, GenerateMode, IngestSection, Settings};

/// One process holds a data directory at a time, so a build that a crash left behind belongs to
/// whoever holds it now.
const HOLDER: &str = "holder of the data directory";
const EMBED_BATCH: usize = 64;
/// A reply is JSON with the places of all blocks: up to about three times the text.
const REPLY_FACTOR: u64 = 3;
const MAX_UPLOADS: usize = 1_000;

pub(crate) fn answer_settings(section: &AnswerSection) -> AnswerSettings {
    AnswerSettings {
        top_k_per_leg: section.top_k_per_leg,
        rerank_depth: section.rerank_depth,
        cross_encoder_depth: section.cross_encoder_depth,
        sentence_embed_depth: section.sentence_embed_depth,
        answer_threshold: Some(section.threshold).filter(|threshold| *threshold > 0.0),
        conservative_threshold: section.conservative_threshold,
        curated_threshold: section.curated_threshold,
        generate: match section.generate {
            GenerateMode::Never => GeneratePolicy::Never,
            GenerateMode::WhenNeeded => GeneratePolicy::WhenNeeded,
            GenerateMode::Always => GeneratePolicy::Always,
        },
        max_answer_tokens: section.max_answer_tokens,
        max_prompt_tokens: section.max_prompt_tokens,
        max_question_bytes: section.max_question_bytes,
        max_question_terms: section.max_question_terms,
        max_history_turns: section.max_history_turns,
    }
}

pub(crate) fn ingest_settings(
    section: &IngestSection,
    keep_releases: usize,
) -> anyhow::Result<IngestSettings> {
    let max_document_bytes = usize::try_from(section.parse_output_bytes)
        .context("ingest.parse_output_bytes is too large for this machine")?;
    Ok(IngestSettings {
        default_state: DocumentState::parse(&section.default_state)
            .ok_or_else(|| anyhow!("ingest.default_state: write draft, approved or retired"))?,
        holder: HOLDER.to_owned(),
        chunk_tokens: section.chunk_tokens,
        words_first: section.words_first,
        keep_rules: KeepRules::parse(section.keep_rules.iter().map(String::as_str))
            .map_err(|unknown| anyhow!("ingest.keep_rules: no rule is called {unknown}"))?,
        max_removed_share: section.max_removed_share,
        keep_releases,
        embed_batch: EMBED_BATCH,
        parse_concurrency: section.parse_workers,
        max_file_bytes: section.max_file_bytes,
        max_document_bytes,
        max_uploads: MAX_UPLOADS,
        max_upload_bytes: section.max_upload_bytes,
        max_queued_jobs: section.max_queued_jobs,
    })
}

/// What the fetcher of pages may do.
pub(crate) fn fetcher_settings(settings: &Settings) -> anyhow::Result<WebFetcherSettings> {
    let section = &settings.fetch;
    let networks = section.allow_networks.iter().map(String::as_str);
    Ok(WebFetcherSettings {
        user_agent: section.user_agent.clone(),
        allow_networks: Networks::parse(networks)
            .map_err(|unknown| anyhow!("fetch.allow_networks: {unknown:?} is no network"))?,
        ignore_robots: section.ignore_robots.clone(),
        max_page_bytes: settings.ingest.max_file_bytes,
        timeout_ms: section.timeout_ms,
        delay_ms: section.delay_ms,
    })
}

/// The parsing child is this very program.
pub(crate) fn parser_settings(section: &IngestSection) -> anyhow::Result<PipeParserSettings> {
    let flag = |name: &str, value: u64| [name.to_owned(), value.to_string()];
    let mut arguments = vec!["parse".to_owned()];
    arguments.extend(flag("--cpu-seconds", section.parse_cpu_seconds));
    arguments.extend(flag("--memory-bytes", section.parse_memory_bytes));
    arguments.extend(flag("--max-file-bytes", section.max_file_bytes));
    arguments.extend(flag("--max-output-bytes", section.parse_output_bytes));
    arguments.extend(flag("--max-pages", section.parse_max_pages));
    Ok(PipeParserSettings {
        program: std::env::current_exe().context("cannot tell where this program is")?,
        arguments,
        timeout: Duration::from_millis(section.parse_timeout_ms),
        max_output_bytes: section.parse_output_bytes.saturating_mul(REPLY_FACTOR),
        workers: section.parse_workers,
    })
}
