//! Why a child ended.

use std::process::ExitStatus;

use crate::parser::ParseFailure;

/// How a child ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Death {
    /// It used more CPU time than one file may.
    CpuTime,
    /// It needed more memory than it may.
    Memory,
    /// Anything else.
    Other(String),
}

/// What the child said on stderr that tells why it ended.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LastWords {
    ran_out_of_memory: bool,
    ran_out_of_stack: bool,
}

impl LastWords {
    /// Takes in a line.
    pub(super) fn hear(&mut self, line: &str) {
        // As the standard library says it when it aborts.
        self.ran_out_of_memory |= line.contains("memory allocation of");
        self.ran_out_of_stack |= line.contains("has overflowed its stack");
    }
}

impl Death {
    pub(super) fn of(
        status: Option<ExitStatus>,
        pipe: &std::io::Error,
        last_words: &LastWords,
    ) -> Self {
        if status.is_some_and(|status| signal(status) == Some(SIGXCPU)) {
            return Self::CpuTime;
        }
        if last_words.ran_out_of_memory {
            return Self::Memory;
        }
        if last_words.ran_out_of_stack {
            return Self::Other("it ran out of stack".to_owned());
        }
        Self::Other(status.map_or_else(|| pipe.to_string(), |status| status.to_string()))
    }

    /// Whether the file in hand is to blame, whatever the child did before.
    pub(super) fn is_of_this_file(&self) -> bool {
        *self == Self::CpuTime
    }

    /// The line of the report.
    pub(super) fn failure(&self) -> ParseFailure {
        match self {
            Self::CpuTime => ParseFailure::new(
                "parser_timeout",
                "reading it takes more CPU time than one file may; split it or export it again",
            ),
            Self::Memory => ParseFailure::new(
                "parser_memory",
                "reading it takes more memory than one file may; split it or export it again",
            ),
            Self::Other(reason) => {
                let detail = format!("the parser process ended: {reason}");
                ParseFailure::new("parser_crashed", detail)
            }
        }
    }
}

/// Ends a process that has used the CPU time it may.
const SIGXCPU: i32 = 24;

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}
