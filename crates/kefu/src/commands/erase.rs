//! `kefu erase`.

use std::path::Path;

use kefu_api::ErasedResponse;
use kefu_core::ports::CustomerRecords;

use crate::cli::EraseArgs;
use crate::config::Layers;
use crate::data_dir::DataDir;
use crate::output;
use crate::wiring::{open_records, scopes};

/// Forgets a customer and says how much was forgotten.
pub(crate) async fn run(args: &EraseArgs, layers: &Layers, place: &Path) -> anyhow::Result<()> {
    let data_dir = DataDir::hold(place)?;
    let records = open_records(&data_dir)?;
    let tenant = args.of.tenant.as_deref().unwrap_or(&layers.settings.tenant.default);
    let erased = records.erase_customer(&scopes::operator(tenant)?, &args.customer).await?;
    if args.of.json {
        return output::json(&ErasedResponse::from(erased));
    }
    output::line(format!(
        "forgotten: {} conversations with {} turns, {} answers and {} tickets",
        erased.n_conversations, erased.n_turns, erased.n_answers, erased.n_tickets
    ))
}
