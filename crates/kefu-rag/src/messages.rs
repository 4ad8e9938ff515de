//! What Kefu says without documents, in the customer's language.

mod clarify;
mod en;
mod zh;

use kefu_core::{EscalationReason, Language, Reason, TicketId};

/// A fixed text.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Message<'a> {
    /// A person takes over.
    HandedOver(EscalationReason, &'a TicketId),
    /// A person has the conversation; the customer's words were added to it.
    Waiting(&'a TicketId),
    /// No answer.
    Abstained(Reason),
    /// A question back: which of these is meant?
    Clarify(&'a [&'a str]),
    /// In place of one part of a comparison: nothing was found for the thing named.
    NothingAbout(&'a str),
    /// Stands below an answer that an older document contradicts.
    SaysOtherwise,
    /// Stands in a ticket for words the customer did not allow to be kept.
    NotKept,
}

pub(crate) use clarify::read_labels;

/// The text in the language; English where there is none of its own.
pub(crate) fn text(language: Language, message: Message<'_>) -> String {
    if language == Language::CHINESE { zh::text(message) } else { en::text(message) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hand_over_names_its_ticket_in_the_customers_language() {
        let ticket = TicketId::generate();
        for reason in EscalationReason::ALL {
            let message = Message::HandedOver(reason, &ticket);
            let (en, zh) = (text(Language::ENGLISH, message), text(Language::CHINESE, message));
            assert!(en.contains(ticket.as_str()) && zh.contains(ticket.as_str()));
            assert_eq!(kefu_text::detect(&en.replace(ticket.as_str(), "")), Language::ENGLISH);
            assert_eq!(kefu_text::detect(&zh.replace(ticket.as_str(), "")), Language::CHINESE);
        }
    }
}
