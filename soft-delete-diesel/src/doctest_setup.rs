// Included by the examples of this crate: two tables in memory, a lead with two callbacks.
use diesel::prelude::*;
use soft_delete_core::{Actor, Outcome, SoftDelete, chrono::NaiveDateTime};
use soft_delete_derive::SoftDelete;
#[allow(unused_imports)]
use soft_delete_diesel::{Error, JoinActiveDsl, Model, Scopes, SoftDeleteDsl};

diesel::table! {
    leads (id) {
        id -> BigInt,
        name -> Text,
        deleted_at -> Nullable<Timestamp>,
    }
}
diesel::table! {
    callbacks (id) {
        id -> BigInt,
        lead_id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
        deletion_id -> Nullable<Text>,
    }
}
diesel::joinable!(callbacks -> leads (lead_id));
diesel::allow_tables_to_appear_in_same_query!(leads, callbacks);

#[derive(Debug, Queryable, Selectable, Identifiable, SoftDelete)]
#[diesel(table_name = leads)]
#[soft_delete(crate = ::soft_delete_diesel)]
pub struct Lead {
    pub id: i64,
    pub deleted_at: Option<NaiveDateTime>,
}

#[derive(Debug, Queryable, Selectable, Identifiable, Associations, SoftDelete)]
#[diesel(table_name = callbacks, belongs_to(Lead))]
#[soft_delete(crate = ::soft_delete_diesel)]
pub struct Callback {
    pub id: i64,
    pub lead_id: i64,
    pub deleted_at: Option<NaiveDateTime>,
    pub deletion_id: Option<soft_delete_diesel::DeletionId>,
}

const SCHEMA: &str = "
    CREATE TABLE leads (id BIGINT PRIMARY KEY, name TEXT NOT NULL, deleted_at TIMESTAMP);
    CREATE TABLE callbacks (id BIGINT PRIMARY KEY, lead_id BIGINT NOT NULL, deleted_at TIMESTAMP, deletion_id TEXT);
    INSERT INTO leads (id, name) VALUES (1, 'Ada'), (2, 'Grace');
    INSERT INTO callbacks (id, lead_id) VALUES (10, 1), (11, 1);
";

#[allow(dead_code)]
fn connection() -> SqliteConnection {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    soft_delete_diesel::migrations::run(&mut conn).unwrap();
    diesel::connection::SimpleConnection::batch_execute(&mut conn, SCHEMA).unwrap();
    conn
}
