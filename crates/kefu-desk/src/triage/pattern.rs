//! Translates the rule files' patterns into regular expressions.

use std::collections::HashMap;

use super::matcher::Matcher;

/// How a language writes its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Script {
    /// Words between spaces; each stands in angle brackets in the text, in ASCII so that gaps
    /// compile to small automata.
    Spaced,
    /// No spaces.
    Unspaced,
}

/// What replaces a passage that a look-alike pattern took out.
pub(crate) const TAKEN_OUT: &str = "|×|";

/// Classes by name, already translated.
pub(crate) type Classes = HashMap<String, String>;

/// The regular expression of one pattern.
///
/// # Errors
/// A sentence that names the unknown class or the unclosed brace.
pub(crate) fn translate(
    pattern: &str,
    script: Script,
    classes: &Classes,
) -> Result<String, String> {
    let mut regex = String::with_capacity(pattern.len() * 2);
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = match c {
            '{' => {
                let (name, after) =
                    after.split_once('}').ok_or_else(|| format!("unclosed brace: {pattern}"))?;
                let class = classes.get(name).ok_or_else(|| format!("unknown class: {name}"))?;
                regex.push_str(class);
                after
            }
            '(' | '[' => {
                regex.push_str("(?:");
                after
            }
            ']' => {
                regex.push_str(")?");
                after
            }
            ')' | '|' => {
                regex.push(c);
                after
            }
            '^' | '$' => {
                regex.push_str(r"\|");
                after
            }
            '.' => {
                let after_dots = rest.trim_start_matches('.');
                regex.push_str(gap(script, rest.len() - after_dots.len()));
                after_dots
            }
            '?' | '*' | '+' if script == Script::Unspaced => {
                regex.push(c);
                after
            }
            '#' if script == Script::Unspaced => {
                regex.push_str("[0-9]");
                after
            }
            c if c.is_whitespace() => after,
            _ => literal(rest, script, &mut regex),
        };
    }
    Ok(format!("(?:{regex})"))
}

/// Compiles the expression of one or more patterns.
pub(crate) fn compile(body: &str) -> Result<Matcher, String> {
    Matcher::new(body).map_err(|error| error.to_string())
}

fn gap(script: Script, n_dots: usize) -> &'static str {
    match (script, n_dots > 2) {
        (Script::Spaced, false) => "(?:<[a-z0-9_]*>){0,3}",
        (Script::Spaced, true) => "(?:<[a-z0-9_]*>){0,6}",
        (Script::Unspaced, false) => "[^|]{0,4}",
        (Script::Unspaced, true) => "[^|]{0,10}",
    }
}

/// Adds the literal at the start of `rest` and returns what follows it.
fn literal<'a>(rest: &'a str, script: Script, regex: &mut String) -> &'a str {
    let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
    if end == 0 {
        let n_bytes = rest.chars().next().map_or(0, char::len_utf8);
        regex.push_str(&regex::escape(&rest[..n_bytes]));
        return &rest[n_bytes..];
    }
    let (word, after) = rest.split_at(end);
    match script {
        Script::Unspaced => {
            // A quantifier belongs to the last character alone, as in any regular expression.
            regex.push_str(word);
            after
        }
        Script::Spaced => {
            let any_ending = after.strip_prefix('*');
            let ending = if any_ending.is_some() { "[a-z0-9_]*" } else { "" };
            regex.push_str(&format!("<{word}{ending}>"));
            any_ending.unwrap_or(after)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, script: Script, text: &str) -> bool {
        let classes = Classes::from([("who".to_owned(), "(?:<agent>|<human>|人工)".to_owned())]);
        let regex =
            translate(pattern, script, &classes).and_then(|expression| compile(&expression));
        regex.is_ok_and(|regex| regex.is_match(text))
    }

    #[test]
    fn english_patterns_match_whole_words_within_a_clause() {
        let talk = |text| matches("talk to [an] .. {who}", Script::Spaced, text);
        assert!(talk("|<talk><to><an><agent>|"));
        assert!(talk("|<talk><to><your><best><human><now>|"));
        assert!(!talk("|<talk><to><me>|<agent>|"));
        assert!(!talk("|<talk><to><agents>|"));
        assert!(matches("^ complain*", Script::Spaced, "|<complaining>|"));
        assert!(!matches("^ complain*", Script::Spaced, "|<i><complain>|"));
    }

    #[test]
    fn chinese_patterns_count_characters() {
        assert!(matches("转(到)?{who}", Script::Unspaced, "|请转到人工|"));
        assert!(matches("扣了#次", Script::Unspaced, "|扣了2次|"));
        assert!(matches("我..{who}", Script::Unspaced, "|我要找个人工|"));
        assert!(!matches("我..{who}", Script::Unspaced, "|我有|人工|"));
    }

    #[test]
    fn mistakes_are_named() {
        let classes = Classes::new();
        assert!(translate("{nobody}", Script::Spaced, &classes).is_err());
        assert!(translate("{nobody", Script::Spaced, &classes).is_err());
    }
}
