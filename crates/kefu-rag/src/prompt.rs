use std::collections::HashMap;

use kefu_core::ports::{Generator, PromptMessage, PromptRole};
use kefu_core::{DocumentId, Language, Passage, Span};
use kefu_text::Analyser;

use crate::addressed;
use crate::rank::RankedPassage;

/// What the generator is told before every question. Customers must not get to read it.
pub const SYSTEM_PROMPT: &str = include_str!("../prompts/system.txt");
pub(crate) const USER: &str = include_str!("../prompts/user.txt");
/// Passages shown at most: a small model loses the thread with more.
const MAX_PASSAGES: usize = 4;
/// Tokens for the marks a chat template puts around messages.
const TEMPLATE_TOKENS: usize = 40;

/// What of a passage stands in the prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) passage_idx: usize,
    /// Bytes of the passage's text.
    pub(crate) span: Span,
}

/// A prompt and what it shows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Prompt {
    pub(crate) messages: Vec<PromptMessage>,
    pub(crate) shown: Vec<Shown>,
}

/// What a prompt is made of.
pub(crate) struct PromptInput<'a> {
    pub(crate) question: &'a str,
    pub(crate) language: Language,
    pub(crate) passages: &'a [RankedPassage],
    pub(crate) max_tokens: usize,
    pub(crate) analyser: &'a Analyser,
}

/// Packs the best passages into the budget; the last may be cut behind a sentence. Sentences that
/// are addressed to the assistant are left out. A passage that
/// says what one shown already says is left out, and passages of one document stand together in
/// its order. `None` when not even one sentence fits.
pub(crate) fn build(input: &PromptInput<'_>, generator: &dyn Generator) -> Option<Prompt> {
    let frame = render("", input);
    let n_frame = generator.count_tokens(SYSTEM_PROMPT) + generator.count_tokens(&frame);
    let mut left = input.max_tokens.checked_sub(n_frame + TEMPLATE_TOKENS)?;
    let mut shown: Vec<Shown> = Vec::new();
    for (passage_idx, ranked) in input.passages.iter().enumerate() {
        if shown.len() == MAX_PASSAGES {
            break;
        }
        let repeats =
            |known: &Shown| ranked.analysis.repeats(&input.passages[known.passage_idx].analysis);
        if shown.iter().any(repeats) {
            continue;
        }
        let text = &ranked.passage.text;
        let foreign = addressed::foreign(text, input.question, input.analyser);
        let fits = |end: usize| {
            let n_tokens = generator.count_tokens(&fence(
                shown.len() + 1,
                ranked,
                &addressed::without(text, end, &foreign),
            ));
            (n_tokens <= left).then_some(n_tokens)
        };
        let ends = kefu_text::sentences(text).into_iter().rev().map(|span| span.end);
        let Some((end, n_tokens)) =
            std::iter::once(text.len()).chain(ends).find_map(|end| Some((end, fits(end)?)))
        else {
            break;
        };
        left -= n_tokens;
        shown.push(Shown { passage_idx, span: Span { start: 0, end } });
        if end < text.len() {
            break;
        }
    }
    in_reading_order(&mut shown, input.passages);
    let packed: String = (1..)
        .zip(&shown)
        .map(|(number, Shown { passage_idx, span })| {
            let ranked = &input.passages[*passage_idx];
            let text = &ranked.passage.text;
            let foreign = addressed::foreign(text, input.question, input.analyser);
            fence(number, ranked, &addressed::without(text, span.end, &foreign))
        })
        .collect();
    let messages = vec![
        PromptMessage { role: PromptRole::System, text: SYSTEM_PROMPT.trim_end().to_owned() },
        PromptMessage { role: PromptRole::User, text: render(packed.trim_end(), input) },
    ];
    (!shown.is_empty()).then_some(Prompt { messages, shown })
}

/// Documents in the order of their best passage, their passages in the order of the text.
fn in_reading_order(shown: &mut [Shown], passages: &[RankedPassage]) {
    let document = |shown: &Shown| &passages[shown.passage_idx].trace.document_id;
    let best: HashMap<&DocumentId, usize> =
        shown.iter().rev().map(|shown| (document(shown), shown.passage_idx)).collect();
    shown.sort_by_key(|shown| {
        let start = passages[shown.passage_idx].passage.span.start;
        (best.get(document(shown)).copied(), start)
    });
}

/// Fills the template in one pass, so that a placeholder inside a document stays text.
fn render(passages: &str, input: &PromptInput<'_>) -> String {
    let mut filled = String::new();
    for (idx, piece) in USER.trim_end().split('{').enumerate() {
        if idx == 0 {
            filled.push_str(piece);
            continue;
        }
        let (name, rest) = piece.split_once('}').unwrap_or((piece, ""));
        filled.push_str(match name {
            "passages" => passages,
            "question" => input.question,
            "language" => language_name(input.language),
            _ => "",
        });
        filled.push_str(rest);
    }
    filled
}

/// A passage below its title and headings, between numbered marks that its own text cannot forge.
fn fence(number: usize, ranked: &RankedPassage, text: &str) -> String {
    let plain = |text: &str| text.replace(['<', '>'], " ");
    let Passage { title, heading, .. } = &ranked.passage;
    let title = if heading.is_empty() { title.clone() } else { format!("{title} > {heading}") };
    let title = plain(&title);
    let text = plain(text.trim());
    format!("<passage {number}: {title}>\n{text}\n</passage {number}>\n")
}

fn language_name(language: Language) -> &'static str {
    match language {
        Language::CHINESE => "Chinese",
        _ => "English",
    }
}
