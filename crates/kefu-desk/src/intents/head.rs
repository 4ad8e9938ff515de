use kefu_core::{Intent, IntentSource, IntentVerdict};

use super::catalogue::{IntentCatalogue, IntentSpec};
use super::codec::{Reader, Writer, damaged};
use super::corpus::ExampleVectors;
use super::error::IntentError;
use super::fit::{
    FitObserver, FitReport, N_FOLDS, Sharpness, Steps, Unseen, prepare, report, sharpness, split,
    unseen,
};
use super::grams::grams;
use super::model::{Model, N_VECTOR_MEASURES, N_WORD_MEASURES, place_of_best};
use super::parallel;
use super::rules::Rules;
use super::scope::Scope;
use super::scopes::{LeftOut, N_GROUPS, Scopes};
use super::softmax::log_normalise;

/// A turn that is an example word for word, or holds a keyword, is as sure as this.
const SURE: f32 = 0.99;
const SURE_BY_KEYWORD: f32 = 0.9;

/// Tells what customers want. Fitted from examples, it holds none of their texts.
///
/// A turn is judged by the first that knows: the examples word for word, keywords, then two
/// regressions, on the embedder's vector and on words (words alone where there is no vector, as for
/// languages that the embedder does not serve). A judgement takes well under a millisecond for
/// some hundred examples.
#[derive(Clone, Debug, PartialEq)]
pub struct IntentHead {
    specs: Vec<IntentSpec>,
    /// Embedder that vectors must come from, and their length; `None` for words alone.
    embedder: Option<String>,
    dimensions: usize,
    rules: Rules,
    model: Model,
    scopes: Scopes,
    sharpness: Sharpness,
}

impl IntentHead {
    /// Fits the examples of a catalogue. Equal input gives an equal head, bit for bit, on one kind
    /// of machine.
    ///
    /// # Errors
    /// For fewer than two intents, intents with fewer than three different examples, and vectors
    /// that do not fit.
    pub fn fit(
        catalogue: &IntentCatalogue,
        vectors: Option<&ExampleVectors>,
        observer: &dyn FitObserver,
    ) -> Result<(Self, FitReport), IntentError> {
        let corpus = prepare(catalogue, vectors)?;
        let (inside, outside) = (corpus.of_kind(false), corpus.of_kind(true));
        let steps = Steps::of(observer, N_FOLDS + N_GROUPS + 1);
        let folds: Vec<Vec<Unseen>> = parallel::map(N_FOLDS, |fold| {
            let (kept, seen) = split(&corpus, &inside, fold);
            let has_both = !kept.is_empty() && !seen.is_empty();
            let judged = has_both.then(|| unseen(&corpus, &Model::fit(&corpus, &seen), &kept));
            steps.step();
            judged
        })
        .into_iter()
        .flatten()
        .collect();
        let report = report(&corpus, &folds, (inside.len(), outside.len()));
        let all: Vec<_> = folds.into_iter().flatten().collect();
        let left_out = parallel::map(N_GROUPS, |group| {
            let left_out = LeftOut::fit(&corpus, &inside, group);
            steps.step();
            left_out
        });
        let model = Model::fit(&corpus, &inside);
        steps.step();
        let head = Self {
            specs: catalogue.specs().to_vec(),
            embedder: vectors.filter(|_| model.has_vectors()).map(|v| v.embedder.clone()),
            dimensions: corpus.dimensions,
            rules: Rules::of(catalogue),
            model,
            scopes: Scopes::fit(&corpus, &left_out, &outside),
            sharpness: sharpness(&all),
        };
        Ok((head, report))
    }

    /// The embedder that it was fitted with, `id@hash`; `None` for words alone.
    #[must_use]
    pub fn embedder(&self) -> Option<&str> {
        self.embedder.as_deref()
    }

    /// Its classes.
    #[must_use]
    pub fn specs(&self) -> &[IntentSpec] {
        &self.specs
    }

    /// Refuses vectors of another embedder than its own. Without an embedder in use it tells by
    /// words alone.
    ///
    /// # Errors
    /// [`IntentError::OtherEmbedder`], with what to do.
    pub fn check_embedder(&self, in_use: Option<&str>) -> Result<(), IntentError> {
        match (&self.embedder, in_use) {
            (Some(bound_to), Some(in_use)) if bound_to != in_use => {
                Err(IntentError::OtherEmbedder {
                    bound_to: bound_to.clone(),
                    in_use: in_use.to_owned(),
                })
            }
            _ => Ok(()),
        }
    }

