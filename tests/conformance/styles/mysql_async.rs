//! MariaDB through diesel-async, with fields that have a zone although the database has none.

pub use diesel::prelude::*;
pub use diesel_async::RunQueryDsl;
use diesel_async::{AsyncConnection, AsyncMysqlConnection};
use soft_delete::Database;
pub use soft_delete::{Model, async_prelude::*};

use crate::support::database::TestDatabase;

pub type Conn = AsyncMysqlConnection;
pub const DATABASE: Database = Database::Mysql;

pub async fn connect(db: &TestDatabase) -> Conn {
    Conn::establish(db.url()).await.expect("a connection")
}

async_style!($);
models! { time: Datetime as DateTime<Utc>, read as soft_delete::UtcTimestamp; id: Text as DeletionId; }
kin! { time: Datetime as DateTime<Utc>, read as soft_delete::UtcTimestamp; id: Text as DeletionId; }

#[path = "../suite/mod.rs"]
mod suite;
