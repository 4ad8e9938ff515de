//! How a chunk is kept as a point, in words that both adapters translate for their engine.

use kefu_core::ports::{LegQuery, StoredPoint};
use kefu_core::{Audience, Chunk, ChunkId, ReleaseNo, Role, Scope, Visibility};
use serde_json::json;

/// Name of the dense vector.
pub(crate) const DENSE: &str = "dense";
/// Name of the sparse vector.
pub(crate) const LEXICAL: &str = "lexical";
/// Payload field of the owner.
pub(crate) const TENANT: &str = "tenant";
/// Payload field of the document's id.
pub(crate) const DOCUMENT: &str = "document";
/// Payload field of the audiences.
pub(crate) const AUDIENCES: &str = "audiences";
/// Payload field of the first release that sees the point.
pub(crate) const SINCE: &str = "since";
/// Payload field of the first release that no longer sees the point; [`OPEN`] while open.
pub(crate) const UNTIL: &str = "until";

/// Payload field of the first day on which the point holds, as the number YYYYMMDD; missing when
/// that end is open.
pub(crate) const FROM: &str = "valid_from";
/// Payload field of the last day.
pub(crate) const TO: &str = "valid_to";

/// Payload fields that are matched as words.
pub(crate) const KEYWORDS: [&str; 3] = [TENANT, DOCUMENT, AUDIENCES];
/// Payload fields that are compared as numbers.
pub(crate) const NUMBERS: [&str; 4] = [SINCE, UNTIL, FROM, TO];

/// The `until` of an open point: above every release number.
const OPEN: u64 = u32::MAX as u64 + 1;

/// One condition of a filter; a filter is a list of which all must hold.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    /// The field holds one of the words.
    AnyOf(&'static str, Vec<String>),
    /// The field's number is at most this.
    AtMost(&'static str, f64),
    /// The field's number is above this.
    Above(&'static str, f64),
    /// The field's number is not below this, or the field is missing.
    NotBelow(&'static str, f64),
    /// The field's number is not above this, or the field is missing.
    NotAbove(&'static str, f64),
    /// The point is one of these.
    IdIn(Vec<ChunkId>),
}

pub(crate) fn payload(scope: &Scope, chunk: &Chunk) -> serde_json::Value {
    let audiences: Vec<&str> = chunk.audiences.iter().map(Audience::as_str).collect();
    let mut payload = json!({
        TENANT: scope.tenant().as_str(),
        DOCUMENT: chunk.document_id.as_str(),
        AUDIENCES: audiences,
        SINCE: chunk.since.0,
        UNTIL: end(chunk.until),
    });
    let days = &chunk.draft.validity;
    for (field, day) in [(FROM, &days.from), (TO, &days.to)] {
        if let Some(day) = day.as_deref().and_then(number_of_day) {
            payload[field] = json!(day);
        }
    }
    payload
}

/// A day `YYYY-MM-DD` as a number in the order of days; `None` for other text.
fn number_of_day(day: &str) -> Option<u32> {
    let digits: String = day.split('-').collect();
    digits.parse().ok().filter(|_| day.len() == 10 && digits.len() == 8)
}

fn end(until: Option<ReleaseNo>) -> u64 {
    until.map_or(OPEN, |until| u64::from(until.0))
}

/// The part of a payload that says where a point's visibility ends.
pub(crate) fn ending(until: Option<ReleaseNo>) -> serde_json::Value {
    json!({ UNTIL: end(until) })
}

/// A point from its id and the two numbers of its payload; `None` when they make no sense.
pub(crate) fn stored(
    chunk_id: ChunkId,
    since: Option<i64>,
    until: Option<i64>,
) -> Option<StoredPoint> {
    let since = ReleaseNo(u32::try_from(since?).ok()?);
    let until = u64::try_from(until?).ok()?;
    let until = if until == OPEN { None } else { Some(ReleaseNo(u32::try_from(until).ok()?)) };
    Some(StoredPoint { chunk_id, visibility: Visibility { since, until } })
}

/// Points of the scope's tenant that `release` sees.
pub(crate) fn in_release(scope: &Scope, release: ReleaseNo) -> Vec<Condition> {
    let release = f64::from(release.0);
    vec![tenant(scope), Condition::AtMost(SINCE, release), Condition::Above(UNTIL, release)]
}

/// Points that the scope may read and that a query asks for; `None` when there can be none.
pub(crate) fn readable(scope: &Scope, query: &LegQuery) -> Option<Vec<Condition>> {
    let mut conditions = in_release(scope, query.release);
    if let Some(day) = query.day.as_deref().and_then(number_of_day).map(f64::from) {
        conditions.push(Condition::NotAbove(FROM, day));
        conditions.push(Condition::NotBelow(TO, day));
    }
    if scope.role() < Role::Editor {
        let words: Vec<String> = scope.audiences().iter().map(|a| a.as_str().to_owned()).collect();
        if words.is_empty() {
            return None;
        }
        conditions.push(Condition::AnyOf(AUDIENCES, words));
    }
    if let Some(documents) = &query.documents {
        let words: Vec<String> = documents.iter().map(|id| id.as_str().to_owned()).collect();
        if words.is_empty() {
            return None;
        }
        conditions.push(Condition::AnyOf(DOCUMENT, words));
    }
    Some(conditions)
}

/// Those of the named points that are the scope's tenant's.
pub(crate) fn owned(scope: &Scope, chunks: &[ChunkId]) -> Vec<Condition> {
    vec![tenant(scope), Condition::IdIn(chunks.to_vec())]
}

/// All points of the scope's tenant.
pub(crate) fn all(scope: &Scope) -> Vec<Condition> {
    vec![tenant(scope)]
}

fn tenant(scope: &Scope) -> Condition {
    Condition::AnyOf(TENANT, vec![scope.tenant().as_str().to_owned()])
}
