//! Which rows may be removed for good: due, not held, and with nothing that refers to them.

use diesel::result::QueryResult;

use super::{
    Due, Instant, Writer,
    hold::{is_among_held, is_held},
};
use crate::{Descriptor, Dialect, foreign_key::ForeignKey};

/// The condition that a row may be removed, as a piece of a statement.
pub(crate) struct Removable<'a> {
    pub(crate) model: &'static Descriptor,
    pub(crate) due: Due,
    /// The instant at which a hold is in force or over.
    pub(crate) now: Instant,
    /// Who must not refer to it.
    pub(crate) referring: Vec<Referrer<'a>>,
    /// Whether the index on deleted rows must not be taken.
    pub(crate) by_key: bool,
    /// Whether what is looked at in other tables stays as it is until the transaction ends.
    pub(crate) locks: bool,
}

/// Rows that refer to a row, and keep it from being removed.
pub(crate) struct Referrer<'a> {
    pub(crate) key: &'a ForeignKey,
    /// Not these, which are gone by then: for saying beforehand what will be removed.
    pub(crate) unless: Option<Box<Removable<'a>>>,
}

/// What of the condition is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// All of it.
    All,
    /// That the row is due, for rows of which the rest is known and cannot have changed.
    Due,
    /// That it is due and held.
    Held,
    /// That it is due, not held, and something refers to it.
    Blocked,
}

impl Removable<'_> {
    /// The condition on a row of the model's table. It stands in a statement whose nearest table that is.
    pub(super) fn condition<'b, DB: Dialect>(
        &'b self,
        asked: Asked,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        let table = self.model.table.name();
        self.is_due(out)?;
        match asked {
            Asked::Due => return Ok(()),
            Asked::Held => {
                out.sql(" AND ");
                return is_among_held(self.model, &self.now, out);
            }
            Asked::All | Asked::Blocked => {}
        }
        out.sql(" AND ");
        self.is_not_held(table, out)?;
        if asked == Asked::All {
            return self.is_not_referred_to(table, 0, out);
        }
        out.sql(" AND (1 = 0");
        for referrer in &self.referring {
            out.sql(" OR ");
            referrer.exists(table, 0, "", out)?;
        }
        out.sql(")");
        Ok(())
    }

    fn latest<DB: Dialect>(&self, out: &Writer<'_, '_, DB>) -> &'static str {
        if self.locks { out.syntax().latest() } else { "" }
    }

    fn is_due<'b, DB: Dialect>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        // `IS TRUE` keeps optimizers from an index that they would have to sort by the key.
        out.sql(if self.by_key { "(" } else { "" });
        self.due.condition(out)?;
        out.sql(if self.by_key { ") IS TRUE" } else { "" });
        Ok(())
    }

    // Where there are no holds at all, which is asked once, no row is asked for.
    fn is_not_held<'b, DB: Dialect>(&'b self, row: &str, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let latest = self.latest(out);
        out.sql("(NOT EXISTS (SELECT 1 FROM soft_delete_holds")
            .sql(latest)
            .sql(") OR NOT ");
        is_held(self.model, row, &self.now, latest, out)?;
        out.sql(")");
        Ok(())
    }

    fn is_not_referred_to<'b, DB: Dialect>(
        &'b self,
        row: &str,
        depth: usize,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        let latest = self.latest(out);
        for referrer in &self.referring {
            out.sql(" AND NOT ");
            referrer.exists(row, depth, latest, out)?;
        }
        Ok(())
    }
}

impl Referrer<'_> {
    /// `EXISTS (SELECT 1 FROM c AS referring WHERE referring.<foreign key> = t.<key>)`
    pub(super) fn exists<'b, DB: Dialect>(
        &'b self,
        row: &str,
        depth: usize,
        latest: &'static str,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        let alias = format!("referring_{depth}");
        out.sql("EXISTS (SELECT 1 FROM ")
            .table(&self.key.child)?
            .sql(" AS ")
            .identifier(&alias)?
            .sql(" WHERE ");
        out.equal(
            Some(&alias),
            &self.key.columns,
            Some(row),
            &self.key.parent_columns,
        )?;
        if let Some(gone) = &self.unless {
            // Not plainly NOT: what is unknown of a row keeps it.
            out.sql(" AND CASE WHEN ");
            gone.is_due(out)?;
            out.sql(" AND ");
            gone.is_not_held(&alias, out)?;
            gone.is_not_referred_to(&alias, depth + 1, out)?;
            out.sql(" THEN 0 ELSE 1 END = 1");
        }
        out.sql(latest).sql(")");
        Ok(())
    }
}
