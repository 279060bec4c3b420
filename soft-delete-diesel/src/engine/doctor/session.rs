//! Whether the connection and its user are fit for the work.

use soft_delete_core::{Clock, SystemClock};

use super::Findings;
use crate::{
    Check, Database, Descriptor, Result, Severity,
    engine::{database_time, foreign_keys},
    executor::Executor,
    statement::{Attempt, Touch},
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
            findings.of(
                model,
                Severity::Error,
                Check::Grants,
                format!("the database refuses {}: {error}", attempt.in_words()),
                format!(
                    "GRANT {} TO the user of the application, unless the database is read-only",
                    attempt.right(findings.database.syntax())
                ),
            );
        }
    }
    Ok(())
}
