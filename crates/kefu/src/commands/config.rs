//! `kefu config`.

use crate::cli::ConfigCommand;
use crate::config::{ChannelEntry, Layers};
use crate::output;
use crate::wiring::intents;

/// Shows or checks the configuration. Loading it was most of the check; what remains needs the files
/// that it names.
pub(crate) fn run(command: &ConfigCommand, layers: &Layers) -> anyhow::Result<()> {
    match command {
        ConfigCommand::Show => output::line(layers.redacted_toml()?.trim_end()),
        ConfigCommand::Check => {
            intents::check_routes(&layers.settings)?;
            for warning in layers.settings.channels.iter().filter_map(ChannelEntry::warning) {
                output::note(format!("warning: {warning}"))?;
            }
            let file = match &layers.file {
                Some(path) => path.display().to_string(),
                None => "no file (there is no kefu.toml here and no --config was given)".to_owned(),
            };
            output::line(format!("the configuration is valid; it was read from {file}"))
        }
    }
}
