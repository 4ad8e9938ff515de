//! Reading: the few sentences of the best passages that answer, verbatim.

mod choose;
mod late;
mod layout;
mod score;

use kefu_core::ports::{EmbedKind, Embedder};
use kefu_core::{ModelError, Span};
use kefu_text::Analyser;

use crate::addressed;
use crate::rank::{Ranked, RankedPassage};
use crate::sheet::Sheet;
use crate::understand::Understood;

pub(crate) use late::LateMatch;
pub(crate) use layout::joiner;
pub(crate) use score::Sentence;

use late::QuestionWords;

/// Passages that are read.
pub(crate) const READ_PASSAGES: usize = 5;

/// One quoted piece: a span of a passage's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pick {
    pub(crate) passage_idx: usize,
    pub(crate) span: Span,
}

/// What reading found.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// What to quote, in reading order; empty when no sentence was found.
    pub(crate) picks: Vec<Pick>,
    /// Weighted share of the question's terms in the best sentence and its title.
    pub(crate) sentence_coverage: f32,
    /// The same for all picks together.
    pub(crate) picks_coverage: f32,
    /// Cosine of the best sentence, when the embedder read it.
    pub(crate) cosine: Option<f32>,
    /// How it meets the question's words, likewise.
    pub(crate) late: Option<LateMatch>,
    /// How well the best sentence has the kind of figure that was asked for; `None` when none was.
    pub(crate) figure: Option<f32>,
    /// The passage of the best sentence.
    pub(crate) passage_idx: usize,
    /// The best sentence of each document that was read, best first.
    pub(crate) by_document: Vec<Sentence>,
}

/// The embedder's part in reading.
pub(crate) struct SentenceEmbedding<'a> {
    pub(crate) embedder: &'a dyn Embedder,
    pub(crate) analyser: &'a Analyser,
    pub(crate) question: &'a str,
    /// The question's vector.
    pub(crate) vector: &'a [f32],
    /// Sentences it may read.
    pub(crate) depth: usize,
}

/// Sentences of the best passages, scored by their words; none that is addressed to the assistant.
pub(crate) fn candidates(
    ranked: &Ranked,
    understood: &Understood,
    analyser: &Analyser,
) -> Vec<Sentence> {
    let sentences = score::candidates(to_read(ranked), &ranked.weights, understood);
    let foreign: Vec<Vec<Span>> = to_read(ranked)
        .iter()
        .map(|one| addressed::foreign(&one.passage.text, &understood.text, analyser))
        .collect();
    let is_data = |sentence: &Sentence| !foreign[sentence.passage_idx].contains(&sentence.span);
    sentences.into_iter().filter(is_data).collect()
}

/// Chooses what to quote. `None` when the passages hold no sentence.
pub(crate) async fn read(
    ranked: &Ranked,
    mut sentences: Vec<Sentence>,
    embedding: Option<SentenceEmbedding<'_>>,
) -> Option<Reading> {
    if let Some(embedding) = embedding {
        compare(&mut sentences, ranked, &embedding).await;
    }
    choose::choose(to_read(ranked), &sentences, &ranked.weights)
}

/// The passages that are read.
pub(crate) fn to_read(ranked: &Ranked) -> &[RankedPassage] {
    &ranked.passages[..ranked.passages.len().min(READ_PASSAGES)]
}

/// Lets the embedder compare the most promising sentences with the question. Without it reading
/// goes on by words alone.
async fn compare(sentences: &mut [Sentence], ranked: &Ranked, embedding: &SentenceEmbedding<'_>) {
    let passages = to_read(ranked);
    let mut order: Vec<usize> = (0..sentences.len()).collect();
    order.sort_by(|a, b| sentences[*b].score.total_cmp(&sentences[*a].score).then(a.cmp(b)));
    order.truncate(embedding.depth);
    let texts: Vec<String> = order
        .iter()
        .map(|idx| {
            let sentence = &sentences[*idx];
            sentence.text_in_context(&passages[sentence.passage_idx].passage)
        })
        .collect();
    if texts.is_empty() {
        return;
    }
    let question = [embedding.question.to_owned()];
    let embedded = async {
        let question = embedding.embedder.embed_tokens(EmbedKind::Query, &question).await?;
        let sentences = embedding.embedder.embed_tokens(EmbedKind::Passage, &texts).await?;
        Ok::<_, ModelError>((question.into_iter().next().unwrap_or_default(), sentences))
    };
    match embedded.await {
        Ok((tokens, read)) => {
            let SentenceEmbedding { question, analyser, .. } = embedding;
            let words = QuestionWords::of(question, &tokens, &ranked.own, analyser);
            for (idx, sentence) in order.into_iter().zip(read) {
                let cosine = dot(embedding.vector, &sentence.whole).clamp(0.0, 1.0);
                sentences[idx].compare(cosine, words.meet(&sentence));
            }
        }
        Err(error) => tracing::warn!(%error, "sentences are compared by their words alone"),
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Writes the quotes onto the sheet, each with its citation.
pub(crate) fn quote(picks: &[Pick], passages: &[RankedPassage], sheet: &mut Sheet<'_>) {
    let mut before: Option<&Pick> = None;
    for pick in picks {
        let passage = &passages[pick.passage_idx].passage;
        let Some(text) = pick.span.of(&passage.text) else { continue };
        if before.is_some() {
            let gap = before
                .filter(|before| before.passage_idx == pick.passage_idx)
                .and_then(|before| passage.text.get(before.span.end..pick.span.start));
            sheet.say(joiner(sheet.text(), gap, text));
        }
        sheet.say(text);
        sheet.cite(passage, pick.span);
        before = Some(pick);
    }
}
