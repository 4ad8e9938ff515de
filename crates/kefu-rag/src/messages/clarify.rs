//! The text of a question back, written and read.
//!
//! Callers that keep the conversation themselves send it back as text alone, so what was offered
//! has to be found in the text again.

pub(super) struct Frame {
    opening: &'static str,
    more: &'static str,
}

pub(super) const ENGLISH: Frame = Frame {
    opening: "That depends on which one you mean. Is your question about:",
    more: "If it's about another one, just tell me its name.",
};
pub(super) const CHINESE: Frame = Frame {
    opening: "不同的情况答案不一样，请问您想了解的是哪一个？",
    more: "如果都不是，请直接告诉我名称。",
};

/// The question with its options, one a line, numbered from 1.
pub(super) fn write(frame: &Frame, labels: &[&str]) -> String {
    let mut text = frame.opening.to_owned();
    for (label, n) in labels.iter().zip(1_u32..) {
        text.push_str(&format!("\n{n}. {label}"));
    }
    text.push('\n');
    text.push_str(frame.more);
    text
}

/// What a text of [`write`] offers, in order; `None` for any other text.
pub(crate) fn read_labels(text: &str) -> Option<Vec<&str>> {
    let mut lines = text.trim().lines();
    let opening = lines.next()?.trim();
    [&ENGLISH, &CHINESE].into_iter().find(|frame| frame.opening == opening)?;
    let labels: Vec<&str> = lines
        .zip(1_u32..)
        .map_while(|(line, n)| line.trim().strip_prefix(&format!("{n}. ")))
        .collect();
    (!labels.is_empty()).then_some(labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_offered_is_read_from_the_text() {
        let labels = ["Aurora desk lamp", "Brook kettle"];
        for frame in [&ENGLISH, &CHINESE] {
            let text = write(frame, &labels);
            assert_eq!(read_labels(&text), Some(labels.to_vec()), "{text}");
        }
        assert_eq!(read_labels("You need:\n1. A passport"), None);
        assert_eq!(read_labels(""), None);
    }
}
