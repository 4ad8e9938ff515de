//! Calibrations as JSON.

use kefu_core::Language;
use kefu_rag::{Calibration, Fit};
use serde::{Deserialize, Serialize};

/// Raised when a field changes its meaning.
const SCHEMA: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: u32,
    bound_to: String,
    fits: Vec<FitBody>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FitBody {
    lang: String,
    with_dense: bool,
    bias: f32,
    weights: Vec<(String, f32)>,
    steps: Vec<(f32, f32)>,
    threshold: f32,
}

/// The file form of a calibration.
#[must_use]
pub fn calibration_to_json(calibration: &Calibration) -> String {
    let fit = |fit: &Fit| FitBody {
        lang: fit.language.code().to_owned(),
        with_dense: fit.with_dense,
        bias: fit.bias,
        weights: fit.weights.clone(),
        steps: fit.steps.clone(),
        threshold: fit.threshold,
    };
    let fits = calibration.fits.iter().map(fit).collect();
    let file = File { schema: SCHEMA, bound_to: calibration.bound_to.clone(), fits };
    serde_json::to_string_pretty(&file).unwrap_or_default() + "\n"
}

/// Reads the file form.
///
/// # Errors
/// What is wrong with it, for people.
pub fn calibration_from_json(json: &str) -> Result<Calibration, String> {
    let file: File = serde_json::from_str(json).map_err(|error| error.to_string())?;
    if file.schema != SCHEMA {
        return Err(format!("its schema is {}; this program reads {SCHEMA}", file.schema));
    }
    let fit = |body: FitBody| {
        let language = Language::from_code(&body.lang);
        let rises = body.steps.windows(2).all(|p| p[0].0 < p[1].0 && p[0].1 <= p[1].1);
        let numbers =
            [body.bias, body.threshold].into_iter().chain(body.weights.iter().map(|w| w.1));
        let are_numbers =
            numbers.chain(body.steps.iter().flat_map(|s| [s.0, s.1])).all(f32::is_finite);
        let are_shares = body.steps.iter().all(|step| (0.0..=1.0).contains(&step.1));
        if body.steps.is_empty() || !rises || !are_numbers || !are_shares {
            return Err(format!("the steps of {} are no rising line of shares", body.lang));
        }
        Ok(Fit {
            language: language.ok_or_else(|| format!("{:?} is no language", body.lang))?,
            with_dense: body.with_dense,
            bias: body.bias,
            weights: body.weights,
            steps: body.steps,
            threshold: body.threshold,
        })
    };
    let fits = file.fits.into_iter().map(fit).collect::<Result<_, _>>()?;
    Ok(Calibration { bound_to: file.bound_to, fits })
}
