//! Counting a model's rows by their state.

use diesel::result::QueryResult;

use super::{Expired, Instant, Statement, Writer, hold::is_among_held};
use crate::{ColumnKind, Descriptor, Dialect};

/// All figures of a model, from one look at the database, as text:
///
/// ```sql
/// SELECT <active>, <deleted>, (SELECT COUNT(*) FROM t WHERE <expired>), (.. <expiring soon>), (.. <held>), (SELECT MIN(deleted_at) ..)
/// ```
///
/// Each is a look into an index where the database has one for it. Where it counts a whole table more quickly than a part of
/// it, the active rows are all without the deleted ones.
pub(crate) struct CountStates<'a> {
    pub(crate) model: &'static Descriptor,
    pub(crate) expired: &'a Expired,
    pub(crate) soon: &'a Expired,
    pub(crate) now: &'a Instant,
    /// The beginning of all time that can be compared.
    pub(crate) first: &'a Instant,
    /// Whether the active rows are not counted, because the table is too large.
    pub(crate) without_active: bool,
    /// Whether there is a table of holds.
    pub(crate) has_holds: bool,
}

impl<DB: Dialect> Statement<DB> for CountStates<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let deleted_at = &self.model.deleted_at;
        let (number, time) = (
            out.syntax().text(ColumnKind::BigInt),
            out.syntax().text(deleted_at.kind()),
        );
        let by_difference = !self.without_active && out.syntax().counts_tables_quickly();
        out.sql("SELECT ").sql(number.0);
        if self.without_active {
            out.sql("0");
        } else if by_difference {
            out.sql("counted.total - counted.deleted");
        } else {
            self.count(out)?
                .sql(" WHERE ")
                .identifier(deleted_at.name())?
                .sql(" IS NULL)");
        }
        out.sql(number.1).sql(", ").sql(number.0);
        if by_difference {
            out.sql("counted.deleted");
        } else {
            self.deleted(out)?;
        }
        out.sql(number.1);
        for due in [self.expired, self.soon] {
            out.sql(", ").sql(number.0);
            self.count(out)?.sql(" WHERE ");
            due.condition(out)?;
            out.sql(")").sql(number.1);
        }
        out.sql(", ").sql(number.0);
        self.held(out)?;
        out.sql(number.1);
        out.sql(", ")
            .sql(time.0)
            .sql("(SELECT MIN(")
            .identifier(deleted_at.name())?;
        out.sql(") FROM ").table(&self.model.table)?.sql(" WHERE ");
        // What no clock wrote may sort before everything.
        out.identifier(deleted_at.name())?.sql(" >= ");
        out.time(deleted_at.kind(), &self.first.time, &self.first.text)?
            .sql(")")
            .sql(time.1);
        if by_difference {
            // Apart, so that the deleted rows are counted once for both.
            out.sql(" FROM (SELECT ");
            self.count(out)?.sql(") AS total, ");
            self.deleted(out)?;
            out.sql(" AS deleted) AS counted");
        }
        Ok(())
    }
}

impl CountStates<'_> {
    fn count<'w, 'p, 'b, DB: Dialect>(
        &self,
        out: &'w mut Writer<'p, 'b, DB>,
    ) -> QueryResult<&'w mut Writer<'p, 'b, DB>> {
        out.sql("(SELECT COUNT(*) FROM ").table(&self.model.table)
    }

    // Without any hold no row is looked at.
    fn held<'b, DB: Dialect>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        if !self.has_holds {
            out.sql("0");
            return Ok(());
        }
        out.sql("CASE WHEN EXISTS (SELECT 1 FROM soft_delete_holds) THEN ");
        self.count(out)?
            .sql(" WHERE ")
            .identifier(self.model.deleted_at.name())?
            .sql(" IS NOT NULL AND ");
        is_among_held(self.model, self.now, out)?;
        out.sql(") ELSE 0 END");
        Ok(())
    }

    fn deleted<DB: Dialect>(&self, out: &mut Writer<'_, '_, DB>) -> QueryResult<()> {
        self.count(out)?
            .sql(" WHERE ")
            .identifier(self.model.deleted_at.name())?
            .sql(" IS NOT NULL)");
        Ok(())
    }
}
