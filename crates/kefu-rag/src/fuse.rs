use std::collections::{HashMap, HashSet};

use kefu_core::ChunkId;
use kefu_core::ports::Hit;

/// Damps the difference between the first ranks; the value usual in the literature.
const RANK_OFFSET: f32 = 60.0;

/// One ranked list with its say in the fusion.
pub(crate) struct RankedList<'a> {
    pub(crate) hits: &'a [Hit],
    pub(crate) weight: f32,
}

/// A chunk with its fused score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Fused {
    pub(crate) chunk_id: ChunkId,
    pub(crate) score: f32,
}

/// Weighted reciprocal rank fusion. Only ranks count, so every store gives the same result; equal
/// scores are ordered by chunk id. A chunk that a list names twice counts at its first rank.
pub(crate) fn fuse(lists: &[RankedList<'_>]) -> Vec<Fused> {
    let mut scores: HashMap<ChunkId, f32> = HashMap::new();
    for list in lists {
        let mut seen: HashSet<ChunkId> = HashSet::new();
        let mut rank = 0.0_f32;
        for hit in list.hits {
            if !seen.insert(hit.chunk_id) {
                continue;
            }
            rank += 1.0;
            *scores.entry(hit.chunk_id).or_default() += list.weight / (RANK_OFFSET + rank);
        }
    }
    let mut fused: Vec<Fused> =
        scores.into_iter().map(|(chunk_id, score)| Fused { chunk_id, score }).collect();
    fused.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.chunk_id.cmp(&b.chunk_id)));
    fused
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hits(ids: &[u128]) -> Vec<Hit> {
        ids.iter().map(|id| Hit { chunk_id: ChunkId::from_u128(*id), score: 0.0 }).collect()
    }

    fn fused(first: &[u128], second: &[u128]) -> Vec<u128> {
        let (first, second) = (hits(first), hits(second));
        let lists =
            [RankedList { hits: &first, weight: 1.0 }, RankedList { hits: &second, weight: 1.0 }];
        fuse(&lists).iter().map(|f| f.chunk_id.as_u128()).collect()
    }

    #[test]
    fn agreement_beats_a_single_first_place_and_ties_go_by_id() {
        assert_eq!(fused(&[9, 5], &[7, 5]), [5, 7, 9]);
    }

    #[test]
    fn weight_decides_between_lists() {
        let (first, second) = (hits(&[1, 2]), hits(&[2, 1]));
        let order = |weight| {
            let lists =
                [RankedList { hits: &first, weight: 1.0 }, RankedList { hits: &second, weight }];
            fuse(&lists).iter().map(|f| f.chunk_id.as_u128()).collect::<Vec<_>>()
        };
        assert_eq!(order(2.0), [2, 1]);
        assert_eq!(order(0.5), [1, 2]);
    }

    proptest! {
        #[test]
        fn one_list_keeps_its_order(ids in prop::collection::hash_set(0_u128..1000, 0..40)) {
            let ids: Vec<u128> = ids.into_iter().collect();
            prop_assert_eq!(fused(&ids, &[]), ids);
        }

        #[test]
        fn lists_are_exchangeable_and_nothing_is_lost(
            a in prop::collection::vec(0_u128..30, 0..20),
            b in prop::collection::vec(0_u128..30, 0..20),
        ) {
            let both = fused(&a, &b);
            prop_assert_eq!(&both, &fused(&b, &a));
            let expected: std::collections::BTreeSet<u128> = a.iter().chain(&b).copied().collect();
            let got: std::collections::BTreeSet<u128> = both.iter().copied().collect();
            prop_assert_eq!(both.len(), got.len());
            prop_assert_eq!(got, expected);
        }
    }
}
