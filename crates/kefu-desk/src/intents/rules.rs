//! What is decided without a classifier: examples word for word, and keywords.

use kefu_core::content::digest;
use kefu_text::is_han;

use super::catalogue::IntentCatalogue;
use super::codec::{Reader, Writer, damaged};
use super::error::IntentError;
use super::grams::{plain, words};

/// A longer turn holds keywords of several matters.
const SHORT_CHARS: usize = 60;

/// Rules of all classes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rules {
    /// Marks of the examples, increasing, with the class of each. The examples themselves are not
    /// kept.
    phrases: Vec<u64>,
    phrase_classes: Vec<u32>,
    keywords: Vec<Keyword>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Keyword {
    class: u32,
    words: Vec<String>,
}

impl Rules {
    /// The rules of a catalogue. An example of two classes decides nothing.
    pub(crate) fn of(catalogue: &IntentCatalogue) -> Self {
        let mut marks: Vec<(u64, u32)> = catalogue
            .examples()
            .iter()
            .map(|(text, class)| (mark(&plain(text)), number(*class)))
            .collect();
        marks.sort_unstable();
        marks.dedup();
        let mut phrases: Vec<(u64, u32)> = Vec::with_capacity(marks.len());
        for same in marks.chunk_by(|a, b| a.0 == b.0) {
            if let [one] = same {
                phrases.push(*one);
            }
        }
        let keywords = catalogue.specs().iter().enumerate().flat_map(|(class, spec)| {
            let keyword = move |text: &String| Keyword { class: number(class), words: words(text) };
            spec.keywords.iter().map(keyword)
        });
        Self {
            phrases: phrases.iter().map(|(mark, _)| *mark).collect(),
            phrase_classes: phrases.iter().map(|(_, class)| *class).collect(),
            keywords: keywords.collect(),
        }
    }

    /// The class of the example that the turn is, word for word.
    pub(crate) fn phrase(&self, text: &str) -> Option<usize> {
        let place = self.phrases.binary_search(&mark(&plain(text))).ok()?;
        self.phrase_classes.get(place).map(|class| *class as usize)
    }

    /// The one class whose keywords stand in a short turn.
    pub(crate) fn keyword(&self, text: &str) -> Option<usize> {
        if self.keywords.is_empty() || text.chars().count() > SHORT_CHARS {
            return None;
        }
        let said = words(text);
        let mut found = None;
        for keyword in &self.keywords {
            if keyword.words.iter().all(|word| holds(&said, word)) {
                if found.is_some_and(|class| class != keyword.class) {
                    return None;
                }
                found = Some(keyword.class);
            }
        }
        found.map(|class| class as usize)
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.long_ids(&self.phrases);
        writer.ids(&self.phrase_classes);
        writer.number(self.keywords.len());
        for keyword in &self.keywords {
            writer.number(keyword.class as usize);
            writer.texts(&keyword.words);
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>, n_classes: usize) -> Result<Self, IntentError> {
        let (phrases, phrase_classes) = (reader.long_ids()?, reader.ids()?);
        let mut rules = Self { phrases, phrase_classes, keywords: Vec::new() };
        for _ in 0..reader.length(8)? {
            let class = number(reader.number()?);
            rules.keywords.push(Keyword { class, words: reader.texts()? });
        }
        let keyword_classes = rules.keywords.iter().map(|keyword| keyword.class);
        let mut classes = rules.phrase_classes.iter().copied().chain(keyword_classes);
        let is_whole = rules.phrases.len() == rules.phrase_classes.len()
            && rules.phrases.is_sorted()
            && classes.all(|class| (class as usize) < n_classes);
        if is_whole { Ok(rules) } else { Err(damaged("its phrases do not fit its classes")) }
    }
}

fn holds(said: &[String], word: &str) -> bool {
    if word.starts_with(is_han) {
        return said.iter().any(|run| run.contains(word));
    }
    said.iter().any(|said| said == word || said.strip_suffix('s') == Some(word))
}

fn mark(plain: &str) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = digest(&[plain.as_bytes()]);
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::super::catalogue::IntentSpec;
    use super::*;

    fn rules() -> Rules {
        let spec = |name: &str, keywords: &[&str]| IntentSpec {
            keywords: keywords.iter().map(|&k| k.to_owned()).collect(),
            ..IntentSpec::named(name)
        };
        let specs =
            vec![spec("return", &["send back", "退货"]), spec("refund", &["refund", "退款 到账"])];
        let mut catalogue = IntentCatalogue::of(specs).unwrap();
        for (label, text) in [
            ("return", "I want to return this"),
            ("refund", "Where is my money?"),
            ("return", "help"),
            ("refund", "Help!"),
        ] {
            catalogue.add(label, text).unwrap();
        }
        Rules::of(&catalogue)
    }

    #[test]
    fn an_example_is_known_however_it_is_written() {
        let rules = rules();
        assert_eq!(rules.phrase("i want to RETURN this!"), Some(0));
        assert_eq!(rules.phrase("where is my money"), Some(1));
        assert_eq!(rules.phrase("help"), None);
        assert_eq!(rules.phrase("I want to return that"), None);
    }

    #[test]
    fn a_keyword_decides_alone_and_in_short_turns_only() {
        let rules = rules();
        assert_eq!(rules.keyword("Refunds?"), Some(1));
        assert_eq!(rules.keyword("how do i send it back"), Some(0));
        assert_eq!(rules.keyword("send back and refund"), None);
        assert_eq!(rules.keyword("退款啥时候到账"), Some(1));
        assert_eq!(rules.keyword("退款"), None);
        assert_eq!(rules.keyword(&format!("refund {}", "and so on ".repeat(9))), None);
    }

    #[test]
    fn rules_are_written_and_read() {
        let rules = rules();
        let mut writer = Writer::new();
        rules.write(&mut writer);
        let bytes = writer.finish();
        assert_eq!(Rules::read(&mut Reader::open(&bytes).unwrap(), 2).unwrap(), rules);
        assert!(Rules::read(&mut Reader::open(&bytes).unwrap(), 1).is_err());
    }
}
