use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum TriageCommand {
    /// Fit a classifier from labelled examples: of intents, or of any labels by how texts are written
    #[command(
        after_help = "Examples come as JSON lines with `text`, `label` and optionally `lang`, \
as a list of intents (TOML with [[intent]] tables: name, queue, skill, keywords, examples, \
out_of_scope), or as a folder with examples.jsonl or intents.toml. Where a list is given, other files \
may only use its names. Labels `oos` and `out_of_scope` show what is not your business.

`--kind text` fits a classifier of any labels (a tone, a department, spam) over character n-grams: no \
embedder, no word list, every language, and small enough to ship. Try it with `kefu triage test --head`.

A head of intents holds for the embedder it was fitted with. Languages that the embedder does not serve are \
told by their words. The accuracy that is printed comes from five folds: each text is judged by a \
head that has not seen it.

Examples:
  kefu triage fit --examples intents.toml --out intents.head
  kefu triage fit --examples intents.toml tickets.jsonl --out intents.head --json
  KEFU__DESK__INTENTS=intents.head kefu triage test \"Where is my parcel?\"
  kefu triage fit --kind text --examples tone.jsonl --out tone.head
  kefu triage test --head tone.head \"This is the third time I ask!\""
    )]
    Fit(FitArgs),
    /// Say what triage makes of a text, and why
    #[command(after_help = "Examples:
  kefu triage test \"I was charged twice and nobody answers\"
  kefu triage test \"我要投诉，叫你们经理来\" --json")]
    Test(TestArgs),
}

/// What a head tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HeadKind {
    /// What a customer wants, by the embedder's vectors and by words.
    Intents,
    /// Any labels, by character n-grams.
    Text,
}

#[derive(Args, Debug)]
pub(crate) struct FitArgs {
    /// What to fit: intents for routing, or any labels of texts
    #[arg(long, value_enum, default_value_t = HeadKind::Intents)]
    pub(crate) kind: HeadKind,
    /// Files and folders with labelled examples
    #[arg(long, value_name = "PATH", num_args = 1.., required = true)]
    pub(crate) examples: Vec<PathBuf>,
    /// Write the head to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Use words alone, for an installation without an embedder; texts are always told by them
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
    /// Ask this head of `kefu triage fit --kind text` instead, which tells how likely its labels are
    #[arg(long, value_name = "FILE")]
    pub(crate) head: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long)]
    pub(crate) json: bool,
}
