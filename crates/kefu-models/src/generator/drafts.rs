/// Tokens that must be the same before what followed them is proposed, tried in this order.
const LENGTHS: [usize; 2] = [3, 2];
/// Longest proposal.
const MAX_WIDTH: usize = 15;

/// Guesses how a text goes on from what followed the same words before. Answers quote the passages
/// of their prompt, and reading several right guesses costs little more than reading one token.
pub(super) struct Drafts {
    /// How many tokens to propose: more while guesses are right.
    width: usize,
}

impl Drafts {
    pub(super) fn new() -> Self {
        Self { width: 6 }
    }

    /// At most `limit` tokens that may follow the text.
    pub(super) fn propose<'a>(&self, text: &'a [u32], limit: usize) -> &'a [u32] {
        let n = self.width.min(limit);
        for length in LENGTHS {
            let Some(at) = text.len().checked_sub(length) else { continue };
            let (before, end) = text.split_at(at);
            // The latest place, which is the likeliest to go on in the same way. It may reach into
            // the end, where a text repeats itself.
            let found = (0..before.len()).rev().find(|at| text.get(*at..at + length) == Some(end));
            if let Some(at) = found {
                let start = at + length;
                return text.get(start..text.len().min(start + n)).unwrap_or_default();
            }
        }
        &[]
    }

    /// Learns how many of `n_proposed` tokens were right.
    pub(super) fn learn(&mut self, n_proposed: usize, n_right: usize) {
        if n_proposed > 0 {
            let wanted = if n_right == n_proposed { self.width * 2 } else { n_right + 2 };
            self.width = wanted.min(MAX_WIDTH);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_followed_the_same_words_last_is_proposed() {
        let drafts = Drafts::new();
        let text = [1, 2, 3, 4, 5, 9, 2, 3, 4, 6, 7, 8, 1, 2, 3, 4];
        assert_eq!(drafts.propose(&text, 3), [6, 7, 8]);
        assert_eq!(drafts.propose(&text, 0), [0; 0]);
        // Two tokens are enough where no three are known.
        assert_eq!(drafts.propose(&[5, 6, 7, 8, 9, 5, 6], 2), [7, 8]);
        assert_eq!(drafts.propose(&[7, 7, 7, 7, 7], 9), [7]);
        for text in [&[] as &[u32], &[1], &[1, 2], &[1, 2, 3, 4, 5, 6]] {
            assert_eq!(drafts.propose(text, 9), [0; 0]);
        }
    }

    #[test]
    fn proposals_grow_while_they_are_right() {
        let mut drafts = Drafts::new();
        let text: Vec<u32> = (0..40).chain(0..3).collect();
        let lengths: Vec<usize> = [6, 12, 15]
            .map(|n_right| {
                drafts.learn(n_right, n_right);
                drafts.propose(&text, 99).len()
            })
            .to_vec();
        assert_eq!(lengths, [12, 15, 15]);
        drafts.learn(15, 0);
        assert_eq!(drafts.propose(&text, 99).len(), 2);
        drafts.learn(0, 0);
        assert_eq!(drafts.propose(&text, 99).len(), 2);
    }
}
