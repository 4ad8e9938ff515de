use std::collections::{BTreeMap, BTreeSet};

use kefu_core::{ConversationId, DocumentId, Language, MAX_ATTRIBUTES, Speaker};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::checks::{Faults, InvalidFields};
use crate::words::{HistoryRole, LanePreference};

/// A question.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerRequest {
    /// The customer's words.
    #[schema(example = "How long do I have to return something?")]
    pub question: String,
    /// The conversation it belongs to; a new one is begun when left out.
    pub conversation_id: Option<String>,
    /// Earlier turns, oldest first, for callers that keep their own state; not together with
    /// `conversation_id`.
    pub history: Option<Vec<HistoryTurn>>,
    /// Who asks.
    pub customer: Option<Customer>,
    /// Where the conversation takes place; `api` when left out.
    pub channel: Option<String>,
    /// Language of question and answer; detected when left out.
    #[schema(example = "en")]
    pub language: Option<String>,
    /// The day the answer must hold for, `YYYY-MM-DD`. Today (UTC) when left
    /// out. Documents with `valid_from` or `valid_to` count only on days between them.
    pub as_of: Option<String>,
    /// Restricts what may be searched.
    pub filter: Option<Filter>,
    /// What the customer agreed to.
    pub consent: Option<Consent>,
    /// How the answer may be made.
    #[serde(default)]
    pub lane: LanePreference,
}

/// One earlier turn.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HistoryTurn {
    /// Who said it.
    pub role: HistoryRole,
    /// What was said.
    pub text: String,
}

/// Who asks, in the caller's terms. Nothing of it influences the answer.
///
/// Where the service has an identity secret, `signature` must prove all of it. `signature` is the
/// HMAC-SHA256 with that secret, in hexadecimal, of the lines `kefu.customer/1`, id, tier (empty
/// without one) and `expires`, then one line `name=value` for each attribute in the order of names'
/// bytes, joined by line feeds. Without a secret all of it is a claim, and shown as one.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    /// The caller's id of the customer.
    pub id: Option<String>,
    /// The customer's service level, such as `gold`.
    pub tier: Option<String>,
    /// Further facts as short texts.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// What the site's own server made of id, tier, attributes and `expires`.
    pub signature: Option<String>,
    /// Until when the signature counts, seconds since the epoch, UTC.
    pub expires: Option<i64>,
}

/// What is to prove who a customer is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// In hexadecimal.
    pub signature: Option<String>,
    /// Until when it counts, seconds since the epoch, UTC.
    pub expires_s: Option<i64>,
}

/// Restricts what may be searched.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Only these documents.
    pub documents: Option<Vec<String>>,
}

/// What the customer agreed to.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// Whether question and answer may be kept. A refusal leaves a record without the texts.
    pub record: bool,
}

/// A question that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The customer's words.
    pub text: String,
    /// The conversation it belongs to.
    pub conversation_id: Option<ConversationId>,
    /// Earlier turns, oldest first.
    pub history: Vec<(Speaker, String)>,
    /// Who asks, as long as nothing else is known a claim.
    pub customer: kefu_core::Customer,
    /// What is to prove it.
    pub proof: Proof,
    /// Where it takes place.
    pub channel: String,
    /// The language, when the caller knows it.
    pub language: Option<Language>,
    /// The day the answer must hold for, `YYYY-MM-DD`.
    pub as_of: Option<String>,
    /// Only these documents.
    pub documents: Option<BTreeSet<DocumentId>>,
    /// Whether texts may be kept.
    pub consent_record: bool,
    /// How the answer may be made.
    pub lane: LanePreference,
}

const MAX_LABEL_BYTES: usize = 200;
const MAX_HISTORY_TURNS: usize = 200;

impl AnswerRequest {
    /// Checks all fields. The length of the question is judged where it is answered.
    ///
    /// # Errors
    /// [`InvalidFields`] with every fault found.
    pub fn check(self) -> Result<Ask, InvalidFields> {
        let mut faults = Faults::default();
        faults.text("question", &self.question, usize::MAX);
        let conversation_id =
            faults.id("conversation_id", self.conversation_id.as_deref(), ConversationId::parse);
        let history = checked_history(&mut faults, self.history, self.conversation_id.is_some());
        let (customer, proof) = checked_customer(&mut faults, self.customer);
        faults.optional_text("channel", self.channel.as_deref(), MAX_LABEL_BYTES);
        let language = faults.language("language", self.language.as_deref());
        faults.day("as_of", self.as_of.as_deref());
        let documents = self
            .filter
            .and_then(|filter| filter.documents)
            .map(|ids| faults.document_ids("filter.documents", &ids));
        faults.or(Ask {
            text: self.question,
            conversation_id,
            history,
            customer,
            proof,
            channel: self.channel.unwrap_or_else(|| "api".to_owned()),
            language,
            as_of: self.as_of,
            documents,
            consent_record: self.consent.is_none_or(|consent| consent.record),
            lane: self.lane,
        })
    }
}

