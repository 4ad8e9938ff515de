use crate::dataset::Dataset;
use crate::error::EvalError;

/// More resamples than this only cost time.
const MAX_RESAMPLES: usize = 100_000;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Suite {
    /// Does the right document come first?
    Retrieval,
    /// Is the answer right, supported, or rightly refused?
    Answers,
    /// Does confidence tell right answers from wrong ones?
    Trust,
    /// Do reviewed pairs answer their own questions and no others?
    Curated,
    /// Which labelled texts are handed to a person?
    Triage,
    /// Do instructions in documents and questions change anything?
    Injection,
}

impl Suite {
    /// The word on the command line and in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retrieval => "retrieval",
            Self::Answers => "answers",
            Self::Trust => "trust",
            Self::Curated => "curated",
            Self::Triage => "triage",
            Self::Injection => "injection",
        }
    }

    /// The suites that a word of the command line means; `all` means those that the data set has
    /// rows for, the injection suite left out.
    ///
    /// # Errors
    /// [`EvalError::UnknownSuite`] for another word.
    pub fn select(word: &str, dataset: &Dataset) -> Result<Vec<Self>, EvalError> {
        match word {
            "retrieval" => Ok(vec![Self::Retrieval]),
            "answers" => Ok(vec![Self::Answers]),
            "trust" => Ok(vec![Self::Trust]),
            "curated" => Ok(vec![Self::Curated]),
            "triage" => Ok(vec![Self::Triage]),
            "injection" => Ok(vec![Self::Injection]),
            "all" => {
                let all =
                    [Self::Retrieval, Self::Answers, Self::Trust, Self::Curated, Self::Triage];
                Ok(all.into_iter().filter(|suite| suite.has_rows(dataset)).collect())
            }
            other => Err(EvalError::UnknownSuite { name: other.to_owned() }),
        }
    }

    /// Whether the data set has rows for it.
    pub(crate) fn has_rows(self, dataset: &Dataset) -> bool {
        match self {
            Self::Retrieval => dataset.questions.iter().any(|q| q.answerable),
            Self::Answers | Self::Trust => !dataset.questions.is_empty(),
            Self::Curated => dataset.questions.iter().any(|q| q.reviewed.is_some()),
            Self::Triage => !dataset.examples.is_empty(),
            Self::Injection => !dataset.questions.is_empty() || !dataset.examples.is_empty(),
        }
    }

    pub(crate) fn check_rows(self, dataset: &Dataset) -> Result<(), EvalError> {
        if self.has_rows(dataset) {
            return Ok(());
        }
        let rows = match self {
            Self::Retrieval => "answerable questions",
            Self::Answers | Self::Trust => "questions",
            Self::Curated => "questions with same_as or near_miss_of",
            Self::Triage => "examples",
            Self::Injection => "questions or examples",
        };
        Err(EvalError::NothingToAsk { dataset: dataset.name.clone(), suite: self.as_str(), rows })
    }
}

/// How an evaluation is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunOptions {
    /// Suites, in order.
    pub suites: Vec<Suite>,
    /// Ask only so many questions (and examples), drawn by `seed`; all when `None` or more than
    /// there are.
    pub sample: Option<usize>,
    /// Seed of the sample and of the intervals.
    pub seed: u64,
    /// Bootstrap resamples for each interval, 1 to 100,000; 2,000 is a good number.
    pub n_resamples: usize,
}

impl RunOptions {
    pub(crate) fn check(&self) -> Result<(), EvalError> {
        if self.suites.is_empty() {
            let detail = "name at least one suite".to_owned();
            return Err(EvalError::BadOption { option: "suite", detail });
        }
        if self.sample == Some(0) {
            let detail = "must be at least 1".to_owned();
            return Err(EvalError::BadOption { option: "sample", detail });
        }
        if self.n_resamples == 0 || self.n_resamples > MAX_RESAMPLES {
            let detail = format!("must be 1 to {MAX_RESAMPLES}");
            return Err(EvalError::BadOption { option: "n_resamples", detail });
        }
        Ok(())
    }
}
