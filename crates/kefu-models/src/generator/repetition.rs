/// Longest phrase whose repetition is noticed, in tokens.
const MAX_PERIOD: usize = 32;
/// A phrase must be written this often.
const MIN_TIMES: usize = 4;
/// The repetition must be this long, so that short lists and figures such as 0000 pass.
const MIN_TOKENS: usize = 24;

/// Whether the text has begun to repeat one phrase over and over, which small models do without
/// end. Looks at tokens only, so it is deterministic and changes no word of what comes before.
pub(super) fn is_stuck(tokens: &[u32]) -> bool {
    (1..=MAX_PERIOD).any(|period| {
        let n_tail = (period * MIN_TIMES).max(MIN_TOKENS);
        let Some(start) = tokens.len().checked_sub(n_tail) else { return false };
        let tail = tokens.split_at(start).1;
        tail.iter().zip(tail.iter().skip(period)).all(|(a, b)| a == b)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_over_and_over_is_noticed() {
        let loops = [vec![7; 24], [1, 2, 3, 4, 5, 6, 7].repeat(4), [9, 8].repeat(12)];
        for tokens in loops {
            let mut text = vec![100, 101, 102];
            text.extend(&tokens);
            assert!(is_stuck(&text), "{tokens:?}");
            text.push(999);
            assert!(!is_stuck(&text));
        }
    }

    #[test]
    fn short_or_rare_repetition_passes() {
        assert!(!is_stuck(&[0; 23]));
        assert!(!is_stuck(&[1, 2, 3, 4, 5, 6, 7].repeat(3)));
        assert!(!is_stuck(&(0..500).collect::<Vec<_>>()));
        assert!(!is_stuck(&[]));
    }
}
