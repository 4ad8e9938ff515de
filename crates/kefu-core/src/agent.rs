//! People at the desk.

use crate::language::Language;

/// Whether an agent can be given work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// At work.
    Online,
    /// For a moment not at the desk.
    Away,
    /// Not at work.
    Offline,
}

impl Presence {
    /// The word used on the wire and in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Away => "away",
            Self::Offline => "offline",
        }
    }

    /// All of them.
    pub const ALL: [Self; 3] = [Self::Online, Self::Away, Self::Offline];
}

/// A person at the desk with their load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Name.
    pub name: String,
    /// As last told by the agent; [`Agent::presence_at`] says what still counts.
    pub presence: Presence,
    /// Queues they work; empty means all.
    pub queues: Vec<String>,
    /// Languages they speak; empty means all.
    pub languages: Vec<Language>,
    /// What they know how to do.
    pub skills: Vec<String>,
    /// Tickets they can have at once and still be given one.
    pub capacity: u32,
    /// Since when the presence is what it is, milliseconds since the epoch, UTC.
    pub since_ms: i64,
    /// When they were last heard of, milliseconds since the epoch, UTC.
    pub seen_at_ms: i64,
    /// Tickets they have claimed and not resolved.
    pub n_open: u32,
}

impl Agent {
    /// The presence that counts now and since when: whoever was not heard of for `timeout_ms` is
    /// offline since then.
    #[must_use]
    pub fn presence_at(&self, now_ms: i64, timeout_ms: i64) -> (Presence, i64) {
        let lapses_at = self.seen_at_ms.saturating_add(timeout_ms);
        if self.presence != Presence::Offline && lapses_at <= now_ms {
            return (Presence::Offline, lapses_at);
        }
        (self.presence, self.since_ms)
    }

    /// Since when they have been away or offline without a break; `None` while they are online.
    #[must_use]
    pub fn gone_since(&self, now_ms: i64, timeout_ms: i64) -> Option<i64> {
        match (self.presence, self.presence_at(now_ms, timeout_ms)) {
            (_, (Presence::Online, _)) => None,
            (Presence::Online, (_, lapsed_ms)) => Some(lapsed_ms),
            _ => Some(self.since_ms),
        }
    }

    /// The agent as they count now.
    #[must_use]
    pub fn seen_from(mut self, now_ms: i64, timeout_ms: i64) -> Self {
        (self.presence, self.since_ms) = self.presence_at(now_ms, timeout_ms);
        self
    }
}
