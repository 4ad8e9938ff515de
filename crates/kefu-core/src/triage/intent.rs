//! What a customer wants, as a class for routing.

/// A class of wishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// Its name, such as `return_item`.
    pub name: String,
    /// Where its tickets go, when it says so.
    pub queue: Option<String>,
    /// What an agent needs to know for it, when it says so.
    pub skill: Option<String>,
}

/// What told the intent, surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntentSource {
    /// The turn is an example, word for word.
    Phrase,
    /// The turn holds the keyword of one intent and of no other.
    Keyword,
    /// The classifier, from the turn's vector and words.
    Vector,
    /// The classifier, from the turn's words alone.
    Words,
}

impl IntentSource {
    /// The word used on the wire and in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Phrase => "phrase",
            Self::Keyword => "keyword",
            Self::Vector => "vector",
            Self::Words => "words",
        }
    }
}

/// What a turn wants, as far as can be told.
#[derive(Clone, Debug, PartialEq)]
pub struct IntentVerdict {
    /// The most probable intent; `None` when that is one for what is out of scope.
    pub intent: Option<Intent>,
    /// How probable it is, 0 to 1, if the turn is the service's business at all.
    pub confidence: f32,
    /// How probable it is that the turn is the service's business, 0 to 1, taking as many turns to
    /// be so as not. It is no reason by itself to refuse an answer: documents say more than the list
    /// of intents.
    pub in_scope: f32,
    /// What told it.
    pub source: IntentSource,
}

impl IntentVerdict {
    /// Whether the turn is more probably not the service's business.
    #[must_use]
    pub fn is_out_of_scope(&self) -> bool {
        self.in_scope < 0.5
    }

    /// The intent, where the turn is the service's business and the intent the likelier half.
    #[must_use]
    pub fn settled(&self) -> Option<&Intent> {
        let is_settled = !self.is_out_of_scope() && self.confidence >= 0.5;
        self.intent.as_ref().filter(|_| is_settled)
    }
}
