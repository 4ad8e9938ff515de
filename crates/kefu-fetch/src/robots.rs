//! What a site lets robots read (RFC 9309).

/// Longest file that is looked at, in bytes, as the standard asks for at least.
pub(crate) const MAX_BYTES: usize = 512 * 1024;

/// The rules of one site that are for us.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Robots {
    /// Patterns of paths, and whether they are allowed.
    rules: Vec<(String, bool)>,
}

impl Robots {
    /// Reads the group of `agent`, or else that of everyone. Lines that make no sense are passed
    /// over.
    pub(crate) fn parse(text: &str, agent: &str) -> Self {
        let agent = agent.to_lowercase();
        let (mut ours, mut everyones): (Option<Vec<_>>, Vec<_>) = (None, Vec::new());
        let (mut names, mut in_rules): (Vec<String>, bool) = (Vec::new(), false);
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else { continue };
            let (key, value) = (key.trim().to_lowercase(), value.trim());
            match key.as_str() {
                "user-agent" => {
                    if in_rules {
                        names.clear();
                        in_rules = false;
                    }
                    names.push(value.to_lowercase());
                    if names.last().is_some_and(|name| *name == agent) {
                        ours.get_or_insert_default();
                    }
                }
                "allow" | "disallow" => {
                    in_rules = true;
                    if value.is_empty() {
                        continue;
                    }
                    let rule = (value.to_owned(), key == "allow");
                    if names.contains(&agent) {
                        ours.get_or_insert_default().push(rule.clone());
                    }
                    if names.iter().any(|name| name == "*") {
                        everyones.push(rule);
                    }
                }
                _ => {}
            }
        }
        Self { rules: ours.unwrap_or(everyones) }
    }

    /// Whether a path with its query may be read: the longest pattern that fits decides, and a tie
    /// allows.
    pub(crate) fn allow(&self, path: &str) -> bool {
        let fitting = self.rules.iter().filter(|(pattern, _)| fits(pattern, path));
        let best = fitting.max_by_key(|(pattern, allowed)| (pattern.len(), *allowed));
        best.is_none_or(|(_, allowed)| *allowed)
    }
}

/// `*` stands for anything, and `$` at the end for the end.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, to_end) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| path.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    for (n, part) in parts.iter().enumerate() {
        if to_end && n + 1 == parts.len() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    !to_end || rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "User-agent: other\nDisallow: /\n\nUser-Agent: *\nDisallow: /private # x\n\
                        Allow: /private/terms\nDisallow: /*.pdf$\nDisallow:\nnonsense\n";

    #[test]
    fn the_longest_rule_that_fits_decides() {
        let robots = Robots::parse(FILE, "Kefu");
        assert!(robots.allow("/") && robots.allow("/private/terms/1") && robots.allow("/a.pdf?x"));
        assert!(!robots.allow("/private/x") && !robots.allow("/a.pdf"));
        assert!(Robots::parse("", "kefu").allow("/x"));
    }

    #[test]
    fn an_own_group_counts_alone() {
        let text = format!("{FILE}\nUser-agent: kefu\nUser-agent: bot\nDisallow: /shop");
        let robots = Robots::parse(&text, "Kefu");
        assert!(robots.allow("/private/x") && !robots.allow("/shop/1"));
        assert_eq!(Robots::parse("User-agent: kefu\n", "kefu"), Robots::default());
    }
}
