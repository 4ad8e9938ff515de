use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum TriageCommand {
    /// Fit a head that tells intents from labelled examples
    #[command(
        after_help = "Examples come as JSON lines with `text`, `label` and optionally `lang`, \
as a list of intents (TOML with [[intent]] tables: name, queue, skill, keywords, examples, \
out_of_scope), or as a folder with examples.jsonl or intents.toml. Where a list is given, other files \
may only use its names. Labels `oos` and `out_of_scope` show what is not your business.

The head holds for the embedder it was fitted with. Languages that the embedder does not serve are \
told by their words. The accuracy that is printed comes from five folds: each text is judged by a \
head that has not seen it.

Examples:
  kefu triage fit --examples intents.toml --out intents.head
  kefu triage fit --examples intents.toml tickets.jsonl --out intents.head --json
  KEFU__DESK__INTENTS=intents.head kefu triage test \"Where is my parcel?\""
    )]
    Fit(FitArgs),
    /// Say what triage makes of a text, and why
    #[command(after_help = "Examples:
  kefu triage test \"I was charged twice and nobody answers\"
  kefu triage test \"我要投诉，叫你们经理来\" --json")]
    Test(TestArgs),
}

#[derive(Args, Debug)]
pub(crate) struct FitArgs {
    /// Files and folders with labelled examples
    #[arg(long, value_name = "PATH", num_args = 1.., required = true)]
    pub(crate) examples: Vec<PathBuf>,
    /// Write the head to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Use words alone, for an installation without an embedder
    #[arg(long)]
    pub(crate) words_only: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct TestArgs {
    /// What a customer says
    pub(crate) text: String,
    /// Print the result as JSON
    #[arg(long)]
    pub(crate) json: bool,
}
