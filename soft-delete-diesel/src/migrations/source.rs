//! The library's migrations as Diesel sees migrations.

use std::fmt;

use diesel::{
    connection::BoxableConnection,
    migration::{Migration, MigrationMetadata, MigrationName, MigrationSource, MigrationVersion, Result},
};

use crate::{Database, Dialect};

/// The library's migrations, to be merged into the application's own set:
/// `conn.run_pending_migrations(soft_delete::migrations::source())`.
///
/// Made by [`source`].
#[derive(Debug, Clone, Copy)]
pub struct Source(());

/// The library's migrations for Diesel's `MigrationHarness`.
///
/// Use either this or [`run`](super::run), not both: each keeps its own list of what was applied.
pub fn source() -> Source {
    Source(())
}

impl<DB: Dialect> MigrationSource<DB> for Source {
    fn migrations(&self) -> Result<Vec<Box<dyn Migration<DB>>>> {
        let database = DB::DATABASE.ok_or(
            "a MultiConnection does not tell its database before it is connected: use soft_delete::migrations::run",
        )?;
        let own = |(version, up, down): &(&'static str, &'static str, &'static str)| {
            Box::new(Own {
                database,
                version: Version(version),
                up,
                down,
            }) as Box<dyn Migration<DB>>
        };
        Ok(database.syntax().migrations().iter().map(own).collect())
    }
}

struct Own {
    database: Database,
    version: Version,
    up: &'static str,
    down: &'static str,
}

#[derive(Debug, Clone, Copy)]
struct Version(&'static str);

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "soft_delete_{}", self.0)
    }
}

impl MigrationName for Version {
    // Diesel drops everything but letters and digits from the versions of files; ours never meets one of those.
    fn version(&self) -> MigrationVersion<'_> {
        MigrationVersion::from(format!(
            "softdelete{}",
            self.0.split('_').next().unwrap_or_default()
        ))
    }
}

impl<DB: Dialect> Migration<DB> for Own {
    fn run(&self, conn: &mut dyn BoxableConnection<DB>) -> Result<()> {
        Ok(conn.batch_execute(self.up)?)
    }

    fn revert(&self, conn: &mut dyn BoxableConnection<DB>) -> Result<()> {
        Ok(conn.batch_execute(self.down)?)
    }

    fn metadata(&self) -> &dyn MigrationMetadata {
        self
    }

    fn name(&self) -> &dyn MigrationName {
        &self.version
    }
}

impl MigrationMetadata for Own {
    // MySQL and MariaDB commit at every CREATE TABLE; a transaction around it would promise what it cannot hold.
    fn run_in_transaction(&self) -> bool {
        self.database != Database::Mysql
    }
}
