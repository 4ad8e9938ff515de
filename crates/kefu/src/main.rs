//! The `kefu` command: configuration, wiring and the commands themselves.

mod cli;
mod commands;
mod config;
mod data_dir;
mod logging;
mod output;
mod progress;
mod wiring;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match &cli.command {
        Command::Parse(args) => commands::parse::run(args),
        _ => run(&cli),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to report to when standard error is closed.
            let _ = output::note(format!("kefu: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> anyhow::Result<()> {
    let layers = config::load(cli.global.config.as_deref(), std::env::vars(), &cli.flags())?;
    logging::start(&layers.settings.log)?;
    kefu_models::configure_threads(layers.settings.models.threads);
    if let Some(warning) = kefu_models::cpu_warning() {
        tracing::warn!("{warning}");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(commands::run(cli, &layers));
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    done
}
