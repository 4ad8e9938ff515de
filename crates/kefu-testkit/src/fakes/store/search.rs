use std::collections::HashMap;

use kefu_core::ports::{Hit, Leg, LegQuery};
use kefu_core::{ReleaseNo, Scope, SparseVector, StoreError, Visibility};

use super::{Collection, Point};

impl Point {
    pub(super) fn is_of(&self, scope: &Scope) -> bool {
        self.tenant == *scope.tenant()
    }

    pub(super) fn is_visible(&self, release: ReleaseNo) -> bool {
        Visibility { since: self.chunk.since, until: self.chunk.until }.contains(release)
    }
}

/// A point's score; `None` when it is no hit at all.
type Score<'a> = Box<dyn Fn(&Point) -> Option<f32> + 'a>;

pub(super) fn search(
    collection: &Collection,
    scope: &Scope,
    query: &LegQuery,
) -> Result<Vec<Hit>, StoreError> {
    let score: Score<'_> = match &query.leg {
        Leg::Dense(vector) => {
            collection.check_dense(vector)?;
            Box::new(|point| point.chunk.dense.as_ref().map(|dense| cosine(vector, dense)))
        }
        Leg::Lexical(terms) => {
            let weights = weigh(collection, terms);
            Box::new(move |point| dot(&weights, &point.chunk.sparse))
        }
    };
    let wanted = |point: &&Point| {
        point.is_of(scope)
            && point.is_visible(query.release)
            && scope.may_read(&point.chunk.audiences)
            && query.day.as_deref().is_none_or(|day| point.chunk.draft.validity.holds_on(day))
            && query.documents.as_ref().is_none_or(|d| d.contains(&point.chunk.document_id))
    };
    let mut hits: Vec<Hit> = collection
        .points
        .values()
        .filter(wanted)
        .filter_map(|p| score(p).map(|score| Hit { chunk_id: p.chunk.id, score }))
        .collect();
    hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.chunk_id.cmp(&b.chunk_id)));
    hits.truncate(query.limit.clamp(1, 1000));
    Ok(hits)
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |x: &[f32], y: &[f32]| -> f64 {
        x.iter().zip(y).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum()
    };
    (dot(a, b) / (dot(a, a).sqrt() * dot(b, b).sqrt())) as f32
}

/// The query's weights times ln((N - df + 0.5) / (df + 0.5) + 1), over all tenants' points.
fn weigh(collection: &Collection, terms: &SparseVector) -> HashMap<u32, f32> {
    let sparse: Vec<&SparseVector> =
        collection.points.values().map(|p| &p.chunk.sparse).filter(|s| !s.is_empty()).collect();
    let n = as_f32(sparse.len());
    let weigh = |(term, weight): (&u32, &f32)| {
        let n_with = sparse.iter().filter(|s| s.indices().binary_search(term).is_ok()).count();
        let df = as_f32(n_with);
        (*term, weight * ((n - df + 0.5) / (df + 0.5) + 1.0).ln())
    };
    terms.indices().iter().zip(terms.values()).map(weigh).collect()
}

fn as_f32(n: usize) -> f32 {
    n as f32
}

fn dot(weights: &HashMap<u32, f32>, sparse: &SparseVector) -> Option<f32> {
    let shared = sparse.indices().iter().zip(sparse.values());
    let products: Vec<f32> =
        shared.filter_map(|(term, value)| weights.get(term).map(|w| w * value)).collect();
    (!products.is_empty()).then(|| products.iter().sum())
}
