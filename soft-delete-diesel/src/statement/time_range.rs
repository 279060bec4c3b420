//! Spans of time as conditions: the one place that says whether a stored time is in one.

use diesel::result::QueryResult;
use soft_delete_core::{
    EARLIEST, LATEST,
    chrono::{DateTime, NaiveDateTime, TimeDelta, Utc},
};

use super::Writer;
use crate::{ColumnKind, Dialect, Moment};

/// A span of time, ready to be bound; both ends belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TimeRange {
    first: End,
    last: End,
    /// Ends between which every text of a time in the span sorts, whatever offset and separator it is written with.
    widest: Box<[String; 2]>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
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

impl TimeRange {
    /// From the first of these instants to the last.
    pub(crate) fn of(first: DateTime<Utc>, last: DateTime<Utc>) -> Self {
        // Offsets are at most 14 hours, and a `T` sorts behind every time of its day.
        let earlier = first.checked_sub_signed(TimeDelta::days(1));
        let later = last.checked_add_signed(TimeDelta::days(2));
        Self {
            first: End::of(Moment::at_least(first)),
            last: End::of(Moment::at_most(last)),
            widest: Box::new([
                Moment::at_least(earlier.unwrap_or(EARLIEST).max(EARLIEST)).text(),
                Moment::at_most(later.unwrap_or(LATEST).min(LATEST)).text(),
            ]),
        }
    }

    // `? AND ?`, behind the `BETWEEN` of a column.
    fn ends<'b, DB: Dialect>(&'b self, kind: ColumnKind, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        out.time(kind, &self.first.time, &self.first.text)?.sql(" AND ");
        out.time(kind, &self.last.time, &self.last.text)?;
        Ok(())
    }

    /// `c BETWEEN ? AND ?`. Where times are text, what is written in another way than the library's is compared by the instant
    /// that it means, and what means none is in no span.
    pub(crate) fn contains<'b, DB: Dialect>(
        &'b self,
        kind: ColumnKind,
        column: impl Fn(&mut Writer<'_, 'b, DB>) -> QueryResult<()>,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        let Self { first, last, widest } = self;
        column(out)?;
        out.sql(" BETWEEN ");
        let Some(times) = out.syntax().text_times() else {
            return self.ends(kind, out);
        };
        out.text(&widest[0])?.sql(" AND ").text(&widest[1])?;
        let [before, from, to, shape, end] = times.plainly_between;
        out.sql(" AND CASE WHEN ").sql(before);
        column(out)?;
        out.sql(from).text(&first.text)?.sql(to).text(&last.text)?;
        out.sql(shape);
        column(out)?;
        out.sql(end).sql(" THEN 1 ELSE ");
        instant(times.instant, &column, out)?;
        out.sql(" BETWEEN ").text(&first.text)?.sql(" AND ");
        out.text(&last.text)?.sql(" END");
        Ok(())
    }
}

/// The instant that a text means, or NULL: SQL with `{}` wherever the column stands.
pub(super) fn instant<'b, DB: Dialect>(
    template: &'static str,
    column: impl Fn(&mut Writer<'_, 'b, DB>) -> QueryResult<()>,
    out: &mut Writer<'_, 'b, DB>,
) -> QueryResult<()> {
    for (number, piece) in template.split("{}").enumerate() {
        if number > 0 {
            column(out)?;
        }
        out.sql(piece);
    }
    Ok(())
}
