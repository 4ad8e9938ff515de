//! Passes over many rows: the rows are shared out among threads.

use std::sync::Arc;

use super::attention::Queries;
use super::cache::Page;
use super::pass::{Place, by_segment, part};
use super::{Network, Segment};
use crate::pool::Pool;

/// Rows of a part: enough to read weights seldom, and few enough that what they become stays in the
/// cache of one core.
const PART_ROWS: usize = 44;

/// What rows are after all layers.
pub(super) fn read(
    network: &Arc<Network>,
    pool: &Pool,
    segments: &mut [Segment<'_>],
    places: &[Place],
    rows: &[f32],
) -> Vec<f32> {
    let heads = network.hyper.heads;
    let stride = heads.width() + 2 * heads.n_kv_heads * heads.dim;
    let n_parts = places.len().div_ceil(PART_ROWS).next_multiple_of(pool.n_threads());
    let places: Arc<[Place]> = places.into();
    let mut parts: Arc<Vec<Vec<f32>>> = Arc::new(
        (0..n_parts)
            .map(|idx| {
                let part = part(places.len(), n_parts, idx);
                let width = network.hyper.width;
                rows[part.start * width..part.end * width].to_vec()
            })
            .collect(),
    );
    for idx in 0..network.layers.len() {
        let mixed = {
            let (network, places, parts) =
                (Arc::clone(network), Arc::clone(&places), Arc::clone(&parts));
            pool.run(n_parts, move |n| {
                let (layer, own) = (&network.layers[idx], part(places.len(), n_parts, n));
                let mut mixed = layer.mix(&parts[n], &network.hyper);
                let positions = places[own].iter().map(|place| place.position);
                layer.place(&mut mixed, positions, &network.hyper, &network.rotary);
                mixed
            })
        };
        for (n, mixed) in mixed.iter().enumerate() {
            let mut rest = mixed.as_slice();
            for (place, n) in by_segment(&places[part(places.len(), n_parts, n)]) {
                let (own, others) = rest.split_at(n * stride);
                rest = others;
                let cache = &mut segments[place.segment].cache;
                cache.put(idx, place.position, own, stride, heads.width());
            }
        }
        let pages: Vec<Vec<Arc<Page>>> =
            segments.iter().map(|segment| segment.cache.pages(idx)).collect();
        let (network, places) = (Arc::clone(network), Arc::clone(&places));
        let before = Arc::clone(&parts);
        parts = Arc::new(pool.run(n_parts, move |n| {
            let mut rows = before[n].clone();
            let mut seen = Vec::with_capacity(mixed[n].len());
            let mut rest = mixed[n].as_slice();
            for (place, n) in by_segment(&places[part(places.len(), n_parts, n)]) {
                let (rows, others) = rest.split_at(n * stride);
                rest = others;
                let (position, pages) = (place.position, pages[place.segment].as_slice());
                let queries = Queries { heads, rows, stride, position, pages };
                seen.extend(queries.attend(0..heads.n_kv_heads));
            }
            network.layers[idx].finish(&mut rows, &seen);
            rows
        }));
    }
    parts.concat()
}
