//! `kefu parse`: the child process that reads untrusted files.

use std::io::{BufReader, stdin, stdout};

use anyhow::Context;
use kefu_parse::Limits;
use rlimit::Resource;

use crate::cli::ParseArgs;

/// Limits this process, then serves parse requests until standard input ends.
pub(crate) fn run(args: &ParseArgs) -> anyhow::Result<()> {
    limit(Resource::CPU, args.cpu_seconds)?;
    limit(Resource::AS, args.memory_bytes)?;
    limit(Resource::CORE, 0)?;
    let limits = Limits {
        max_input_bytes: args.max_file_bytes,
        max_output_bytes: args.max_output_bytes,
        ..Limits::STANDARD
    };
    kefu_parse::serve(BufReader::new(stdin().lock()), stdout().lock(), &limits)
        .context("the pipe to the parsing process broke")
}

fn limit(resource: Resource, value: u64) -> anyhow::Result<()> {
    let (_, hard) = resource.get()?;
    let value = value.min(hard);
    resource.set(value, value).with_context(|| format!("cannot limit {resource:?} to {value}"))
}
