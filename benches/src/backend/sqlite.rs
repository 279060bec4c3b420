//! SQLite: a file.

use std::fs;
use std::io::ErrorKind;

use chrono::{DateTime, Utc};
use diesel::connection::{Connection as _, SimpleConnection};
use diesel::sql_types::{self, BigInt};
use diesel::{QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use libsqlite3_sys as _;

use super::Backend;
use crate::Result;
use crate::answer::Answer;
use crate::cli::Options;

#[path = "../workload/mod.rs"]
mod workload;

/// The connection of the workloads.
type Connection = SqliteConnection;

/// One statement cannot write two tables.
const CHANGES_AND_RECORDS_AT_ONCE: bool = false;

/// Whether a whole table is counted more quickly than a part of it.
const COUNTS_TABLES_QUICKLY: bool = true;

/// How a transaction by hand begins: taking the lock to write at once spares taking the one to read before it.
const BEGIN: Option<&str> = Some("BEGIN IMMEDIATE");

/// What who writes by hand sets up once.
const SET_UP: Option<&str> = None;

/// A numeric key as text.
const KEY_TEXT: &str = "CAST(id AS TEXT)";

/// An `UPDATE` finds rows by those of another table with `IN (SELECT ..)`.
const UPDATES_BY_JOIN: bool = false;

/// The types of this database's columns.
mod types {
    use super::{DateTime, Utc, sql_types};

    pub type SqlTime = sql_types::Timestamp;
    pub type Time = chrono::NaiveDateTime;
    pub type SqlOperation = sql_types::Text;
    pub type Operation = String;

    /// How a time is bound where every microsecond counts: as the text that it becomes.
    pub type SqlStamp = sql_types::Text;
    pub type Stamp = String;

    pub fn stamp(at: DateTime<Utc>) -> Stamp {
        use chrono::{Datelike, Timelike};
        // Formatting takes several times as long as writing the digits.
        let mut text = String::with_capacity(26);
        for (before, number, digits) in [
            ("", at.year().unsigned_abs(), 4),
            ("-", at.month(), 2),
            ("-", at.day(), 2),
            (" ", at.hour(), 2),
            (":", at.minute(), 2),
            (":", at.second(), 2),
            (".", at.timestamp_subsec_micros(), 6),
        ] {
            text.push_str(before);
            for place in (0..digits).rev() {
                let digit = number / 10_u32.pow(place) % 10;
                text.extend(char::from_digit(digit, 10));
            }
        }
        text
    }

    pub fn operation(id: uuid::Uuid) -> Operation {
        id.to_string()
    }
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

pub struct Sqlite;

impl Backend for Sqlite {
    type Connection = Connection;

    const TABLES: &'static str = "
        CREATE TABLE leads (
            id INTEGER PRIMARY KEY, full_name TEXT NOT NULL, phone TEXT, email TEXT,
            owner_id BIGINT NOT NULL, created_at TIMESTAMP NOT NULL,
            deleted_at TIMESTAMP, deleted_by BIGINT, deletion_reason TEXT, deletion_id TEXT
        );
        CREATE TABLE callbacks (
            id INTEGER PRIMARY KEY, lead_id BIGINT NOT NULL REFERENCES leads (id),
            scheduled_for TIMESTAMP NOT NULL, note TEXT,
            deleted_at TIMESTAMP, deleted_by BIGINT, deletion_reason TEXT, deletion_id TEXT
        );
        CREATE INDEX leads_active ON leads (created_at DESC, id DESC) WHERE deleted_at IS NULL;
        CREATE INDEX leads_deleted ON leads (deleted_at DESC, id DESC) WHERE deleted_at IS NOT NULL;
        CREATE INDEX leads_owner ON leads (owner_id);
        CREATE INDEX callbacks_deleted ON callbacks (deleted_at DESC, id DESC) WHERE deleted_at IS NOT NULL;
        CREATE INDEX callbacks_lead ON callbacks (lead_id);
    ";

    const AFTER_SEED: &'static str = "ANALYZE; PRAGMA wal_checkpoint(TRUNCATE);";

    fn connect(url: &str) -> Result<Connection> {
        let mut conn = Connection::establish(url)?;
        conn.batch_execute(
            "PRAGMA busy_timeout = 60000; PRAGMA journal_mode = WAL; \
             PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;",
        )?;
        Ok(conn)
    }

    fn create(url: &str) -> Result<()> {
        Self::drop(url)
    }

    fn copy(options: &Options, from: &str) -> Result<()> {
        Self::drop(&options.url)?;
        fs::copy(from, &options.url)?;
        Ok(())
    }

    fn drop(url: &str) -> Result<()> {
        for suffix in ["", "-wal", "-shm"] {
            match fs::remove_file(format!("{url}{suffix}")) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        Ok(())
    }

    fn count(conn: &mut Connection, query: &str) -> Result<i64> {
        let found: Number = sql_query(format!("SELECT ({query}) AS number")).get_result(conn)?;
        Ok(found.number)
    }

    fn measure(conn: &mut Connection, options: &Options) -> Result<Answer> {
        workload::run(conn, options)
    }

    fn series(name: &str, length: i64) -> String {
        format!(
            "(WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers \
             WHERE number < {length}) SELECT number AS {name} FROM numbers) AS series_{name}"
        )
    }

    fn ago(now: DateTime<Utc>, seconds: &str) -> String {
        let now = now.format("%F %T");
        format!("STRFTIME('%Y-%m-%d %H:%M:%S.000000', '{now}', '-' || ({seconds}) || ' seconds')")
    }

    fn operation(number: &str) -> String {
        format!("PRINTF('00000000-0000-4000-8000-%012d', {number})")
    }
}
