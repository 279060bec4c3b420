//! Rows that cannot be active together, because a unique key is declared on them.

use diesel::result::QueryResult;

use super::{Rows, Statement, Writer};
use crate::{Descriptor, Dialect};

/// Pairs of rows with one unique value: one that would come back, and one that is in its way.
///
/// `SELECT r.record_id, other.record_id FROM (SELECT <key as text>, <columns> FROM t WHERE <rows>) r INNER JOIN (..) other ON <same values> LIMIT 100`
pub(crate) struct Conflicts<'a, DB: Dialect> {
    pub(crate) model: &'static Descriptor,
    pub(crate) columns: &'static [String],
    pub(crate) rows: &'a Rows<'a, DB>,
    /// Whether the other row is active, or comes back as well.
    pub(crate) with_active: bool,
}

impl<DB: Dialect> Statement<DB> for Conflicts<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        out.sql("SELECT back.record_id, other.record_id FROM (");
        self.candidates(out)?;
        self.rows.in_state(self.model, true, out)?;
        out.sql(") back INNER JOIN (");
        self.candidates(out)?;
        if self.with_active {
            out.identifier(self.model.deleted_at.name())?.sql(" IS NULL");
        } else {
            self.rows.in_state(self.model, true, out)?;
        }
        out.sql(") other ON ");
        out.equal(Some("back"), self.columns, Some("other"), self.columns)?;
        // Of two that come back each would be in the way of the other; one of the two pairs tells enough.
        out.sql(if self.with_active {
            ""
        } else {
            " AND back.record_id < other.record_id"
        })
        .sql(" ORDER BY back.record_id LIMIT 100");
        Ok(())
    }
}

impl<DB: Dialect> Conflicts<'_, DB> {
    fn candidates<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        out.sql("SELECT ").key_text(self.model)?.sql(" AS record_id, ");
        out.list(None, self.columns)?
            .sql(" FROM ")
            .table(&self.model.table)?
            .sql(" WHERE ");
        Ok(())
    }
}
