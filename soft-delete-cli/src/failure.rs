//! What went wrong, in words for people and as a code for scripts.

use std::{fmt, io};

use soft_delete::Error;

use crate::exit::Exit;

/// An error that ends the program.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    exit: Exit,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            exit,
        }
    }

    /// The command line makes no sense.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let exit = exit_of(&error);
        let message = match &error {
            Error::SchemaMissing { table, .. } => {
                format!(
                    "the table {table} is missing: `migrate up` makes the library's own tables, `migrate print` shows their SQL"
                )
            }
            Error::CleanupFailed { source, .. } => source.to_string(),
            _ => error.to_string(),
        };
        Self { message, exit }
    }
}

fn exit_of(error: &Error) -> Exit {
    match error {
        Error::AlreadyRunning { .. } => Exit::Locked,
        Error::ClockSkew { .. }
        | Error::DangerousForeignKey { .. }
        | Error::NotPermitted { .. }
        | Error::TooManyRows { .. }
        | Error::SchemaMissing { .. } => Exit::Refused,
        Error::CleanupFailed { report, .. } if report.purged() > 0 => Exit::Partial,
        Error::CleanupFailed { source, .. } => exit_of(source),
        error if error.is_bad_input() => Exit::Usage,
        _ => Exit::Failure,
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::new(Exit::Failure, error.to_string())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::new(Exit::Failure, error.to_string())
    }
}
