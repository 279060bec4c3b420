//! Whether the connection and its user are fit for the work.

use soft_delete_core::{Clock, SystemClock};

use super::Findings;
use crate::{
    Check, Database, Descriptor, Result, Severity,
    engine::{database_time, failure, foreign_keys},
    executor::Executor,
    statement::{Attempt, CurrentUser, Touch},
};

/// Looks at the clocks and at the settings of the session.
pub(super) async fn examine<E: Executor>(executor: &mut E, findings: &mut Findings) -> Result<()> {
    let skew = (SystemClock.now() - database_time(executor).await?).num_seconds();
    if skew.abs() > 5 {
        findings.add(
            if skew.abs() > 60 {
                Severity::Error
            } else {
                Severity::Warning
            },
            Check::Clocks,
            "",
            format!("the application's clock is {skew} s ahead of the database's"),
            "set both by the same time server; a cleanup refuses at 60 s".to_owned(),
        );
    }
    if !foreign_keys::are_enforced(executor).await? {
        findings.add(
            Severity::Warning,
            Check::EnforcedKeys,
            "",
            "this connection does not enforce foreign keys".to_owned(),
            match findings.database {
                Database::Sqlite => "PRAGMA foreign_keys = ON; on every connection",
                Database::Mysql => "SET foreign_key_checks = 1;",
                Database::Postgres => "SET session_replication_role = 'origin';",
            }
            .to_owned(),
        );
    }
    Ok(())
}

// SQL only where it mends what the database said, for the user that the database sees.
async fn remedy<E: Executor>(
    executor: &mut E,
    attempt: &Attempt<'_>,
    error: &diesel::result::Error,
    database: Database,
) -> String {
    if failure::is_broken_schema(error) {
        return "correct the foreign key or the table that the database names".to_owned();
    }
    if database != Database::Sqlite && failure::is_denied(error) {
        let user = executor.rows(&CurrentUser).await.ok();
        let user = user.and_then(|mut rows| rows.pop()?.take(0));
        let right = attempt.right(database.syntax());
        return match user {
            Some(user) => format!("GRANT {right} TO {user};"),
            None => format!("GRANT {right} to the user of the application"),
        };
    }
    match database {
        Database::Sqlite => {
            "make the file and its directory writable for the application, and open it for writing"
        }
        _ => "connect to a server that accepts writes",
    }
    .to_owned()
}

/// Tries on no row what the library does, each in a transaction that is rolled back.
pub(super) async fn examine_grants<E: Executor>(
    executor: &mut E,
    model: &'static Descriptor,
    has_own_tables: bool,
    findings: &mut Findings,
) -> Result<()> {
    let mut attempts = vec![Attempt::Update(Touch(model)), Attempt::Delete(&model.table)];
    if has_own_tables {
        attempts.push(Attempt::Record);
    }
    for attempt in attempts {
        executor.begin().await?;
        let outcome = executor.execute(&attempt).await;
        executor.rollback().await?;
        if let Err(error) = outcome {
            let remedy = remedy(executor, &attempt, &error, findings.database).await;
            findings.of(
                model,
                Severity::Error,
                Check::Grants,
                format!("the database refuses {}: {error}", attempt.in_words()),
                remedy,
            );
        }
    }
    Ok(())
}
