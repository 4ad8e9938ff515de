//! Logs to standard error.

use anyhow::Context;
use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, LogSection};

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// A plain level is about Kefu; the engines below it speak only when something is wrong.
const ENGINES: &str = "warn,qdrant_edge=error,wal=error";

/// Starts logging; once per process.
pub(crate) fn start(section: &LogSection) -> anyhow::Result<()> {
    let is_level = LEVELS.contains(&section.level.to_ascii_lowercase().as_str());
    let filter =
        if is_level { format!("{ENGINES},kefu={}", section.level) } else { section.level.clone() };
    let filter = EnvFilter::try_new(filter)
        .with_context(|| format!("log.level `{}` is no level or filter", section.level))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match section.format {
        LogFormat::Text => builder.with_target(false).init(),
        LogFormat::Json => builder.json().init(),
    }
    Ok(())
}
