//! Offline evaluation through the serving path itself.
//!
//! A [`Dataset`] holds questions with reference answers; a [`Subject`] is something that can be
//! asked, in practice the answer path of `kefu-rag` ([`AnswererSubject`]); [`run`] asks every
//! question and gives an [`EvalReport`] with figures, their sample sizes and bootstrap intervals.
//!
//! Three rules hold for every figure. A question whose asking failed counts as the worst outcome
//! and is never left out. A figure over nothing is `null`, not zero. The same data, subject and
//! seed give the same figures.

mod answerer;
mod calibrate;
mod dataset;
mod error;
mod gate;
mod metrics;
mod observe;
mod options;
mod report;
mod run;
mod statistics;
mod subject;
mod suites;

pub use answerer::{AnswererSubject, AnswererSubjectParts};
pub use calibrate::{
    CalibrateOptions, Calibrated, CalibrationReport, SetFigures, calibrate, calibration_from_json,
    calibration_to_json,
};
pub use dataset::{
    Dataset, Example, GoldPair, GoldQuestion, GoldTurn, Poison, TriageLabels, TriageSignal,
    TurnRole,
};
pub use error::EvalError;
pub use gate::{Finding, GateSuite, Requirement, Verdict, judge};
pub use observe::{EvalEvent, EvalObserver, Unobserved};
pub use options::{RunOptions, Suite};
pub use report::{Confusion, EvalReport, Figure, FigureGroup, ItemReport, Part, Slice};
pub use run::run;
pub use statistics::{Better, Unit};
pub use subject::{RankedPassage, Reply, Subject, SubjectError, SubjectInfo};
