//! When deleted rows become due for removal, as conditions of a query.

use std::marker::PhantomData;

use diesel::{
    BoolExpressionMethods, ExpressionMethods,
    dsl::{And, Between, IsNotNull, IsNull, Or},
    expression::{AsExpression, Expression},
    sql_types::{Bool, Nullable, SingleValue},
};
use soft_delete_core::{
    EARLIEST, LATEST, Retention,
    chrono::{DateTime, TimeDelta, Utc},
};

use crate::{Model, Moment};

/// The condition of [`Scopes::expired`](crate::Scopes::expired).
pub type Due<M> = <<M as Model>::Due as DueRule<<M as Model>::DeletedAt>>::Condition;

/// `c BETWEEN '0001-01-01' AND <instant>`
pub type UpTo<C> = Between<C, Option<Moment>, Option<Moment>>;

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

fn up_to<C>(instant: Option<DateTime<Utc>>) -> UpTo<C>
where
    C: ExpressionMethods + Expression<SqlType: SingleValue> + Default,
    Option<Moment>: AsExpression<C::SqlType>,
{
    C::default().between(Some(Moment::at_least(EARLIEST)), instant.map(Moment::at_most))
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
