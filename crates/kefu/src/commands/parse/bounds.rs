use std::io;

use anyhow::Context;
use cpu_time::ProcessTime;
use rlimit::Resource;

use crate::cli::ParseArgs;

/// Files and pipes that this process may hold open.
const MAX_OPEN_FILES: u64 = 64;

/// Sets what this process may use over its whole life.
pub(super) fn set(args: &ParseArgs) -> anyhow::Result<()> {
    limit(Resource::AS, args.memory_bytes)?;
    limit(Resource::CORE, 0)?;
    // Pipes have no size: only files on disk are meant.
    limit(Resource::FSIZE, 0)?;
    limit(Resource::NOFILE, MAX_OPEN_FILES)?;
    allow_cpu(args.cpu_seconds).context("cannot limit the CPU time")
}

/// Allows so many seconds of CPU time from now on, so that no file pays for those before it.
pub(super) fn allow_cpu(seconds: u64) -> io::Result<()> {
    let used = ProcessTime::try_now()?.as_duration().as_secs();
    let (_, hard) = Resource::CPU.get()?;
    // One second more, as the part of a second already used is cut off.
    Resource::CPU.set(used.saturating_add(seconds).saturating_add(1).min(hard), hard)
}

fn limit(resource: Resource, value: u64) -> anyhow::Result<()> {
    let (_, hard) = resource.get()?;
    let value = value.min(hard);
    resource.set(value, value).with_context(|| format!("cannot limit {resource:?} to {value}"))
}
