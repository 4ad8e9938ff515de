use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use kefu_core::ports::{EmbedKind, Embedder, LessonRecords, Records, ResolvedTicket};
use kefu_core::{Language, RecordsError, Scope, Ticket, TicketId};
use kefu_text::Analyser;

/// Similar tickets shown at most.
pub const MAX_SIMILAR: usize = 5;
/// Resolved tickets looked at, the latest ones.
const MAX_LOOKED_AT: usize = 500;
/// Tickets whose vectors are compared: the best by their words, and the latest.
const N_BY_WORDS: usize = 24;
const N_LATEST: usize = 8;
/// Vectors kept in memory.
const MAX_VECTORS: usize = 4_096;
/// Below this a ticket is not similar.
const MIN_SCORE: f32 = 0.25;
/// What a note adds to be found by, at most.
const MAX_NOTE_BYTES: usize = 600;

/// A resolved ticket that is like what is asked about.
#[derive(Clone, Debug, PartialEq)]
pub struct Similar {
    /// The ticket.
    pub ticket: Ticket,
    /// What was noted when it was resolved.
    pub resolution: Option<String>,
    /// How like, 0 to 1.
    pub score: f32,
}

/// Finds resolved tickets by words, and by meaning where the embedder knows the language.
pub struct SimilarTickets {
    records: Arc<dyn Records>,
    embedder: Option<Arc<dyn Embedder>>,
    analyser: Arc<Analyser>,
    /// By ticket and the length of what was embedded, so that a longer note is embedded anew.
    vectors: Mutex<HashMap<(TicketId, usize), Arc<[f32]>>>,
}

struct Candidate {
    resolved: ResolvedTicket,
    text: String,
    lexical: f32,
}

impl SimilarTickets {
    /// Looks nothing up yet.
    #[must_use]
    pub fn new(
        records: Arc<dyn Records>,
        embedder: Option<Arc<dyn Embedder>>,
        analyser: Arc<Analyser>,
    ) -> Self {
        Self { records, embedder, analyser, vectors: Mutex::default() }
    }

    /// At most [`MAX_SIMILAR`] resolved tickets like `text`, best first, without `except`. A failing
    /// embedder leaves the words.
    ///
    /// # Errors
    /// What the records report; agents and above.
    pub async fn find(
        &self,
        scope: &Scope,
        (text, language): (&str, Language),
        except: Option<&TicketId>,
    ) -> Result<Vec<Similar>, RecordsError> {
        let records: &dyn LessonRecords = self.records.as_ref();
        let resolved = records.resolved_tickets(scope, MAX_LOOKED_AT).await?;
        let resolved = resolved.into_iter().filter(|known| Some(&known.ticket.id) != except);
        let candidates = self.by_words(text, resolved.collect());
        let cosines = self.cosines((text, language), &candidates).await.unwrap_or_default();
        let mut found: Vec<Similar> = candidates
            .into_iter()
            .enumerate()
            .map(|(at, candidate)| Similar {
                score: score(candidate.lexical, cosines.get(at).copied()),
                resolution: candidate.resolved.note,
                ticket: candidate.resolved.ticket,
            })
            .filter(|similar| similar.score >= MIN_SCORE)
            .collect();
        let order = |a: &Similar, b: &Similar| {
            b.score.total_cmp(&a.score).then_with(|| b.ticket.id.cmp(&a.ticket.id))
        };
        found.sort_by(order);
        found.truncate(MAX_SIMILAR);
        Ok(found)
    }

    /// Those that share words with `text`, and some of the latest.
    fn by_words(&self, text: &str, resolved: Vec<ResolvedTicket>) -> Vec<Candidate> {
        let terms = |text: &str| -> HashSet<String> {
            self.analyser.content_terms(text).into_iter().map(|term| term.text).collect()
        };
        let asked = terms(text);
        let texts: Vec<String> = resolved.iter().map(text_of).collect();
        let known: Vec<HashSet<String>> = texts.iter().map(|text| terms(text)).collect();
        let n_all = to_f32(known.len());
        let weight = |term: &str| {
            let n_with = to_f32(known.iter().filter(|terms| terms.contains(term)).count());
            ((n_all + 1.0) / (n_with + 0.5)).ln()
        };
        let weights: HashMap<&str, f32> =
            asked.iter().map(|term| (term.as_str(), weight(term).max(0.1))).collect();
        let whole: f32 = weights.values().sum();
        let mut candidates: Vec<Candidate> = resolved
            .into_iter()
            .zip(texts)
            .zip(&known)
            .map(|((resolved, text), terms)| {
                let shared = weights.iter().filter(|(term, _)| terms.contains(**term));
                let shared: f32 = shared.map(|(_, weight)| weight).sum();
                let lexical = if whole > 0.0 { shared / whole } else { 0.0 };
                Candidate { resolved, text, lexical }
            })
            .collect();
        let latest: HashSet<TicketId> =
            candidates.iter().take(N_LATEST).map(|c| c.resolved.ticket.id.clone()).collect();
        candidates.sort_by(|a, b| b.lexical.total_cmp(&a.lexical));
        let mut n_kept = 0;
        candidates.retain(|candidate| {
            n_kept += 1;
            (n_kept <= N_BY_WORDS && candidate.lexical > 0.0)
                || latest.contains(&candidate.resolved.ticket.id)
        });
        candidates
    }

    /// The cosine of each candidate, in order; `None` where there is no embedder for the language or
    /// it failed.
    async fn cosines(
        &self,
        (text, language): (&str, Language),
        candidates: &[Candidate],
    ) -> Option<Vec<f32>> {
        let embedder = self.embedder.as_ref().filter(|model| model.info().serves(language))?;
        let key = |c: &Candidate| (c.resolved.ticket.id.clone(), c.text.len());
        let known = |c: &Candidate| {
            let vectors = self.vectors.lock().unwrap_or_else(PoisonError::into_inner);
            vectors.get(&key(c)).cloned()
        };
        let missing: Vec<&Candidate> = candidates.iter().filter(|c| known(c).is_none()).collect();
        let mut texts = vec![text.to_owned()];
        texts.extend(missing.iter().map(|candidate| candidate.text.clone()));
        let made = embedder.embed(EmbedKind::Passage, &texts).await;
        let made = made
            .inspect_err(|error| tracing::warn!(%error, "similar tickets are found by words alone"))
            .ok()?;
        let mut made = made.into_iter();
        let asked = made.next()?;
        {
            let mut vectors = self.vectors.lock().unwrap_or_else(PoisonError::into_inner);
            if vectors.len() + missing.len() > MAX_VECTORS {
                vectors.clear();
            }
            vectors.extend(missing.iter().zip(made).map(|(c, vector)| (key(c), vector.into())));
        }
        let cosine = |vector: Arc<[f32]>| vector.iter().zip(&asked).map(|(a, b)| a * b).sum();
        Some(candidates.iter().map(|c| known(c).map_or(0.0, cosine)).collect())
    }
}

fn text_of(resolved: &ResolvedTicket) -> String {
    let note = resolved.note.as_deref().unwrap_or_default();
    let note = &note[..note.floor_char_boundary(note.len().min(MAX_NOTE_BYTES))];
    format!("{}\n{note}", resolved.ticket.subject)
}

fn score(lexical: f32, cosine: Option<f32>) -> f32 {
    let lexical = lexical.clamp(0.0, 1.0);
    match cosine {
        Some(cosine) => (lexical + cosine.clamp(0.0, 1.0)) / 2.0,
        None => lexical,
    }
}

fn to_f32(n: usize) -> f32 {
    f32::from(u16::try_from(n).unwrap_or(u16::MAX))
}
