//! The library's own tables, and the SQL for the application's.
//!
//! ```
//! # #[cfg(feature = "sqlite")] {
//! use soft_delete_diesel::{diesel::{Connection, SqliteConnection}, migrations};
//! let mut conn = SqliteConnection::establish(":memory:")?;
//! assert_eq!(migrations::run(&mut conn)?, ["0001_audit", "0002_holds", "0003_runs"]);
//! assert!(migrations::run(&mut conn)?.is_empty()); // once is enough, twice does no harm
//! # }
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod guards;
mod run;
mod source;
mod table_sql;

pub use guards::{audit_guards, guards_for_relation, guards_for_table};
pub use run::run;
#[cfg(feature = "async")]
pub use run::run_async;
pub use source::{Source, source};
pub(crate) use table_sql::indexes;
pub use table_sql::{TableSql, sql_for_table};

use crate::Database;

/// The SQL that makes the library's own tables on this database, for applications that keep their migrations as files.
///
/// ```
/// use soft_delete_diesel::{Database, migrations};
/// assert!(migrations::sql(Database::Postgres).contains("CREATE TABLE soft_delete_audit"));
/// ```
pub fn sql(database: Database) -> String {
    database
        .syntax()
        .migrations()
        .iter()
        .map(|(_, up, _)| *up)
        .collect()
}

/// The statements of a migration: they end with a semicolon at the end of a line.
fn statements(sql: &str) -> impl Iterator<Item = &str> {
    sql.split(";\n")
        .map(str::trim)
        .filter(|statement| !statement.is_empty())
}
