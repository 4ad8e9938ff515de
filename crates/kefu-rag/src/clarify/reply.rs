//! What a customer answered to a question back.

mod place;

use std::collections::HashSet;

use kefu_core::{Speaker, Turn};
use kefu_text::Analyser;

use crate::asks;
use crate::follow_up::content_mass;
use crate::messages;

/// What a question back was answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// One of the options: the first question, about it.
    Chosen {
        /// The option, as it was shown.
        label: String,
        /// The question as it is asked now.
        question: String,
    },
    /// Something else: to be read like any other turn.
    Other,
}

/// Content that a reply may have beside the option it names, in words.
const MAX_REST: f32 = 1.5;

/// How the customer's turn answers a question back; `None` when the turn before it was none.
pub(crate) fn reply(text: &str, turns: &[Turn], analyser: &Analyser) -> Option<Reply> {
    let (last, earlier) = turns.split_last()?;
    let labels =
        messages::read_labels(&last.text).filter(|_| last.speaker == Speaker::Assistant)?;
    let asked = earlier.iter().rev().find(|turn| turn.speaker == Speaker::Customer);
    let asked = asked.map(|turn| turn.text.trim()).filter(|asked| !asked.is_empty());
    let (Some(asked), Some(label)) = (asked, chosen(text, &labels, analyser)) else {
        return Some(Reply::Other);
    };
    let colon = if asked.chars().any(kefu_text::is_han) { "：" } else { ": " };
    Some(Reply::Chosen { label: label.to_owned(), question: format!("{label}{colon}{asked}") })
}

/// The option that a reply chooses, by its place or its name.
fn chosen<'a>(reply: &str, labels: &[&'a str], analyser: &Analyser) -> Option<&'a str> {
    let words = |text: &str| -> String {
        kefu_text::shadow(text).text.chars().filter(|c| c.is_alphanumeric()).collect()
    };
    if let Some(label) = labels.iter().find(|label| words(label) == words(reply)) {
        return Some(label);
    }
    match place::place(reply, labels.len()) {
        Some(place) => labels.get(place).copied(),
        None => named(reply, labels, analyser),
    }
}

/// The one option that the reply names by a word of its own, when it asks nothing else.
fn named<'a>(reply: &str, labels: &[&'a str], analyser: &Analyser) -> Option<&'a str> {
    let terms = |text: &str| -> HashSet<String> {
        analyser.content_terms(text).into_iter().map(|term| term.text).collect()
    };
    let said = terms(reply);
    let options: Vec<HashSet<String>> = labels.iter().map(|label| terms(label)).collect();
    let is_named = |at: &usize| {
        let in_others = |term: &String| {
            options.iter().enumerate().any(|(other, known)| other != *at && known.contains(term))
        };
        options[*at].iter().any(|term| said.contains(term) && !in_others(term))
    };
    let mut named = (0..labels.len()).filter(is_named);
    let at = named.next().filter(|_| named.next().is_none())?;
    let rest = said.iter().filter(|term| !options[at].contains(*term));
    let rest = content_mass(&rest.map(String::as_str).collect::<Vec<_>>().join(" "), analyser);
    let asks_more = rest > 0.0 && !asks::asks(reply).is_empty();
    (rest <= MAX_REST && !asks_more).then(|| labels[at])
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use kefu_core::{Language, TurnId};

    use super::*;
    use crate::messages::Message;

    static ANALYSER: LazyLock<Analyser> = LazyLock::new(Analyser::new);

    #[test]
    fn an_option_is_chosen_by_its_name() {
        let labels = ["Aurora desk lamp", "Brook kettle", "Cedar desk chair"];
        let choose = |text: &str| chosen(text, &labels, &ANALYSER);
        for text in ["the kettle", "I mean the kettle please", "Brook kettle", "brook", "2"] {
            assert_eq!(choose(text), Some("Brook kettle"), "{text}");
        }
        assert_eq!(choose("the lamp"), Some("Aurora desk lamp"));
        for text in ["desk", "lamp and kettle", "How much does the kettle cost?", "thanks"] {
            assert_eq!(choose(text), None, "{text}");
        }
        let labels = ["黄铜水壶", "护眼台灯"];
        for text in ["水壶", "我说的是水壶", "黄铜水壶的", "那个水壶"] {
            assert_eq!(chosen(text, &labels, &ANALYSER), Some("黄铜水壶"), "{text}");
        }
        assert_eq!(chosen("水壶多少钱", &labels, &ANALYSER), None);
    }

    #[test]
    fn the_first_question_is_asked_about_the_option() {
        let turn = |speaker, text: &str| Turn {
            id: TurnId::generate(),
            speaker,
            text: text.to_owned(),
            at_ms: 0,
            agent: None,
            answer_id: None,
        };
        let back = Message::Clarify(&["Lamp", "Kettle"]);
        let back = messages::text(Language::ENGLISH, back);
        let turns =
            [turn(Speaker::Customer, "How much does it weigh?"), turn(Speaker::Assistant, &back)];
        let chosen = Reply::Chosen {
            label: "Kettle".to_owned(),
            question: "Kettle: How much does it weigh?".to_owned(),
        };
        assert_eq!(reply("2", &turns, &ANALYSER), Some(chosen));
        assert_eq!(reply("thanks", &turns, &ANALYSER), Some(Reply::Other));
        assert_eq!(reply("2", &turns[..1], &ANALYSER), None);
        assert_eq!(reply("2", &[], &ANALYSER), None);
    }
}
