//! A test that never ends is named, with what its database is waiting for, and ends the whole run.

use std::{
    collections::BTreeMap,
    io::Write,
    process,
    sync::{Mutex, Once, PoisonError},
    thread,
    time::{Duration, Instant},
};

use soft_delete::Database;

/// Many times what the slowest test takes on two slow cores.
const LIMIT: Duration = Duration::from_secs(15 * 60);

static WATCHED: Mutex<BTreeMap<u64, Test>> = Mutex::new(BTreeMap::new());
static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
static AWAKE: Once = Once::new();

struct Test {
    name: String,
    since: Instant,
    database: Database,
    url: String,
}

/// A test that is being watched, until this is dropped.
pub struct Watched(u64);

impl Watched {
    /// Watches the test that this thread runs, which uses a database of its own.
    pub fn new(database: Database, url: &str) -> Self {
        AWAKE.call_once(|| drop(thread::spawn(watch)));
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let test = Test {
            name: thread::current().name().unwrap_or("a thread").to_owned(),
            since: Instant::now(),
            database,
            url: url.to_owned(),
        };
        watched().insert(number, test);
        Self(number)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        watched().remove(&self.0);
    }
}

fn watched() -> std::sync::MutexGuard<'static, BTreeMap<u64, Test>> {
    WATCHED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn watch() {
    loop {
        thread::sleep(Duration::from_secs(5));
        let tests = watched();
        if let Some(stuck) = tests.values().find(|test| test.since.elapsed() > LIMIT) {
            // Printed past the test harness, which would keep it for the end of a test that has none.
            let told = format!(
                "\n{} has not ended within {} minutes; its database says:\n{}\n",
                stuck.name,
                LIMIT.as_secs() / 60,
                sessions(stuck)
            );
            let _ = std::io::stderr().write_all(told.as_bytes());
            process::exit(101);
        }
    }
}

// What the sessions of the test's database do, as far as the database tells.
#[cfg(feature = "servers")]
fn sessions(test: &Test) -> String {
    use diesel::{Connection, QueryableByName, RunQueryDsl, sql_query};

    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = diesel::sql_types::Text)]
        line: String,
    }
    let name = test.url.rsplit('/').next().unwrap_or_default();
    let lines: diesel::QueryResult<Vec<Line>> = match test.database {
        Database::Postgres => diesel::PgConnection::establish(&test.url)
            .map_err(|error| diesel::result::Error::QueryBuilderError(error.into()))
            .and_then(|mut conn| {
                sql_query("SELECT concat_ws(' | ', pid, state, wait_event_type, wait_event, pg_blocking_pids(pid), query) AS line FROM pg_stat_activity WHERE datname = current_database()")
                    .load(&mut conn)
            }),
        Database::Mysql => diesel::MysqlConnection::establish(&test.url)
            .map_err(|error| diesel::result::Error::QueryBuilderError(error.into()))
            .and_then(|mut conn| {
                sql_query(format!("SELECT CONCAT_WS(' | ', id, command, time, state, info) AS line FROM information_schema.processlist WHERE db = '{name}'"))
                    .load(&mut conn)
            }),
        _ => return "nothing: it is SQLite".to_owned(),
    };
    match lines {
        Ok(lines) => lines
            .into_iter()
            .map(|line| line.line)
            .collect::<Vec<_>>()
            .join("\n"),
        Err(error) => error.to_string(),
    }
}

#[cfg(not(feature = "servers"))]
fn sessions(test: &Test) -> String {
    format!("nothing: it is {:?} at {}", test.database, test.url)
}
