//! The rows of a model that are due for removal, by its description alone.

use diesel::result::QueryResult;
use soft_delete_core::{
    EARLIEST, Retention,
    chrono::{DateTime, TimeDelta, Utc},
};

use super::{Statement, TimeRange, Writer};
use crate::{Column, ColumnKind, Descriptor, Dialect, due::Cutoffs};

/// The condition that a row is due, as a piece of a statement; what `Scopes::expired` says in Diesel's types.
pub(crate) struct Expired {
    model: &'static Descriptor,
    deleted_at: Option<TimeRange>,
    purge_after: Option<TimeRange>,
}

impl Expired {
    /// The rows that are due at this moment under the retention in force.
    pub(crate) fn at(model: &'static Descriptor, now: DateTime<Utc>) -> Self {
        Self::under(model, now, model.retention_policy())
    }

    /// The rows that are due at this moment under this retention, but for those with a `purge_after` of their own.
    pub(crate) fn under(model: &'static Descriptor, now: DateTime<Utc>, retention: Retention) -> Self {
        let cutoffs = Cutoffs::at(now, retention);
        let range = |last: Option<DateTime<Utc>>| last.map(|last| TimeRange::of(EARLIEST, last));
        Self {
            model,
            deleted_at: range(cutoffs.deleted_at),
            purge_after: range(cutoffs.purge_after),
        }
    }

    /// The rows that are not due at one moment and will be at another.
    pub(crate) fn between(model: &'static Descriptor, now: DateTime<Utc>, later: DateTime<Utc>) -> Self {
        let retention = model.retention_policy();
        let (before, after) = (Cutoffs::at(now, retention), Cutoffs::at(later, retention));
        let range = |before: Option<DateTime<Utc>>, after: Option<DateTime<Utc>>| {
            let first = before.map_or(EARLIEST, |last| last + TimeDelta::microseconds(1));
            after
                .filter(|last| *last >= first)
                .map(|last| TimeRange::of(first, last))
        };
        Self {
            model,
            deleted_at: range(before.deleted_at, after.deleted_at),
            purge_after: range(before.purge_after, after.purge_after),
        }
    }

    /// `deleted_at BETWEEN ? AND ?`, or with a `purge_after` of their own
    /// `deleted_at IS NOT NULL AND (purge_after BETWEEN ? AND ? OR (purge_after IS NULL AND deleted_at BETWEEN ? AND ?))`
    pub(super) fn condition<'b, DB: Dialect>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        self.write("", out)
    }

    /// The same of rows that are found in another way than by an index on these columns.
    pub(super) fn without_index<'b, DB: Dialect>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let times = out.syntax().text_times();
        self.write(times.map_or("", |times| times.bare), out)
    }

    fn write<'b, DB: Dialect>(&'b self, bare: &'static str, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let deleted_at = &self.model.deleted_at;
        let Some(purge_after) = &self.model.purge_after else {
            return within(deleted_at, bare, self.deleted_at.as_ref(), out);
        };
        out.identifier(deleted_at.name())?.sql(" IS NOT NULL AND (");
        within(purge_after, bare, self.purge_after.as_ref(), out)?;
        out.sql(" OR (")
            .identifier(purge_after.name())?
            .sql(" IS NULL AND ");
        within(deleted_at, bare, self.deleted_at.as_ref(), out)?;
        out.sql("))");
        Ok(())
    }
}

fn within<'b, DB: Dialect>(
    column: &Column,
    bare: &'static str,
    range: Option<&'b TimeRange>,
    out: &mut Writer<'_, 'b, DB>,
) -> QueryResult<()> {
    let Some(range) = range else {
        out.sql("1 = 0");
        return Ok(());
    };
    let column_of_row = |out: &mut Writer<'_, 'b, DB>| out.sql(bare).identifier(column.name()).map(drop);
    range.contains(column.kind(), column_of_row, out)
}

/// Which deleted rows a removal is for.
pub(crate) enum Due {
    /// Those that are due by their age.
    Expired(Expired),
    /// All that are deleted.
    Deleted(&'static Descriptor),
}

impl Due {
    pub(super) fn condition<'b, DB: Dialect>(
        &'b self,
        by_index: bool,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        match self {
            Self::Expired(expired) if by_index => expired.condition(out),
            Self::Expired(expired) => expired.without_index(out),
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
