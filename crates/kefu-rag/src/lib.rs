//! One question: understand, retrieve, rerank, read, generate, verify, decide, record.
//!
//! [`Answerer::ask`] takes one question through the stages, each a small file of its own, and
//! leaves one exchange in the records. Nothing here knows an engine: models, index and records are
//! ports of `kefu-core`. What a model wrote leaves only after the verifier found every figure and
//! claim of it in a passage; what documents say is data and decides nothing but the answer's text.

mod addressed;
mod admission;
mod answerer;
mod ask;
mod asks;
mod aspects;
mod bilingual;
mod calibration;
mod choose_reading;
mod clarify;
mod compare;
mod conditions;
mod conflict;
mod cross_encoder;
mod curated;
mod decide;
mod dialogue;
mod error;
mod events;
mod evidence;
mod exchange;
mod facts;
mod features;
mod find;
mod follow_up;
mod fuse;
mod generate;
mod lanes;
mod messages;
mod negation;
mod outcome;
mod prompt;
mod question;
mod rank;
mod read;
mod retrieve;
mod settings;
mod sheet;
mod term_weights;
mod time;
mod understand;
mod verify;

pub use answerer::{Answerer, AnswererParts};
pub use calibration::{Calibration, Fit, binding};
pub use error::RagError;
pub use events::{AnswerEvent, AnswerObserver, ScoredPassage, Unobserved};
pub use exchange::PIPELINE_VERSION;
pub use messages::too_long;
pub use outcome::{Answered, Retrieved};
pub use prompt::SYSTEM_PROMPT;
pub use question::{HistoryTurn, LanePreference, Question};
pub use settings::{AnswerSettings, GeneratePolicy};
