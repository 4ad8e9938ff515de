use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::LaneArg;

#[derive(Debug, Subcommand)]
pub(crate) enum EvalCommand {
    /// Take a data set in through the real pipeline and ask its questions
    #[command(after_help = "Examples:
  kefu eval run --dataset evals/samples
  kefu eval run --dataset sets/squad --suite retrieval --sample 100 --seed 7 --json out.json
  kefu eval run --dataset sets/intents --suite triage --labels labels.toml

The triage suite holds labels of examples.jsonl against what triage finds: human, complaint, \
dissatisfaction, abuse, money_safety, unsafe and out_of_scope. Usual labels (complaint, negative, \
offensive, oos, attack, contact_human_agent ...) are known; a file labels.toml in the folder or \
--labels says others:

  intents = true                      # labels are intents; left out, it is guessed
  [signals]
  human = [\"handoff\"]                 # a label joined by | stands for all its parts
  money_safety = [\"compromised_card\"]

Where labels are intents, every example is judged by heads fitted without its fold.")]
    Run(EvalRunArgs),
    /// Fit how sure answers are on questions with known answers, and judge it on others
    #[command(
        after_help = "Each set counts the same. The file holds for the models and the version \
it was made with; with others answers need more evidence.

Examples:
  kefu eval calibrate --dataset sets/en --dataset sets/zh --out calibration.json
  kefu eval calibrate --dataset sets/en --error-bound 0.1 --out strict.json"
    )]
    Calibrate(CalibrateArgs),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SuiteArg {
    Retrieval,
    Trust,
    Answers,
    Curated,
    Triage,
    Injection,
    All,
}

#[derive(Args, Debug)]
pub(crate) struct EvalRunArgs {
    /// Folder with questions.jsonl and documents.jsonl
    #[arg(long, value_name = "DIR")]
    pub(crate) dataset: PathBuf,
    /// What to measure
    #[arg(long, value_enum, default_value_t = SuiteArg::All)]
    pub(crate) suite: SuiteArg,
    /// How answers are made
    #[arg(long, value_enum, default_value_t = LaneArg::Auto)]
    pub(crate) lane: LaneArg,
    /// Take these documents in instead of the set's own
    #[arg(long, value_name = "PATH")]
    pub(crate) documents: Option<PathBuf>,
    /// What labels of examples mean, for the triage suite [default: labels.toml of the set]
    #[arg(long, value_name = "FILE")]
    pub(crate) labels: Option<PathBuf>,
    /// Ask only this many questions, drawn at random
    #[arg(long, value_name = "N")]
    pub(crate) sample: Option<usize>,
    /// Seed of every random draw
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Write the report as JSON to this file; `-` prints it
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Write the report as one HTML page to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct CalibrateArgs {
    /// Folder with documents.jsonl and questions.jsonl; may be given several times
    #[arg(long, value_name = "DIR", required = true)]
    pub(crate) dataset: Vec<PathBuf>,
    /// Write the calibration to this file
    #[arg(long, value_name = "FILE", default_value = "calibration.json")]
    pub(crate) out: PathBuf,
    /// Share of the documents whose questions are fitted on; the others judge
    #[arg(long, value_name = "SHARE", default_value_t = 0.6)]
    pub(crate) fit_share: f64,
    /// Share of answerable questions that may be refused
    #[arg(long, value_name = "SHARE", default_value_t = 0.1)]
    pub(crate) max_false_refusals: f64,
    /// Share of answers that may be wrong, held with 95 % confidence, instead
    #[arg(long, value_name = "SHARE", conflicts_with = "max_false_refusals")]
    pub(crate) error_bound: Option<f64>,
    /// Ask only this many questions of each set, drawn at random
    #[arg(long, value_name = "N")]
    pub(crate) sample: Option<usize>,
    /// Seed of the split and of every draw
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Print the figures as JSON
    #[arg(long)]
    pub(crate) json: bool,
}
