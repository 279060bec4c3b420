//! The deleted rows of a model, newest first.

use diesel::result::QueryResult;
use soft_delete_core::{
    EARLIEST, LATEST,
    chrono::{DateTime, TimeDelta, Utc},
};

use super::{
    Expired, Instant, OperationRef, Order, Place, Statement, TextKey, Writer, hold::is_held, order::Compared,
};
use crate::{Column, ColumnKind, Descriptor, Dialect, Listed, Moment, Predicate};

/// A page of the deleted rows of a model, found by the index on deleted rows:
///
/// ```sql
/// SELECT <key as text>, <label>, deleted_at, deleted_by, deletion_reason, deletion_id, purge_after, <held>, <place>
/// FROM t WHERE deleted_at IS NOT NULL AND (deleted_at, id) < (?, ?) AND .. ORDER BY deleted_at DESC, id DESC LIMIT ..
/// ```
pub(crate) struct DeletedRows<'a, DB: Dialect> {
    pub(crate) model: &'static Descriptor,
    pub(crate) order: &'a Order,
    pub(crate) before: Option<&'a Place>,
    pub(crate) filters: &'a [Filter],
    pub(crate) rows: Listed,
    /// The caller's condition.
    pub(crate) within: Option<&'a Predicate<'a, DB>>,
    pub(crate) now: &'a Instant,
    pub(crate) limit: u32,
    /// Whether there is a table of holds.
    pub(crate) has_holds: bool,
}

/// What is asked of a row of the list.
pub(crate) enum Filter {
    /// Its key.
    Key(TextKey),
    /// `<label> LIKE ? ESCAPE '!'`
    Label(String),
    /// Who deleted it.
    By(String),
    /// `deletion_reason LIKE ? ESCAPE '!'`
    Reason(String),
    /// When it was deleted, both ends included.
    Between(TimeSpan),
    Expired(Expired, bool),
    Held(bool),
    Operation(OperationRef),
    /// No row.
    Nothing,
}

/// A span of time, ready to be bound.
pub(crate) struct TimeSpan {
    first: (soft_delete_core::chrono::NaiveDateTime, String),
    last: (soft_delete_core::chrono::NaiveDateTime, String),
}

impl TimeSpan {
    /// From the first instant on, before the second one, as far as they are said; `None` if no time is in it.
    pub(crate) fn between(since: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>) -> Option<Self> {
        let first = since.unwrap_or(EARLIEST).max(EARLIEST);
        // Times are stored in microseconds, and the end is not part of the span.
        let last = match until {
            Some(until) => until.checked_sub_signed(TimeDelta::microseconds(1))?,
            None => LATEST,
        };
        let last = last.min(LATEST);
        (first <= last).then(|| {
            let (first, last) = (Moment::at_least(first), Moment::at_most(last));
            Self {
                first: (first.time(), first.text()),
                last: (last.time(), last.text()),
            }
        })
    }

    /// Its ends, for `BETWEEN`.
    pub(super) fn write<'b, DB: Dialect>(
        &'b self,
        kind: ColumnKind,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        out.time(kind, &self.first.0, &self.first.1)?.sql(" AND ");
        out.time(kind, &self.last.0, &self.last.1)?;
        Ok(())
    }
}

/// What a text must look like to contain another, with `!` before what would be more than a letter.
pub(crate) fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.chars() {
        if matches!(letter, '!' | '%' | '_') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern + "%"
}

impl<DB: Dialect> Statement<DB> for DeletedRows<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let model = self.model;
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
        self.is_held(out)?;
        out.sql(" THEN 'held' ELSE 'free' END");
        for column in self.order.columns() {
            out.sql(", ").column_text(column)?;
        }
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
        if let Some(place) = self.before {
            out.sql(" AND ");
            self.order.compare(Compared::Before, place, out)?;
        }
        for filter in self.filters {
            out.sql(" AND ");
            self.filter(filter, out)?;
        }
        out.sql(" ORDER BY ");
        self.order.list(" DESC", out)?;
        out.sql(" LIMIT ").number(self.limit.into());
        Ok(())
    }
}

impl<DB: Dialect> DeletedRows<'_, DB> {
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

    fn filter<'b>(&'b self, filter: &'b Filter, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let model = self.model;
        match (filter, &model.deleted_by, &model.deletion_reason) {
            (Filter::By(actor), Some(column), _) => {
                out.identifier(column.name())?
                    .sql(" = ")
                    .value(column.kind(), actor)?;
            }
            (Filter::Reason(pattern), _, Some(column)) => {
                out.identifier(column.name())?
                    .sql(" LIKE ")
                    .text(pattern)?
                    .sql(" ESCAPE '!'");
            }
            (Filter::Label(pattern), ..) => {
                let (before, after) = out.syntax().text(ColumnKind::BigInt);
                out.sql(before)
                    .identifier(model.label.as_deref().unwrap_or_default())?
                    .sql(after)
                    .sql(" LIKE ")
                    .text(pattern)?
                    .sql(" ESCAPE '!'");
            }
            (Filter::Key(key), ..) => {
                out.key_is(model, key)?;
            }
            (Filter::Between(span), ..) => {
                let kind = model.deleted_at.kind();
                out.identifier(model.deleted_at.name())?.sql(" BETWEEN ");
                span.write(kind, out)?;
            }
            (Filter::Expired(expired, wanted), ..) => {
                out.sql("CASE WHEN ");
                expired.condition(out)?;
                out.sql(if *wanted {
                    " THEN 1 ELSE 0 END = 1"
                } else {
                    " THEN 0 ELSE 1 END = 1"
                });
            }
            (Filter::Held(wanted), ..) => {
                out.sql(if *wanted { "" } else { "NOT " });
                self.is_held(out)?;
            }
            (Filter::Operation(operation), ..) => {
                operation.rows(model, out)?;
            }
            (Filter::Nothing | Filter::By(_) | Filter::Reason(_), ..) => {
                out.sql("1 = 0");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_would_be_more_than_a_letter_is_escaped() {
        assert_eq!(super::containing("50% off_!"), "%50!% off!_!!%");
    }
}
