//! When deleted rows become due for removal, as conditions of a query.

use std::marker::PhantomData;

use diesel::{
    AppearsOnTable, BoolExpressionMethods, ExpressionMethods, SelectableExpression,
    dsl::{And, Between, IsNotNull, IsNull, Or},
    expression::{AsExpression, Expression, ValidGrouping},
    query_builder::{AstPass, QueryFragment, QueryId},
    result::QueryResult,
    sql_types::{Bool, Nullable, SingleValue},
};
use soft_delete_core::{
    EARLIEST, LATEST, Retention,
    chrono::{DateTime, TimeDelta, Utc},
};

use crate::{
    ColumnKind, Dialect, Model, Moment,
    statement::{TimeRange, Writer},
};

/// The condition of [`Scopes::expired`](crate::Scopes::expired).
pub type Due<M> = <<M as Model>::Due as DueRule<<M as Model>::DeletedAt>>::Condition;

/// The condition that a column holds a time up to an instant: `c BETWEEN '0001-01-01' AND <instant>`.
pub type UpTo<C> = TimeUpTo<C, Between<C, Option<Moment>, Option<Moment>>>;

/// What [`UpTo`] is: a comparison `B` of the column `C`.
///
/// On SQLite, where times are text that other programs spell in their own ways, the instant that a text means is compared, and a
/// text that means none never meets it. On MySQL and MariaDB the instant is bound as a `DATETIME`, because the year 1 is out of the
/// range of a `TIMESTAMP`, and nothing would meet the condition.
#[derive(Debug, Clone)]
pub struct TimeUpTo<C, B> {
    column: C,
    between: B,
    range: Option<TimeRange>,
}

impl<C, B> Expression for TimeUpTo<C, B>
where
    B: Expression,
{
    type SqlType = B::SqlType;
}

impl<C, B, DB> QueryFragment<DB> for TimeUpTo<C, B>
where
    DB: Dialect,
    C: QueryFragment<DB>,
    B: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if out.backend().database().syntax().has_kinds_of_times() {
            return self.between.walk_ast(out);
        }
        let mut out = Writer::new(out);
        let Some(range) = &self.range else {
            out.sql("(1 = 0)");
            return Ok(());
        };
        out.sql("(");
        // Any kind will do where a bound time has one type.
        range.contains(
            ColumnKind::Timestamp,
            |out| out.fragment(&self.column).map(drop),
            &mut out,
        )?;
        out.sql(")");
        Ok(())
    }
}

// Its text depends on whether there is an instant.
impl<C, B> QueryId for TimeUpTo<C, B> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C, B, QS> AppearsOnTable<QS> for TimeUpTo<C, B>
where
    Self: Expression,
    B: AppearsOnTable<QS>,
{
}

impl<C, B, QS> SelectableExpression<QS> for TimeUpTo<C, B>
where
    Self: AppearsOnTable<QS>,
    B: SelectableExpression<QS>,
{
}

impl<C, B, G> ValidGrouping<G> for TimeUpTo<C, B>
where
    B: ValidGrouping<G>,
{
    type IsAggregate = B::IsAggregate;
}

/// The latest instants of the two columns that are due at one moment.
///
/// The lower end of both ranges is the year 1, which keeps out what no clock wrote; no range at all is no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cutoffs {
    pub(crate) deleted_at: Option<DateTime<Utc>>,
    pub(crate) purge_after: Option<DateTime<Utc>>,
}

impl Cutoffs {
    /// What is due at this moment under this retention.
    pub fn at(now: DateTime<Utc>, retention: Retention) -> Self {
        // The latest instant of all means never.
        let last = LATEST - TimeDelta::microseconds(1);
        Self {
            deleted_at: retention.cutoff(now),
            purge_after: (EARLIEST..=LATEST).contains(&now).then(|| now.min(last)),
        }
    }
}

/// How the rows of a model whose deletion the column `D` marks become due; one of the two types below.
pub trait DueRule<D> {
    /// The condition, as Diesel sees it.
    type Condition;

    /// The rows that are due.
    fn condition(cutoffs: Cutoffs) -> Self::Condition;
}

/// By the retention of the model alone: `deleted_at BETWEEN '0001-01-01' AND <now - retention>`.
#[derive(Debug, Clone, Copy)]
pub struct DueByRetention;

/// By the column `P` where it is set, by the retention where it is not: `deleted_at IS NOT NULL AND (purge_after BETWEEN
/// '0001-01-01' AND <now> OR (purge_after IS NULL AND deleted_at BETWEEN '0001-01-01' AND <now - retention>))`.
#[derive(Debug, Clone, Copy)]
pub struct DueByPurgeAfter<P>(PhantomData<P>);

impl<D> DueRule<D> for DueByRetention
where
    D: ExpressionMethods + Expression<SqlType: SingleValue> + Default,
    Option<Moment>: AsExpression<D::SqlType>,
{
    type Condition = UpTo<D>;

    fn condition(cutoffs: Cutoffs) -> Self::Condition {
        up_to(cutoffs.deleted_at)
    }
}

impl<D, P> DueRule<D> for DueByPurgeAfter<P>
where
    D: ExpressionMethods + Expression<SqlType: SingleValue> + Default,
    P: ExpressionMethods + Expression<SqlType: SingleValue> + Default,
    Option<Moment>: AsExpression<D::SqlType> + AsExpression<P::SqlType>,
    // Both columns are nullable, and so is what is said of them.
    UpTo<D>: Expression<SqlType = Nullable<Bool>>,
    UpTo<P>: Expression<SqlType = Nullable<Bool>>,
{
    type Condition = And<
        IsNotNull<D>,
        Or<UpTo<P>, And<IsNull<P>, UpTo<D>, Nullable<Bool>>, Nullable<Bool>>,
        Nullable<Bool>,
    >;

    fn condition(cutoffs: Cutoffs) -> Self::Condition {
        let stamped: UpTo<P> = up_to(cutoffs.purge_after);
        let by_retention: UpTo<D> = up_to(cutoffs.deleted_at);
        let not_stamped = P::default().is_null().and(by_retention);
        D::default().is_not_null().and(stamped.or(not_stamped))
    }
}

fn up_to<C>(last: Option<DateTime<Utc>>) -> UpTo<C>
where
    C: ExpressionMethods + Expression<SqlType: SingleValue> + Default,
    Option<Moment>: AsExpression<C::SqlType>,
{
    let (first, end) = (Moment::at_least(EARLIEST), last.map(Moment::at_most));
    TimeUpTo {
        column: C::default(),
        between: C::default().between(Some(first), end),
        range: last.map(|last| TimeRange::of(EARLIEST, last)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_time_is_never_due() {
        let due = |now| Cutoffs::at(now, Retention::Immediate).purge_after;
        assert_eq!(due(EARLIEST), Some(EARLIEST));
        assert!(due(LATEST).is_some_and(|last| last < LATEST));
        for now in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            assert_eq!(due(now), None);
        }
    }
}
