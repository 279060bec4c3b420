//! The rows of a model that are due for removal, by its description alone.

use diesel::result::QueryResult;
use soft_delete_core::{
    EARLIEST, Retention,
    chrono::{DateTime, NaiveDateTime, Utc},
};

use super::{Statement, Writer};
use crate::{Column, ColumnKind, Descriptor, Dialect, Moment, due::Cutoffs};

/// The condition that a row is due, as a piece of a statement; what `Scopes::expired` says in Diesel's types.
pub(crate) struct Expired {
    model: &'static Descriptor,
    earliest: End,
    deleted_at: Option<End>,
    purge_after: Option<End>,
}

// One end of a range, ready to be bound.
struct End {
    time: NaiveDateTime,
    text: String,
}

impl End {
    fn of(moment: Moment) -> Self {
        Self {
            time: moment.time(),
            text: moment.text(),
        }
    }
}

impl Expired {
    /// The rows that are due at this moment under the retention in force.
    pub(crate) fn at(model: &'static Descriptor, now: DateTime<Utc>) -> Self {
        Self::under(model, now, model.retention_policy())
    }

    /// The rows that are due at this moment under this retention, but for those with a `purge_after` of their own.
    pub(crate) fn under(model: &'static Descriptor, now: DateTime<Utc>, retention: Retention) -> Self {
        let cutoffs = Cutoffs::at(now, retention);
        let end = |instant: Option<DateTime<Utc>>| instant.map(|at| End::of(Moment::at_most(at)));
        Self {
            model,
            earliest: End::of(Moment::at_least(EARLIEST)),
            deleted_at: end(cutoffs.deleted_at),
            purge_after: end(cutoffs.purge_after),
        }
    }

    /// `deleted_at BETWEEN ? AND ?`, or with a `purge_after` of their own
    /// `deleted_at IS NOT NULL AND (purge_after BETWEEN ? AND ? OR (purge_after IS NULL AND deleted_at BETWEEN ? AND ?))`
    pub(super) fn condition<'b, DB: Dialect>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let deleted_at = &self.model.deleted_at;
        let Some(purge_after) = &self.model.purge_after else {
            return self.up_to(deleted_at, self.deleted_at.as_ref(), out);
        };
        out.identifier(deleted_at.name())?.sql(" IS NOT NULL AND (");
        self.up_to(purge_after, self.purge_after.as_ref(), out)?;
        out.sql(" OR (")
            .identifier(purge_after.name())?
            .sql(" IS NULL AND ");
        self.up_to(deleted_at, self.deleted_at.as_ref(), out)?;
        out.sql("))");
        Ok(())
    }

    fn up_to<'b, DB: Dialect>(
        &'b self,
        column: &Column,
        last: Option<&'b End>,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        let Some(last) = last else {
            out.sql("1 = 0");
            return Ok(());
        };
        out.identifier(column.name())?.sql(" BETWEEN ");
        out.time(column.kind(), &self.earliest.time, &self.earliest.text)?
            .sql(" AND ");
        out.time(column.kind(), &last.time, &last.text)?;
        Ok(())
    }
}

/// Which deleted rows a removal is for.
pub(crate) enum Due {
    /// Those that are due by their age.
    Expired(Expired),
    /// All that are deleted.
    Deleted(&'static Descriptor),
}

impl Due {
    pub(super) fn condition<'b, DB: Dialect>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        match self {
            Self::Expired(expired) => expired.condition(out),
            Self::Deleted(model) => {
                out.identifier(model.deleted_at.name())?.sql(" IS NOT NULL");
                Ok(())
            }
        }
    }
}

/// `SELECT COUNT(*) FROM t WHERE <due>`
pub(crate) struct CountExpired(pub(crate) Expired);

impl<DB: Dialect> Statement<DB> for CountExpired {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (before, after) = out.syntax().text(ColumnKind::BigInt);
        out.sql("SELECT ").sql(before).sql("COUNT(*)").sql(after);
        out.sql(" FROM ").table(&self.0.model.table)?.sql(" WHERE ");
        self.0.condition(out)
    }
}
