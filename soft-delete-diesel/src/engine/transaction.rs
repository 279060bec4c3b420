//! Doing a piece of work whole or not at all, and again when the database asks for it.

use std::future::Future;

use super::failure;
use crate::{Database, Dialect, Result, executor::Executor, statement::Statement};

/// Work that is done in one transaction.
pub(super) trait Work<E: Executor>: Sync {
    /// What it answers.
    type Answer: Send;

    /// Whether it changes rows in one statement only, which is a transaction of its own.
    fn is_one_statement(&self) -> bool;

    /// Does the work; an error undoes all of it.
    fn run(&self, executor: &mut E) -> impl Future<Output = Result<Self::Answer>> + Send;
}

/// Whether one statement can change rows and record them, as far as the type of the connection tells.
pub(super) fn records_at_once<E: Executor>() -> bool {
    E::DB::DATABASE.is_some_and(|database| database.syntax().changes_and_records_at_once())
}

// Deadlocks and failed serialization end a transaction that did nothing wrong; the same again usually succeeds. Every
// attempt is a whole transaction, so repeating one is safe whatever the error was.
const ATTEMPTS: u32 = 5;

/// Does the work in a transaction, or in a savepoint of the caller's.
pub(super) async fn repeated<E: Executor, W: Work<E>>(executor: &mut E, work: &W) -> Result<W::Answer> {
    let mut attempts = 1;
    loop {
        // Inside a transaction of the caller's only the caller can repeat.
        let outermost = executor.depth()? == 0;
        match once(executor, work, outermost).await {
            Err(error)
                if attempts < ATTEMPTS && outermost && failure::is_worth_repeating::<E::DB>(&error) =>
            {
                attempts += 1;
            }
            answer => return answer,
        }
    }
}

/// Does the work in a transaction, once.
pub(super) async fn once<E: Executor, W: Work<E>>(
    executor: &mut E,
    work: &W,
    outermost: bool,
) -> Result<W::Answer> {
    if outermost && work.is_one_statement() {
        // Inside the caller's transaction one statement still needs a savepoint, so that an error does not take the
        // caller's work with it.
        return work.run(executor).await;
    }
    executor.begin().await?;
    match work.run(executor).await {
        Ok(answer) => {
            commit(executor).await?;
            Ok(answer)
        }
        Err(error) => {
            // The first error is the one to tell; a rollback that fails leaves the connection marked as broken.
            let _ = executor.rollback().await;
            Err(error)
        }
    }
}

/// Begins by writing where the database asks for it: SQLite refuses a transaction that read first when somebody else wrote
/// in between.
pub(super) async fn write_first<E: Executor, S: Statement<E::DB>>(
    executor: &mut E,
    nothing: &S,
) -> Result<()> {
    if E::DB::DATABASE.is_none_or(|database| database == Database::Sqlite) {
        executor.execute(nothing).await?;
    }
    Ok(())
}

// A failed commit may leave the transaction open; the caller must not inherit it.
async fn commit<E: Executor>(executor: &mut E) -> Result<()> {
    let depth = executor.depth()?;
    if let Err(error) = executor.commit().await {
        if executor.depth().is_ok_and(|now| now == depth) {
            let _ = executor.rollback().await;
        }
        return Err(error.into());
    }
    Ok(())
}
