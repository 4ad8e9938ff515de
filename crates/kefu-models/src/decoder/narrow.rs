//! Passes over few rows: the outputs of each matrix are shared out among threads.

use std::ops::Range;
use std::sync::Arc;

use super::arithmetic::add;
use super::attention::Queries;
use super::joined::side_by_side;
use super::matrix::Rounded;
use super::pass::{Place, by_segment, part};
use super::{Network, Segment};
use crate::pool::Pool;

/// Replaces rows by what they are after all layers.
pub(super) fn read(
    network: &Arc<Network>,
    pool: &Pool,
    segments: &mut [Segment<'_>],
    places: &[Place],
    rows: &mut [f32],
) {
    let hyper = &network.hyper;
    let (n_query, n_kv) = (hyper.heads.width(), hyper.heads.n_kv_heads * hyper.heads.dim);
    let stride = n_query + 2 * n_kv;
    for (idx, layer) in network.layers.iter().enumerate() {
        let work = Shared { network, pool, layer: idx };
        let normed = Rounded::new(&layer.attention_norm.of(rows), hyper.width);
        let mut mixed =
            work.product(normed, layer.mixed.n_panels(), |network, idx, rows, panels| {
                network.layers[idx].mixed.multiply(rows, panels)
            });
        let positions = places.iter().map(|place| place.position);
        layer.place(&mut mixed, positions, hyper, &network.rotary);
        for ((place, n), mixed) in by_segment(places).zip(split(&mixed, places, stride)) {
            debug_assert_eq!(mixed.len(), n * stride);
            let cache = &mut segments[place.segment].cache;
            cache.put(idx, place.position, mixed, stride, n_query);
        }
        let seen = Rounded::new(&attend(&work, segments, places, mixed), n_query);
        let attended =
            work.product(seen, layer.attended.n_panels(), |network, idx, rows, panels| {
                network.layers[idx].attended.multiply(rows, panels)
            });
        add(rows, &attended);
        let normed = Rounded::new(&layer.hidden_norm.of(rows), hyper.width);
        let hidden = work.product(normed, layer.gate.n_panels(), |network, idx, rows, panels| {
            network.layers[idx].hidden(rows, panels)
        });
        let hidden = Rounded::new(&hidden, hyper.n_hidden);
        let down = work.product(hidden, layer.down.n_panels(), |network, idx, rows, panels| {
            network.layers[idx].down.multiply(rows, panels)
        });
        add(rows, &down);
    }
}

/// Scores of all tokens to come after the rows of the last layer.
pub(super) fn scores(network: &Arc<Network>, pool: &Pool, rows: &[f32]) -> Vec<f32> {
    let normed = Rounded::new(&network.final_norm.of(rows), network.hyper.width);
    let work = Shared { network, pool, layer: 0 };
    work.product(normed, network.output().n_panels(), |network, _, rows, panels| {
        network.output().multiply(rows, panels)
    })
}

/// What threads share in a layer.
struct Shared<'a> {
    network: &'a Arc<Network>,
    pool: &'a Pool,
    layer: usize,
}

impl Shared<'_> {
    /// Products of rows with all panels of a matrix.
    fn product(
        &self,
        rows: Rounded,
        n_panels: usize,
        multiply: fn(&Network, usize, &Rounded, Range<usize>) -> Vec<f32>,
    ) -> Vec<f32> {
        let (network, layer, n_rows) = (Arc::clone(self.network), self.layer, rows.n_rows());
        if n_rows == 0 {
            return Vec::new();
        }
        let n_parts = self.pool.n_parts(n_panels);
        let parts = self.pool.run(n_parts, move |idx| {
            multiply(&network, layer, &rows, part(n_panels, n_parts, idx))
        });
        side_by_side(parts, n_rows)
    }
}

/// Rows of what all heads see. A part of the work is one key head of one text.
fn attend(
    work: &Shared<'_>,
    segments: &[Segment<'_>],
    places: &[Place],
    mixed: Vec<f32>,
) -> Vec<f32> {
    let heads = work.network.hyper.heads;
    let stride = mixed.len() / places.len().max(1);
    let mut first = 0;
    let texts: Vec<_> = by_segment(places)
        .map(|(place, n)| {
            let rows = first..first + n * stride;
            first = rows.end;
            (rows, place.position, segments[place.segment].cache.pages(work.layer))
        })
        .collect();
    let n_parts = texts.len() * heads.n_kv_heads;
    let parts = work.pool.run(n_parts, move |idx| {
        let (rows, position, pages) = &texts[idx / heads.n_kv_heads];
        let rows = &mixed[rows.clone()];
        let kv_head = idx % heads.n_kv_heads;
        Queries { heads, rows, stride, position: *position, pages }.attend(kv_head..kv_head + 1)
    });
    let mut parts = parts.into_iter();
    let mut seen = Vec::with_capacity(places.len() * heads.width());
    for (_, n) in by_segment(places) {
        seen.extend(side_by_side(parts.by_ref().take(heads.n_kv_heads).collect(), n));
    }
    seen
}

/// The rows of each text.
fn split<'a>(rows: &'a [f32], places: &[Place], stride: usize) -> impl Iterator<Item = &'a [f32]> {
    let mut rest = rows;
    by_segment(places).map(move |(_, n)| {
        let (own, others) = rest.split_at(n * stride);
        rest = others;
        own
    })
}
