//! One file per command.

mod ask;
mod config;
mod content_job;
mod doctor;
mod documents;
mod erase;
mod eval;
mod ingest;
mod models;
mod overlays;
pub(crate) mod parse;
mod releases;
mod serve;
mod sources;
mod triage;

use crate::cli::{Cli, Command};
use crate::config::Layers;

/// Runs the command that was given.
pub(crate) async fn run(cli: &Cli, layers: &Layers) -> anyhow::Result<()> {
    let place = &cli.global.data_dir;
    match &cli.command {
        Command::Up(args) => serve::up(args, layers, place).await,
        Command::Serve(_) => serve::serve(layers, place).await,
        Command::Models(command) => models::run(command, layers),
        Command::Ingest(args) => ingest::run(args, layers, place).await,
        Command::Documents(command) => documents::run(command, layers, place).await,
        Command::Overlays(command) => overlays::run(command, layers, place).await,
        Command::Report(command) => documents::report(command, layers, place).await,
        Command::Releases(command) => releases::run(command, layers, place).await,
        Command::Sources(command) => sources::run(command, layers, place).await,
        Command::Ask(args) => ask::run(args, layers, place).await,
        Command::Triage(command) => triage::run(command, layers).await,
        Command::Eval(command) => eval::run(command, layers).await,
        Command::Erase(args) => erase::run(args, layers, place).await,
        Command::Config(command) => config::run(command, layers),
        Command::Doctor(args) => doctor::run(args, layers, place).await,
        Command::Parse(args) => parse::run(args),
    }
}
