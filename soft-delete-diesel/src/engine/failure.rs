//! From what Diesel says to what the caller can do about it.
//!
//! Diesel tells little (deadlocks and lock timeouts are all `Unknown`), so nothing is decided by the wording of an
//! error; wording only fills in names for people to read.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as Diesel};

use crate::{
    Database, Dialect, Error,
    executor::Executor,
    statement::{TableExists, Unstorable},
};

/// Turns an error into `SchemaMissing` if a table of the library's really is not there.
///
/// Asks the catalogue, after the failed transaction was rolled back, rather than trust a message.
pub(crate) async fn missing_schema<E: Executor>(executor: &mut E, error: Error) -> Error {
    match error {
        Error::Database(source @ Diesel::DatabaseError(..)) => {
            for table in [
                "soft_delete_audit",
                "soft_delete_holds",
                "soft_delete_leases",
                "soft_delete_runs",
            ] {
                if matches!(executor.rows(&TableExists(table)).await, Ok(rows) if rows.is_empty()) {
                    return Error::SchemaMissing {
                        table: table.to_owned(),
                        source,
                    };
                }
            }
            Error::Database(source)
        }
        Error::Database(Diesel::QueryBuilderError(source)) => match source.downcast::<Unstorable>() {
            Ok(unstorable) => Error::Unstorable {
                what: unstorable.what,
                database: unstorable.database,
            },
            Err(source) => Error::Database(Diesel::QueryBuilderError(source)),
        },
        other => other,
    }
}

/// What the databases say to users without the right to write.
const DENIED: [&str; 4] = [
    "permission denied",
    "command denied",
    "access denied",
    "must be owner",
];

/// Whether the database says that the user may not do it; only for the words of a remedy.
pub(super) fn is_denied(error: &Diesel) -> bool {
    says(error, &DENIED)
}

/// Whether the database says that a table or a foreign key that it needs is not right; only for the words of a remedy.
pub(super) fn is_broken_schema(error: &Diesel) -> bool {
    const BROKEN: [&str; 5] = [
        "no such table",
        "no such column",
        "foreign key mismatch",
        "does not exist",
        "doesn't exist",
    ];
    says(error, &BROKEN)
}

fn says(error: &Diesel, words: &[&str]) -> bool {
    let Diesel::DatabaseError(_, information) = error else {
        return false;
    };
    let message = information.message().to_ascii_lowercase();
    words.iter().any(|word| message.contains(word))
}

/// Whether the database may have ended the transaction for no fault of its own: another one was in the way.
///
/// Diesel calls most of these `Unknown`, together with errors that no repetition mends; those are told after the last
/// attempt. SQLite has waited for its busy timeout by then, and more of that is for the caller to decide.
pub(super) fn is_worth_repeating<DB: Dialect>(error: &Error) -> bool {
    use DatabaseErrorKind::{SerializationFailure, Unknown};
    let another = matches!(
        error,
        Error::Database(Diesel::DatabaseError(SerializationFailure | Unknown, _))
    );
    another && DB::DATABASE != Some(Database::Sqlite)
}

/// The name of the unique or exclusion constraint that an error tells of, if it tells of one.
pub(super) fn unique_constraint(error: &Error) -> Option<String> {
    match error {
        Error::Database(Diesel::DatabaseError(
            DatabaseErrorKind::UniqueViolation | DatabaseErrorKind::ExclusionViolation,
            information,
        )) => Some(constraint_name(&**information)),
        _ => None,
    }
}

/// Whether the database says that a foreign key refused; for the words of a refusal, and for what a cleanup tries next.
pub(super) fn is_foreign_key(error: &Diesel) -> bool {
    use DatabaseErrorKind::{ForeignKeyViolation, RestrictViolation, Unknown};
    match error {
        Diesel::DatabaseError(ForeignKeyViolation | RestrictViolation, _) => true,
        // To SQLite a key with `ON DELETE RESTRICT` is a trigger, of which Diesel knows no kind.
        Diesel::DatabaseError(Unknown, _) => says(error, &["foreign key constraint failed"]),
        _ => false,
    }
}

/// The name of the foreign key that an error tells of, or what else the database said.
pub(super) fn foreign_key(error: &Diesel) -> String {
    let Diesel::DatabaseError(_, information) = error else {
        return error.to_string();
    };
    let named = information.constraint_name().map(ToOwned::to_owned);
    // MySQL quotes the constraint behind its kind, SQLite names none.
    let quoted = || {
        let (_, rest) = information.message().split_once("CONSTRAINT `")?;
        rest.split_once('`').map(|(name, _)| name.to_owned())
    };
    named
        .or_else(quoted)
        .unwrap_or_else(|| "a foreign key".to_owned())
}

// PostgreSQL names the constraint, MySQL ends its message with the quoted name, SQLite lists the columns.
fn constraint_name(information: &(dyn DatabaseErrorInformation + Send + Sync)) -> String {
    if let Some(name) = information.constraint_name() {
        return name.to_owned();
    }
    let message = information.message();
    let name = match message.strip_suffix('\'').and_then(|rest| rest.rsplit_once('\'')) {
        Some((_, name)) => name,
        None => message
            .rsplit_once("failed: ")
            .map_or(message, |(_, columns)| columns),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violation(message: &str) -> Error {
        Error::Database(Diesel::DatabaseError(
            DatabaseErrorKind::UniqueViolation,
            Box::new(message.to_owned()),
        ))
    }

    #[test]
    fn constraints_are_named_as_the_database_names_them() {
        for (message, name) in [
            ("UNIQUE constraint failed: leads.email", "leads.email"),
            ("UNIQUE constraint failed: index 'leads_email'", "leads_email"),
            ("Duplicate entry 'a@b.c' for key 'leads_email'", "leads_email"),
            ("something else", "something else"),
        ] {
            assert_eq!(unique_constraint(&violation(message)).as_deref(), Some(name));
        }
        assert_eq!(unique_constraint(&Error::Database(Diesel::NotFound)), None);
    }
}
