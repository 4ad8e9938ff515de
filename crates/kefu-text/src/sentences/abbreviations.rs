//! What a full stop after an English word means.

/// How an abbreviation takes the words after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Abbreviation {
    /// Always followed by more of the sentence: `e.g.`, `Mr.`
    GoesOn,
    /// Belongs to a number that follows: `No. 5`; otherwise an ordinary word.
    BeforeNumber,
    /// May end a sentence: `Inc.`, `etc.`, `p.m.`
    MayEnd,
}

/// Classifies the lower-case word before a full stop, inner full stops included.
pub(crate) fn abbreviation(word: &str) -> Option<Abbreviation> {
    match word {
        "e.g" | "eg" | "i.e" | "ie" | "mr" | "mrs" | "ms" | "dr" | "prof" | "st" | "vs" | "cf"
        | "approx" | "viz" | "messrs" | "mt" | "gen" | "rep" | "sen" | "hon" | "rev" | "capt"
        | "incl" | "excl" | "resp" => Some(Abbreviation::GoesOn),
        "no" | "nos" | "art" | "sec" | "p" | "pp" | "ch" | "fig" | "vol" | "par" | "para"
        | "item" | "ext" | "tel" | "ref" | "ver" | "v" | "jan" | "feb" | "mar" | "apr" | "jun"
        | "jul" | "aug" | "sep" | "sept" | "oct" | "nov" | "dec" | "min" | "max" | "ca" | "est" => {
            Some(Abbreviation::BeforeNumber)
        }
        "inc" | "co" | "ltd" | "corp" | "llc" | "plc" | "etc" | "jr" | "sr" | "a.m" | "p.m"
        | "dept" | "ave" | "blvd" | "rd" | "al" | "bros" | "ph.d" | "hrs" | "mins" | "qty"
        | "temp" | "govt" | "assn" | "mon" | "tue" | "tues" | "wed" | "thu" | "thur" | "thurs"
        | "fri" | "sat" => Some(Abbreviation::MayEnd),
        _ if is_initials(word) => Some(Abbreviation::MayEnd),
        _ => None,
    }
}

/// Letters parted by full stops, or one letter: `u.s`, `j`.
fn is_initials(word: &str) -> bool {
    word.split('.').all(|part| part.len() == 1 && part.bytes().all(|b| b.is_ascii_alphabetic()))
}

/// Whether a capitalised word is one that begins sentences far more often than it goes on after an
/// abbreviation.
pub(crate) fn begins_sentences(word: &str) -> bool {
    matches!(
        word,
        "The"
            | "This"
            | "That"
            | "These"
            | "Those"
            | "We"
            | "You"
            | "It"
            | "They"
            | "He"
            | "She"
            | "If"
            | "In"
            | "On"
            | "At"
            | "For"
            | "From"
            | "To"
            | "When"
            | "Where"
            | "While"
            | "What"
            | "Who"
            | "Why"
            | "How"
            | "Our"
            | "Your"
            | "Their"
            | "Its"
            | "My"
            | "A"
            | "An"
            | "All"
            | "Any"
            | "Some"
            | "Each"
            | "Every"
            | "No"
            | "Not"
            | "And"
            | "But"
            | "Or"
            | "So"
            | "Then"
            | "There"
            | "Here"
            | "Please"
            | "Once"
            | "After"
            | "Before"
            | "As"
            | "By"
            | "With"
            | "Without"
            | "However"
            | "Also"
            | "Do"
            | "Does"
            | "Can"
            | "Is"
            | "Are"
            | "Was"
            | "Were"
            | "Will"
            | "Items"
            | "Orders"
            | "Returns"
            | "Refunds"
            | "Customers"
            | "Call"
            | "Contact"
            | "Visit"
            | "See"
            | "Note"
    )
}
