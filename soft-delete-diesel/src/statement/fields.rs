//! One row, column by column, as text.

use diesel::result::QueryResult;

use super::{Statement, Writer};
use crate::{ColumnKind, Descriptor, Dialect, KeyBinds, Predicate};

/// The first 2,000 characters of each column; of one that holds bytes only whether it is empty:
/// `SELECT '', substr(CAST(<column> AS TEXT), 1, 2000), .. FROM t WHERE <key> [AND <condition>]`
pub(crate) struct Fields<'a, DB: Dialect> {
    pub(crate) model: &'a Descriptor,
    pub(crate) key: &'a dyn KeyBinds<DB>,
    /// Each with whether it is text to be read.
    pub(crate) columns: &'a [(String, bool)],
    pub(crate) within: Option<&'a Predicate<'a, DB>>,
}

impl<DB: Dialect> Statement<DB> for Fields<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        // Whatever its type, people read it as text.
        let (before, after) = out.syntax().text(ColumnKind::BigInt);
        out.never_twice();
        out.sql("SELECT ''");
        for (column, is_text) in self.columns {
            if *is_text {
                out.sql(", substr(")
                    .sql(before)
                    .identifier(column)?
                    .sql(after)
                    .sql(", 1, 2000)");
            } else {
                out.sql(", CASE WHEN ")
                    .identifier(column)?
                    .sql(" IS NOT NULL THEN '' END");
            }
        }
        out.sql(" FROM ").table(&self.model.table)?.sql(" WHERE ");
        out.key_is(self.model, self.key)?;
        if let Some(within) = self.within {
            out.sql(" AND (").fragment(within)?.sql(")");
        }
        Ok(())
    }
}
