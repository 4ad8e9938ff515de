//! Figures of merit.

pub(crate) fn share(part: usize, whole: usize) -> f64 {
    f64::from(u32::try_from(part).unwrap_or(u32::MAX))
        / f64::from(u32::try_from(whole.max(1)).unwrap_or(u32::MAX))
}

/// How often one of `high` scores above one of `low`; ties count half.
pub(crate) fn auroc(high: &[f32], low: &[f32]) -> f64 {
    let mut won = 0.0;
    for a in high {
        for b in low {
            won += if a > b {
                1.0
            } else if a < b {
                0.0
            } else {
                0.5
            };
        }
    }
    won / (high.len().max(1) as f64 * low.len().max(1) as f64)
}

/// Mean of the F1 of both sides when scores from `limit` on count as found.
pub(crate) fn macro_f1(with: &[f32], without: &[f32], limit: f32) -> f64 {
    let found = |scores: &[f32]| scores.iter().filter(|score| **score >= limit).count();
    let (hits, false_alarms) = (found(with), found(without));
    let f1 = |right: usize, n_found: usize, n_true: usize| 2.0 * share(right, n_found + n_true);
    let quiet = without.len() - false_alarms;
    let n_quiet = with.len() - hits + quiet;
    (f1(hits, hits + false_alarms, with.len()) + f1(quiet, n_quiet, without.len())) / 2.0
}
