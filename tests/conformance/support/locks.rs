//! Asking a database whether one of its connections waits for a lock.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::BigInt};

use super::database::TestDatabase;

/// Long after the other must have come to the lock.
const LIMIT: Duration = Duration::from_secs(60);

static ASKING: Mutex<()> = Mutex::new(());

/// The answer.
#[derive(QueryableByName)]
pub struct Count {
    #[diesel(sql_type = BigInt)]
    pub count: i64,
}

/// How many connections to the database wait for a lock.
pub const WAITING_ON_POSTGRESQL: &str = "SELECT COUNT(*) AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// The same on MariaDB.
pub fn waiting_on_mariadb(db: &TestDatabase) -> String {
    let name = db.url().rsplit('/').next().unwrap_or_default();
    format!(
        "SELECT COUNT(*) AS count FROM information_schema.innodb_trx trx JOIN information_schema.processlist process \
         ON process.id = trx.trx_mysql_thread_id WHERE trx.trx_state = 'LOCK WAIT' AND process.db = '{name}'"
    )
}

/// Waits for its turn: InnoDB renews what it tells of waiting transactions only when nobody has asked for a tenth of a second.
pub fn my_turn() -> MutexGuard<'static, ()> {
    let turn = ASKING.lock().unwrap_or_else(PoisonError::into_inner);
    thread::sleep(Duration::from_millis(120));
    turn
}

/// Whether somebody comes to wait for a lock. Assert it only when the lock is released, or a test that fails never ends.
#[must_use]
pub fn somebody_waits<C>(conn: &mut C, query: &str) -> bool
where
    C: diesel::connection::LoadConnection,
    for<'q> diesel::query_builder::SqlQuery: diesel::query_dsl::LoadQuery<'q, C, Count>,
{
    let since = Instant::now();
    while since.elapsed() < LIMIT {
        let _turn = my_turn();
        if let Ok(Count { count: 1.. }) = sql_query(query).get_result(conn) {
            return true;
        }
    }
    false
}
