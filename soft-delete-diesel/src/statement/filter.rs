//! What lists are narrowed down by.

use diesel::result::QueryResult;
use soft_delete_core::{
    EARLIEST, LATEST,
    chrono::{DateTime, TimeDelta, Utc},
};

use super::{Expired, OperationRef, TextKey, TimeRange, Writer};
use crate::{ColumnKind, Descriptor, Dialect};

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
    Between(TimeRange),
    Expired(Expired, bool),
    Held(bool),
    Operation(OperationRef),
    /// No row.
    Nothing,
}

impl Filter {
    /// Whether the rows that it lets through stand together in the order of time, so that an index finds them at once.
    pub(super) fn is_stretch(&self, model: &Descriptor) -> bool {
        match self {
            Self::Key(_) | Self::Between(_) | Self::Operation(_) | Self::Nothing => true,
            Self::Expired(_, wanted) => *wanted && model.purge_after.is_none(),
            Self::Label(_) | Self::By(_) | Self::Reason(_) | Self::Held(_) => false,
        }
    }

    /// The condition, with what says that a row is held.
    pub(super) fn condition<'b, DB: Dialect>(
        &'b self,
        model: &'static Descriptor,
        held: impl FnOnce(&mut Writer<'_, 'b, DB>) -> QueryResult<()>,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        match (self, &model.deleted_by, &model.deletion_reason) {
            (Self::By(actor), Some(column), _) => {
                out.identifier(column.name())?
                    .sql(" = ")
                    .value(column.kind(), actor)?;
            }
            (Self::Reason(pattern), _, Some(column)) => {
                let searchable = out.syntax().searchable();
                out.identifier(column.name())?
                    .sql(searchable)
                    .sql(" LIKE ")
                    .text(pattern)?
                    .sql(" ESCAPE '!'");
            }
            (Self::Label(pattern), ..) => {
                let (before, after) = out.syntax().text(ColumnKind::BigInt);
                let searchable = out.syntax().searchable();
                out.sql(before)
                    .identifier(model.label.as_deref().unwrap_or_default())?
                    .sql(after)
                    .sql(searchable)
                    .sql(" LIKE ")
                    .text(pattern)?
                    .sql(" ESCAPE '!'");
            }
            (Self::Key(key), ..) => {
                out.key_is(model, key)?;
            }
            (Self::Between(span), ..) => {
                let deleted_at = &model.deleted_at;
                span.contains(
                    deleted_at.kind(),
                    |out| out.identifier(deleted_at.name()).map(drop),
                    out,
                )?;
            }
            (Self::Expired(expired, true), ..) => expired.condition(out)?,
            (Self::Expired(expired, false), ..) => {
                // Also what holds no time, which is never due.
                out.sql("CASE WHEN ");
                expired.condition(out)?;
                out.sql(" THEN 0 ELSE 1 END = 1");
            }
            (Self::Held(wanted), ..) => {
                out.sql(if *wanted { "" } else { "NOT " });
                held(out)?;
            }
            (Self::Operation(operation), ..) => {
                operation.rows(model, out)?;
            }
            (Self::Nothing | Self::By(_) | Self::Reason(_), ..) => {
                out.sql("1 = 0");
            }
        }
        Ok(())
    }
}

/// From the first instant on, before the second one, as far as they are said; `None` if no time is in it.
pub(crate) fn time_span(since: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>) -> Option<TimeRange> {
    let first = since.unwrap_or(EARLIEST).max(EARLIEST);
    // Times are stored in microseconds, and the end is not part of the span.
    let last = match until {
        Some(until) => until.checked_sub_signed(TimeDelta::microseconds(1))?,
        None => LATEST,
    };
    let last = last.min(LATEST);
    (first <= last).then(|| TimeRange::of(first, last))
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

#[cfg(test)]
mod tests {
    #[test]
    fn what_would_be_more_than_a_letter_is_escaped() {
        assert_eq!(super::containing("50% off_!"), "%50!% off!_!!%");
    }
}
