//! What a complaint is about.

use kefu_core::ProblemKind;

use super::signs::{SignPair, SignText};

/// The signs of the kinds.
pub(super) struct Kinds(SignPair);

impl Kinds {
    pub(super) fn new() -> Self {
        Self(SignPair::compile(
            include_str!("../../rules/en/kind.txt"),
            include_str!("../../rules/zh/kind.txt"),
        ))
    }

    /// The kind whose signs weigh most; a complaint without any is about the service.
    pub(super) fn of(&self, text: &SignText) -> ProblemKind {
        let found = self.0.find_all(text);
        let weight = |kind: ProblemKind| -> f32 {
            found.iter().filter(|(name, _)| *name == kind.as_str()).map(|(_, w)| w).sum()
        };
        let order = [
            ProblemKind::Regulator,
            ProblemKind::Privacy,
            ProblemKind::Refund,
            ProblemKind::Delivery,
            ProblemKind::Product,
            ProblemKind::Service,
        ];
        let heaviest = order
            .into_iter()
            .map(|kind| (kind, weight(kind)))
            .reduce(|best, next| if next.1 > best.1 { next } else { best });
        match heaviest {
            Some((kind, weight)) if weight > 0.0 => kind,
            _ => ProblemKind::Service,
        }
    }
}
