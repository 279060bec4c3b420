//! Which rows an act is on.

use diesel::result::QueryResult;
use soft_delete_core::{
    Action, EARLIEST, LATEST,
    chrono::{DateTime, NaiveDateTime, TimeDelta, Utc},
};

use super::{
    Act, Asked, Order, Place, Reach, Removable, Writer, act::time_text, order::Compared, reach::deleted_above,
};
use crate::{Column, DeletionId, Descriptor, Dialect, KeyBinds, Predicate, family::Relatives};

/// The rows of a model that an act is asked for.
pub(crate) enum Rows<'a, DB: Dialect> {
    /// The one with this key.
    Key(&'a dyn KeyBinds<DB>),
    /// Those with these keys.
    Keys(&'a [&'a dyn KeyBinds<DB>]),
    /// Those with these keys that meet the caller's condition as well.
    KeysWithin(&'a [&'a dyn KeyBinds<DB>], &'a Predicate<'a, DB>),
    /// Those that meet the caller's condition.
    Matching(&'a Predicate<'a, DB>),
    /// Those that an operation deleted.
    DeletedIn(&'a OperationRef),
    /// Those that a cleanup has locked to remove them.
    Batch(&'a Batch<'a, DB>),
    /// Those that a cleanup may remove between two places of its order.
    Span(&'a Span<'a>),
    /// Those of these whose parents are all active.
    UnderActiveParents(&'a Self, &'static Relatives),
    /// Those of this member of the family that go along with the rows that were asked for.
    Along(&'a Reach<'a, DB>, usize),
}

/// Rows that a cleanup has locked, and what made them removable, which is asked again.
pub(crate) struct Batch<'a, DB: Dialect> {
    pub(crate) keys: &'a [&'a dyn KeyBinds<DB>],
    pub(crate) removable: &'a Removable<'a>,
    /// Whether all of it was asked anew since they were locked.
    pub(crate) is_checked: bool,
}

impl<DB: Dialect> Batch<'_, DB> {
    fn condition<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        out.key_is_one_of(self.removable.model, self.keys)?;
        // Where the lock could look no further than the statement that it stood in, what refers to the rows is asked anew.
        let asked = if self.is_checked || out.syntax().subqueries_lock() {
            Asked::Due
        } else {
            Asked::All
        };
        out.sql(" AND ");
        self.removable.condition(asked, out)
    }
}

/// The rows between two places that may be removed, for a database that nobody else writes to meanwhile.
pub(crate) struct Span<'a> {
    pub(crate) removable: &'a Removable<'a>,
    pub(crate) order: &'a Order,
    pub(crate) after: Option<&'a Place>,
    /// The last of them; `None` is the end of the table.
    pub(crate) up_to: Option<&'a Place>,
}

impl Span<'_> {
    fn condition<'b, DB: Dialect>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        if let Some(place) = self.after {
            self.order.compare(Compared::After, place, out)?;
            out.sql(" AND ");
        }
        if let Some(place) = self.up_to {
            self.order.compare(Compared::UpTo, place, out)?;
            out.sql(" AND ");
        }
        self.removable.condition(Asked::All, out)
    }
}

/// An operation as it is bound, and the span of time in which its rows were deleted.
pub(crate) struct OperationRef {
    pub(crate) id: uuid::Uuid,
    pub(crate) text: String,
    window: Option<Window>,
}

/// A span of time in which operations happened.
///
/// All rows of an operation share one time, by which the index on deleted rows finds them. A second before and after, because
/// a column without fractions rounds.
pub(crate) struct Window {
    from: NaiveDateTime,
    from_text: String,
    to: NaiveDateTime,
    to_text: String,
}

impl Window {
    /// From the first of these instants to the last.
    pub(crate) fn around(first: DateTime<Utc>, last: DateTime<Utc>) -> Self {
        let second = TimeDelta::seconds(1);
        let end = |end: Option<DateTime<Utc>>, otherwise: DateTime<Utc>| {
            let time = end.unwrap_or(otherwise).clamp(EARLIEST, LATEST).naive_utc();
            let text = time_text(&time);
            (time, text)
        };
        let (from, from_text) = end(first.checked_sub_signed(second), EARLIEST);
        let (to, to_text) = end(last.checked_add_signed(second), LATEST);
        Self {
            from,
            from_text,
            to,
            to_text,
        }
    }

    /// `deleted_at BETWEEN ? AND ?`
    pub(super) fn write<'b, DB: Dialect>(
        &'b self,
        model: &Descriptor,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        let deleted_at = &model.deleted_at;
        out.identifier(deleted_at.name())?
            .sql(" BETWEEN ")
            .time(deleted_at.kind(), &self.from, &self.from_text)?
            .sql(" AND ")
            .time(deleted_at.kind(), &self.to, &self.to_text)?;
        Ok(())
    }
}

impl OperationRef {
    /// An operation of which only the identity is known.
    pub(crate) fn new(id: DeletionId) -> Self {
        Self {
            id: id.as_uuid(),
            text: id.to_string(),
            window: None,
        }
    }

    /// An operation that happened at this instant.
    pub(crate) fn at(id: DeletionId, instant: DateTime<Utc>) -> Self {
        Self {
            window: Some(Window::around(instant, instant)),
            ..Self::new(id)
        }
    }

    /// The operation of an act.
    pub(crate) fn of(act: &Act<'_>) -> Self {
        Self::at(act.operation, act.at)
    }

