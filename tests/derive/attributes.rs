//! What each key and each role of `#[soft_delete(..)]` does, seen from outside.

mod keys;
mod retention;
mod roles;

use diesel::{SqliteConnection, connection::SimpleConnection as _, prelude::*};
use soft_delete::{Clock as _, Context, FixedClock, SystemClock, prelude::*};

diesel::table! {
    leads (id) {
        id -> BigInt,
        full_name -> Text,
        deleted_at -> Nullable<TimestamptzSqlite>,
        deleted_by -> Nullable<Text>,
        deletion_reason -> Nullable<Text>,
        deletion_id -> Nullable<Text>,
        purge_after -> Nullable<TimestamptzSqlite>,
        is_deleted -> Bool,
        removed_on -> Nullable<Timestamp>,
        remover -> Nullable<BigInt>,
        remark -> Nullable<Text>,
        operation -> Nullable<Text>,
        due_on -> Nullable<Timestamp>,
        gone -> Bool,
    }
}

/// A database with the lead number 1.
fn connection() -> SqliteConnection {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    soft_delete::migrations::run(&mut conn).unwrap();
    conn.batch_execute(
        "CREATE TABLE leads (
             id BIGINT PRIMARY KEY, full_name TEXT NOT NULL,
             deleted_at TIMESTAMPTZ, deleted_by TEXT, deletion_reason TEXT, deletion_id TEXT, purge_after TIMESTAMPTZ,
             is_deleted BOOLEAN NOT NULL DEFAULT FALSE,
             removed_on TIMESTAMP, remover BIGINT, remark TEXT, operation TEXT, due_on TIMESTAMP,
             gone BOOLEAN NOT NULL DEFAULT FALSE
         );
         INSERT INTO leads (id, full_name) VALUES (1, 'Ada');",
    )
    .unwrap();
    conn
}

/// An instant that every column keeps as it is, and a clock that stands there.
fn now() -> (DateTime<Utc>, FixedClock) {
    let now = soft_delete::to_micros(SystemClock.now());
    (now, FixedClock::at(now))
}

fn admin() -> Context {
    Actor::new("admin").because("asked to").clock(now().1)
}
