//! Reads files of labelled texts.

use anyhow::Context;
use serde_json::Value;

pub(crate) struct Labelled {
    pub(crate) text: String,
    pub(crate) label: String,
}

pub(crate) fn all(files: &[&str]) -> anyhow::Result<Vec<Labelled>> {
    let mut all = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?;
        if file.ends_with(".jsonl") {
            read_json(&text, &mut all)?;
        } else {
            read_lines(&text, &mut all);
        }
    }
    Ok(all)
}

fn read_json(text: &str, all: &mut Vec<Labelled>) -> anyhow::Result<()> {
    for line in text.lines() {
        let value: Value = serde_json::from_str(line)?;
        let field = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        if let Some(text) = field("text").or_else(|| field("question")) {
            all.push(Labelled { text, label: field("label").unwrap_or_else(|| "all".to_owned()) });
        }
    }
    Ok(())
}

fn read_lines(text: &str, all: &mut Vec<Labelled>) {
    let mut label = "all";
    for line in text.lines() {
        match line.strip_prefix("== ") {
            Some(name) => label = name,
            None => all.push(Labelled { text: line.to_owned(), label: label.to_owned() }),
        }
    }
}
