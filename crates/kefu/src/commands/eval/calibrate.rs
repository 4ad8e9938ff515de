//! `kefu eval calibrate`.

use anyhow::Context;
use kefu_evals::{CalibrateOptions, Dataset, RunOptions, Suite, calibration_to_json};
use kefu_rag::LanePreference;
use serde_json::json;

use super::measure;
use crate::cli::CalibrateArgs;
use crate::config::Layers;
use crate::output;

/// Intervals are not looked at here.
const N_RESAMPLES: usize = 1;

/// Asks the questions of all sets, whatever the answers are worth, and fits confidence on them.
pub(super) async fn run(args: &CalibrateArgs, layers: &Layers) -> anyhow::Result<()> {
    let options = CalibrateOptions {
        fit_share: args.fit_share,
        seed: args.seed,
        max_false_refusals: args.max_false_refusals,
        error_bound: args.error_bound,
    };
    let mut reports = Vec::with_capacity(args.dataset.len());
    for folder in &args.dataset {
        let dataset = Dataset::load(folder)?;
        let run = RunOptions {
            suites: vec![Suite::Trust],
            sample: args.sample,
            seed: args.seed,
            n_resamples: N_RESAMPLES,
        };
        output::note(format!("asking {}", dataset.name))?;
        reports.push(measure(&dataset, (&run, LanePreference::Auto), layers).await?);
    }
    let subject = reports.first().context("no data set was named")?.subject.clone();
    let (embedder, generator) = (subject.embedder.as_deref(), subject.generator.as_deref());
    let binding = kefu_rag::binding(embedder, generator, subject.reranker.as_deref());
    let calibrated = kefu_evals::calibrate(&reports, &binding, &options)?;
    std::fs::write(&args.out, calibration_to_json(&calibrated.calibration))
        .with_context(|| format!("cannot write {}", args.out.display()))?;
    if args.json {
        let report = calibrated.report.to_json();
        return output::json(&json!({ "bound_to": binding, "report": report }));
    }
    output::line(calibrated.report.to_table().trim_end())?;
    let out = args.out.display();
    output::line(format!(
        "written to {out}; it holds for these models only. Set answer.calibration = \"{out}\""
    ))
}
