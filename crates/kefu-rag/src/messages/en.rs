use kefu_core::{EscalationReason, Reason};

use super::{Message, clarify};

pub(super) fn text(message: Message<'_>) -> String {
    match message {
        Message::HandedOver(reason, ticket) => {
            let opening = match reason {
                EscalationReason::HumanRequested => "Of course. I've asked a colleague to take over.",
                EscalationReason::Complaint => {
                    "I'm sorry about the trouble. I've passed this to a colleague who will look into it."
                }
                EscalationReason::MoneySafety => {
                    "This should be checked by a person, so I've passed it to a colleague right away. \
                     Please don't share passwords or card numbers here."
                }
                EscalationReason::Abuse => {
                    "I've asked a colleague to take over. If you or someone else is in danger, please \
                     call your local emergency number now."
                }
                EscalationReason::LowConfidence | EscalationReason::Loop => {
                    "I wasn't able to help with this, so I've asked a colleague to take over."
                }
                EscalationReason::EngineFailure => {
                    "Something went wrong on our side, so I've asked a colleague to take over."
                }
            };
            format!("{opening} Your ticket number is {ticket}; you'll get the reply in this conversation.")
        }
        Message::Waiting(ticket) => format!(
            "I've added your message to ticket {ticket}. A colleague will reply to you in this \
             conversation."
        ),
        Message::Abstained(reason) => match reason {
            Reason::NoDocument => {
                "I couldn't find anything about this in our help pages. Would you like to talk to a \
                 colleague?"
            }
            Reason::WeakEvidence => {
                "I couldn't find a clear answer to this in our help pages, and I'd rather not guess. \
                 Would you like to talk to a colleague?"
            }
            Reason::Conflict => {
                "Our help pages don't agree with each other on this. Would you like a colleague to \
                 check it for you?"
            }
            Reason::OutOfScope => {
                "This isn't something I can help with here. Would you like to talk to a colleague?"
            }
            Reason::Unsafe => {
                "I'm not able to answer this one. Would you like to talk to a colleague?"
            }
            Reason::AsOfUnknown => {
                "I don't know what applied on that day. Would you like a colleague to check it for you?"
            }
        }
        .to_owned(),
        Message::Clarify(labels) => clarify::write(&clarify::ENGLISH, labels),
        Message::NothingAbout(name) => {
            format!("I couldn't find this for “{name}” in our help pages.")
        }
        Message::SaysOtherwise => {
            "Please note: another of our help pages says something different. This answer follows \
             the newer one."
                .to_owned()
        }
        Message::NotKept => "(The customer did not allow their words to be kept.)".to_owned(),
    }
}
