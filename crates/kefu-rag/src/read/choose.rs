//! Which sentences are quoted together.

use kefu_core::Span;

use super::layout::{Place, table_head};
use super::{Pick, Reading, Sentence};
use crate::conditions;
use crate::rank::RankedPassage;
use crate::term_weights::{WeightedTerms, count};

/// Sentences quoted at most, list items after an introduction not counted.
const MAX_SENTENCES: usize = 3;
/// Length an answer should not exceed, in words.
const MAX_WORDS: f32 = 60.0;
/// A list is quoted whole up to this length.
const MAX_LIST_WORDS: f32 = 110.0;
/// A neighbour this good, relative to the best sentence, is quoted with it.
const NEIGHBOUR_SHARE: f32 = 0.72;
/// A sentence elsewhere is added when it says this much more of the question.
const NEW_COVERAGE: f32 = 0.2;
const ELSEWHERE_SHARE: f32 = 0.75;
/// Two Han characters read like one word.
const WORDS_PER_HAN: f32 = 0.5;

/// Chooses around the best sentence; `None` when there is none.
pub(super) fn choose(
    passages: &[RankedPassage],
    sentences: &[Sentence],
    weights: &WeightedTerms,
) -> Option<Reading> {
    let better = |a: usize, b: usize| if sentences[b].score > sentences[a].score { b } else { a };
    let best_idx = (0..sentences.len()).reduce(better)?;
    let best = &sentences[best_idx];
    let mut choice = Choice { passages, sentences, chosen: vec![best_idx], n_words: 0.0 };
    choice.n_words = choice.words(best_idx);

    choice.add_what_it_points_to(best_idx);
    choice.add_list(best_idx);
    choice.add_limits();
    choice.add_neighbours(best_idx);
    choice.add_elsewhere(best_idx, weights);
    choice.add_limits();
    choice.chosen.sort_unstable();

    let chosen = &choice.chosen;
    let title = &passages[best.passage_idx].analysis.title_terms;
    let covered = |term: &str| {
        title.contains(term) || chosen.iter().any(|idx| sentences[*idx].found.contains(term))
    };
    Some(Reading {
        picks: choice.picks(),
        sentence_coverage: best.coverage,
        picks_coverage: weights.share(covered),
        cosine: best.cosine,
        late: best.late,
        figure: best.figure,
        passage_idx: best.passage_idx,
        by_document: by_document(passages, sentences),
    })
}

/// The best sentence of each document, best first; the first of equals.
fn by_document(passages: &[RankedPassage], sentences: &[Sentence]) -> Vec<Sentence> {
    let document = |sentence: &Sentence| &passages[sentence.passage_idx].passage.document_id;
    let mut best: Vec<&Sentence> = Vec::new();
    for sentence in sentences {
        match best.iter_mut().find(|known| document(known) == document(sentence)) {
            Some(known) if sentence.score > known.score => *known = sentence,
            Some(_) => {}
            None => best.push(sentence),
        }
    }
    best.sort_by(|a, b| b.score.total_cmp(&a.score));
    best.into_iter().cloned().collect()
}

struct Choice<'a> {
    passages: &'a [RankedPassage],
    sentences: &'a [Sentence],
    chosen: Vec<usize>,
    n_words: f32,
}

