use clap::{Args, Subcommand};

use super::TenantArgs;

#[derive(Debug, Subcommand)]
pub(crate) enum DocumentsCommand {
    /// Documents by id, with their state; drafts and retired ones too
    List(DocumentsListArgs),
    /// Make a document a draft, approved or retired, and publish that
    #[command(after_help = "Drafts and retired documents are in no answer.

Examples:
  kefu documents state fees.md approved
  kefu documents state fees.md retired --reason \"new price list\"")]
    State(DocumentsStateArgs),
}

#[derive(Args, Debug)]
pub(crate) struct DocumentsStateArgs {
    /// Document
    #[arg(value_name = "ID")]
    pub(crate) document: String,
    /// draft, approved or retired
    #[arg(value_name = "STATE")]
    pub(crate) state: String,
    /// Why, for the history of releases
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) of: TenantArgs,
}

#[derive(Args, Debug)]
pub(crate) struct DocumentsListArgs {
    /// Only documents in this state: draft, approved or retired
    #[arg(long, value_name = "STATE")]
    pub(crate) state: Option<String>,
    #[command(flatten)]
    pub(crate) of: TenantArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SourcesCommand {
    /// Sources of the configuration with their last runs
    List(TenantArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// Documents and sections whose last day (`valid_to`) is near or past, the earliest first
    Expiring(ExpiringArgs),
}

#[derive(Args, Debug)]
pub(crate) struct ExpiringArgs {
    /// How many days ahead to look
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    pub(crate) within: u32,
    #[command(flatten)]
    pub(crate) of: TenantArgs,
}