fn checked_history(
    faults: &mut Faults,
    turns: Option<Vec<HistoryTurn>>,
    has_conversation: bool,
) -> Vec<(Speaker, String)> {
    let Some(turns) = turns else { return Vec::new() };
    if has_conversation {
        faults.add("history", "cannot be given together with conversation_id; send one of the two");
    }
    if turns.len() > MAX_HISTORY_TURNS {
        faults.add("history", format!("must have at most {MAX_HISTORY_TURNS} turns"));
    }
    for (idx, turn) in turns.iter().enumerate() {
        faults.text(&format!("history[{idx}].text"), &turn.text, usize::MAX);
    }
    let speaker = |role| match role {
        HistoryRole::User => Speaker::Customer,
        HistoryRole::Assistant => Speaker::Assistant,
    };
    turns.into_iter().map(|turn| (speaker(turn.role), turn.text)).collect()
}

/// Who asks and what is to prove it. Names and values are single lines, as the signature needs them.
fn checked_customer(
    faults: &mut Faults,
    customer: Option<Customer>,
) -> (kefu_core::Customer, Proof) {
    let Some(customer) = customer else { return Default::default() };
    faults.optional_text("customer.id", customer.id.as_deref(), MAX_LABEL_BYTES);
    faults.optional_text("customer.tier", customer.tier.as_deref(), MAX_LABEL_BYTES);
    if customer.attributes.len() > MAX_ATTRIBUTES {
        faults.add("customer.attributes", format!("must have at most {MAX_ATTRIBUTES} entries"));
    }
    for (name, value) in &customer.attributes {
        let field = format!("customer.attributes.{name}");
        faults.text(&field, name, MAX_LABEL_BYTES);
        faults.length(&field, value, MAX_LABEL_BYTES);
        faults.line(&field, name);
        faults.line(&field, value);
        if name.contains('=') {
            faults.add(&field, "has a name with an equals sign; leave it out");
        }
    }
    faults.line("customer.id", customer.id.as_deref().unwrap_or_default());
    faults.line("customer.tier", customer.tier.as_deref().unwrap_or_default());
    let signature = customer.signature;
    faults.optional_text("customer.signature", signature.as_deref(), MAX_LABEL_BYTES);
    let told = kefu_core::Customer {
        id: customer.id,
        tier: customer.tier,
        attributes: customer.attributes,
        is_verified: false,
    };
    (told, Proof { signature, expires_s: customer.expires })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields_of_faults(body: serde_json::Value) -> Vec<String> {
        let request: AnswerRequest = serde_json::from_value(body).unwrap();
        let InvalidFields(faults) = request.check().unwrap_err();
        faults.into_iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn every_fault_is_reported_with_its_field() {
        let body = json!({
            "question": "  ", "conversation_id": "cnv_x", "history": [{"role": "user", "text": ""}],
            "customer": {"id": ""}, "channel": "", "language": "english", "as_of": "soon",
            "filter": {"documents": []}
        });
        assert_eq!(
            fields_of_faults(body),
            [
                "question",
                "conversation_id",
                "history",
                "history[0].text",
                "customer.id",
                "channel",
                "language",
                "as_of",
                "filter.documents"
            ]
        );
    }

    #[test]
    fn a_day_must_be_of_the_calendar() {
        assert_eq!(
            fields_of_faults(json!({"question": "price?", "as_of": "2024-02-30"})),
            ["as_of"]
        );
        let body = json!({"question": "price?", "as_of": "2024-05-01"});
        let request: AnswerRequest = serde_json::from_value(body).unwrap();
        assert_eq!(request.check().unwrap().as_of.as_deref(), Some("2024-05-01"));
    }

    #[test]
    fn a_bare_question_takes_the_defaults() {
        let request: AnswerRequest = serde_json::from_value(json!({"question": "price?"})).unwrap();
        let ask = request.check().unwrap();
        assert_eq!(ask.channel, "api");
        assert!(ask.consent_record);
        assert_eq!(ask.lane, LanePreference::Auto);
    }
}
