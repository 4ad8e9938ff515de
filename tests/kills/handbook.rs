//! A handbook that changes from edition to edition.

use std::collections::BTreeMap;
use std::path::Path;

use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::json;

use crate::support::Service;

const N_ARTICLES: u32 = 40;

/// Document ids with their texts.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Handbook {
    edition: u32,
    texts: BTreeMap<String, String>,
}

impl Handbook {
    pub(super) fn first() -> Self {
        let mut texts: BTreeMap<String, String> =
            (0..N_ARTICLES).map(|n| (name(n), text(n, 0))).collect();
        let stable = "# Gift cards\n\nThe PIN of a gift card has 6 digits.\n";
        texts.insert("gift-cards.md".to_owned(), stable.to_owned());
        Self { edition: 0, texts }
    }

    /// The next edition: a third of the articles changed, one gone or back.
    pub(super) fn edited(&self, rng: &mut StdRng) -> Self {
        let mut next = Self { edition: self.edition + 1, texts: self.texts.clone() };
        for n in 0..N_ARTICLES {
            if next.texts.contains_key(&name(n)) && rng.random_bool(0.33) {
                next.texts.insert(name(n), text(n, next.edition));
            }
        }
        let n = rng.random_range(0..N_ARTICLES);
        if next.texts.remove(&name(n)).is_none() {
            next.texts.insert(name(n), text(n, next.edition));
        }
        next
    }

    pub(super) fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    pub(super) fn write(&self, folder: &Path) {
        let _ = std::fs::remove_dir_all(folder);
        std::fs::create_dir_all(folder).unwrap();
        for (name, text) in &self.texts {
            std::fs::write(folder.join(name), text).unwrap();
        }
    }

    pub(super) fn files_changed_since(&self, old: &Self) -> Vec<(String, Vec<u8>)> {
        let changed = self.texts.iter().filter(|(name, text)| old.texts.get(*name) != Some(text));
        changed.map(|(name, text)| (name.clone(), text.clone().into_bytes())).collect()
    }

    /// Whether the service has exactly these documents, byte for byte.
    pub(super) fn is_what_is_served(&self, service: &Service) -> bool {
        let (status, listed) = service.get("/v1/documents?limit=500");
        assert_eq!(status, 200, "{listed}");
        let ids = listed["items"].as_array().unwrap().iter().map(|item| &item["document_id"]);
        let ids: Vec<&str> = ids.map(|id| id.as_str().unwrap()).collect();
        if ids != self.texts.keys().map(String::as_str).collect::<Vec<_>>() {
            return false;
        }
        self.texts.iter().all(|(name, text)| {
            let (status, document) = service.get(&format!("/v1/documents/{name}"));
            assert_eq!(status, 200, "{document}");
            document["text"].as_str() == Some(text)
        })
    }

    /// Asks for the price of an article and expects the one of this edition.
    pub(super) fn ask(&self, service: &Service, rng: &mut StdRng) {
        for _ in 0..3 {
            let n = rng.random_range(0..N_ARTICLES);
            let Some(text) = self.texts.get(&name(n)) else { continue };
            let price = text.split("costs ").nth(1).unwrap().split(" euros").next().unwrap();
            let question = json!({"question": format!("What does article number K{n:04} cost?")});
            let (status, answer) = service.post("/v1/answers", &question);
            assert_eq!(status, 200, "{answer}");
            assert!(answer["answer"].as_str().unwrap().contains(price), "{price}: {answer}");
        }
    }

    /// A question whose answer is the same in every edition.
    pub(super) fn stable_question(&self) -> &'static str {
        "How many digits does the PIN of a gift card have?"
    }

    pub(super) fn stable_answer(&self) -> &'static str {
        "6 digits"
    }
}

fn name(n: u32) -> String {
    format!("article-{n:04}.md")
}

fn text(n: u32, edition: u32) -> String {
    let filler: String = (0..6)
        .map(|part| {
            format!(
                "## Part {part}\n\nEdition {edition} of part {part} describes how article K{n:04} \
                 is stored in row {} and shipped the next working day.\n\n",
                n * 7 + part
            )
        })
        .collect();
    format!(
        "# Article {n}\n\nArticle number K{n:04} costs {}.{edition:02} euros.\n\n{filler}",
        n + 1
    )
}
