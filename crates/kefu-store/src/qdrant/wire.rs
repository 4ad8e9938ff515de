//! Our words in the server's, and back.

use std::collections::HashMap;

use kefu_core::ports::{Hit, Leg, StoredPoint};
use kefu_core::{Chunk, ChunkId, ReleaseNo, Scope, StoreError};
use qdrant_client::qdrant::point_id::PointIdOptions;
use qdrant_client::qdrant::value::Kind;
use qdrant_client::qdrant::{
    Condition as ServerCondition, Filter, NamedVectors, PointId, PointStruct, Query,
    QueryPointsBuilder, Range, RetrievedPoint, ScoredPoint, Vector, VectorInput, Vectors,
};
use qdrant_client::{Payload, QdrantError};
use tonic::Code;

use crate::points::{self, Condition, DENSE, LEXICAL, SINCE, UNTIL};

pub(super) fn point(scope: &Scope, chunk: &Chunk) -> Result<PointStruct, StoreError> {
    let mut vectors = HashMap::new();
    if let Some(dense) = &chunk.dense {
        vectors.insert(DENSE.to_owned(), Vector::new_dense(dense.clone()));
    }
    if !chunk.sparse.is_empty() {
        let (indices, values) = (chunk.sparse.indices().to_vec(), chunk.sparse.values().to_vec());
        vectors.insert(LEXICAL.to_owned(), Vector::new_sparse(indices, values));
    }
    Ok(PointStruct {
        id: Some(PointId::from(chunk.id.to_string())),
        payload: payload(points::payload(scope, chunk))?.into(),
        vectors: Some(Vectors::from(NamedVectors { vectors })),
    })
}

/// The vectors of a point that has none; the server insists on the field.
pub(super) fn no_vectors() -> Vectors {
    Vectors::from(NamedVectors { vectors: HashMap::new() })
}

pub(super) fn ending(until: Option<ReleaseNo>) -> Result<Payload, StoreError> {
    payload(points::ending(until))
}

pub(super) fn query(collection: &str, leg: &Leg, conditions: &[Condition]) -> QueryPointsBuilder {
    let (vector, name) = match leg {
        Leg::Dense(values) => (VectorInput::new_dense(values.clone()), DENSE),
        Leg::Lexical(terms) => {
            let (indices, values) = (terms.indices().to_vec(), terms.values().to_vec());
            (VectorInput::new_sparse(indices, values), LEXICAL)
        }
    };
    QueryPointsBuilder::new(collection)
        .query(Query::new_nearest(vector))
        .using(name)
        .filter(filter(conditions))
        .with_payload(false)
        .with_vectors(false)
}

pub(super) fn filter(conditions: &[Condition]) -> Filter {
    let (mut must, mut must_not) = (Vec::new(), Vec::new());
    for condition in conditions {
        match condition {
            Condition::AnyOf(field, words) => {
                must.push(ServerCondition::matches(*field, words.clone()));
            }
            Condition::AtMost(field, n) => {
                let range = Range { lte: Some(*n), ..Range::default() };
                must.push(ServerCondition::range(*field, range));
            }
            Condition::Above(field, n) => must.push(above(field, *n)),
            Condition::NotAbove(field, n) => must_not.push(above(field, *n)),
            Condition::NotBelow(field, n) => {
                let range = Range { lt: Some(*n), ..Range::default() };
                must_not.push(ServerCondition::range(*field, range));
            }
            Condition::IdIn(ids) => {
                must.push(ServerCondition::has_id(ids.iter().map(ChunkId::to_string)));
            }
        }
    }
    Filter { must, must_not, ..Filter::default() }
}

fn above(field: &str, n: f64) -> ServerCondition {
    ServerCondition::range(field, Range { gt: Some(n), ..Range::default() })
}

pub(super) fn hit(point: &ScoredPoint) -> Result<Hit, StoreError> {
    Ok(Hit { chunk_id: chunk_id(point.id.as_ref())?, score: point.score })
}

pub(super) fn stored(point: &RetrievedPoint) -> Result<StoredPoint, StoreError> {
    let id = chunk_id(point.id.as_ref())?;
    let number = |field| match point.payload.get(field)?.kind {
        Some(Kind::IntegerValue(number)) => Some(number),
        _ => None,
    };
    points::stored(id, number(SINCE), number(UNTIL))
        .ok_or_else(|| StoreError::Failed { detail: format!("point {id} has no visibility") })
}

fn chunk_id(id: Option<&PointId>) -> Result<ChunkId, StoreError> {
    let chunk_id = match id.and_then(|id| id.point_id_options.as_ref()) {
        Some(PointIdOptions::Uuid(text)) => ChunkId::parse(text).ok(),
        Some(PointIdOptions::Num(_)) | None => None,
    };
    let foreign = || StoreError::Failed { detail: "the index holds a foreign point".to_owned() };
    chunk_id.ok_or_else(foreign)
}

/// What an error of the server means for a call about `collection`.
pub(super) fn error(collection: &str) -> impl Fn(QdrantError) -> StoreError {
    move |error| {
        let detail = |status: &tonic::Status| format!("{}: {}", status.code(), status.message());
        match &error {
            QdrantError::ResponseError { status } => match status.code() {
                Code::NotFound => StoreError::NoCollection { collection: collection.to_owned() },
                // The client reports a refused connection as an internal error of the server,
                // and a connection that broke as an unknown one.
                Code::Internal if !status.message().starts_with("Failed to connect") => {
                    StoreError::Failed { detail: detail(status) }
                }
                Code::Unavailable
                | Code::DeadlineExceeded
                | Code::Cancelled
                | Code::Unknown
                | Code::Internal
                | Code::Unauthenticated
                | Code::PermissionDenied
                | Code::ResourceExhausted => StoreError::Unavailable { detail: detail(status) },
                _ => StoreError::Failed { detail: detail(status) },
            },
            QdrantError::ResourceExhaustedError { status, .. } => {
                StoreError::Unavailable { detail: detail(status) }
            }
            QdrantError::Io(cause) => StoreError::Unavailable { detail: cause.to_string() },
            _ => StoreError::Failed { detail: error.to_string() },
        }
    }
}

fn payload(json: serde_json::Value) -> Result<Payload, StoreError> {
    Payload::try_from(json).map_err(|error| StoreError::Failed { detail: error.to_string() })
}
