//! PostgreSQL through diesel-async, with times that have no zone.

pub use diesel::prelude::*;
pub use diesel_async::RunQueryDsl;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use soft_delete::Database;
pub use soft_delete::{Model, async_prelude::*};

use crate::support::database::TestDatabase;

pub type Conn = AsyncPgConnection;
pub const DATABASE: Database = Database::Postgres;

pub async fn connect(db: &TestDatabase) -> Conn {
    Conn::establish(db.url()).await.expect("a connection")
}

async_style!($);
models! { time: Timestamp as NaiveDateTime; id: Uuid as uuid::Uuid; }
kin! { time: Timestamp as NaiveDateTime; id: Uuid as uuid::Uuid; }

#[path = "../suite/mod.rs"]
mod suite;
