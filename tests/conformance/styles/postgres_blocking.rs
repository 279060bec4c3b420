//! PostgreSQL on Diesel's own connection.

pub use diesel::prelude::*;
use soft_delete::Database;
pub use soft_delete::{Model, prelude::*};

use crate::support::database::TestDatabase;

pub type Conn = PgConnection;
pub const DATABASE: Database = Database::Postgres;

pub fn connect(db: &TestDatabase) -> Conn {
    Conn::establish(db.url()).expect("a connection")
}

blocking_style!($);
models! { time: Timestamptz as DateTime<Utc>; id: Uuid as DeletionId; }
kin! { time: Timestamptz as DateTime<Utc>; id: Uuid as DeletionId; }

#[path = "../suite/mod.rs"]
mod suite;

#[path = "../property/on_database.rs"]
mod property;

#[path = "../stepped/on_database.rs"]
mod stepped;

#[path = "../schedules/on_database.rs"]
mod schedules;

#[path = "../killed/crashed_server.rs"]
mod crashed_server;
#[path = "../killed/on_database.rs"]
mod killed;
