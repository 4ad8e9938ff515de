use kefu_core::ports::{NUMBER_HERE, Wait};
use kefu_core::{Courtesy, EscalationReason, Reason};

use super::{Message, clarify, wait};

pub(super) fn text(message: Message<'_>) -> String {
    match message {
        Message::HandedOver(reason, wait) => {
            let opening = opening(reason, wait);
            format!(
                "{opening}{} Your ticket number is {NUMBER_HERE}; you'll get the reply in this \
                 conversation.",
                until(wait)
            )
        }
        Message::InDanger => {
            "If you or someone else is in danger, please call your local emergency number now. "
                .to_owned()
        }
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
        Message::Courtesy(courtesy) => match courtesy {
            Courtesy::Greeting => "Hello! What can I help you with?",
            Courtesy::Noted => "All right. Is there anything else I can help with?",
            Courtesy::Identity => {
                "I'm an AI assistant. I answer from our help pages, and I can get a colleague \
                 whenever you ask for one. What can I help you with?"
            }
            Courtesy::Thanks => "You're welcome. Is there anything else I can help with?",
            Courtesy::Farewell => "Thanks for getting in touch. Goodbye!",
        }
        .to_owned(),
        Message::NothingAbout(name) => {
            format!("I couldn't find this for “{name}” in our help pages.")
        }
        Message::SaysOtherwise => {
            "Please note: another of our help pages says something different. This answer follows \
             the newer one."
                .to_owned()
        }
        Message::TooLong => "Your message is too long for me to read. Please shorten it, or send it in \
                             several messages."
            .to_owned(),
        Message::Unread => "Please note: what you write is not being kept, so my colleague can't read \
                            it. To let them read it, allow your messages to be kept and write again \
                            what it is about."
            .to_owned(),
        Message::NotKept => "(The customer did not allow their words to be kept.)".to_owned(),
    }
}

fn opening(reason: EscalationReason, wait: &Wait) -> &'static str {
    let is_short = *wait == Wait::Short;
    match reason {
        EscalationReason::HumanRequested if is_short => {
            "Of course. I've asked a colleague to take over."
        }
        EscalationReason::HumanRequested => "Of course. I've passed your request on to our team.",
        EscalationReason::Complaint => {
            "I'm sorry about the trouble. I've passed this to a colleague who will look into it."
        }
        EscalationReason::MoneySafety => {
            "This should be checked by a person, so I've passed it to a colleague as urgent. \
             Please don't share passwords or card numbers here."
        }
        EscalationReason::Abuse => "I've passed this to a colleague.",
        EscalationReason::LowConfidence | EscalationReason::Loop if is_short => {
            "I wasn't able to help with this, so I've asked a colleague to take over."
        }
        EscalationReason::LowConfidence | EscalationReason::Loop => {
            "I wasn't able to help with this, so I've passed it on to our team."
        }
        EscalationReason::EngineFailure if is_short => {
            "Something went wrong on our side, so I've asked a colleague to take over."
        }
        EscalationReason::EngineFailure => {
            "Something went wrong on our side, so I've passed this on to our team."
        }
    }
}

fn until(wait: &Wait) -> String {
    match wait {
        Wait::Short => String::new(),
        Wait::Closed(Some(opens)) => format!(
            " Nobody is on duty right now. We're back on {}, and a colleague will get back to you \
             then.",
            wait::english(opens)
        ),
        Wait::Closed(None) => {
            " Nobody is on duty right now, and I can't say yet when we'll be back.".to_owned()
        }
        Wait::Unstaffed(Some(by)) => format!(
            " Nobody is free right now. A colleague should get back to you by {}.",
            wait::english(by)
        ),
        Wait::Unstaffed(None) => {
            " Nobody is free right now. A colleague will get back to you as soon as possible."
                .to_owned()
        }
    }
}
