//! `kefu config`.

use crate::cli::ConfigCommand;
use crate::config::Layers;
use crate::output;

/// Shows or checks the configuration; loading it was the check.
pub(crate) fn run(command: &ConfigCommand, layers: &Layers) -> anyhow::Result<()> {
    match command {
        ConfigCommand::Show => output::line(layers.redacted_toml()?.trim_end()),
        ConfigCommand::Check => {
            let file = match &layers.file {
                Some(path) => path.display().to_string(),
                None => "no file (there is no kefu.toml here and no --config was given)".to_owned(),
            };
            output::line(format!("the configuration is valid; it was read from {file}"))
        }
    }
}
