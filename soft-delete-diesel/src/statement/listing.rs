//! The deleted rows of a model, newest first.

use diesel::result::QueryResult;

use super::{Filter, Instant, Order, Place, Statement, Writer, hold::is_held, order::Compared};
use crate::{Column, ColumnKind, Descriptor, Dialect, Listed, Predicate};

/// A list: which rows, in which order, and from where on.
pub(crate) struct List<'a, DB: Dialect> {
    pub(crate) model: &'static Descriptor,
    pub(crate) order: &'a Order,
    /// Against the order: newest first is its other way round.
    pub(crate) forwards: bool,
    pub(crate) after: Option<&'a Place>,
    /// No row behind this one is looked at.
    pub(crate) up_to: Option<Place>,
    pub(crate) filters: &'a [Filter],
    pub(crate) rows: Listed,
    /// The caller's condition.
    pub(crate) within: Option<&'a Predicate<'a, DB>>,
    pub(crate) now: &'a Instant,
    /// Whether there is a table of holds.
    pub(crate) has_holds: bool,
}

/// A page of a list, found by the index on deleted rows:
///
/// ```sql
/// SELECT <key as text>, <label>, deleted_at, deleted_by, deletion_reason, deletion_id, purge_after, <held>, <place>
/// FROM t WHERE deleted_at IS NOT NULL AND (deleted_at, id) < (?, ?) AND .. ORDER BY deleted_at DESC, id DESC LIMIT ..
/// ```
pub(crate) struct DeletedRows<'a, DB: Dialect> {
    pub(crate) list: &'a List<'a, DB>,
    pub(crate) limit: u32,
}

impl<DB: Dialect> Statement<DB> for DeletedRows<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let Self { list, limit } = self;
        let model = list.model;
        out.sql("SELECT ").key_text(model)?.sql(", ");
        match &model.label {
            Some(label) => {
                // Whatever its type, people read it as text.
                let (before, after) = out.syntax().text(ColumnKind::BigInt);
                out.sql(before).identifier(label)?.sql(after);
            }
            None => {
                out.sql("NULL");
            }
        }
        let columns: [Option<&Column>; 5] = [
            Some(&model.deleted_at),
            model.deleted_by.as_ref(),
            model.deletion_reason.as_ref(),
            model.deletion_id.as_ref(),
            model.purge_after.as_ref(),
        ];
        for column in columns {
            out.sql(", ").optional_text(column)?;
        }
        out.sql(", CASE WHEN ");
        list.is_held(out)?;
        out.sql(" THEN 'held' ELSE 'free' END");
        for column in list.order.columns() {
            out.sql(", ").column_text(column)?;
        }
        list.found(|_| true, out)?;
        out.sql(" LIMIT ").number((*limit).into());
        Ok(())
    }
}

/// Where a page ends that may look at so many rows only, whatever its filters let through: a look into the index.
///
/// ```sql
/// SELECT <place> FROM (
///     SELECT deleted_at, id FROM t WHERE deleted_at IS NOT NULL AND (deleted_at, id) < (?, ?)
///     ORDER BY deleted_at DESC, id DESC LIMIT 1 OFFSET ..
/// ) AS edge
/// ```
pub(crate) struct ListEdge<'a, DB: Dialect> {
    pub(crate) list: &'a List<'a, DB>,
    pub(crate) rows: u32,
}

impl<DB: Dialect> Statement<DB> for ListEdge<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let Self { list, rows } = self;
        for (number, column) in list.order.columns().enumerate() {
            out.sql(if number > 0 { ", " } else { "SELECT " })
                .column_text(column)?;
        }
        list.found(|filter| list.is_stretch(filter), out)?;
        out.sql(" LIMIT 1 OFFSET ").number(rows.saturating_sub(1).into());
        Ok(())
    }
}

impl<DB: Dialect> List<'_, DB> {
    /// Whether more rows may have to be looked at than are on the page.
    pub(crate) fn searches(&self) -> bool {
        !self.filters.iter().all(|filter| self.is_stretch(filter))
    }

    // Of rows by their keys, only a key says where they stand.
    fn is_stretch(&self, filter: &Filter) -> bool {
        match self.rows {
            Listed::Deleted => filter.is_stretch(self.model),
            Listed::Active | Listed::All => matches!(filter, Filter::Key(_) | Filter::Nothing),
        }
    }

    // ` FROM t WHERE .. ORDER BY ..`, with these of the filters.
    fn found<'b>(
        &'b self,
        wanted: impl Fn(&Filter) -> bool,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        let model = self.model;
        out.sql(" FROM ").table(&model.table)?.sql(" WHERE ");
        match self.rows {
            Listed::Deleted => out.identifier(model.deleted_at.name())?.sql(" IS NOT NULL"),
            Listed::Active => out.identifier(model.deleted_at.name())?.sql(" IS NULL"),
            Listed::All => out.sql("1 = 1"),
        };
        if let Some(within) = self.within {
            // In brackets, so that an OR of the caller's cannot escape the conditions that follow.
            out.sql(" AND (").fragment(within)?.sql(")");
        }
        let (behind, not_behind, direction) = if self.forwards {
            (Compared::After, Compared::UpTo, " ASC")
        } else {
            (Compared::Before, Compared::From, " DESC")
        };
        if let Some(place) = self.after {
            out.sql(" AND ");
            self.order.compare(behind, place, out)?;
        }
        if let Some(place) = &self.up_to {
            out.sql(" AND ");
            self.order.compare(not_behind, place, out)?;
        }
        for filter in self.filters.iter().filter(|filter| wanted(filter)) {
            out.sql(" AND ");
            filter.condition(model, |out| self.is_held(out), out)?;
        }
        out.sql(" ORDER BY ");
        self.order.list(direction, out)
    }

    // Where there are no holds at all, which is asked once, no row is asked for.
    fn is_held<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        if !self.has_holds {
            out.sql("(1 = 0)");
            return Ok(());
        }
        out.sql("(EXISTS (SELECT 1 FROM soft_delete_holds) AND ");
        is_held(self.model, self.model.table.name(), self.now, "", out)?;
        out.sql(")");
        Ok(())
    }
}
