//! The command line as a tree of types. Help texts are the manual.

mod documents;
mod eval;
mod ingest;
mod overlays;
mod releases;
mod triage;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use documents::{
    DocumentsCommand, DocumentsListArgs, DocumentsStateArgs, ExpiringArgs, ReportCommand,
    SourcesCommand,
};
pub(crate) use eval::{CalibrateArgs, EvalCommand, EvalRunArgs, SuiteArg};
pub(crate) use ingest::IngestArgs;
pub(crate) use overlays::{OverlaysAddArgs, OverlaysCommand, OverlaysDeleteArgs, OverlaysListArgs};
pub(crate) use releases::ReleasesCommand;
pub(crate) use triage::{FitArgs, HeadKind, TestArgs, TriageCommand};

/// A self-hosted support assistant: answers customers from your documents, with sources.
#[derive(Debug, Parser)]
#[command(
    name = "kefu",
    version,
    after_help = "Examples:
  kefu up                          everything on this machine, with the sample shop
  kefu up --docs handbook/         the same with your own documents
  kefu ask \"How long do I have to return something?\"
  kefu ingest handbook/ faq.jsonl
  kefu eval run --dataset evals/samples"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    /// Flags that override configuration keys.
    pub(crate) fn flags(&self) -> Vec<(&'static str, String)> {
        let listen = match &self.command {
            Command::Up(args) => args.serve.listen.as_ref(),
            Command::Serve(args) => args.listen.as_ref(),
            _ => None,
        };
        let models_dir = self.global.models_dir.as_ref().map(|dir| dir.display().to_string());
        [
            ("server.listen", listen.cloned()),
            ("models.dir", models_dir),
            ("log.level", self.global.log.clone()),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect()
    }
}

/// Options of every command.
#[derive(Args, Debug)]
pub(crate) struct Global {
    /// Configuration file [default: kefu.toml in the working directory, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Folder of all state: records, index, reports
    #[arg(long, global = true, value_name = "DIR", default_value = "data", env = "KEFU_DATA_DIR")]
    pub(crate) data_dir: PathBuf,
    /// Folder of model files [default: kefu/models in the user's cache folder]
    #[arg(long, global = true, value_name = "DIR", env = "KEFU_MODELS_DIR")]
    pub(crate) models_dir: Option<PathBuf>,
    /// Log level: error, warn, info, debug, trace, or a filter such as info,kefu_rag=debug
    #[arg(long, global = true, value_name = "LEVEL")]
    pub(crate) log: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Fetch models if missing, take documents in if there are none, and serve
    #[command(after_help = "Examples:
  kefu up
  kefu up --docs handbook/ --docs faq.jsonl --listen 127.0.0.1:9000")]
    Up(UpArgs),
    /// Serve what was taken in before
    #[command(after_help = "Example:\n  kefu serve --listen 127.0.0.1:9000 --data-dir /srv/kefu")]
    Serve(ServeArgs),
    /// Fetch, list and check model files
    #[command(subcommand)]
    Models(ModelsCommand),
    /// Take documents in and publish them
    #[command(after_help = "A folder is walked; a file's path relative to it is its document id.
JSONL rows with `text` are documents, rows with `question` and `answer` are reviewed pairs.
A .toml file names sources: folders, addresses or sitemaps, each with its own rule for deletions.

Examples:
  kefu ingest handbook/
  kefu ingest handbook/ faq.jsonl --prune
  kefu ingest source.toml --confirm-deletions
  kefu ingest handbook/ --keep contents --keep duplicate
  kefu ingest handbook/ --dry-run --report report.json
  kefu ingest handbook/ --gate gate.toml
  kefu ingest handbook/ --events | jq -c 'select(.event == \"file\")'")]
    Ingest(IngestArgs),
    /// List documents of the published release, and say which may answer
    #[command(subcommand)]
    #[command(after_help = "Examples:
  kefu documents list
  kefu documents list --state draft --json
  kefu documents state fees.md approved --reason \"checked by Mei\"")]
    Documents(DocumentsCommand),
    /// List, make and delete corrections of passages
    #[command(subcommand)]
    #[command(after_help = "The service holds the data directory while it runs; then use \
/v1/overlays and the like.

Examples:
  kefu overlays list --orphaned
  kefu overlays add returns.md --passage \"within 30 days\" --edit \"within 14 days\"")]
    Overlays(OverlaysCommand),
    /// Reports on the content
    #[command(subcommand)]
    #[command(after_help = "Examples:
  kefu report expiring
  kefu report expiring --within 90 --json")]
    Report(ReportCommand),
    /// List, compare, publish and roll back releases of the content
    #[command(subcommand)]
    #[command(after_help = "Each ingest that changes something publishes a release. The service \
holds the data directory while it runs; then use POST /v1/releases/rollback and the like.

