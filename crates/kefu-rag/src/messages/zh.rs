use kefu_core::ports::{NUMBER_HERE, Wait};
use kefu_core::{Courtesy, EscalationReason, Reason};

use super::{Message, clarify, wait};

pub(super) fn text(message: Message<'_>) -> String {
    match message {
        Message::HandedOver(reason, wait) => {
            let opening = opening(reason, wait);
            format!(
                "{opening}{}您的工单号是 {NUMBER_HERE}，客服会在本次对话中回复您。",
                until(wait)
            )
        }
        Message::InDanger => {
            "如果您或身边的人正处于危险之中，请立即拨打当地的紧急求助电话。".to_owned()
        }
        Message::Abstained(reason) => match reason {
            Reason::NoDocument => "我在帮助文档中没有找到相关内容。需要为您转接人工客服吗？",
            Reason::WeakEvidence => {
                "我在帮助文档中没有找到明确的答案，不想随意猜测。需要为您转接人工客服吗？"
            }
            Reason::Conflict => "关于这个问题，帮助文档中的说法不一致。需要请人工客服为您核实吗？",
            Reason::OutOfScope => "这个问题不在我的服务范围内。需要为您转接人工客服吗？",
            Reason::Unsafe => "抱歉，这个问题我不便回答。需要为您转接人工客服吗？",
            Reason::AsOfUnknown => "我不清楚当时的规定。需要请人工客服为您核实吗？",
        }
        .to_owned(),
        Message::Clarify(labels) => clarify::write(&clarify::CHINESE, labels),
        Message::Courtesy(courtesy) => match courtesy {
            Courtesy::Greeting => "您好！请问有什么可以帮您？",
            Courtesy::Noted => "好的。请问还有其他可以帮您的吗？",
            Courtesy::Identity => {
                "我是 AI 助手，根据帮助文档回答问题；需要的话，可以随时为您转接人工客服。请问有什么可以帮您？"
            }
            Courtesy::Thanks => "不客气。请问还有其他可以帮您的吗？",
            Courtesy::Farewell => "感谢您的咨询，再见！",
        }
        .to_owned(),
        Message::NothingAbout(name) => {
            format!("关于“{name}”，我在帮助文档中没有找到相应的说明。")
        }
        Message::SaysOtherwise => {
            "请注意：另一篇帮助文档的说法不同，以上内容以较新的文档为准。".to_owned()
        }
        Message::TooLong => "您的消息太长了，我没能读取。请精简一些，或分几条发送。".to_owned(),
        Message::Unread => {
            "请注意：您写的内容没有保存，客服人员看不到。如需让客服看到，请允许保存您写的内容，并重新说明一次。"
                .to_owned()
        }
        Message::NotKept => "（客户未同意保留对话内容）".to_owned(),
    }
}

fn opening(reason: EscalationReason, wait: &Wait) -> &'static str {
    let is_short = *wait == Wait::Short;
    match reason {
        EscalationReason::HumanRequested if is_short => "好的，已为您转接人工客服。",
        EscalationReason::HumanRequested => "好的，您的请求已转交人工客服团队。",
        EscalationReason::Complaint => "非常抱歉给您带来不便，您的问题已转交人工客服跟进处理。",
        EscalationReason::MoneySafety => {
            "这个问题需要人工核实，已作为紧急问题转交人工客服。请不要在这里发送密码或银行卡号。"
        }
        EscalationReason::Abuse => "您的问题已转交人工客服。",
        EscalationReason::LowConfidence | EscalationReason::Loop if is_short => {
            "抱歉，这个问题我没能帮到您，已为您转接人工客服。"
        }
        EscalationReason::LowConfidence | EscalationReason::Loop => {
            "抱歉，这个问题我没能帮到您，已转交人工客服团队。"
        }
        EscalationReason::EngineFailure if is_short => "抱歉，系统出了点问题，已为您转接人工客服。",
        EscalationReason::EngineFailure => "抱歉，系统出了点问题，您的问题已转交人工客服团队。",
    }
}

fn until(wait: &Wait) -> String {
    match wait {
        Wait::Short => String::new(),
        Wait::Closed(Some(opens)) => format!(
            "现在不是人工服务时间，我们将于{}恢复服务，届时会有客服人员联系您。",
            wait::chinese(opens)
        ),
        Wait::Closed(None) => "现在不是人工服务时间，恢复服务的时间暂时无法确定。".to_owned(),
        Wait::Unstaffed(Some(by)) => {
            format!("目前没有空闲的客服人员，预计最晚在{}前回复您。", wait::chinese(by))
        }
        Wait::Unstaffed(None) => "目前没有空闲的客服人员，我们会尽快回复您。".to_owned(),
    }
}
