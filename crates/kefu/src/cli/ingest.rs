use std::path::PathBuf;

use clap::Args;

#[derive(Args, Debug)]
pub(crate) struct IngestArgs {
    /// Folders and files
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Whose content it is [default: tenant.default]
    #[arg(long, value_name = "T")]
    pub(crate) tenant: Option<String>,
    /// Read, cut and report, but write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Take in, but leave the present release serving
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) no_publish: bool,
    /// Remove documents of the same source that are no longer there
    #[arg(long)]
    pub(crate) prune: bool,
    /// Prune even where more than half of a source's documents would go
    #[arg(long, requires = "prune")]
    pub(crate) confirm_deletions: bool,
    /// Leave in what a cleaning rule would remove; a rule of the report, or `all`
    #[arg(long, value_name = "RULE")]
    pub(crate) keep: Vec<String>,
    /// Ask the questions of this gate before publishing, and publish only if nothing got worse
    #[arg(long, value_name = "SUITE", conflicts_with = "no_publish")]
    pub(crate) gate: Option<PathBuf>,
    /// Publish although the gate refuses; the reason is kept with the release
    #[arg(long, value_name = "REASON", requires = "gate")]
    pub(crate) override_gate: Option<String>,
    /// Write the report as JSON to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Print what happens as one JSON object a line, the report last
    #[arg(long, conflicts_with = "json")]
    pub(crate) events: bool,
    /// Print the report as JSON
    #[arg(long)]
    pub(crate) json: bool,
}
