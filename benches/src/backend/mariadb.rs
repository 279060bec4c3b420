//! MariaDB: no partial indexes, and no statement that writes two tables.

use chrono::{DateTime, Utc};
use diesel::connection::{Connection as _, SimpleConnection};
use diesel::sql_types::{self, BigInt};
use diesel::{MysqlConnection, QueryableByName, RunQueryDsl, sql_query};

use super::{Backend, database_of};
use crate::Result;
use crate::answer::Answer;
use crate::cli::Options;

#[path = "../workload/mod.rs"]
mod workload;

/// The connection of the workloads.
type Connection = MysqlConnection;

/// One statement cannot write two tables.
const CHANGES_AND_RECORDS_AT_ONCE: bool = false;

/// Whether a whole table is counted more quickly than a part of it.
const COUNTS_TABLES_QUICKLY: bool = false;

/// How a transaction by hand begins: prepared once, one round trip each.
///
/// A connection of its own with `autocommit = 0` would spare that trip too, but then every read of the application would
/// begin a transaction that somebody has to end.
const BEGIN: Option<&str> = Some("BEGIN");

/// What who writes by hand sets up once.
const SET_UP: Option<&str> = None;

/// A numeric key as text.
const KEY_TEXT: &str = "CAST(id AS CHAR)";

/// An `UPDATE` finds rows by those of another table only in a join; `IN (SELECT ..)` tries every row.
const UPDATES_BY_JOIN: bool = true;

/// The types of this database's columns.
mod types {
    use super::{DateTime, Utc, sql_types};

    pub type SqlTime = sql_types::Datetime;
    pub type Time = chrono::NaiveDateTime;
    pub type SqlOperation = sql_types::Text;
    pub type Operation = String;

    /// How a time is bound where every microsecond counts.
    pub type SqlStamp = SqlTime;
    pub type Stamp = Time;

    pub fn stamp(at: DateTime<Utc>) -> Stamp {
        at.naive_utc()
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

/// The database that always exists: databases are made and removed from there.
const ALWAYS_THERE: &str = "mysql";

/// Runs a command that names the database of the URL from outside of it.
fn from_outside(url: &str, command: impl FnOnce(&str) -> String) -> Result<()> {
    let (database, outside) = database_of(url, ALWAYS_THERE)?;
    Connection::establish(&outside)?.batch_execute(&command(database))?;
    Ok(())
}

pub struct Mariadb;

impl Backend for Mariadb {
    type Connection = Connection;

    // Without partial indexes, whether a row is deleted comes first.
    const TABLES: &'static str = "
        CREATE TABLE leads (
            id BIGINT NOT NULL PRIMARY KEY, full_name VARCHAR(200) NOT NULL, phone VARCHAR(50), email VARCHAR(200),
            owner_id BIGINT NOT NULL, created_at DATETIME(6) NOT NULL,
            deleted_at DATETIME(6), deleted_by BIGINT, deletion_reason TEXT,
            deletion_id CHAR(36) CHARACTER SET ascii,
            INDEX leads_active (deleted_at, created_at DESC, id DESC),
            INDEX leads_deleted (deleted_at DESC, id DESC),
            INDEX leads_owner (owner_id)
        ) ENGINE = InnoDB;
        CREATE TABLE callbacks (
            id BIGINT NOT NULL PRIMARY KEY, lead_id BIGINT NOT NULL,
            scheduled_for DATETIME(6) NOT NULL, note TEXT,
            deleted_at DATETIME(6), deleted_by BIGINT, deletion_reason TEXT,
            deletion_id CHAR(36) CHARACTER SET ascii,
            INDEX callbacks_deleted (deleted_at DESC, id DESC),
            INDEX callbacks_lead (lead_id),
            FOREIGN KEY (lead_id) REFERENCES leads (id)
        ) ENGINE = InnoDB;
    ";

    const AFTER_SEED: &'static str = "ANALYZE TABLE leads, callbacks;";

    fn connect(url: &str) -> Result<Connection> {
        Ok(Connection::establish(url)?)
    }

    fn create(url: &str) -> Result<()> {
        Self::drop(url)?;
        from_outside(url, |database| {
            format!("CREATE DATABASE `{database}` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        })
    }

    // This server copies no databases; making the rows again takes as long as copying them would.
    fn copy(options: &Options, _: &str) -> Result<()> {
        super::seed::<Self>(options)
    }

    fn drop(url: &str) -> Result<()> {
        from_outside(url, |database| format!("DROP DATABASE IF EXISTS `{database}`"))
    }

    fn count(conn: &mut Connection, query: &str) -> Result<i64> {
        let found: Number = sql_query(format!("SELECT ({query}) AS number")).get_result(conn)?;
        Ok(found.number)
    }

    fn measure(conn: &mut Connection, options: &Options) -> Result<Answer> {
        workload::run(conn, options)
    }

    fn series(name: &str, length: i64) -> String {
        format!("(SELECT seq AS {name} FROM seq_1_to_{length}) AS series_{name}")
    }

    fn ago(now: DateTime<Utc>, seconds: &str) -> String {
        let now = now.format("%F %T");
        format!("CAST('{now}' AS DATETIME(6)) - INTERVAL ({seconds}) SECOND")
    }

    fn operation(number: &str) -> String {
        format!("CONCAT('00000000-0000-4000-8000-', LPAD({number}, 12, '0'))")
    }
}