    /// `deleted_at BETWEEN ? AND ?`: the rows that were deleted when it happened.
    pub(super) fn time<'b, DB: Dialect>(
        &'b self,
        model: &Descriptor,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        if let Some(window) = &self.window {
            return window.write(model, out);
        }
        out.identifier(model.deleted_at.name())?.sql(" IS NOT NULL");
        Ok(())
    }

    /// `deleted_at BETWEEN ? AND ? AND deletion_id = ?`: the rows that it deleted.
    pub(super) fn rows<'b, DB: Dialect>(
        &'b self,
        model: &Descriptor,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        // A row that does not say which operation deleted it belongs to none.
        let Some(column) = &model.deletion_id else {
            out.sql("1 = 0");
            return Ok(());
        };
        if let Some(window) = &self.window {
            window.write(model, out)?;
            out.sql(" AND ");
        }
        out.identifier(column.name())?
            .sql(" = ")
            .operation(column.kind(), &self.id, &self.text)?;
        Ok(())
    }
}

impl<DB: Dialect> Rows<'_, DB> {
    /// `WHERE <the rows> AND deleted_at IS [NOT] NULL`: those that the act would still change.
    pub(super) fn that_can_change<'b>(
        &'b self,
        act: &Act<'_>,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        out.sql(" WHERE ");
        self.in_state(act.model, act.action != Action::SoftDelete, out)
    }

    /// ` INNER JOIN (SELECT DISTINCT <key> FROM t WHERE <the rows> FOR UPDATE) changing ON <same key>`
    ///
    /// `DISTINCT` makes it a table of its own: the one that is changed must not be read by the same statement otherwise.
    pub(super) fn join<'b>(
        &'b self,
        model: &Descriptor,
        act: &Act<'_>,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        const CHANGING: &str = "changing";
        let locked = out.syntax().locked();
        let key: Vec<&str> = model.key.iter().map(Column::name).collect();
        out.sql(" INNER JOIN (SELECT DISTINCT ")
            .list(None, &key)?
            .sql(" FROM ");
        out.table(&model.table)?;
        self.that_can_change(act, out)?;
        out.sql(locked).sql(") ").identifier(CHANGING)?.sql(" ON ");
        out.equal(Some(model.table.name()), &key, Some(CHANGING), &key)?;
        Ok(())
    }

    /// `<the rows> AND deleted_at IS [NOT] NULL`
    pub(super) fn in_state<'b>(
        &'b self,
        model: &Descriptor,
        deleted: bool,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        if let Self::UnderActiveParents(rows, relatives) = self {
            rows.in_state(model, deleted, out)?;
            for link in relatives.above.links_into(0) {
                let parent = relatives.above.models[link.parent];
                out.sql(" AND NOT EXISTS (SELECT 1 FROM ");
                deleted_above(parent, model.table.name(), link.relation, out)?;
                out.sql(")");
            }
            return Ok(());
        }
        let (before, after) = match self {
            Self::Key(_) => out.syntax().is_marked(deleted),
            _ => ("", if deleted { " IS NOT NULL" } else { " IS NULL" }),
        };
        self.condition(model, out)?;
        out.sql(" AND ")
            .sql(before)
            .identifier(model.deleted_at.name())?
            .sql(after);
        Ok(())
    }

    /// `<key> IN (?, ..) AND`, where the rows are told by their keys.
    pub(super) fn keys<'b>(&'b self, model: &Descriptor, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        match self {
            Self::Key(key) => out.key_is(model, *key)?,
            Self::Keys(keys) | Self::KeysWithin(keys, _) => {
                out.never_twice();
                out.key_is_one_of(model, keys)?;
                out
            }
            _ => return Ok(()),
        }
        .sql(" AND ");
        Ok(())
    }

    /// Whether rows of one table lead to others of it here.
    pub(crate) fn is_in_circle(&self) -> bool {
        matches!(self, Self::Along(reach, member) if reach.family.group_of(*member).is_circle)
    }

    /// TRUE for a row that was asked for, FALSE for one that goes along: the `root` of its audit row.
    pub(super) fn were_asked_for<'b>(
        &'b self,
        model: &Descriptor,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        match self {
            // In a circle both are rows of one table.
            Self::Along(reach, 0) if reach.has_roots_in_it() => {
                out.sql("CASE WHEN ").key(model, None)?.sql(" IN (SELECT ");
                let key: Vec<&str> = model.key.iter().map(Column::name).collect();
                out.list(None, &key)?
                    .sql(" FROM ")
                    .table(&model.table)?
                    .sql(" WHERE ");
                reach.root_rows(out)?;
                out.sql(") THEN TRUE ELSE FALSE END");
            }
            Self::Along(..) => {
                out.sql("FALSE");
            }
            _ => {
                out.sql("TRUE");
            }
        }
        Ok(())
    }

    fn condition<'b>(&'b self, model: &Descriptor, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        match self {
            Self::Key(key) => out.key_is(model, *key).map(drop),
            Self::Keys(keys) => {
                out.never_twice();
                out.key_is_one_of(model, keys)
            }
            Self::KeysWithin(keys, predicate) => {
                out.never_twice();
                out.key_is_one_of(model, keys)?;
                out.sql(" AND (").fragment(*predicate)?.sql(")");
                Ok(())
            }
            // In brackets, so that an OR of the caller's cannot escape the condition that follows.
            Self::Matching(predicate) => {
                out.sql("(").fragment(*predicate)?.sql(")");
                Ok(())
            }
            Self::UnderActiveParents(rows, _) => rows.condition(model, out),
            Self::DeletedIn(operation) => operation.rows(model, out),
            Self::Batch(batch) => batch.condition(out),
            Self::Span(span) => span.condition(out),
            Self::Along(reach, member) => reach.rows_of(*member, out),
        }
    }
}
