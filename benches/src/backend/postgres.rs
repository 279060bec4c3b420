//! PostgreSQL: a server that copies whole databases.

use chrono::{DateTime, Utc};
use diesel::connection::{Connection as _, SimpleConnection};
use diesel::sql_types::{self, BigInt};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};

use super::{Backend, database_of};
use crate::Result;
use crate::answer::Answer;
use crate::cli::Options;

#[path = "../workload/mod.rs"]
mod workload;

/// The connection of the workloads.
type Connection = PgConnection;

/// One statement can write two tables.
const CHANGES_AND_RECORDS_AT_ONCE: bool = true;

/// Whether a whole table is counted more quickly than a part of it.
const COUNTS_TABLES_QUICKLY: bool = false;

/// How a transaction by hand begins, when it is more than one statement.
const BEGIN: Option<&str> = Some("BEGIN");

/// What who writes by hand sets up once.
const SET_UP: Option<&str> = None;

/// A numeric key as text.
const KEY_TEXT: &str = "CAST(id AS TEXT)";

/// An `UPDATE` finds rows by those of another table with `IN (SELECT ..)`.
const UPDATES_BY_JOIN: bool = false;

/// The types of this database's columns.
mod types {
    use super::{DateTime, Utc, sql_types};

    pub type SqlTime = sql_types::Timestamptz;
    pub type Time = DateTime<Utc>;
    pub type SqlOperation = sql_types::Uuid;
    pub type Operation = uuid::Uuid;

    /// How a time is bound where every microsecond counts.
    pub type SqlStamp = SqlTime;
    pub type Stamp = Time;

    pub fn stamp(at: DateTime<Utc>) -> Stamp {
        at
    }

    pub fn operation(id: uuid::Uuid) -> Operation {
        id
    }
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// The database that always exists: databases are made and removed from there.
const ALWAYS_THERE: &str = "postgres";

/// Runs a command that names the database of the URL from outside of it.
fn from_outside(url: &str, command: impl FnOnce(&str) -> String) -> Result<()> {
    let (database, outside) = database_of(url, ALWAYS_THERE)?;
    Connection::establish(&outside)?.batch_execute(&command(database))?;
    Ok(())
}

pub struct Postgres;

impl Backend for Postgres {
    type Connection = Connection;

    const TABLES: &'static str = "
        CREATE TABLE leads (
            id BIGINT PRIMARY KEY, full_name TEXT NOT NULL, phone TEXT, email TEXT,
            owner_id BIGINT NOT NULL, created_at TIMESTAMPTZ NOT NULL,
            deleted_at TIMESTAMPTZ, deleted_by BIGINT, deletion_reason TEXT, deletion_id UUID
        );
        CREATE TABLE callbacks (
            id BIGINT PRIMARY KEY, lead_id BIGINT NOT NULL REFERENCES leads (id),
            scheduled_for TIMESTAMPTZ NOT NULL, note TEXT,
            deleted_at TIMESTAMPTZ, deleted_by BIGINT, deletion_reason TEXT, deletion_id UUID
        );
        CREATE INDEX leads_active ON leads (created_at DESC, id DESC) WHERE deleted_at IS NULL;
        CREATE INDEX leads_deleted ON leads (deleted_at DESC, id DESC) WHERE deleted_at IS NOT NULL;
        CREATE INDEX leads_owner ON leads (owner_id);
        CREATE INDEX callbacks_deleted ON callbacks (deleted_at DESC, id DESC) WHERE deleted_at IS NOT NULL;
        CREATE INDEX callbacks_lead ON callbacks (lead_id);
    ";

    const AFTER_SEED: &'static str = "ANALYZE;";

    fn connect(url: &str) -> Result<Connection> {
        Ok(Connection::establish(url)?)
    }

    fn create(url: &str) -> Result<()> {
        Self::drop(url)?;
        from_outside(url, |database| format!("CREATE DATABASE \"{database}\""))
    }

    fn copy(options: &Options, from: &str) -> Result<()> {
        let (template, _) = database_of(from, ALWAYS_THERE)?;
        // What the seed left to be tidied up must not be tidied up during a measurement.
        Connection::establish(from)?.batch_execute("VACUUM")?;
        Self::drop(&options.url)?;
        from_outside(&options.url, |database| {
            format!("CREATE DATABASE \"{database}\" TEMPLATE \"{template}\"")
        })
    }

    fn drop(url: &str) -> Result<()> {
        from_outside(url, |database| format!("DROP DATABASE IF EXISTS \"{database}\""))
    }

    fn count(conn: &mut Connection, query: &str) -> Result<i64> {
        let found: Number = sql_query(format!("SELECT ({query}) AS number")).get_result(conn)?;
        Ok(found.number)
    }

    fn measure(conn: &mut Connection, options: &Options) -> Result<Answer> {
        workload::run(conn, options)
    }

    fn series(name: &str, length: i64) -> String {
        format!("GENERATE_SERIES(CAST(1 AS BIGINT), {length}) AS series_{name} ({name})")
    }

    fn ago(now: DateTime<Utc>, seconds: &str) -> String {
        let now = now.format("%F %T+00");
        format!("CAST('{now}' AS TIMESTAMPTZ) - ({seconds}) * INTERVAL '1 second'")
    }

    fn operation(number: &str) -> String {
        format!("CAST('00000000-0000-4000-8000-' || LPAD(CAST({number} AS TEXT), 12, '0') AS UUID)")
    }
}
