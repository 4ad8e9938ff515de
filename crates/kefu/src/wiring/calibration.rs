//! The calibration of the configuration.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use kefu_evals::calibration_from_json;
use kefu_rag::Calibration;

/// What comes with the program: made by `kefu eval calibrate` for the default profile and for
/// installations without models.
const BUILTIN: [(&str, &str); 2] = [
    ("default", include_str!("../../../../models/calibration/default.json")),
    ("none", include_str!("../../../../models/calibration/none.json")),
];

/// The calibration to use with what `binding` names. Without one of its own an installation takes
/// none of the built-in ones; a file is taken whatever it is bound to, and the answer path says
/// when it does not fit.
pub(super) fn calibration(
    setting: &str,
    binding: &str,
) -> anyhow::Result<Option<Arc<Calibration>>> {
    let read = |name: &str, json: &str| {
        calibration_from_json(json)
            .map(Arc::new)
            .map_err(|detail| anyhow!("answer.calibration: {name} cannot be used: {detail}"))
    };
    match setting {
        "none" => Ok(None),
        "builtin" => {
            for (name, json) in BUILTIN {
                let known = read(name, json)?;
                if known.bound_to == binding {
                    return Ok(Some(known));
                }
            }
            tracing::warn!(
                calibration.binding = binding,
                "no built-in calibration is for these models: confidences are not calibrated and \
                 answers need more evidence; run `kefu eval calibrate`"
            );
            Ok(None)
        }
        file => {
            let json = std::fs::read_to_string(Path::new(file))
                .with_context(|| format!("answer.calibration: cannot read {file}"))?;
            read(file, &json).map(Some)
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn what_comes_with_the_program_can_be_read_and_differs_by_its_models() {
        let known: Vec<Calibration> =
            BUILTIN.iter().map(|(_, json)| calibration_from_json(json).unwrap()).collect();
        assert_ne!(known[0].bound_to, known[1].bound_to);
        assert_eq!(known[1].bound_to, kefu_rag::binding(None, None, None));
        for calibration in known {
            let taken = self::calibration("builtin", &calibration.bound_to).unwrap();
            assert_eq!(taken.as_deref(), Some(&calibration));
        }
        assert!(calibration("builtin", "0000").unwrap().is_none());
        assert!(calibration("none", "0000").unwrap().is_none());
        assert!(calibration("no/such/file.json", "0000").is_err());
    }
}
