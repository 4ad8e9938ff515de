//! Measures of one question, as pure functions.

pub(crate) mod classes;
pub(crate) mod numbers;
pub(crate) mod obedience;
pub(crate) mod ranking;
pub(crate) mod text;
pub(crate) mod trust;

/// One or zero.
pub(crate) fn share(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}

/// A count as a number to calculate with; exact far beyond any count that occurs.
pub(crate) fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
