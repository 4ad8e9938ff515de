//! Help for a person who writes to a customer: similar cases, calming words, and what a draft had
//! better not say. Nothing here asks the generator.

mod draft;
mod personal;
mod similar;
mod soothing;

pub use draft::{DraftRules, Warning};
pub use similar::{MAX_SIMILAR, Similar, SimilarTickets};
pub use soothing::soothing;
