use std::sync::LazyLock;

use kefu_core::{EscalationReason, Language, ProblemKind, Signals, Trend};

const PHRASES: &str = include_str!("../../rules/desk/soothing.txt");

/// A mood below this is upset; a worsening one is from the second value on.
const UPSET: f32 = -0.3;
const UPSET_AND_WORSE: f32 = -0.1;

/// A phrase that calms an upset customer, in their language (English where there is none in it);
/// `None` when the customer is not upset. It promises nothing.
#[must_use]
pub fn soothing(
    signals: &Signals,
    reason: Option<EscalationReason>,
    language: Language,
) -> Option<&'static str> {
    let is_complaint = matches!(
        reason,
        Some(EscalationReason::Complaint | EscalationReason::MoneySafety | EscalationReason::Loop)
    );
    let is_upset = signals.sentiment <= UPSET
        || (signals.trend == Trend::Worse && signals.sentiment <= UPSET_AND_WORSE)
        || signals.complaint >= 0.5;
    if !is_upset && !is_complaint {
        return None;
    }
    let problem = signals.problem.map(ProblemKind::as_str);
    let situations = [problem, reason.map(EscalationReason::as_str), Some("any")];
    situations.into_iter().flatten().find_map(|situation| phrase(situation, language))
}

fn phrase(situation: &str, language: Language) -> Option<&'static str> {
    static TABLE: LazyLock<Vec<(&str, &str, &str)>> = LazyLock::new(table);
    let code = if language == Language::CHINESE { "zh" } else { "en" };
    let found = TABLE.iter().find(|(known, of, _)| *known == situation && *of == code);
    found.map(|(.., text)| *text)
}

fn table() -> Vec<(&'static str, &'static str, &'static str)> {
    let mut situation = "any";
    let mut rows = Vec::new();
    for line in PHRASES.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(name) = line.strip_prefix("== ") {
            situation = name;
        } else if let Some((language, text)) = line.split_once(' ')
            && language != "#"
        {
            rows.push((situation, language, text));
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DraftRules;

    fn upset(problem: Option<ProblemKind>) -> Signals {
        Signals { problem, sentiment: -0.8, ..Signals::default() }
    }

    #[test]
    fn every_situation_has_words_in_both_languages() {
        let mut situations: Vec<&str> = ProblemKind::ALL.map(ProblemKind::as_str).to_vec();
        situations.extend(["any", "money_safety", "low_confidence"]);
        for situation in situations {
            for language in [Language::ENGLISH, Language::CHINESE] {
                assert!(phrase(situation, language).is_some(), "{situation}");
            }
        }
    }

    #[test]
    fn no_phrase_breaks_our_own_rules() {
        let rules = DraftRules::new(&[]);
        for (_, code, text) in table() {
            assert!(rules.check(text, &[]).is_empty(), "{code} {text}");
        }
    }

    #[test]
    fn calm_customers_are_not_soothed() {
        assert_eq!(soothing(&Signals::default(), None, Language::ENGLISH), None);
        let asked = Some(EscalationReason::HumanRequested);
        assert_eq!(soothing(&Signals::default(), asked, Language::CHINESE), None);
    }

    #[test]
    fn words_fit_the_problem_and_the_language() {
        let delivery = upset(Some(ProblemKind::Delivery));
        let text = soothing(&delivery, None, Language::CHINESE).unwrap_or_default();
        assert!(text.contains("包裹"), "{text}");
        let french = Language::from_code("fr").unwrap_or(Language::UNDETERMINED);
        let text = soothing(&upset(None), None, french).unwrap_or_default();
        assert!(text.contains("frustrating"), "{text}");
        let money = Some(EscalationReason::MoneySafety);
        let text = soothing(&Signals::default(), money, Language::ENGLISH).unwrap_or_default();
        assert!(text.contains("passwords"), "{text}");
    }
}
