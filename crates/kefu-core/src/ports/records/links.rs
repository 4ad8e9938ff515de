use async_trait::async_trait;

use crate::error::RecordsError;
use crate::ids::ConversationId;
use crate::scope::Scope;

/// A conversation under the name that another program knows it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The other program: a channel or an endpoint, such as `channel:shop`.
    pub place: String,
    /// Its name for the conversation, unique in its place.
    pub key: String,
    /// The conversation.
    pub conversation_id: ConversationId,
    /// When it was last used, milliseconds since the epoch, UTC.
    pub at_ms: i64,
}

/// Whether a message from outside is to be worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is new, or whoever began it has ended or not finished in time.
    New,
    /// It is being worked on.
    Busy,
    /// It is done.
    Done,
}

/// How long a claimed message may take before somebody else may claim it, in milliseconds.
pub const CLAIM_TIMEOUT_MS: i64 = 120_000;

/// How conversations are tied to other programs, and which of their messages have come.
#[async_trait]
pub trait LinkRecords: Send + Sync {
    /// The link with this key.
    async fn link(
        &self,
        scope: &Scope,
        place: &str,
        key: &str,
    ) -> Result<Option<Link>, RecordsError>;

    /// The link of a conversation that was used last, among places that begin with `place`.
    async fn link_of(
        &self,
        scope: &Scope,
        place: &str,
        id: &ConversationId,
    ) -> Result<Option<Link>, RecordsError>;

    /// Ties a conversation to a key, which may have been tied to another before.
    async fn set_link(&self, scope: &Scope, link: &Link) -> Result<(), RecordsError>;

    /// The conversation of this customer that was begun last, among those where somebody vouched
    /// for them: a claimed id leads nobody into a conversation.
    async fn latest_conversation_of(
        &self,
        scope: &Scope,
        customer_id: &str,
    ) -> Result<Option<ConversationId>, RecordsError>;

    /// Claims a message from outside. Of two that claim it at once, one gets it. A claim that was
    /// not settled within [`CLAIM_TIMEOUT_MS`], or by a process that has ended, may be had again.
    async fn claim_message(
        &self,
        scope: &Scope,
        place: &str,
        message_id: &str,
    ) -> Result<Claim, RecordsError>;

    /// Says that a claimed message is done, or, when it failed, that it may be claimed again.
    async fn settle_message(
        &self,
        scope: &Scope,
        place: &str,
        message_id: &str,
        done: bool,
    ) -> Result<(), RecordsError>;

    /// Forgets messages that came before `before_ms`; returns how many.
    async fn forget_messages(&self, scope: &Scope, before_ms: i64) -> Result<usize, RecordsError>;
}
