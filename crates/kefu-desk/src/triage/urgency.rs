//! How soon something must happen, from what is said of time and need.

use kefu_core::{Urgency, UrgencyLevel};

use super::signs::{SignPair, SignText};

/// The signs of urgency; a sign's weight is its level.
pub(super) struct Urgencies(SignPair);

impl Urgencies {
    pub(super) fn new() -> Self {
        Self(SignPair::compile(
            include_str!("../../rules/en/urgency.txt"),
            include_str!("../../rules/zh/urgency.txt"),
        ))
    }

    /// The level of the most urgent sign, with all signs as reasons; `floor` is what other rules
    /// found, with its reason.
    pub(super) fn of(
        &self,
        text: &SignText,
        floor: Option<(UrgencyLevel, &'static str)>,
    ) -> Urgency {
        let found = self.0.find_all(text).into_iter().map(|(name, weight)| (level(weight), name));
        let mut reasons: Vec<_> = found.chain(floor).collect();
        reasons.sort_by_key(|(level, _)| std::cmp::Reverse(*level));
        Urgency {
            level: reasons.first().map_or(UrgencyLevel::None, |(level, _)| *level),
            reasons: reasons.into_iter().map(|(_, name)| name).collect(),
        }
    }
}

fn level(weight: f32) -> UrgencyLevel {
    match weight {
        weight if weight >= 3.0 => UrgencyLevel::Now,
        weight if weight >= 2.0 => UrgencyLevel::Today,
        _ => UrgencyLevel::Soon,
    }
}
