#![expect(clippy::unwrap_used, reason = "tests fail loudly")]

use super::*;
use crate::decoder::cache::Cache;
use crate::tiny::Numbers;

fn check(heads: Heads, position: usize, n_rows: usize) {
    let (width, kv) = (heads.width(), heads.n_kv_heads * heads.dim);
    let n_all = position + n_rows;
    let stride = width + 2 * kv;
    let rows: Vec<f32> = Numbers::new(7).tensor(&[n_all * stride], 2.0).to_vec1().unwrap();
    let mut cache = Cache::new(heads, 1, n_all);
    cache.put(0, 0, &rows, stride, width);
    cache.advance(n_all);
    let pages = cache.pages(0);
    let new = &rows[position * stride..];
    let queries = Queries { heads, rows: new, stride, position, pages: &pages };
    let found = queries.attend_with(0..heads.n_kv_heads, Instructions::Portable);
    for kernel in Instructions::available() {
        assert_eq!(queries.attend_with(0..heads.n_kv_heads, kernel), found, "{kernel:?}");
        let one: Vec<f32> = new
            .chunks_exact(stride)
            .zip(position..)
            .flat_map(|(rows, position)| {
                Queries { rows, position, ..queries }.attend_with(0..heads.n_kv_heads, kernel)
            })
            .collect();
        assert_eq!(one, found, "{kernel:?}: one after the other");
    }
    let number = |row: usize, at: usize| f64::from(rows[row * stride + at]);
    for (row, found) in found.chunks_exact(width).enumerate() {
        let end = position + row + 1;
        for head in 0..heads.n_heads {
            let kv_head = head / (heads.n_heads / heads.n_kv_heads);
            let key = |token: usize, n: usize| number(token, width + kv_head * heads.dim + n);
            let value =
                |token: usize, n: usize| number(token, width + kv + kv_head * heads.dim + n);
            let scores: Vec<f64> = (end.saturating_sub(heads.window)..end)
                .map(|token| {
                    let query = |n| number(position + row, head * heads.dim + n);
                    let dot: f64 = (0..heads.dim).map(|n| query(n) * key(token, n)).sum();
                    (dot / (heads.dim as f64).sqrt()).exp()
                })
                .collect();
            let total: f64 = scores.iter().sum();
            for n in 0..heads.dim {
                let tokens = end.saturating_sub(heads.window)..end;
                let seen: f64 = tokens.zip(&scores).map(|(t, s)| value(t, n) * s).sum();
                let off = (f64::from(found[head * heads.dim + n]) - seen / total).abs();
                assert!(off < 0.01, "row {row} head {head}: off by {off}");
            }
        }
    }
}

#[test]
fn attention_is_that_of_the_definition() {
    for (n_heads, n_kv_heads, dim) in [(9, 3, 64), (4, 2, 16), (2, 2, 20), (6, 1, 80)] {
        let heads = Heads { n_heads, n_kv_heads, dim, window: usize::MAX };
        for (position, n_rows) in [(0, 1), (0, 20), (5, 1), (37, 3), (31, 17), (160, 2)] {
            check(heads, position, n_rows);
            check(Heads { window: 7, ..heads }, position, n_rows);
            check(Heads { window: 33, ..heads }, position, n_rows);
        }
    }
}
