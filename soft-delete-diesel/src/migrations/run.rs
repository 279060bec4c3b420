//! Running the library's own migrations.

use diesel::connection::LoadConnection;

use super::statements;
use crate::{
    Dialect, Result,
    engine::database,
    executor::{Blocking, Executor, run as finish},
    statement::{AppliedMigrations, Ddl, RecordMigration},
};

/// Makes the library's own tables, or brings them up to date; answers the versions that were applied now.
///
/// Applied versions are kept in `soft_delete_migrations`. Each version runs in its own transaction (on MySQL and
/// MariaDB, which commit at every `CREATE TABLE`, as far as the database allows). Several instances may start at once.
///
/// # Errors
/// [`Database`](crate::Error::Database) when the database refuses, for want of the right to create tables for example.
pub fn run<C>(conn: &mut C) -> Result<Vec<&'static str>>
where
    C: LoadConnection<Backend: Dialect>,
{
    finish(apply(&mut Blocking(conn)))
}

/// As [`run`], on a connection of diesel-async.
///
/// # Errors
/// As [`run`].
#[cfg(feature = "async")]
pub async fn run_async<C>(conn: &mut C) -> Result<Vec<&'static str>>
where
    C: diesel_async::AsyncConnection<Backend: Dialect>,
{
    apply(&mut crate::executor::Async(conn)).await
}

// Another instance may win any race between looking and creating. Whoever loses sees an error, looks again and finds
// the work done; only an error that repeats while the version is still missing is real. Where a `CREATE TABLE` cannot be
// rolled back (MySQL, MariaDB) the migration itself says `IF NOT EXISTS`, so that half of it can be run again.
const ATTEMPTS: u32 = 5;

async fn apply<E: Executor>(executor: &mut E) -> Result<Vec<&'static str>> {
    let syntax = database(executor).await?.syntax();
    let mut applied = Vec::new();
    let mut attempt = 1;
    loop {
        match pending(executor, syntax).await {
            Ok(None) => return Ok(applied),
            Ok(Some((version, up))) => match apply_one(executor, version, up).await {
                Ok(()) => applied.push(version),
                Err(error) if attempt == ATTEMPTS => return Err(error),
                Err(_) => attempt += 1,
            },
            Err(error) if attempt == ATTEMPTS => return Err(error),
            Err(_) => attempt += 1,
        }
    }
}

async fn pending<E: Executor>(
    executor: &mut E,
    syntax: &dyn crate::dialect::Syntax,
) -> Result<Option<(&'static str, &'static str)>> {
    executor.execute(&Ddl(syntax.create_migrations_table())).await?;
    let rows = executor.rows(&AppliedMigrations).await?;
    let done: Vec<String> = rows.into_iter().filter_map(|mut row| row.take(0)).collect();
    let next = syntax
        .migrations()
        .iter()
        .find(|(version, ..)| done.iter().all(|done| done != version));
    Ok(next.map(|(version, up, _)| (*version, *up)))
}

async fn apply_one<E: Executor>(executor: &mut E, version: &'static str, up: &'static str) -> Result<()> {
    executor.begin().await?;
    let result = async {
        for statement in statements(up) {
            executor.execute(&Ddl(statement)).await?;
        }
        executor.execute(&RecordMigration(version)).await
    }
    .await;
    match result {
        Ok(_) => Ok(executor.commit().await?),
        Err(error) => {
            let _ = executor.rollback().await;
            Err(error.into())
        }
    }
}
