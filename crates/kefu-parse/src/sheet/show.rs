//! Numbers by the format of their cell.

/// A number as its format shows it: percent, decimals, thousands, currency. What a format says
/// beyond that is left out; without a format, up to 15 digits.
pub(super) fn number(value: f64, code: &str) -> String {
    let section = section(value, code);
    let bare = bare(&section);
    if bare.is_empty() || bare.eq_ignore_ascii_case("general") || bare.contains(['@', '?', 'E']) {
        return general(value);
    }
    let Some(first) = bare.find(['0', '#']) else { return general(value) };
    let last = bare.rfind(['0', '#']).unwrap_or(first);
    let digits = &bare[first..=last];
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let n_decimals = decimals.bytes().filter(|b| *b == b'0' || *b == b'#').count().min(15);
    let is_percent = bare.contains('%');
    let value = if is_percent { value * 100.0 } else { value };
    let mut shown = format!("{:.n_decimals$}", value.abs());
    let n_free = decimals.bytes().rev().take_while(|b| *b == b'#').count();
    for _ in 0..n_free {
        shown.pop_if_zero();
    }
    if whole.contains(',') {
        shown = grouped(&shown);
    }
    // Codes such as 000-0000 hold their marks within the digits.
    let n_fixed = whole.bytes().filter(|b| *b == b'0').count();
    let n_whole = shown.find('.').unwrap_or(shown.len());
    if !whole.contains(',') && n_whole < n_fixed {
        shown.insert_str(0, &"0".repeat(n_fixed - n_whole));
    }
    let sign =
        if value < 0.0 && shown.bytes().any(|b| (b'1'..=b'9').contains(&b)) { "-" } else { "" };
    let (before, after) = (literal(&section, true), literal(&section, false));
    format!("{sign}{before}{shown}{after}")
}

trait PopIfZero {
    fn pop_if_zero(&mut self);
}

impl PopIfZero for String {
    /// Takes a last decimal that says nothing.
    fn pop_if_zero(&mut self) {
        if self.contains('.') && self.ends_with('0') {
            self.pop();
        }
        if self.ends_with('.') {
            self.pop();
        }
    }
}

/// Shortest form that a person would write; 15 digits are what a workbook holds.
fn general(value: f64) -> String {
    if value == value.trunc() && value.abs() < 1e15 {
        return format!("{value:.0}");
    }
    let shown = format!("{value:.14e}");
    match shown.parse::<f64>() {
        Ok(rounded) if (1e-6..1e15).contains(&rounded.abs()) => rounded.to_string(),
        Ok(rounded) => format!("{rounded:e}"),
        Err(_) => shown,
    }
}

/// The section of a format for this sign.
fn section(value: f64, code: &str) -> String {
    let sections: Vec<&str> = code.split(';').collect();
    let at = match (value, sections.len()) {
        (v, 2..) if v < 0.0 => 1,
        (0.0, 3..) => 2,
        _ => 0,
    };
    sections.get(at).copied().unwrap_or_default().to_owned()
}

/// The format without literals, colours and conditions.
fn bare(section: &str) -> String {
    tokens(section).into_iter().filter_map(|t| if t.1 { None } else { Some(t.0) }).collect()
}

/// Literals before or after the digits, the percent sign among them.
fn literal(section: &str, before: bool) -> String {
    let tokens = tokens(section);
    let is_digit = |(c, quoted): &(char, bool)| !quoted && "0#".contains(*c);
    let first = tokens.iter().position(is_digit).unwrap_or(0);
    let last = tokens.iter().rposition(is_digit).unwrap_or(0);
    let part = if before { &tokens[..first] } else { &tokens[(last + 1).min(tokens.len())..] };
    let shown = |(c, quoted): &&(char, bool)| *quoted || "%$€£¥￥ ()-+/".contains(*c);
    let text: String = part.iter().filter(shown).map(|(c, _)| *c).collect();
    // The sign is added apart, and accounting formats pad with spaces.
    let text = text.replace(['(', ')', '-'], "");
    if before { text.trim_start().to_owned() } else { text.trim_end().to_owned() }
}

/// Characters of a format; true for literals.
fn tokens(section: &str) -> Vec<(char, bool)> {
    let mut tokens = Vec::new();
    let mut chars = section.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => tokens.extend(chars.by_ref().take_while(|c| *c != '"').map(|c| (c, true))),
            '\\' => tokens.extend(chars.next().map(|c| (c, true))),
            // A column of padding, and a filler.
            '_' | '*' => {
                chars.next();
            }
            '[' => {
                let inner: String = chars.by_ref().take_while(|c| *c != ']').collect();
                if let Some(currency) = inner.strip_prefix('$') {
                    let symbol = currency.split('-').next().unwrap_or_default();
                    tokens.extend(symbol.chars().map(|c| (c, true)));
                }
            }
            other => tokens.push((other, false)),
        }
    }
    tokens
}

fn grouped(shown: &str) -> String {
    let n_whole = shown.find('.').unwrap_or(shown.len());
    let (whole, rest) = shown.split_at(n_whole);
    let mut out = String::with_capacity(shown.len() + n_whole / 3);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (n_whole - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_look_as_in_the_sheet() {
        let cases = [
            (0.155, "0.0%", "15.5%"),
            (0.5, "0%", "50%"),
            (1234567.5, "#,##0.00", "1,234,567.50"),
            (1234.0, "\"$\"#,##0", "$1,234"),
            (39.0, "[$¥-804]#,##0.00", "¥39.00"),
            (12.0, "0\"元\"", "12元"),
            (-1234.5, "#,##0.00_);[Red]\\(#,##0.00\\)", "-1,234.50"),
            (0.1 + 0.2, "General", "0.3"),
            (7.0, "General", "7"),
            (-3.25, "General", "-3.25"),
            (1.5, "0.0#", "1.5"),
            (42.0, "00000", "00042"),
            (1e20, "General", "1e20"),
            (5.0, "@", "5"),
        ];
        for (value, code, expected) in cases {
            assert_eq!(number(value, code), expected, "{code}");
        }
    }
}
