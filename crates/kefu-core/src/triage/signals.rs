//! What triage reads from a turn beside its decision, for routing, urgency and the desk.

/// What a complaint is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProblemKind {
    /// Goods or software: broken, wrong, fake, unsafe, worse than promised.
    Product,
    /// Late, lost, damaged on the way, left at the wrong place.
    Delivery,
    /// Money: not paid back, charged wrongly, too dear, hidden fees.
    Refund,
    /// People and process: rude, slow, unreachable, promises not kept.
    Service,
    /// Personal data leaked, sold, not deleted; unwanted calls and messages.
    Privacy,
    /// Threatens or has gone to a regulator, a court, a lawyer or the press.
    Regulator,
}

impl ProblemKind {
    /// The word used on the wire and in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Delivery => "delivery",
            Self::Refund => "refund",
            Self::Service => "service",
            Self::Privacy => "privacy",
            Self::Regulator => "regulator",
        }
    }

    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::Product,
        Self::Delivery,
        Self::Refund,
        Self::Service,
        Self::Privacy,
        Self::Regulator,
    ];
}

/// How the customer's mood moves over their turns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trend {
    /// Happier than before.
    Better,
    /// Neither, or too little said to tell.
    #[default]
    Same,
    /// Unhappier than before.
    Worse,
}

impl Trend {
    /// The word used on the wire and in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Same => "same",
            Self::Worse => "worse",
        }
    }
}

/// How soon something must happen; later variants are more urgent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum UrgencyLevel {
    /// Nothing said about time.
    #[default]
    None,
    /// Sooner than others: a nearby date, long waiting, impatience.
    Soon,
    /// Today, or the customer cannot go on without it.
    Today,
    /// This minute: stranded, locked out, in danger, money on its way to a thief.
    Now,
}

impl UrgencyLevel {
    /// The word used on the wire and in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Soon => "soon",
            Self::Today => "today",
            Self::Now => "now",
        }
    }
}

/// How urgent a turn is, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Urgency {
    /// The level of the most urgent reason.
    pub level: UrgencyLevel,
    /// Names of the rules that found it, most urgent first; never customer text.
    pub reasons: Vec<&'static str>,
}

/// What may harm the customer or the company beyond the matter itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Risk {
    /// Speaks of suicide, self-harm or violence.
    Harm,
    /// Stolen account or card, wrong charge, fraud.
    Money,
    /// Injury, illness, poisoning, medicines, danger to life or limb.
    Medical,
    /// Lawyers, courts, liability, contracts in dispute.
    Legal,
    /// Insults, hate or threats.
    Abuse,
}

impl Risk {
    /// The word used on the wire and in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Harm => "harm",
            Self::Money => "money",
            Self::Medical => "medical",
            Self::Legal => "legal",
            Self::Abuse => "abuse",
        }
    }

    /// All risks, most serious first.
    pub const ALL: [Self; 5] = [Self::Harm, Self::Money, Self::Medical, Self::Legal, Self::Abuse];
}

/// What is told from a turn beside the decision. The default says nothing at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signals {
    /// What the customer complains about; `None` when the turn is no complaint.
    pub problem: Option<ProblemKind>,
    /// How sure it is that the turn complains, 0 to 1; a grumble beside a question stays below the
    /// half at which a complaint escalates.
    pub complaint: f32,
    /// Mood of this turn, -1 (furious, disappointed) to 1 (delighted); 0 is neutral.
    pub sentiment: f32,
    /// How the mood moves over the customer's turns, this one included.
    pub trend: Trend,
    /// How soon something must happen.
    pub urgency: Urgency,
    /// Found risks, most serious first, each once.
    pub risks: Vec<Risk>,
    /// How sure it is that the turn is abusive, 0 to 1.
    pub abuse: f32,
}

impl Signals {
    /// Whether this risk was found.
    #[must_use]
    pub fn has(&self, risk: Risk) -> bool {
        self.risks.contains(&risk)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_distinct() {
        let kinds: std::collections::HashSet<_> = ProblemKind::ALL.map(ProblemKind::as_str).into();
        let risks: std::collections::HashSet<_> = Risk::ALL.map(Risk::as_str).into();
        assert_eq!((kinds.len(), risks.len()), (6, 5));
        assert!(UrgencyLevel::Now > UrgencyLevel::Today && UrgencyLevel::Soon > UrgencyLevel::None);
        assert!(!Signals::default().has(Risk::Money));
    }
}
