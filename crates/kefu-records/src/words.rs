//! Words that enumerations are stored as.

use kefu_core::ports::{DeliveryState, JobFileState, JobState, SourceOutcome};
use kefu_core::{
    ConversationState, EscalationReason, Lane, Outcome, Presence, Priority, Reason, ReleaseState,
    Role, Speaker, TicketStatus, Trend,
};

use crate::fault::{Fault, damaged};

/// An enumeration stored as one word per variant.
pub(crate) trait Word: Copy + Sized + 'static {
    /// The word.
    fn word(self) -> &'static str;

    /// The variant stored as `word`.
    fn read(word: &str) -> Result<Self, Fault>;
}

macro_rules! words {
    ($type:ident { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl Word for $type {
            fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            fn read(word: &str) -> Result<Self, Fault> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(damaged(concat!("a word for ", stringify!($type)))),
                }
            }
        }
    };
}

words!(ConversationState {
    Bot => "bot", Queued => "queued", Human => "human", Closed => "closed",
});
words!(Speaker { Customer => "customer", Assistant => "assistant", Agent => "agent" });
words!(TicketStatus { Open => "open", Claimed => "claimed", Resolved => "resolved" });
words!(Trend { Better => "better", Same => "same", Worse => "worse" });
words!(JobState {
    Queued => "queued", Running => "running", Succeeded => "succeeded", Failed => "failed",
});
words!(JobFileState {
    Pending => "pending", Read => "read", Done => "done", Skipped => "skipped",
    Quarantined => "quarantined", Failed => "failed",
});

words!(DeliveryState { Pending => "pending", Delivered => "delivered", Dead => "dead" });
words!(SourceOutcome { Done => "done", Partly => "partly", Failed => "failed" });

words!(Role {
    Customer => "customer", Agent => "agent", Editor => "editor", Operator => "operator",
});
words!(ReleaseState { Published => "published", Abandoned => "abandoned" });

macro_rules! words_of_core {
    ($($type:ident by $parse:expr),+ $(,)?) => {$(
        impl Word for $type {
            fn word(self) -> &'static str {
                self.as_str()
            }

            fn read(word: &str) -> Result<Self, Fault> {
                let parse: fn(&str) -> Option<Self> = $parse;
                parse(word).ok_or_else(|| damaged(concat!("a word for ", stringify!($type))))
            }
        }
    )+};
}

words_of_core!(
    Outcome by Outcome::parse,
    Lane by Lane::parse,
    Reason by Reason::parse,
    Presence by |word| Presence::ALL.into_iter().find(|p| p.as_str() == word),
    EscalationReason by |word| EscalationReason::ALL.into_iter().find(|r| r.as_str() == word),
);

/// Place of a priority in a list of tickets: 0 comes first.
pub(crate) fn urgency(priority: Priority) -> i64 {
    Priority::ALL.iter().rev().zip(0..).find(|(p, _)| **p == priority).map_or(0, |(_, n)| n)
}

/// The priority with this [`urgency`].
pub(crate) fn priority(urgency: i64) -> Result<Priority, Fault> {
    let found = Priority::ALL.into_iter().find(|priority| self::urgency(*priority) == urgency);
    found.ok_or_else(|| damaged("a ticket's urgency"))
}
