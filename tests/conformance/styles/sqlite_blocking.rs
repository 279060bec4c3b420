//! SQLite on Diesel's own connection.

pub use diesel::prelude::*;
use soft_delete::Database;
pub use soft_delete::{Model, prelude::*};

use crate::support::database::{TestDatabase, sqlite};

pub type Conn = SqliteConnection;
pub const DATABASE: Database = Database::Sqlite;

pub fn connect(db: &TestDatabase) -> Conn {
    sqlite(db.url())
}

blocking_style!($);
models! { time: TimestamptzSqlite as DateTime<Utc>; id: Text as DeletionId; }
kin! { time: TimestamptzSqlite as DateTime<Utc>; id: Text as DeletionId; }

#[path = "../suite/mod.rs"]
mod suite;

#[path = "../property/on_database.rs"]
mod property;

#[path = "../stepped/on_database.rs"]
mod stepped;

#[path = "../schedules/on_database.rs"]
mod schedules;

#[path = "../killed/on_database.rs"]
mod killed;
