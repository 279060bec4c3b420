//! Joins with the scope in `ON`, so that a row whose partners are all deleted still appears.

use diesel::{
    BoolExpressionMethods,
    Expression,
    JoinOnDsl,
    JoinTo,
    QueryDsl,
    dsl::{And, InnerJoin, IsNull, LeftJoin, On},
    // The markers of the two kinds of join have no other public name; `diesel::table!` itself relies on this one.
    internal::table_macro::{Inner, LeftOuter},
    query_dsl::JoinWithImplicitOnClause,
    sql_types::{Bool, Nullable},
};

use crate::{Model, Scopes};

/// The table of `M` with the join condition `<on> AND m.deleted_at IS NULL`.
pub type OnActive<Source, M> = On<
    <M as Model>::Table,
    And<<Source as JoinTo<<M as Model>::Table>>::OnClause, IsNull<<M as Model>::DeletedAt>, Bool>,
>;

/// The query of [`JoinActiveDsl::inner_join_active`].
pub type InnerJoinActive<Source, M> = InnerJoin<Source, OnActive<Source, M>>;

/// The query of [`JoinActiveDsl::left_join_active`].
pub type LeftJoinActive<Source, M> = LeftJoin<Source, OnActive<Source, M>>;

/// Joins that see only the active rows of the joined model.
///
/// They work on tables and queries alike and use the relation that `diesel::joinable!` declared.
pub trait JoinActiveDsl: Sized {
    /// `INNER JOIN m ON (<relation> AND m.deleted_at IS NULL)`
    ///
    /// ```
    /// # include!("doctest_setup.rs");
    /// # fn main() -> soft_delete_diesel::Result<()> {
    /// # let mut conn = connection();
    /// Callback::soft_delete_by_id(&mut conn, 10, Actor::new("bob"))?;
    /// let joined = Lead::active().inner_join_active::<Callback>().select((leads::id, callbacks::id));
    /// assert_eq!(joined.load(&mut conn), Ok(vec![(1_i64, 11_i64)]));
    /// # Ok(())
    /// # }
    /// ```
    fn inner_join_active<M>(self) -> InnerJoinActive<Self, M>
    where
        M: Model,
        Self: QueryDsl + JoinTo<M::Table> + JoinWithImplicitOnClause<OnActive<Self, M>, Inner>,
        <Self as JoinTo<M::Table>>::OnClause: Expression<SqlType = Nullable<Bool>>,
    {
        self.inner_join(on_active::<Self, M>())
    }

    /// `LEFT OUTER JOIN m ON (<relation> AND m.deleted_at IS NULL)`
    ///
    /// ```
    /// # include!("doctest_setup.rs");
    /// # fn main() -> soft_delete_diesel::Result<()> {
    /// # let mut conn = connection();
    /// Callback::soft_delete_by_id(&mut conn, 10, Actor::new("bob"))?;
    /// Callback::soft_delete_by_id(&mut conn, 11, Actor::new("bob"))?;
    /// let joined = Lead::active().left_join_active::<Callback>().order(leads::id);
    /// let rows: Vec<(i64, Option<i64>)> = joined.select((leads::id, callbacks::id.nullable())).load(&mut conn).unwrap();
    /// assert_eq!(rows, [(1, None), (2, None)]); // both leads still appear
    /// # Ok(())
    /// # }
    /// ```
    fn left_join_active<M>(self) -> LeftJoinActive<Self, M>
    where
        M: Model,
        Self: QueryDsl + JoinTo<M::Table> + JoinWithImplicitOnClause<OnActive<Self, M>, LeftOuter>,
        <Self as JoinTo<M::Table>>::OnClause: Expression<SqlType = Nullable<Bool>>,
    {
        self.left_join(on_active::<Self, M>())
    }
}

impl<Q> JoinActiveDsl for Q {}

fn on_active<Source, M>() -> OnActive<Source, M>
where
    M: Model,
    Source: JoinTo<M::Table>,
    Source::OnClause: Expression<SqlType = Nullable<Bool>>,
{
    let (_, on) = Source::join_target(M::Table::default());
    M::Table::default().on(on.and(M::not_deleted()))
}
