//! What went wrong, in words for people and as a code for scripts.

use std::{fmt, io};

use soft_delete::Error;

use crate::{exit::Exit, refusal};

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
        Self {
            exit: exit_of(&error),
            message: in_words(&error),
        }
    }
}

/// What an error says, with the way out of who sits at a command line.
pub(crate) fn in_words(error: &Error) -> String {
    match error {
        Error::SchemaMissing { table, .. } => format!(
            "the table {table} is missing: `migrate up` makes the library's own tables, `migrate print` shows their SQL"
        ),
        Error::ParentDeleted { model, id, child } => format!(
            "a row of {child} cannot come back, because row {id} of {model} that it hangs on is deleted: restore that one first, or say --with-parents"
        ),
        Error::ReasonRequired { model } => format!("{model} wants a reason: say --reason TEXT"),
        Error::TooManyRows { model, rows, percent } => format!(
            "a cleanup would remove {rows} of {model}, more than {percent} % of the table, and removed nothing: look at --dry-run, then allow it with --max-fraction"
        ),
        Error::ClockSkew {
            application,
            database,
            limit_seconds,
        } => format!(
            "this machine's clock shows {application} and the database's {database}, more than {limit_seconds} s apart: set them right"
        ),
        Error::DangerousForeignKey {
            model,
            child,
            constraint,
            rule,
        } => format!(
            "rows of {model} are not removed, because {constraint} would have the database change rows of {child} (ON DELETE {rule}): name {child} in `cascade` or `owns` of {model}, or make the foreign key NO ACTION; `cleanup --except {model}` cleans the other models meanwhile"
        ),
        Error::Blocked {
            model, constraint, ..
        } => format!(
            "rows of {model} cannot be removed for good: {constraint} refers to them; remove those rows first, or name their table in `cascade` or `owns` of {model}"
        ),
        Error::PartOfFamily { model, rows, parent } => format!(
            "{rows} of {model} were deleted together with rows of {parent} and can only be removed for good together with them: remove the rows of {parent} instead, or write `apart = true` for {model} in `cascade` of {parent}"
        ),
        Error::CleanupFailed { source, .. } => in_words(source),
        Error::Database(source) => refusal::in_words(source),
        _ => error.to_string(),
    }
}

fn exit_of(error: &Error) -> Exit {
    match error {
        Error::AlreadyRunning { .. } => Exit::Locked,
        Error::ClockSkew { .. }
        | Error::DangerousForeignKey { .. }
        | Error::DangerousTable { .. }
        | Error::MismatchedRelation { .. }
        | Error::NotPermitted { .. }
        | Error::BrokenSchema { .. }
        | Error::TooManyRows { .. }
        | Error::SchemaMissing { .. } => Exit::Refused,
        Error::CleanupFailed { report, .. } if report.purged() > 0 => Exit::Partial,
        Error::CleanupFailed { source, .. } => exit_of(source),
        Error::Database(source) if refusal::is_one(source) => Exit::Refused,
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
