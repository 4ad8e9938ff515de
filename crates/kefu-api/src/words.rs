//! The closed vocabularies of the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A wire twin of a domain enum: equal variants, snake-case words, conversions both ways.
macro_rules! twin {
    ($(#[$doc:meta])* $name:ident of $domain:path { $($(#[$variant_doc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                use $domain as Domain;
                match value { $(Domain::$variant => Self::$variant),+ }
            }
        }

        impl From<$name> for $domain {
            fn from(value: $name) -> Self {
                match value { $($name::$variant => Self::$variant),+ }
            }
        }
    };
}

twin!(
    /// What became of a question.
    Outcome of kefu_core::Outcome {
        /// Answered from the documents.
        Answered,
        /// A question back to the customer.
        Clarify,
        /// No answer, for the stated reason.
        Abstained,
        /// Handed to a person.
        Escalated,
    }
);
twin!(
    /// Why a line is in a summary.
    SummaryReason of kefu_core::SummaryReason {
        /// What the conversation is about.
        Matter,
        /// It names an order, an amount, a date or the like.
        Detail,
        /// The customer tells what went wrong.
        Failure,
        /// What was promised.
        Promise,
        /// What the customer said last.
        Latest,
    }
);
twin!(
    /// How the customer's mood moves.
    Trend of kefu_core::Trend {
        /// Happier than before.
        Better,
        /// Neither, or too little said to tell.
        Same,
        /// Unhappier than before.
        Worse,
    }
);
twin!(
    /// Where a delivery stands.
    DeliveryState of kefu_core::ports::DeliveryState {
        /// Waits for its next attempt.
        Pending,
        /// The endpoint has taken it.
        Delivered,
        /// Given up; it can be tried again.
        Dead,
    }
);
twin!(
    /// Whether a release can serve.
    ReleaseState of kefu_core::ReleaseState {
        /// It can be published again, and rolled back to.
        Published,
        /// Its content was given up when a build began after a rollback.
        Abandoned,
    }
);
twin!(
    /// How a document differs between two releases.
    DocumentChange of kefu_core::diff::DocumentChangeKind {
        /// Only the second release has it.
        Added,
        /// Both have it.
        Changed,
        /// Only the first release has it.
        Removed,
    }
);
twin!(
    /// How the answer was made.
    Lane of kefu_core::Lane {
        /// A reviewed question–answer pair.
        Curated,
        /// Sentences of the documents, verbatim.
        Extractive,
        /// Written by a model and verified against the documents.
        Generated,
        /// No answer from documents.
        None,
    }
);
twin!(
    /// Why there is no answer.
    Reason of kefu_core::Reason {
        /// Nothing was found.
        NoDocument,
        /// What was found does not support an answer.
        WeakEvidence,
        /// The documents contradict each other.
        Conflict,
        /// Not a question for this service.
        OutOfScope,
        /// Answering would be unsafe.
        Unsafe,
        /// No document is known to hold on the day asked about.
        AsOfUnknown,
    }
);
twin!(
    /// Why a person takes over.
    EscalationReason of kefu_core::EscalationReason {
        /// The customer asked for one.
        HumanRequested,
        /// The customer complains.
        Complaint,
        /// Money or account safety is at stake.
        MoneySafety,
        /// Kefu could not answer, repeatedly.
        LowConfidence,
        /// Abuse or self-harm.
        Abuse,
        /// The conversation goes round in circles.
        Loop,
        /// A part of Kefu failed.
        EngineFailure,
    }
);
twin!(
    /// How urgent a ticket is.
    Priority of kefu_core::Priority {
        /// When there is time.
        Low,
        /// In order.
        Normal,
        /// Before the ordinary ones.
        High,
        /// At once.
        Urgent,
    }
);
twin!(
    /// Where a ticket stands.
    TicketStatus of kefu_core::TicketStatus {
        /// Waits for a person.
        Open,
        /// A person has it.
        Claimed,
        /// Done.
        Resolved,
    }
);
twin!(
    /// How a ticket stands against its clocks.
    SlaState of kefu_core::SlaState {
        /// It has no clocks.
        None,
        /// All clocks were stopped in time.
        Met,
        /// There is time.
        Ok,
        /// Late soon.
        Warning,
        /// Late.
        Breached,
    }
);
twin!(
    /// Whether an agent can be given work.
    Presence of kefu_core::Presence {
        /// At work.
        Online,
        /// For a moment not at the desk.
        Away,
        /// Not at work, or not heard of for long.
        Offline,
    }
);
twin!(
    /// Who answers next.
    ConversationState of kefu_core::ConversationState {
        /// Kefu.
        Bot,
        /// A ticket waits for a person; Kefu stays silent.
        Queued,
        /// A person; Kefu stays silent.
        Human,
        /// The ticket was resolved; the next customer turn goes to Kefu.
        Closed,
    }
);
twin!(
    /// Who said a turn.
    Speaker of kefu_core::Speaker {
        /// The customer.
        Customer,
        /// Kefu.
        Assistant,
        /// A person at the desk.
        Agent,
    }
);
twin!(
    /// Where a job stands.
    JobState of kefu_core::ports::JobState {
        /// Accepted and durable.
        Queued,
        /// Being worked on.
        Running,
        /// Finished; single files may still have failed.
        Succeeded,
        /// Nothing was published.
        Failed,
    }
);
twin!(
    /// Where one file of a job stands.
    JobFileState of kefu_core::ports::JobFileState {
        /// Not begun.
        Pending,
        /// Read and compared; not yet published.
        Read,
        /// Published, or found unchanged.
        Done,
        /// Left out on purpose.
        Skipped,
        /// So much of it was removed by cleaning that it waits for a person.
        Quarantined,
        /// Could not be taken in.
        Failed,
    }
);

/// Which lane a caller wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LanePreference {
    /// The service decides.
    #[default]
    Auto,
    /// Verbatim sentences only; fast, no model writes.
    Extractive,
    /// Written by the model where one serves the language, verified as always.
    Generated,
}

/// Who said an earlier turn that the caller sends along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HistoryRole {
    /// The customer.
    User,
    /// Kefu, or whoever answered.
    Assistant,
}

/// Who sends a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageRole {
    /// The customer.
    Customer,
    /// A person at the desk.
    Agent,
}

/// A quick judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Thumbs {
    /// Helped.
    Up,
    /// Did not help.
    Down,
}

/// What kind of text a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// Prose, tables, lists.
    Article,
    /// A reviewed question–answer pair.
    Pair,
}

twin!(
    /// Whether a document may answer customers.
    DocumentState of kefu_core::DocumentState {
        /// Being written: kept for editors, and in no answer.
        Draft,
        /// Questions are answered from it.
        Approved,
        /// No longer used: kept for editors, and in no answer.
        Retired,
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_words_are_the_words_of_records() {
        for reason in kefu_core::EscalationReason::ALL {
            let wire = serde_json::to_value(EscalationReason::from(reason)).ok();
            assert_eq!(wire, Some(serde_json::Value::from(reason.as_str())));
        }
        for priority in kefu_core::Priority::ALL {
            let wire = serde_json::to_value(Priority::from(priority)).ok();
            assert_eq!(wire, Some(serde_json::Value::from(priority.as_str())));
        }
        let abstained = serde_json::to_value(Reason::AsOfUnknown).ok();
        assert_eq!(abstained, Some(serde_json::Value::from("as_of_unknown")));
    }
}
