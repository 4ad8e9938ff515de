//! Typed identifiers. An id of one kind cannot be passed where another is meant.

use std::fmt;

use crate::error::InvalidId;

/// Longest accepted caller-chosen id, in bytes.
pub const MAX_ID_BYTES: usize = 512;

macro_rules! generated_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// What every id of this kind begins with.
            pub const PREFIX: &'static str = $prefix;

            /// Makes a fresh id; ids made later sort after ids made earlier.
            #[must_use]
            pub fn generate() -> Self {
                Self(format!("{}{}", Self::PREFIX, uuid::Uuid::now_v7().simple()))
            }

            /// Reads an id that [`Self::generate`] made.
            ///
            /// # Errors
            /// [`InvalidId`] when the prefix or the hexadecimal part is not of this kind.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                let tail = text.strip_prefix(Self::PREFIX);
                match tail.map(uuid::Uuid::try_parse) {
                    Some(Ok(_)) => Ok(Self(text.to_owned())),
                    _ => Err(InvalidId { expected: concat!($prefix, "<32 hex digits>") }),
                }
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

generated_id!(
    /// One recorded answer.
    AnswerId, "ans_"
);
generated_id!(
    /// One conversation with a customer.
    ConversationId, "cnv_"
);
generated_id!(
    /// One turn of a conversation.
    TurnId, "trn_"
);
generated_id!(
    /// One hand-over to people.
    TicketId, "tkt_"
);
generated_id!(
    /// One ingest job.
    JobId, "job_"
);
generated_id!(
    /// One correction of a passage.
    OverlayId, "ovl_"
);
generated_id!(
    /// One piece of feedback.
    FeedbackId, "fbk_"
);
generated_id!(
    /// One thing that happened and that others are told of.
    EventId, "evt_"
);
generated_id!(
    /// One event on its way to one endpoint.
    DeliveryId, "dlv_"
);
generated_id!(
    /// One pair taught from a ticket.
    LessonId, "lsn_"
);

macro_rules! chosen_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Accepts caller-chosen text.
            ///
            /// # Errors
            /// [`InvalidId`] when it is empty, longer than [`MAX_ID_BYTES`] or holds a control
            /// character.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
                let text = text.into();
                let fits = !text.trim().is_empty() && text.len() <= MAX_ID_BYTES;
                if fits && !text.chars().any(char::is_control) {
                    Ok(Self(text))
                } else {
                    Err(InvalidId { expected: $what })
                }
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

chosen_id!(
    /// One company (or brand) whose content and customers are kept apart from all others.
    TenantId, "a tenant name of 1 to 512 bytes without control characters"
);
chosen_id!(
    /// A document's id, stable over its revisions; for files the path relative to the source.
    DocumentId, "a document id of 1 to 512 bytes without control characters"
);

/// Identity of one chunk in one visibility interval; also the point id in the vector index.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChunkId(u128);

impl ChunkId {
    /// Wraps raw bits, as read back from a store.
    #[must_use]
    pub fn from_u128(bits: u128) -> Self {
        Self(bits)
    }

    /// The raw bits.
    #[must_use]
    pub fn as_u128(self) -> u128 {
        self.0
    }

    /// Derives the id from its parts; equal parts give equal ids on every machine.
    #[must_use]
    pub fn derive(parts: &[&[u8]]) -> Self {
        let digest = crate::content::digest(parts);
        let mut bits = [0_u8; 16];
        bits.copy_from_slice(&digest[..16]);
        Self(uuid::Builder::from_custom_bytes(bits).into_uuid().as_u128())
    }

    /// Reads the hyphenated or simple hexadecimal form.
    ///
    /// # Errors
    /// [`InvalidId`] when the text is not a UUID.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        uuid::Uuid::try_parse(text)
            .map(|id| Self(id.as_u128()))
            .map_err(|_| InvalidId { expected: "a chunk id (UUID)" })
    }
}

impl fmt::Display for ChunkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", uuid::Uuid::from_u128(self.0).hyphenated())
    }
}

impl fmt::Debug for ChunkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChunkId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_ids_round_trip_and_reject_other_kinds() {
        let id = AnswerId::generate();
        assert_eq!(AnswerId::parse(id.as_str()), Ok(id.clone()));
        assert!(TicketId::parse(id.as_str()).is_err());
        assert!(AnswerId::parse("ans_nonsense").is_err());
    }

    #[test]
    fn chosen_ids_have_bounds() {
        assert!(DocumentId::new("退货/政策.md").is_ok());
        assert!(DocumentId::new(" ").is_err());
        assert!(DocumentId::new("a\nb").is_err());
        assert!(DocumentId::new("x".repeat(MAX_ID_BYTES + 1)).is_err());
    }

    #[test]
    fn chunk_ids_depend_on_part_borders() {
        assert_ne!(ChunkId::derive(&[b"ab", b"c"]), ChunkId::derive(&[b"a", b"bc"]));
        let id = ChunkId::derive(&[b"x"]);
        assert_eq!(ChunkId::parse(&id.to_string()), Ok(id));
    }
}
