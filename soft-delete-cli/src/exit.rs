//! How the program ends: codes that scripts can rely on.

use std::process::ExitCode;

/// Why the program ended; the numbers never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// What was asked for is done, or was declined at the prompt.
    Done = 0,
    /// It failed.
    Failure = 1,
    /// The command line makes no sense, or a confirmation was needed and nobody could be asked.
    Usage = 2,
    /// A part of it is done; the report says what is not.
    Partial = 3,
    /// Another cleanup holds the lease.
    Locked = 4,
    /// What was looked at first forbids it: a right, a clock, a limit, a foreign key, a missing table.
    Refused = 5,
    /// Ctrl-C stopped it, cleanly.
    Interrupted = 130,
    /// SIGTERM stopped it, cleanly.
    Terminated = 143,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