    /// The same head, telling by words alone.
    #[must_use]
    pub fn without_vectors(mut self) -> Self {
        self.embedder = None;
        self.dimensions = 0;
        self.model.forget_vectors();
        self.scopes.by_vector = Scope::fit(&[], &[]);
        self
    }

    /// Judges a turn; a vector of another length than the head's counts as none.
    #[must_use]
    pub fn judge(&self, text: &str, vector: Option<&[f32]>) -> IntentVerdict {
        if let Some(class) = self.rules.phrase(text) {
            return self.decided(class, IntentSource::Phrase, SURE);
        }
        if let Some(class) = self.rules.keyword(text) {
            return self.decided(class, IntentSource::Keyword, SURE_BY_KEYWORD);
        }
        let vector = vector.filter(|vector| vector.len() == self.dimensions);
        let judged = self.model.judge(&grams(text), vector);
        let (source, sharpness) = match &judged.by_vector {
            Some(_) => (IntentSource::Vector, self.sharpness.by_vector),
            None => (IntentSource::Words, self.sharpness.by_words),
        };
        let in_scope = self.scopes.probability(&judged);
        let mut scores: Vec<f32> = judged.both.iter().map(|score| score * sharpness).collect();
        log_normalise(&mut scores);
        let place = place_of_best(&scores);
        let class = self.model.classes.get(place).copied().unwrap_or_default();
        let confidence = scores.get(place).map_or(0.0, |score| score.exp());
        IntentVerdict { intent: self.intent(class), confidence, in_scope, source }
    }

    fn decided(&self, class: usize, source: IntentSource, sure: f32) -> IntentVerdict {
        let intent = self.intent(class);
        let in_scope = if intent.is_some() { sure } else { 1.0 - sure };
        IntentVerdict { intent, confidence: sure, in_scope, source }
    }

    /// The class, unless it shows what is out of scope.
    fn intent(&self, class: usize) -> Option<Intent> {
        let spec = self.specs.get(class).filter(|spec| !spec.out_of_scope)?;
        Some(spec.intent.clone())
    }

    /// The head as bytes: versioned, with a digest, without any example's text.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.optional(self.embedder.as_deref());
        writer.number(self.dimensions);
        writer.number(self.specs.len());
        for spec in &self.specs {
            writer.text(&spec.intent.name);
            writer.optional(spec.intent.queue.as_deref());
            writer.optional(spec.intent.skill.as_deref());
            writer.texts(&spec.keywords);
            writer.number(usize::from(spec.out_of_scope));
        }
        self.rules.write(&mut writer);
        self.model.write(&mut writer);
        self.scopes.by_vector.write(&mut writer);
        self.scopes.by_words.write(&mut writer);
        writer.real(self.sharpness.by_vector);
        writer.real(self.sharpness.by_words);
        writer.finish()
    }

    /// Reads what [`Self::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`IntentError::Damaged`] and [`IntentError::Version`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, IntentError> {
        let mut reader = Reader::open(bytes)?;
        let embedder = reader.optional()?;
        let dimensions = reader.number()?;
        let mut specs = Vec::new();
        for _ in 0..reader.length(20)? {
            let intent = Intent {
                name: reader.text()?,
                queue: reader.optional()?,
                skill: reader.optional()?,
            };
            let keywords = reader.texts()?;
            specs.push(IntentSpec { intent, keywords, out_of_scope: reader.number()? != 0 });
        }
        let rules = Rules::read(&mut reader, specs.len())?;
        let model = Model::read(&mut reader, (specs.len(), dimensions))?;
        if model.has_vectors() != embedder.is_some() {
            return Err(damaged("it does not say which embedder it is for"));
        }
        let n_vector = if model.has_vectors() { N_VECTOR_MEASURES } else { 0 };
        let scopes = Scopes {
            by_vector: Scope::read(&mut reader, n_vector)?,
            by_words: Scope::read(&mut reader, N_WORD_MEASURES)?,
        };
        let sharpness = Sharpness { by_vector: reader.real()?, by_words: reader.real()? };
        reader.finish()?;
        Ok(Self { specs, embedder, dimensions, rules, model, scopes, sharpness })
    }
}
