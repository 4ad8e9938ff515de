//! What a customer wants, as a class for routing.
//!
//! An [`IntentCatalogue`] lists classes with examples; [`IntentHead::fit`] learns to tell them, with
//! the vectors of an embedder where there are any; [`cross_validate`] says how well that works on
//! examples that were not seen. Everything here is a pure function of its input.

mod catalogue;
mod codec;
mod corpus;
mod cross_validation;
mod error;
mod fit;
mod grams;
mod head;
mod minimise;
mod model;
mod neighbours;
mod parallel;
mod rules;
mod scope;
mod scopes;
mod softmax;
mod table;
mod vocabulary;

pub use catalogue::{IntentCatalogue, IntentSpec};
pub use corpus::ExampleVectors;
pub use cross_validation::{CrossValidation, Guess, OutsideScore, cross_validate};
pub use error::IntentError;
pub use fit::{FitObserver, FitReport, MIN_EXAMPLES, N_FOLDS};
pub use head::IntentHead;

#[cfg(test)]
mod tests;
