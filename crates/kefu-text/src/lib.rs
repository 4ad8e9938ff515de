//! Language detection, normalisation, segmentation, sentences and lexical encoding.
//!
//! Everything here is a pure function of its input. [`Shadow`] is the form in which texts are
//! compared; [`sentences`] cuts a text for quoting; [`Analyser`] turns a text into search terms
//! and into the sparse vectors of the lexical leg.

mod analyser;
mod language;
mod script;
mod sentences;
mod shadow;

pub use analyser::{ANALYSER_VERSION, Analyser, NOMINAL_LEN, Term, term_id};
pub use language::detect;
pub use script::is_han;
pub use sentences::sentences;
pub use shadow::{Shadow, readable, shadow};
