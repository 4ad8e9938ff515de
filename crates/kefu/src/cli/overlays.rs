use clap::{ArgGroup, Args, Subcommand};

use super::TenantArgs;

#[derive(Debug, Subcommand)]
pub(crate) enum OverlaysCommand {
    /// Corrections, oldest first, with what each does for the published release
    List(OverlaysListArgs),
    /// Correct a passage of a document and publish that
    #[command(after_help = "The passage is named by its words as the document's source has them; \
white space does not count. The correction holds for every later revision that has these words.

Examples:
  kefu overlays add returns.md --passage \"within 30 days\" --edit \"within 14 days\"
  kefu overlays add returns.md --passage \"Call 555-0100.\" --hide --note \"old number\"
  kefu overlays add returns.md --passage \"Refunds are paid\" --pin \"money back\" --pin 退钱")]
    Add(OverlaysAddArgs),
    /// Forget a correction and publish the passage as its document has it
    #[command(after_help = "Example:\n  kefu overlays delete ovl_0197f0c2b1c07d3a9d3c1f0a5b6e7d8f")]
    Delete(OverlaysDeleteArgs),
}

#[derive(Args, Debug)]
pub(crate) struct OverlaysListArgs {
    /// Only those whose document or words are gone
    #[arg(long)]
    pub(crate) orphaned: bool,
    /// Only those of this document
    #[arg(long, value_name = "ID")]
    pub(crate) document: Option<String>,
    #[command(flatten)]
    pub(crate) of: TenantArgs,
}

#[derive(Args, Debug)]
#[command(group(ArgGroup::new("action").required(true)))]
pub(crate) struct OverlaysAddArgs {
    /// Document
    #[arg(value_name = "ID")]
    pub(crate) document: String,
    /// The words of the passage
    #[arg(long, value_name = "TEXT")]
    pub(crate) passage: String,
    /// Which of the places with these words, from 1
    #[arg(long, value_name = "N")]
    pub(crate) occurrence: Option<u32>,
    /// Put other words in its place
    #[arg(long, value_name = "TEXT", group = "action")]
    pub(crate) edit: Option<String>,
    /// Leave it out of every answer
    #[arg(long, group = "action")]
    pub(crate) hide: bool,
    /// Let it be found by this phrase too; may be given several times
    #[arg(long, value_name = "PHRASE", group = "action")]
    pub(crate) pin: Vec<String>,
    /// Why, for colleagues
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
    #[command(flatten)]
    pub(crate) of: TenantArgs,
}

#[derive(Args, Debug)]
pub(crate) struct OverlaysDeleteArgs {
    /// Correction
    #[arg(value_name = "OVERLAY")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) of: TenantArgs,
}
