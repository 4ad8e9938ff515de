//! Printing for people and for machines. A closed pipe is no error.

use std::io::{ErrorKind, Write};

use serde::Serialize;

/// Prints a line to standard output.
pub(crate) fn line(text: impl AsRef<str>) -> anyhow::Result<()> {
    write_to(std::io::stdout().lock(), text.as_ref())
}

/// Prints a note to standard error, where it does not mix with results.
pub(crate) fn note(text: impl AsRef<str>) -> anyhow::Result<()> {
    write_to(std::io::stderr().lock(), text.as_ref())
}

/// Prints a value as JSON to standard output.
pub(crate) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    line(serde_json::to_string_pretty(value)?)
}

fn write_to(mut out: impl Write, text: &str) -> anyhow::Result<()> {
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
