use clap::{Args, Subcommand};

use super::TenantArgs;

#[derive(Debug, Subcommand)]
pub(crate) enum ReleasesCommand {
    /// Releases that are kept, newest first; with --json also the history of the pointer
    #[command(after_help = "Examples:\n  kefu releases list\n  kefu releases list --json")]
    List(TenantArgs),
    /// Answer questions from this release, older or newer, from now on
    #[command(after_help = "Newer releases can be returned to until documents are taken in again.

Examples:
  kefu releases publish 7
  kefu releases publish 7 --reason \"the prices were right after all\"")]
    Publish(PublishArgs),
    /// Go back to an older release: the one before the current one, or --to N
    #[command(after_help = "Examples:
  kefu releases rollback
  kefu releases rollback --to 5 --reason \"wrong prices\"")]
    Rollback(RollbackArgs),
    /// Documents that two releases show differently, with the changed lines
    #[command(after_help = "Examples:\n  kefu releases diff 6 7\n  kefu releases diff 6 7 --json")]
    Diff(DiffArgs),
}

#[derive(Args, Debug)]
pub(crate) struct PublishArgs {
    /// Release
    #[arg(value_name = "N")]
    pub(crate) number: u32,
    /// Why, for the history
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) of: TenantArgs,
}

#[derive(Args, Debug)]
pub(crate) struct RollbackArgs {
    /// Release [default: the newest older one]
    #[arg(long, value_name = "N")]
    pub(crate) to: Option<u32>,
    /// Why, for the history
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) of: TenantArgs,
}

#[derive(Args, Debug)]
pub(crate) struct DiffArgs {
    /// Release to compare from
    #[arg(value_name = "A")]
    pub(crate) from: u32,
    /// Release to compare to
    #[arg(value_name = "B")]
    pub(crate) to: u32,
    #[command(flatten)]
    pub(crate) of: TenantArgs,
}
