//! Spans of time as conditions: the one place that says whether a stored time is in one.

use diesel::result::QueryResult;
use soft_delete_core::{
    EARLIEST, LATEST,
    chrono::{DateTime, Days, NaiveDateTime, Utc},
};

use super::Writer;
use crate::{ColumnKind, Dialect, Moment};

/// A span of time, ready to be bound; both ends belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TimeRange {
    first: Box<End>,
    last: Box<End>,
    /// Ends between which every text of a time in the span sorts, whatever offset and separator it is written with.
    widest: Box<[String; 2]>,
    /// Whether the span begins with all time, so that nothing that is looked at is before it.
    is_open: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct End {
    time: NaiveDateTime,
    text: String,
    /// Its second, and what sorts behind every text that begins with it.
    second: [String; 2],
}

impl End {
    fn of(moment: Moment) -> Self {
        let second = moment.time().format("%F %T").to_string();
        let behind = second.clone() + BEHIND;
        Self {
            time: moment.time(),
            text: moment.text(),
            second: [second, behind],
        }
    }
}

// Sorts behind whatever stands in a time.
const BEHIND: &str = "~";

impl TimeRange {
    /// From the first of these instants to the last.
    pub(crate) fn of(first: DateTime<Utc>, last: DateTime<Utc>) -> Self {
        // Offsets are less than a day. What is written in the year 0 or before, no clock wrote.
        let before = (first.naive_utc().date() - Days::new(1)).max(EARLIEST.naive_utc().date());
        let after = (last.naive_utc().date() + Days::new(1)).min(LATEST.naive_utc().date());
        Self {
            first: Box::new(End::of(Moment::at_least(first))),
            last: Box::new(End::of(Moment::at_most(last))),
            widest: Box::new([before.to_string(), after.to_string() + BEHIND]),
            is_open: first <= EARLIEST,
        }
    }

    // `? AND ?`, behind the `BETWEEN` of a column.
    fn ends<'b, DB: Dialect>(&'b self, kind: ColumnKind, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        out.time(kind, &self.first.time, &self.first.text)?.sql(" AND ");
        out.time(kind, &self.last.time, &self.last.text)?;
        Ok(())
    }

    /// `c BETWEEN ? AND ?`. Where times are text, what is written in another way than the library's is compared by the instant
    /// that it means, and what means none is in no span:
    ///
    /// ```sql
    /// c BETWEEN ? AND ? AND CASE WHEN <c before the last second> AND <c begins with its second in UTC> THEN 1
    ///     WHEN <c behind the last second> AND <c begins with its second in UTC> THEN 0
    ///     ELSE <instant of c> BETWEEN ? AND ? END
    /// ```
    ///
    /// Nearly all rows are decided by the first of these; to find the instant takes ten times as long.
    pub(crate) fn contains<'b, DB: Dialect>(
        &'b self,
        kind: ColumnKind,
        column: impl Fn(&mut Writer<'_, 'b, DB>) -> QueryResult<()>,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        let Self {
            first, last, widest, ..
        } = self;
        column(out)?;
        out.sql(" BETWEEN ");
        let Some(times) = out.syntax().text_times() else {
            return self.ends(kind, out);
        };
        out.text(&widest[0])?.sql(" AND ").text(&widest[1])?;
        out.sql(" AND CASE WHEN ").sql(times.bare);
        column(out)?;
        out.sql(" < ").text(&last.second[0])?;
        if !self.is_open {
            out.sql(" AND ").sql(times.bare);
            column(out)?;
            out.sql(" > ").text(&first.second[1])?;
        }
        out.sql(" AND ");
        of_column(times.begins_with_second, &column, out)?;
        out.sql(" THEN 1 WHEN (").sql(times.bare);
        column(out)?;
        out.sql(" > ").text(&last.second[1])?;
        if !self.is_open {
            out.sql(" OR ").sql(times.bare);
            column(out)?;
            out.sql(" < ").text(&first.second[0])?;
        }
        out.sql(") AND ");
        of_column(times.begins_with_second, &column, out)?;
        out.sql(" THEN 0 ELSE ");
        of_column(times.instant, &column, out)?;
        out.sql(" BETWEEN ").text(&first.text)?.sql(" AND ");
        out.text(&last.text)?.sql(" END");
        Ok(())
    }
}

/// SQL of a column, which stands wherever there is a `{}`.
pub(super) fn of_column<'b, DB: Dialect>(
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

#[cfg(all(test, feature = "sqlite"))]
mod tests;
