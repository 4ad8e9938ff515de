//! Answers without their marks, for channels that show every character as it is.

/// The text with the marks of headings, quotations, emphasis, code and links taken away, and with
/// tables told row by row. Everything else stays as it is, character by character.
pub(crate) fn plain(text: &str) -> String {
    let is_chinese = text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let lines: Vec<&str> = text.lines().collect();
    let mut told: Vec<String> = Vec::with_capacity(lines.len());
    let mut rest = lines.as_slice();
    while let Some((line, after)) = rest.split_first() {
        let n_rows = rest.iter().take_while(|line| cells(line).is_some()).count();
        let is_table = n_rows > 1 || line.trim_start().starts_with('|');
        if n_rows > 0 && is_table {
            told.extend(rows(&rest[..n_rows], is_chinese));
            rest = &rest[n_rows..];
        } else {
            told.push(unmarked(without_block_mark(line)));
            rest = after;
        }
    }
    told.join("\n")
}

/// The cells of a line of a table; a line under the head has none that say anything.
fn cells(line: &str) -> Option<Vec<String>> {
    let line = line.trim();
    if !line.starts_with('|') && !line.contains(" | ") {
        return None;
    }
    let line = line.strip_prefix('|').unwrap_or(line);
    let line = line.strip_suffix('|').filter(|l| !l.ends_with('\\')).unwrap_or(line);
    let mut cells = vec![String::new()];
    let mut is_escaped = false;
    for c in line.chars() {
        match (c, cells.last_mut()) {
            ('|', _) if !is_escaped => cells.push(String::new()),
            (_, Some(cell)) => cell.push(c),
            _ => {}
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    Some(cells.iter().map(|cell| unmarked(cell.trim())).collect())
}

/// Rows as sentences of `column: cell`; a row alone, or of another length, as its cells.
fn rows(lines: &[&str], is_chinese: bool) -> Vec<String> {
    let (between, colon) = if is_chinese { ("；", "：") } else { ("; ", ": ") };
    let is_rule = |cells: &Vec<String>| {
        let is_line = |cell: &String| cell.chars().all(|c| matches!(c, '-' | ':' | ' '));
        cells.iter().all(is_line)
    };
    let mut rows = lines.iter().filter_map(|line| cells(line)).filter(|row| !is_rule(row));
    let Some(head) = rows.next() else { return Vec::new() };
    let body: Vec<Vec<String>> = rows.collect();
    if body.is_empty() {
        return vec![said(&head).join(between)];
    }
    let tell = |row: Vec<String>| {
        if row.len() != head.len() {
            return said(&row).join(between);
        }
        let pairs = head.iter().zip(&row).filter(|(_, cell)| !cell.is_empty());
        let pair = |(name, cell): (&String, &String)| match name.as_str() {
            "" => cell.clone(),
            name => format!("{name}{colon}{cell}"),
        };
        pairs.map(pair).collect::<Vec<_>>().join(between)
    };
    body.into_iter().map(tell).collect()
}

fn said(row: &[String]) -> Vec<&str> {
    row.iter().map(String::as_str).filter(|cell| !cell.is_empty()).collect()
}

fn without_block_mark(line: &str) -> &str {
    let trimmed = line.trim_start();
    let n_marks = trimmed.bytes().take_while(|b| *b == b'#').count();
    let after = trimmed.get(n_marks..).unwrap_or_default();
    if (1..=6).contains(&n_marks) && after.starts_with(' ') {
        return after.trim();
    }
    trimmed.strip_prefix("> ").unwrap_or(line)
}

/// The line without marks of emphasis, code and links.
fn unmarked(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let before = plain.chars().next_back();
        if let Some((inner, after)) = marked(rest, before) {
            plain.push_str(&inner);
            rest = after;
        } else if c == '\\' && rest[1..].starts_with(|c: char| c.is_ascii_punctuation()) {
            plain.push_str(&rest[1..2]);
            rest = &rest[2..];
        } else {
            // Marks that enclose nothing are not looked at one by one.
            let is_same = |other: char| other == c && matches!(c, '*' | '_' | '`');
            let rest_of_run = rest[c.len_utf8()..].trim_start_matches(is_same);
            let (run, after) = rest.split_at(rest.len() - rest_of_run.len());
            plain.push_str(run);
            rest = after;
        }
    }
    plain
}

/// What the marks at the beginning of `text` enclose, and what comes after them.
fn marked(text: &str, before: Option<char>) -> Option<(String, &str)> {
    let is_inside_word = |after: &str| {
        let is_word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        is_word(before) || is_word(after.chars().next())
    };
    for mark in ["**", "__", "*"] {
        let Some((inner, after)) = text.strip_prefix(mark).and_then(|rest| rest.split_once(mark))
        else {
            continue;
        };
        let is_tight = !inner.is_empty() && inner.trim() == inner;
        if is_tight && !is_inside_word(after) {
            return Some((unmarked(inner), after));
        }
    }
    if let Some((code, after)) = text.strip_prefix('`').and_then(|rest| rest.split_once('`'))
        && !code.is_empty()
    {
        return Some((code.to_owned(), after));
    }
    let link = text.strip_prefix('!').unwrap_or(text).strip_prefix('[')?;
    let (name, rest) = link.split_once("](")?;
    let (address, after) = rest.split_once(')')?;
    if name.contains(['[', ']']) || address.contains(char::is_whitespace) {
        return None;
    }
    let name = unmarked(name);
    let is_bare = name.is_empty() || name == address;
    Some((if is_bare { address.to_owned() } else { format!("{name} ({address})") }, after))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn marks_are_taken_away_and_words_stay() {
        for (marked, expected) in [
            ("本产品提供**18 个月**保修。", "本产品提供18 个月保修。"),
            ("**保修期（18 个月）**自签收起算", "保修期（18 个月）自签收起算"),
            ("## Returns\n\nSend it *unused*.", "Returns\n\nSend it unused."),
            (
                "Call `reset` or see [our page](https://a.example/x).",
                "Call reset or see our page (https://a.example/x).",
            ),
            ("[https://a.example](https://a.example)", "https://a.example"),
            ("- **Fee**: $5\n- none \\*", "- Fee: $5\n- none *"),
            ("5*3*2 = 30, 2**3**2, a_b_c, [1]", "5*3*2 = 30, 2**3**2, a_b_c, [1]"),
            ("> Mind the **gap", "Mind the **gap"),
            ("Home | About", "Home | About"),
        ] {
            assert_eq!(plain(marked), expected);
        }
    }

    #[test]
    fn tables_are_told_row_by_row() {
        let table = "Prices:\n| Way | **Time** | Price |\n| --- | :-: | --- |\n\
            | Courier | 1 day | $14.99 |\n| A\\|B | | $3 |";
        let told = "Prices:\nWay: Courier; Time: 1 day; Price: $14.99\nWay: A|B; Price: $3";
        assert_eq!(plain(table), told);
        assert_eq!(plain("方式 | 时效\n快递 | 1 天"), "方式：快递；时效：1 天");
        assert_eq!(plain("| Courier | 1 day |"), "Courier; 1 day");
    }

    proptest! {
        #[test]
        fn text_without_marks_stays_as_it_is(text in "[a-zA-Z0-9 ,.!?:;()$%\u{4e00}-\u{4e80}-]{0,60}") {
            prop_assert_eq!(plain(&text), text);
        }

        #[test]
        fn any_text_is_taken_and_its_letters_stay(text in "[a-z0-9*_`|\\\\#>()! \n-]{0,60}") {
            let letters = |text: &str| {
                text.chars().filter(|c| c.is_alphanumeric()).collect::<String>()
            };
            if !text.contains('|') {
                prop_assert_eq!(letters(&plain(&text)), letters(&text));
            } else {
                plain(&text);
            }
        }
    }
}
