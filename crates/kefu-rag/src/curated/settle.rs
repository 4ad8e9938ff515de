//! What the parts of a question mean together.

use super::lexicon::Want;
use super::reading::Reading;

/// Words that say nothing beside "how much does it cost".
const PRICES: &[&str] = &["price", "价格"];
const CHARGING: &[&str] = &["收", "扣"];
/// The last character of a Chinese price: 运费, 票价.
const PRICE_SIGNS: [char; 2] = ['费', '价'];
/// Words that say nothing beside "how long".
const LASTING: &[&str] = &["take", "last", "花"];
/// Words that say nothing beside "how many".
const COUNTING: &[&str] = &["最多"];
/// What ties a word with where something comes from.
const FROM: &str = "从";

/// Brings the ways to ask for one thing to one form, and leaves out what they need no words for.
pub(super) fn settle(reading: &mut Reading, wishes: bool) {
    if wishes && reading.asks.is_empty() {
        reading.asks.insert(Want::How);
    }
    if reading.asks.len() > 1 {
        reading.asks.remove(&Want::Yes);
    }
    ask_for_the_price(reading);
    for (want, said_already) in [
        (Want::Price, PRICES),
        (Want::Price, CHARGING),
        (Want::Amount, COUNTING),
        (Want::Duration, LASTING),
    ] {
        if reading.asks.contains(&want) {
            leave_out(reading, said_already);
        }
    }
    // "From A to B" is told by B already: Chinese leaves the first word away.
    if reading.is_chinese && !reading.attached.is_empty() {
        reading.tied.retain(|(name, _)| name != FROM);
    }
}

/// "What is the fee" asks what "how much is the fee" does; 手续费是什么 asks for its meaning.
fn ask_for_the_price(reading: &mut Reading) {
    let is_price = |key: &str| PRICES.contains(&key) || key.ends_with(PRICE_SIGNS);
    let names_price = reading.words.iter().any(|word| is_price(&word.key));
    let asks_amount = reading.asks.contains(&Want::Amount)
        || (reading.asks.contains(&Want::What) && !reading.is_chinese);
    if names_price && asks_amount {
        reading.asks.retain(|want| !matches!(want, Want::What | Want::Amount));
        reading.asks.insert(Want::Price);
    }
}

fn leave_out(reading: &mut Reading, keys: &[&str]) {
    reading.words.retain(|word| !keys.contains(&word.key.as_str()));
    reading.attached.retain(|key| !keys.contains(&key.as_str()));
}
