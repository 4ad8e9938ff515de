//! The list of intents and their examples.

use std::collections::BTreeMap;

use kefu_core::Intent;

use super::error::IntentError;
use super::grams::{plain, words};

const MAX_NAME_CHARS: usize = 100;
const MAX_INTENTS: usize = 1_000;
const MAX_EXAMPLES: usize = 50_000;
const MAX_KEYWORDS: usize = 200;

/// A class as it is configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntentSpec {
    /// Name, queue and skill.
    pub intent: Intent,
    /// Each decides by itself when all its words stand in a short turn.
    pub keywords: Vec<String>,
    /// Whether its examples show what is not the service's business.
    pub out_of_scope: bool,
}

impl IntentSpec {
    /// A class that has a name and nothing else. Data sets call what is out of scope `oos` or
    /// `out_of_scope`.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            intent: Intent { name: name.to_owned(), queue: None, skill: None },
            keywords: Vec::new(),
            out_of_scope: matches!(name, "oos" | "out_of_scope"),
        }
    }
}

/// Classes and their examples, checked: names are usable and differ, every example holds a word
/// and belongs to a class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IntentCatalogue {
    specs: Vec<IntentSpec>,
    /// Text and class.
    examples: Vec<(String, usize)>,
    by_name: BTreeMap<String, usize>,
    /// Whether examples may bring new classes along.
    is_open: bool,
}

impl IntentCatalogue {
    /// A catalogue of exactly these classes.
    ///
    /// # Errors
    /// For names that are unusable or used twice, and for too many classes.
    pub fn of(specs: Vec<IntentSpec>) -> Result<Self, IntentError> {
        let mut catalogue = Self::default();
        for spec in specs {
            if catalogue.by_name.contains_key(&spec.intent.name) {
                return Err(IntentError::Twice { name: spec.intent.name });
            }
            catalogue.add_class(spec)?;
        }
        Ok(catalogue)
    }

    /// A catalogue whose classes are the labels of the examples that are added.
    #[must_use]
    pub fn open() -> Self {
        Self { is_open: true, ..Self::default() }
    }

    /// Adds an example of a class; one that is there already changes nothing.
    ///
    /// # Errors
    /// For a label without a class in a catalogue that is not open, a text without a word, and too
    /// many examples.
    pub fn add(&mut self, label: &str, text: &str) -> Result<(), IntentError> {
        if plain(text).is_empty() {
            let number = self.examples.len() + 1;
            return Err(IntentError::EmptyText { label: label.to_owned(), number });
        }
        let class = match self.by_name.get(label) {
            Some(class) => *class,
            None if self.is_open => self.add_class(IntentSpec::named(label))?,
            None => {
                let nearest = self.nearest(label);
                return Err(IntentError::UnknownLabel { label: label.to_owned(), nearest });
            }
        };
        limited("examples", self.examples.len() + 1, MAX_EXAMPLES)?;
        self.examples.push((text.to_owned(), class));
        Ok(())
    }

    /// The classes, in the order they were added.
    #[must_use]
    pub fn specs(&self) -> &[IntentSpec] {
        &self.specs
    }

    /// Text and class of every example, in the order they were added.
    #[must_use]
    pub fn examples(&self) -> &[(String, usize)] {
        &self.examples
    }

    fn add_class(&mut self, spec: IntentSpec) -> Result<usize, IntentError> {
        let name = &spec.intent.name;
        let is_usable = !name.trim().is_empty()
            && name.chars().count() <= MAX_NAME_CHARS
            && !name.chars().any(char::is_control);
        if !is_usable {
            return Err(IntentError::BadName { name: name.clone() });
        }
        limited("intents", self.specs.len() + 1, MAX_INTENTS)?;
        limited("keywords of one intent", spec.keywords.len(), MAX_KEYWORDS)?;
        for (keyword, number) in spec.keywords.iter().zip(1..) {
            if words(keyword).is_empty() {
                return Err(IntentError::EmptyText { label: name.clone(), number });
            }
        }
        let class = self.specs.len();
        self.by_name.insert(name.clone(), class);
        self.specs.push(spec);
        Ok(class)
    }

    /// The class whose name shares most of its letter pairs with `label`, when they are many.
    fn nearest(&self, label: &str) -> Option<String> {
        let pairs = |name: &str| {
            let name: Vec<char> = name.to_lowercase().chars().collect();
            name.windows(2).map(|pair| (pair[0], pair[1])).collect::<Vec<_>>()
        };
        let wanted = pairs(label);
        let shared = |name: &String| {
            let found = pairs(name);
            let n_shared = wanted.iter().filter(|pair| found.contains(pair)).count();
            (2 * n_shared * 100) / (wanted.len() + found.len()).max(1)
        };
        let best = self.by_name.keys().max_by_key(|name| shared(name))?;
        (shared(best) >= 60).then(|| best.clone())
    }
}

fn limited(what: &'static str, n: usize, limit: usize) -> Result<(), IntentError> {
    if n > limit { Err(IntentError::TooMany { what, n, limit }) } else { Ok(()) }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn labels_that_are_not_listed_are_named_with_the_nearest_one() {
        let specs = ["refund_status", "return_item"].map(IntentSpec::named);
        let mut catalogue = IntentCatalogue::of(specs.to_vec()).unwrap();
        catalogue.add("return_item", "I want to return this").unwrap();
        let error = catalogue.add("refund_state", "Where is it?").unwrap_err().to_string();
        assert!(error.contains("did you mean \"refund_status\""), "{error}");
        let error = catalogue.add("weather", "Rain?").unwrap_err().to_string();
        assert!(error.contains("add it there"), "{error}");
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        let mut catalogue = IntentCatalogue::open();
        let empty = catalogue.add("a", " ?! ").unwrap_err();
        assert_eq!(empty, IntentError::EmptyText { label: "a".to_owned(), number: 1 });
        assert!(catalogue.add("", "text").is_err());
        assert!(catalogue.add(&"x".repeat(101), "text").is_err());
        let twice = [IntentSpec::named("a"), IntentSpec::named("a")];
        assert_eq!(
            IntentCatalogue::of(twice.to_vec()),
            Err(IntentError::Twice { name: "a".to_owned() })
        );
        let keyword = IntentSpec { keywords: vec!["!".to_owned()], ..IntentSpec::named("a") };
        assert!(IntentCatalogue::of(vec![keyword]).is_err());
    }

    #[test]
    fn an_open_catalogue_learns_its_labels() {
        let mut catalogue = IntentCatalogue::open();
        for (label, text) in [("b", "one"), ("oos", "two"), ("b", "three")] {
            catalogue.add(label, text).unwrap();
        }
        let names: Vec<&str> = catalogue.specs().iter().map(|s| s.intent.name.as_str()).collect();
        assert_eq!(names, ["b", "oos"]);
        assert!(catalogue.specs()[1].out_of_scope);
        assert_eq!(catalogue.examples().len(), 3);
    }
}
