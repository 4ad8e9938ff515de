//! `POST /v1/answers`.

mod request;
mod response;

pub use request::{AnswerRequest, Ask, Consent, Customer, Filter, HistoryTurn};
pub(crate) use response::decimal;
pub use response::{
    AnswerParts, AnswerResponse, Citation, Confidence, Escalation, Models, Timings,
};
