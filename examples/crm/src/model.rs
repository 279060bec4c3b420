//! Leads and callbacks.

use diesel::{
    connection::SimpleConnection,
    prelude::*,
    r2d2::{self, CustomizeConnection},
};
use soft_delete::{migrations, prelude::*};

diesel::table! {
    leads (id) {
        id -> Integer,
        full_name -> Text,
        email -> Text,
        deleted_at -> Nullable<Timestamp>,
        deleted_by -> Nullable<Text>,
        deletion_reason -> Nullable<Text>,
        deletion_id -> Nullable<Text>,
    }
}

diesel::table! {
    callbacks (id) {
        id -> Integer,
        lead_id -> Integer,
        subject -> Text,
        deleted_at -> Nullable<Timestamp>,
        deletion_id -> Nullable<Text>,
    }
}

diesel::joinable!(callbacks -> leads (lead_id));
diesel::allow_tables_to_appear_in_same_query!(leads, callbacks);

/// Somebody who may become a customer. An e-mail address is unique among those who are not deleted.
#[derive(Queryable, Selectable, Identifiable, SoftDelete)]
#[diesel(table_name = leads)]
#[soft_delete(label = full_name, unique(email), cascade(Callback))]
pub struct Lead {
    pub id: i32,
    pub full_name: String,
    pub email: String,
    pub deleted_at: Option<NaiveDateTime>,
    pub deleted_by: Option<String>,
    pub deletion_reason: Option<String>,
    pub deletion_id: Option<DeletionId>,
}

/// A call that was promised to a lead; it goes along with the lead, and comes back with it.
#[derive(Queryable, Selectable, Identifiable, Associations, SoftDelete)]
#[diesel(table_name = callbacks, belongs_to(Lead))]
#[soft_delete(label = subject)]
pub struct Callback {
    pub id: i32,
    pub lead_id: i32,
    pub subject: String,
    pub deleted_at: Option<NaiveDateTime>,
    pub deletion_id: Option<DeletionId>,
}

/// The models of this application.
pub fn registry() -> Registry {
    Registry::new().with::<Lead>().with::<Callback>()
}

/// What every connection to SQLite is set to: to wait for others, and to enforce foreign keys.
#[derive(Debug)]
pub struct Settings;

impl CustomizeConnection<SqliteConnection, r2d2::Error> for Settings {
    fn on_acquire(&self, conn: &mut SqliteConnection) -> Result<(), r2d2::Error> {
        conn.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON;")
            .map_err(r2d2::Error::QueryError)
    }
}

/// Makes what is missing; an application does this in its migrations.
pub fn prepare(conn: &mut SqliteConnection) -> Result<(), Box<dyn std::error::Error>> {
    // The file keeps this mode. Connections that set it at the same time would be told that the file is locked.
    conn.batch_execute("PRAGMA journal_mode = WAL")?;
    if migrations::run(conn)?.is_empty() {
        return Ok(());
    }
    conn.batch_execute(
        "CREATE TABLE leads (id INTEGER PRIMARY KEY, full_name TEXT NOT NULL, email TEXT NOT NULL);
         CREATE TABLE callbacks (id INTEGER PRIMARY KEY, lead_id INTEGER NOT NULL REFERENCES leads (id), subject TEXT NOT NULL);",
    )?;
    for model in registry().models() {
        conn.batch_execute(&migrations::sql_for_table(soft_delete::Database::Sqlite, model).up)?;
    }
    conn.batch_execute(
        "INSERT INTO leads (full_name, email) VALUES ('Ada Lovelace', 'ada@example.org'), ('Charles Babbage', 'charles@example.org'), ('Mary Somerville', 'mary@example.org'), ('George Boole', 'george@example.org');
         INSERT INTO callbacks (lead_id, subject) VALUES (1, 'Notes on the engine'), (1, 'A second call'), (2, 'The difference engine'), (3, 'A letter');",
    )?;
    Ok(())
}
