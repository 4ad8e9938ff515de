//! `kefu parse`: the child process that reads untrusted files.

mod bounds;
mod sandbox;

use std::io::{BufReader, stdin, stdout};

use anyhow::{Context, anyhow};
use kefu_parse::Limits;

use crate::cli::ParseArgs;
use crate::output;

/// Parsers recurse, though within limits; unused stack costs nothing.
const STACK_BYTES: usize = 64 << 20;

/// Limits this process, then serves parse requests until standard input ends.
pub(crate) fn run(args: &ParseArgs) -> anyhow::Result<()> {
    bounds::set(args)?;
    if !sandbox::enter()? {
        // Standard error is the log of this process.
        output::note("this system has no system call filter; files are read without one")?;
    }
    let limits = Limits {
        max_input_bytes: args.max_file_bytes,
        max_output_bytes: args.max_output_bytes,
        max_pages: args.max_pages,
        ..Limits::STANDARD
    };
    let cpu_seconds = args.cpu_seconds;
    let serve = move || {
        let (input, output) = (BufReader::new(stdin().lock()), stdout().lock());
        kefu_parse::serve_with(input, output, &limits, || bounds::allow_cpu(cpu_seconds))
    };
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(serve)?;
    let served = thread.join().map_err(|_| anyhow!("the thread that reads files ended early"))?;
    served.context("the pipe to the parsing process broke")
}
