//! A database that says no: what it means, as far as its words tell, and what can be done about it.
//!
//! Databases have no common code for most of these, and Diesel keeps none. Only words for people and the code of the program's
//! end go by this; what is done, and what is not, never does.

use diesel::result::{DatabaseErrorKind, Error};

/// What the databases say to who may not write.
const RIGHTS: [&str; 4] = [
    "permission denied",
    "command denied",
    "access denied",
    "must be owner",
];
const READ_ONLY: [&str; 3] = ["readonly database", "read-only", "read only"];
const BUSY: [&str; 4] = [
    "database is locked",
    "lock wait timeout",
    "lock timeout",
    "deadlock",
];

/// Whether the database does not let this user write, or nobody.
pub(crate) fn is_one(error: &Error) -> bool {
    match error {
        Error::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _) => true,
        Error::DatabaseError(_, information) => {
            says(information.message(), &[&RIGHTS[..], &READ_ONLY].concat())
        }
        _ => false,
    }
}

/// What it said, and the way out where there is one.
pub(crate) fn in_words(error: &Error) -> String {
    let Error::DatabaseError(kind, information) = error else {
        return error.to_string();
    };
    let message = information.message();
    let way_out = match kind {
        DatabaseErrorKind::ReadOnlyTransaction => {
            "nothing can be changed there: use another user, or the primary server"
        }
        DatabaseErrorKind::UniqueViolation => "another row has that already: change or delete it first",
        DatabaseErrorKind::ForeignKeyViolation | DatabaseErrorKind::RestrictViolation => {
            "other rows refer to it: see to those first"
        }
        DatabaseErrorKind::NotNullViolation | DatabaseErrorKind::CheckViolation => {
            "the table does not allow it: `doctor` looks for columns that do not fit"
        }
        DatabaseErrorKind::ClosedConnection => "the server is gone: try again when it is back",
        _ if says(message, &READ_ONLY) => {
            "nothing can be changed there: use another user, or make it writable"
        }
        _ if says(message, &["row-level security"]) => {
            "a policy of the table lets this user have no such row: use another user, or change the policy"
        }
        _ if says(message, &RIGHTS) => "use another user, or grant it; `doctor` says what is wanting",
        _ if says(message, &["no schema has been selected"]) => {
            "the user's search_path is empty: ALTER ROLE .. SET search_path, or add ?options=-csearch_path%3Dpublic to the URL"
        }
        _ if says(message, &BUSY) => "somebody else is at it: nothing was changed, try again",
        _ if says(message, &["too long"]) => "nothing was changed: say it shorter, or make the column longer",
        _ => return message.to_owned(),
    };
    format!("{message}: {way_out}")
}

fn says(message: &str, words: &[&str]) -> bool {
    let message = message.to_ascii_lowercase();
    words.iter().any(|word| message.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_not_write_is_told_the_way_out() {
        let said =
            |message: &str| Error::DatabaseError(DatabaseErrorKind::Unknown, Box::new(message.to_owned()));
        for message in [
            "permission denied for table soft_delete_audit",
            "INSERT command denied to user 'x'@'localhost' for table `a`.`b`",
            "attempt to write a readonly database",
            "cannot execute INSERT in a read-only transaction",
            "The MariaDB server is running with the --read-only option so it cannot execute this statement",
        ] {
            assert!(is_one(&said(message)), "{message}");
            assert!(
                in_words(&said(message)).starts_with(&format!("{message}: ")),
                "{message}"
            );
        }
        for message in ["no such table: leads", "database is locked", "syntax error"] {
            assert!(!is_one(&said(message)), "{message}");
        }
        assert!(in_words(&said("database is locked")).ends_with("try again"));
        let policy = "new row violates row-level security policy for table \"ideas\"";
        assert!(in_words(&said(policy)).ends_with("use another user, or change the policy"));
        assert_eq!(in_words(&said("no such table: leads")), "no such table: leads");
    }
}