impl Choice<'_> {
    /// A sentence that begins with a pointing word needs the one before it.
    fn add_what_it_points_to(&mut self, best: usize) {
        if !points_back(self.text(best)) {
            return;
        }
        if let Some(before) = best.checked_sub(1)
            && self.is_prose(before)
        {
            self.add(best, before, MAX_WORDS);
        }
    }

    /// The sentences behind the chosen ones that take back a part of what those say.
    fn add_limits(&mut self) {
        for idx in self.chosen.clone() {
            let is_next = |next: &Sentence| {
                let this = &self.sentences[idx];
                next.passage_idx == this.passage_idx && this.span.end <= next.span.start
            };
            let limits = self.sentences.get(idx + 1).is_some_and(is_next)
                && self.is_prose(idx)
                && self.is_prose(idx + 1)
                && conditions::limits_the_one_before(self.text(idx + 1));
            if limits {
                self.add(idx, idx + 1, MAX_LIST_WORDS);
            }
        }
    }

    /// The items that a sentence such as "You need:" announces.
    fn add_list(&mut self, best: usize) {
        if !self.text(best).ends_with([':', '：']) {
            return;
        }
        for idx in best + 1..self.sentences.len() {
            if self.sentences[idx].place != Place::ListItem || !self.add(best, idx, MAX_LIST_WORDS)
            {
                break;
            }
        }
    }

    fn add_neighbours(&mut self, best: usize) {
        let enough = self.sentences[best].score * NEIGHBOUR_SHARE;
        for idx in [Some(best + 1), best.checked_sub(1)].into_iter().flatten() {
            let good = self.sentences.get(idx).is_some_and(|neighbour| neighbour.score >= enough);
            if good && self.chosen.len() < MAX_SENTENCES {
                self.add(best, idx, MAX_WORDS);
            }
        }
    }

    fn add_elsewhere(&mut self, best: usize, weights: &WeightedTerms) {
        if self.chosen.len() >= MAX_SENTENCES {
            return;
        }
        let enough = self.sentences[best].score * ELSEWHERE_SHARE;
        let gain = |idx: usize| {
            let new = &self.sentences[idx].found;
            let known =
                |term: &str| self.chosen.iter().any(|c| self.sentences[*c].found.contains(term));
            weights.share(|term| new.contains(term) && !known(term))
        };
        let fits = |idx: &usize| {
            let sentence = &self.sentences[*idx];
            !self.chosen.contains(idx)
                && sentence.score >= enough
                && self.is_quotable(*idx)
                && self.n_words + self.words(*idx) <= MAX_WORDS
        };
        let most = (0..self.sentences.len())
            .filter(fits)
            .map(|idx| (idx, gain(idx)))
            .reduce(|a, b| if b.1 > a.1 { b } else { a });
        if let Some((idx, gain)) = most
            && gain >= NEW_COVERAGE
        {
            self.n_words += self.words(idx);
            self.chosen.push(idx);
        }
    }

    /// Adds a sentence of the best one's passage if it fits; tells whether it is chosen now.
    fn add(&mut self, best: usize, idx: usize, max_words: f32) -> bool {
        let Some(sentence) = self.sentences.get(idx) else { return false };
        if self.chosen.contains(&idx) {
            return true;
        }
        let n_words = self.n_words + self.words(idx);
        let same_passage = sentence.passage_idx == self.sentences[best].passage_idx;
        let fits = same_passage && self.is_quotable(idx) && n_words <= max_words;
        if fits {
            self.n_words = n_words;
            self.chosen.push(idx);
        }
        fits
    }

    fn is_quotable(&self, idx: usize) -> bool {
        !matches!(self.sentences[idx].place, Place::Heading | Place::TableHead)
    }

    fn is_prose(&self, idx: usize) -> bool {
        self.sentences.get(idx).is_some_and(|sentence| sentence.place == Place::Prose)
    }

    fn text(&self, idx: usize) -> &str {
        let sentence = &self.sentences[idx];
        sentence.text(&self.passages[sentence.passage_idx].passage)
    }

    fn words(&self, idx: usize) -> f32 {
        n_words(self.text(idx))
    }

    /// The chosen spans in reading order, table rows below their head.
    fn picks(&self) -> Vec<Pick> {
        let mut picks: Vec<Pick> = Vec::new();
        for idx in &self.chosen {
            let Sentence { passage_idx, span, place, .. } = self.sentences[*idx];
            let text = &self.passages[passage_idx].passage.text;
            let head = (place == Place::TableRow).then(|| table_head(text, span)).flatten();
            for span in head.into_iter().chain([span]) {
                let pick = Pick { passage_idx, span };
                let overlaps = |known: &Pick| {
                    known.passage_idx == passage_idx
                        && known.span.start < span.end
                        && span.start < known.span.end
                };
                if !picks.iter().any(overlaps) && !self.repeats(&picks, &pick) {
                    picks.push(pick);
                }
            }
        }
        picks
    }

    /// Overlapping chunks and copied paragraphs would quote the same words twice.
    fn repeats(&self, picks: &[Pick], pick: &Pick) -> bool {
        let words = |pick: &Pick| {
            let Span { start, end } = pick.span;
            self.passages[pick.passage_idx].passage.text.get(start..end)
        };
        picks.iter().any(|known| words(known) == words(pick))
    }
}

fn n_words(text: &str) -> f32 {
    let n_han = text.chars().filter(|c| kefu_text::is_han(*c)).count();
    let latin = text.split(|c: char| c.is_whitespace() || kefu_text::is_han(c));
    let n_latin = latin.filter(|word| word.chars().any(|c| c.is_ascii_alphanumeric())).count();
    count(n_latin) + count(n_han) * WORDS_PER_HAN
}

fn points_back(text: &str) -> bool {
    const ENGLISH: &[&str] =
        &["it", "they", "this", "these", "those", "he", "she", "its", "their", "such"];
    const CHINESE: &[&str] = &["它", "他", "她", "该", "此", "这", "其"];
    let first = text.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    ENGLISH.contains(&first.to_ascii_lowercase().as_str())
        || CHINESE.iter().any(|word| text.starts_with(word))
}