Examples:
  kefu releases list
  kefu releases diff 6 7
  kefu releases rollback --reason \"wrong prices\"
  kefu releases publish 7")]
    Releases(ReleasesCommand),
    /// List what the service looks at by itself
    #[command(subcommand)]
    #[command(after_help = "Sources are named by sources.files of the configuration:

  [[source]]
  id = \"help\"
  kind = \"sitemap\"                                # or folder, urls
  sitemap = \"https://shop.example/sitemap.xml\"   # or path, urls, urls_file
  include = [\"*/help/*\"]
  every = \"6h\"
  delete = \"ask\"                                  # or prune, keep

Examples:
  kefu sources list
  kefu ingest source.toml           look at all of them once")]
    Sources(SourcesCommand),
    /// Ask one question on the terminal
    #[command(after_help = "Examples:
  kefu ask \"How long is the warranty?\"
  kefu ask \"保修多久？\" --json")]
    Ask(AskArgs),
    /// Fit the classifier of intents, and try what triage makes of a text
    #[command(subcommand)]
    Triage(TriageCommand),
    /// Measure retrieval and answers offline
    #[command(subcommand)]
    Eval(EvalCommand),
    /// Forget a customer: their conversations, answers, feedback and what tickets say of them
    #[command(
        after_help = "Tickets that are open are ended. The service holds the data directory \
while it runs; then use DELETE /v1/customers/ID.

Example:
  kefu erase --customer 4711"
    )]
    Erase(EraseArgs),
    /// Show or check the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Check the data directory, the models and the index point by point; repair the index
    #[command(
        after_help = "Examples:\n  kefu doctor\n  kefu doctor --json\n  kefu doctor --rebuild"
    )]
    Doctor(DoctorArgs),
    /// Read files from standard input and write their text; used by ingest as a child process
    #[command(hide = true)]
    Parse(ParseArgs),
}

#[derive(Args, Debug)]
pub(crate) struct ServeArgs {
    /// Address and port to listen on [default: server.listen, 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) listen: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct UpArgs {
    /// Folder or file to take in [default: ingest/samples, when nothing was taken in before]
    #[arg(long, value_name = "PATH")]
    pub(crate) docs: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) serve: ServeArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModelsCommand {
    /// Fetch the files of a profile that are missing
    #[command(after_help = "Example:\n  kefu models pull --profile multilingual")]
    Pull(ProfileArgs),
    /// List profiles, their models and which files are here
    List(JsonArgs),
    /// Check every file of a profile against its recorded size and hash
    Verify(ProfileArgs),
}

#[derive(Args, Debug)]
pub(crate) struct ProfileArgs {
    /// Profile [default: models.profile]
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct JsonArgs {
    /// Print the result as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Whose content a command is about, and how it prints.
#[derive(Args, Debug)]
pub(crate) struct TenantArgs {
    /// Whose content [default: tenant.default]
    #[arg(long, value_name = "T")]
    pub(crate) tenant: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct EraseArgs {
    /// The caller's own id of the customer, as in `customer.id` of questions
    #[arg(long, value_name = "ID")]
    pub(crate) customer: String,
    #[command(flatten)]
    pub(crate) of: TenantArgs,
}

#[derive(Args, Debug)]
pub(crate) struct AskArgs {
    /// The question
    pub(crate) question: String,
    /// Whose content to ask [default: tenant.default]
    #[arg(long, value_name = "T")]
    pub(crate) tenant: Option<String>,
    /// How the answer may be made
    #[arg(long, value_enum, default_value_t = LaneArg::Auto)]
    pub(crate) lane: LaneArg,
    /// Print the answer as JSON, as the API would
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LaneArg {
    Auto,
    Extractive,
    Generated,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print the merged configuration with secrets hidden
    Show,
    /// Check the configuration and say where it came from
    Check,
}

#[derive(Args, Debug)]
pub(crate) struct DoctorArgs {
    /// Build the index anew from the records
    #[arg(long)]
    pub(crate) rebuild: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ParseArgs {
    /// CPU seconds this process may use for one file
    #[arg(long, default_value_t = 120)]
    pub(crate) cpu_seconds: u64,
    /// Address space this process may use, in bytes
    #[arg(long, default_value_t = 2_147_483_648)]
    pub(crate) memory_bytes: u64,
    /// Longest file read, in bytes
    #[arg(long, default_value_t = 33_554_432)]
    pub(crate) max_file_bytes: u64,
    /// Longest text written for one file, in bytes
    #[arg(long, default_value_t = 67_108_864)]
    pub(crate) max_output_bytes: u64,
    /// Most pages, slides or sheets of one file
    #[arg(long, default_value_t = 2_000)]
    pub(crate) max_pages: usize,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_tree_is_consistent() {
        Cli::command().debug_assert();
    }
}
