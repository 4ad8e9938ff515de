//! How a customer's mood moves over their turns.

use kefu_core::Trend;

/// Moods closer than this are the same.
const STEP: f32 = 0.15;
/// The turn before weighs this much against the ones before it.
const RECENT: f32 = 0.6;

/// Compares the last of a customer's moods, oldest first, with those before it.
pub(super) fn trend(moods: &[f32]) -> Trend {
    let [earlier @ .., now] = moods else { return Trend::Same };
    let Some((first, rest)) = earlier.split_first() else { return Trend::Same };
    let before = rest.iter().fold(*first, |mean, mood| mean * (1.0 - RECENT) + mood * RECENT);
    match now - before {
        change if change > STEP => Trend::Better,
        change if change < -STEP => Trend::Worse,
        _ => Trend::Same,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moods_are_compared_with_what_came_before() {
        assert_eq!(trend(&[]), Trend::Same);
        assert_eq!(trend(&[-0.9]), Trend::Same);
        assert_eq!(trend(&[0.0, -0.6]), Trend::Worse);
        assert_eq!(trend(&[-0.6, -0.5, 0.4]), Trend::Better);
        assert_eq!(trend(&[0.3, 0.3, 0.25]), Trend::Same);
        // An old good mood does not hide that things went on badly.
        assert_eq!(trend(&[0.9, -0.6, -0.6]), Trend::Worse);
    }
}
