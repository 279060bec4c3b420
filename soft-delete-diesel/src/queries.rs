//! The scopes of a model: plain Diesel queries that say active, deleted or all.

use diesel::{
    ExpressionMethods,
    dsl::{Filter, IsNotNull, IsNull},
    query_dsl::methods::FilterDsl,
};
use soft_delete_core::chrono::{DateTime, Utc};

use crate::{Due, DueRule, Model, due::Cutoffs};

/// The query of [`Scopes::active`].
pub type Active<M> = Filter<<M as Model>::Table, IsNull<<M as Model>::DeletedAt>>;

/// The query of [`Scopes::only_deleted`].
pub type OnlyDeleted<M> = Filter<<M as Model>::Table, IsNotNull<<M as Model>::DeletedAt>>;

/// The query of [`Scopes::with_deleted`].
pub type WithDeleted<M> = <M as Model>::Table;

/// The query of [`Scopes::expired`].
pub type Expired<M> = Filter<<M as Model>::Table, Due<M>>;

/// The scopes of a model.
///
/// Each is an ordinary Diesel query of a nameable type: it filters, joins, orders, counts, boxes, goes into
/// `diesel::update` and runs on any connection, sync or async. It costs nothing over the filter written by hand.
pub trait Scopes: Model {
    /// The rows in use: `SELECT .. FROM t WHERE t.deleted_at IS NULL`.
    ///
    /// ```
    /// # include!("doctest_setup.rs");
    /// # fn main() -> soft_delete_diesel::Result<()> {
    /// # let mut conn = connection();
    /// assert_eq!(Lead::active().count().get_result(&mut conn), Ok(2));
    /// # Ok(())
    /// # }
    /// ```
    fn active() -> Active<Self>
    where
        Self::Table: FilterDsl<IsNull<Self::DeletedAt>>,
    {
        FilterDsl::filter(Self::Table::default(), Self::not_deleted())
    }

    /// The bin: `SELECT .. FROM t WHERE t.deleted_at IS NOT NULL`.
    ///
    /// ```
    /// # include!("doctest_setup.rs");
    /// # fn main() -> soft_delete_diesel::Result<()> {
    /// # let mut conn = connection();
    /// Lead::soft_delete_by_id(&mut conn, 1, Actor::new("bob"))?;
    /// assert_eq!(Lead::only_deleted().select(leads::id).load(&mut conn), Ok(vec![1_i64]));
    /// # Ok(())
    /// # }
    /// ```
    fn only_deleted() -> OnlyDeleted<Self>
    where
        Self::Table: FilterDsl<IsNotNull<Self::DeletedAt>>,
    {
        FilterDsl::filter(Self::Table::default(), Self::was_deleted())
    }

    /// All rows: `SELECT .. FROM t`.
    ///
    /// It is the table itself, so it is also what `diesel::insert_into` and the joins take where the table cannot be named
    /// ([`scoped_tables!`](crate::scoped_tables)).
    ///
    /// ```
    /// # include!("doctest_setup.rs");
    /// # fn main() -> soft_delete_diesel::Result<()> {
    /// # let mut conn = connection();
    /// Lead::soft_delete_by_id(&mut conn, 1, Actor::new("bob"))?;
    /// assert_eq!(Lead::with_deleted().count().get_result(&mut conn), Ok(2));
    /// # Ok(())
    /// # }
    /// ```
    fn with_deleted() -> WithDeleted<Self> {
        Self::Table::default()
    }

    /// The rows due for removal at this instant:
    /// `SELECT .. FROM t WHERE t.deleted_at BETWEEN '0001-01-01' AND <now - retention>`.
    ///
    /// The lower bound keeps out what no clock wrote (`-infinity`, `0000-00-00`, SQLite's `+10000-01-01`). Without a
    /// retention that ends, the upper bound is NULL and no row is found. A model with a `purge_after` column is asked for
    /// that first: `.. WHERE t.deleted_at IS NOT NULL AND (t.purge_after BETWEEN '0001-01-01' AND <now> OR (t.purge_after IS
    /// NULL AND t.deleted_at BETWEEN '0001-01-01' AND <now - retention>))`. Agrees with
    /// [`SoftDelete::is_expired_at`](soft_delete_core::SoftDelete::is_expired_at) to the microsecond.
    ///
    /// ```
    /// # include!("doctest_setup.rs");
    /// # fn main() -> soft_delete_diesel::Result<()> {
    /// # let mut conn = connection();
    /// use soft_delete_core::{FixedClock, chrono::{DateTime, TimeDelta}};
    /// let clock = FixedClock::at(DateTime::from_timestamp(1_700_000_000, 0).unwrap());
    /// Lead::soft_delete_by_id(&mut conn, 1, Actor::new("bob").because("spam").clock(clock))?;
    /// let day_30 = DateTime::from_timestamp(1_700_000_000, 0).unwrap() + TimeDelta::days(30);
    /// assert_eq!(Lead::expired(day_30).count().get_result(&mut conn), Ok(1));
    /// assert_eq!(Lead::expired(day_30 - TimeDelta::microseconds(1)).count().get_result(&mut conn), Ok(0));
    /// # Ok(())
    /// # }
    /// ```
    fn expired(now: DateTime<Utc>) -> Expired<Self>
    where
        Self::Due: DueRule<Self::DeletedAt>,
        Self::Table: FilterDsl<Due<Self>>,
    {
        let cutoffs = Cutoffs::at(now, Self::retention());
        FilterDsl::filter(Self::Table::default(), Self::Due::condition(cutoffs))
    }

    /// The condition of [`active`](Scopes::active) alone, for `belonging_to`, subselects and `ON` clauses:
    /// `t.deleted_at IS NULL`.
    ///
    /// ```
    /// # include!("doctest_setup.rs");
    /// # fn main() -> soft_delete_diesel::Result<()> {
    /// # let mut conn = connection();
    /// let lead: Lead = Lead::active().find(1).select(Lead::as_select()).first(&mut conn).unwrap();
    /// Callback::soft_delete_by_id(&mut conn, 10, Actor::new("bob"))?;
    /// let left = Callback::belonging_to(&lead).filter(Callback::not_deleted()).select(callbacks::id);
    /// assert_eq!(left.load(&mut conn), Ok(vec![11_i64]));
    /// # Ok(())
    /// # }
    /// ```
    fn not_deleted() -> IsNull<Self::DeletedAt> {
        Self::DeletedAt::default().is_null()
    }

    /// The condition of [`only_deleted`](Scopes::only_deleted) alone: `t.deleted_at IS NOT NULL`.
    ///
    /// ```
    /// # include!("doctest_setup.rs");
    /// # fn main() -> soft_delete_diesel::Result<()> {
    /// # let mut conn = connection();
    /// Callback::soft_delete_by_id(&mut conn, 10, Actor::new("bob"))?;
    /// let gone = callbacks::table.filter(Callback::was_deleted()).count();
    /// assert_eq!(gone.get_result(&mut conn), Ok(1));
    /// # Ok(())
    /// # }
    /// ```
    fn was_deleted() -> IsNotNull<Self::DeletedAt> {
        Self::DeletedAt::default().is_not_null()
    }
}

impl<M: Model> Scopes for M {}
