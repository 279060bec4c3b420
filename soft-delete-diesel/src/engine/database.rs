//! Which database is at the other end, and what time it is there.

use soft_delete_core::chrono::{DateTime, Utc};

use crate::{
    Database, Dialect, Result,
    executor::Executor,
    statement::{DatabaseTime, WhichDatabase, parse_time, readable},
};

/// The database, also of a connection whose type does not tell it.
pub(crate) async fn database<E: Executor>(executor: &mut E) -> Result<Database> {
    if let Some(database) = E::DB::DATABASE {
        return Ok(database);
    }
    let name = executor
        .rows(&WhichDatabase)
        .await?
        .pop()
        .and_then(|mut row| row.take(0));
    let all = [Database::Sqlite, Database::Postgres, Database::Mysql];
    // The name was written by this very crate, a moment ago.
    Ok(all
        .into_iter()
        .find(|database| Some(database.as_str()) == name.as_deref())
        .unwrap_or(Database::Sqlite))
}

/// What the database's clock shows.
pub(super) async fn database_time<E: Executor>(executor: &mut E) -> Result<DateTime<Utc>> {
    let row = executor.rows(&DatabaseTime).await?.pop();
    let shown = row.and_then(|mut row| row.take(0)).unwrap_or_default();
    readable("the database", "its clock", shown, parse_time)
}
