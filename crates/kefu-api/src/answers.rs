//! `POST /v1/answers`.

mod request;
mod response;

pub use request::{AnswerRequest, Ask, Consent, Customer, Filter, HistoryTurn, Proof};
pub use response::{
    AnswerParts, AnswerResponse, Citation, Clarify, ClarifyOption, Confidence, Escalation, Models,
    Timings,
};
pub(crate) use response::{clarify, decimal};
