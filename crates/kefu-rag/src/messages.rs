//! What Kefu says without documents, in the customer's language.

mod clarify;
mod en;
mod wait;
mod zh;

use kefu_core::ports::Wait;
use kefu_core::{Courtesy, EscalationReason, Language, Reason};

/// A fixed text.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Message<'a> {
    /// A person takes over, now or later; leaves room for the ticket's number.
    HandedOver(EscalationReason, &'a Wait),
    /// Stands before a hand-over where somebody may come to harm.
    InDanger,
    /// No answer.
    Abstained(Reason),
    /// A question back: which of these is meant?
    Clarify(&'a [&'a str]),
    /// In reply to a turn that asks nothing.
    Courtesy(Courtesy),
    /// In place of one part of a comparison: nothing was found for the thing named.
    NothingAbout(&'a str),
    /// Stands below an answer that an older document contradicts.
    SaysOtherwise,
    /// In reply to a message longer than any that is read.
    TooLong,
    /// While a person has the conversation, to a customer whose words are not kept.
    Unread,
    /// Stands in a ticket for words the customer did not allow to be kept.
    NotKept,
}

pub(crate) use clarify::read_labels;

/// What a customer is told whose message is longer than any that is read, in the language it is
/// written in.
#[must_use]
pub fn too_long(written: &str) -> String {
    let start: String = written.chars().take(500).collect();
    text(kefu_text::detect(&start), Message::TooLong)
}

/// The text in the language; English where there is none of its own.
pub(crate) fn text(language: Language, message: Message<'_>) -> String {
    if language == Language::CHINESE { zh::text(message) } else { en::text(message) }
}

#[cfg(test)]
mod tests {
    use kefu_core::ports::{CallBack, NUMBER_HERE};

    use super::*;

    #[test]
    fn every_hand_over_names_its_ticket_in_the_customers_language() {
        let call_back = Some(CallBack {
            at_ms: 1_795_654_800_000,
            offset_seconds: 8 * 3_600,
            time_zone: "Asia/Shanghai".to_owned(),
        });
        let waits = [
            Wait::Short,
            Wait::Closed(call_back.clone()),
            Wait::Closed(None),
            Wait::Unstaffed(call_back),
            Wait::Unstaffed(None),
        ];
        for reason in EscalationReason::ALL {
            for wait in &waits {
                let message = Message::HandedOver(reason, wait);
                let (en, zh) = (text(Language::ENGLISH, message), text(Language::CHINESE, message));
                for text in [&en, &zh] {
                    assert_eq!(text.matches(NUMBER_HERE).count(), 1, "{text}");
                }
                let plain = |text: &str| text.replace(NUMBER_HERE, "").replace("Asia/Shanghai", "");
                assert_eq!(kefu_text::detect(&plain(&en)), Language::ENGLISH);
                assert_eq!(kefu_text::detect(&plain(&zh)), Language::CHINESE);
                let says_when = matches!(wait, Wait::Closed(Some(_)) | Wait::Unstaffed(Some(_)));
                assert_eq!(en.contains("26 November, 09:00"), says_when, "{en}");
                assert_eq!(zh.contains("11月26日（周四）09:00"), says_when, "{zh}");
            }
        }
    }
}
