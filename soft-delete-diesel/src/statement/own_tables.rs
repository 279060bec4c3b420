//! Statements about the library's own tables.

use diesel::result::QueryResult;

use super::{Statement, Writer};
use crate::Dialect;

/// One row if the table exists.
pub(crate) struct TableExists<'a>(pub(crate) &'a str);

impl<DB: Dialect> Statement<DB> for TableExists<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (before, after) = out.syntax().table_exists();
        out.sql(before).text(self.0)?.sql(after);
        Ok(())
    }
}

/// The name of the database, for a connection whose type does not tell it.
pub(crate) struct WhichDatabase;

impl<DB: Dialect> Statement<DB> for WhichDatabase {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let name = out.database().as_str();
        out.sql("SELECT '").sql(name).sql("'");
        Ok(())
    }
}

/// The versions of the applied migrations.
pub(crate) struct AppliedMigrations;

impl<DB: Dialect> Statement<DB> for AppliedMigrations {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        out.sql("SELECT version FROM soft_delete_migrations");
        Ok(())
    }
}

/// Notes a migration as applied; affects no row if it was noted before.
pub(crate) struct RecordMigration<'a>(pub(crate) &'a str);

impl<DB: Dialect> Statement<DB> for RecordMigration<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (before, after) = out.syntax().record_migration();
        out.sql(before).text(self.0)?.sql(after);
        Ok(())
    }
}

/// One statement of the library's own schema.
pub(crate) struct Ddl<'a>(pub(crate) &'a str);

impl<DB: Dialect> Statement<DB> for Ddl<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        out.once(self.0);
        Ok(())
    }
}
