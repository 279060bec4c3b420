//! PostgreSQL behind an enum of connections.

pub use diesel::prelude::*;
use soft_delete::Database;
pub use soft_delete::{Model, prelude::*};

use super::any_connection::AnyConnection;
use crate::support::database::TestDatabase;

pub type Conn = AnyConnection;
pub const DATABASE: Database = Database::Postgres;

pub fn connect(db: &TestDatabase) -> Conn {
    AnyConnection::Pg(PgConnection::establish(db.url()).expect("a connection"))
}

blocking_style!($);
models! { time: Timestamp as NaiveDateTime; id: Text as DeletionId; }
kin! { time: Timestamp as NaiveDateTime; id: Text as DeletionId; }

#[path = "../suite/mod.rs"]
mod suite;
