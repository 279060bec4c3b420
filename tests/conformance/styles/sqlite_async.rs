//! SQLite through diesel-async, with times that have no zone.

pub use diesel::prelude::*;
pub use diesel_async::RunQueryDsl;
use diesel_async::{AsyncConnection, SimpleAsyncConnection, sync_connection_wrapper::SyncConnectionWrapper};
use soft_delete::Database;
pub use soft_delete::{Model, async_prelude::*};

use crate::support::database::{SQLITE_SETTINGS, TestDatabase};

pub type Conn = SyncConnectionWrapper<SqliteConnection>;
pub const DATABASE: Database = Database::Sqlite;

pub async fn connect(db: &TestDatabase) -> Conn {
    let mut conn = Conn::establish(db.url()).await.expect("a connection");
    conn.batch_execute(SQLITE_SETTINGS).await.expect("pragmas");
    conn
}

async_style!($);
models! { time: Timestamp as NaiveDateTime; id: Text as String; }
kin! { time: Timestamp as NaiveDateTime; id: Text as String; }

#[path = "../suite/mod.rs"]
mod suite;
