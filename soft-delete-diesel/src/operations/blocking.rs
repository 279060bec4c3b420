//! The operations on connections that block.

use diesel::{
    connection::LoadConnection,
    expression::{AppearsOnTable, NonAggregate},
    query_builder::QueryFragment,
    sql_types::BoolOrNullableBool,
};
use soft_delete_core::{Action, Context, Outcome};

use super::{change, change_by_ids, change_where, force_delete, force_delete_where, history, plan};
use crate::{
    AuditRecord, BindKey, Dialect, InOperations, KeyBinds, KeyOf, Model, Operation, RestorePlan, Result,
    executor::{Blocking, run},
    statement::Rows,
};

/// What can be done to a model's rows on Diesel's own connections and pools of them.
///
/// Every operation is atomic: it runs in one transaction, or in a savepoint inside the caller's, and its audit row
/// (table `soft_delete_audit`) is part of it. The async twin is `AsyncSoftDeleteDsl`.
pub trait SoftDeleteDsl: Model {
    /// Marks this row deleted: `UPDATE t SET deleted_at = <now>, .. WHERE <key> AND deleted_at IS NULL`.
    ///
    /// A second call changes nothing, keeps the first stamp and answers [`Outcome::Unchanged`]. The row in memory
    /// takes the deletion columns as they are in the database, after success only.
    ///
    /// # Errors
    /// [`NotFound`](crate::Error::NotFound) when the row is gone, [`ReasonRequired`](crate::Error::ReasonRequired),
    /// [`ActorMismatch`](crate::Error::ActorMismatch), [`Unstorable`](crate::Error::Unstorable),
    /// [`Vetoed`](crate::Error::Vetoed), [`SchemaMissing`](crate::Error::SchemaMissing),
    /// [`Database`](crate::Error::Database). Nothing was changed then.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> soft_delete_diesel::Result<()> {
    /// # let mut conn = connection();
    /// let mut lead = Lead { id: 1, deleted_at: None };
    /// assert_eq!(lead.soft_delete(&mut conn, Actor::new("bob").because("spam"))?, Outcome::Changed);
    /// assert!(lead.is_deleted());
    /// assert_eq!(lead.soft_delete(&mut conn, Actor::new("eve"))?, Outcome::Unchanged); // the first stamp stands
    /// # Ok(())
    /// # }
    /// ```
    fn soft_delete<C>(&mut self, conn: &mut C, context: impl Into<Context>) -> Result<Outcome>
    where
        C: LoadConnection<Backend: Dialect>,
        for<'a> Self::KeyBinds<'a>: KeyBinds<C::Backend>,
    {
        let context = context.into();
        let (outcome, stamp) = run(change::<Self, _>(
            Blocking(conn),
            &self.key_binds(),
            Action::SoftDelete,
            &context,
        ))?;
        self.set_stamp(&stamp);
        Ok(outcome)
    }

    /// Brings this row back: `UPDATE t SET deleted_at = NULL, .. WHERE <key> AND deleted_at IS NOT NULL`.
    ///
    /// A row that is not deleted is [`Outcome::Unchanged`].
    ///
    /// # Errors
    /// [`Conflict`](crate::Error::Conflict) when an active row holds a unique value of this one,
    /// [`Purged`](crate::Error::Purged) when the row was removed for good, [`NotFound`](crate::Error::NotFound),
    /// [`Vetoed`](crate::Error::Vetoed), [`SchemaMissing`](crate::Error::SchemaMissing),
    /// [`Database`](crate::Error::Database). Nothing was changed then.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> soft_delete_diesel::Result<()> {
    /// # let mut conn = connection();
    /// let mut lead = Lead { id: 1, deleted_at: None };
    /// lead.soft_delete(&mut conn, Actor::new("bob"))?;
    /// assert_eq!(lead.restore(&mut conn, Actor::new("support"))?, Outcome::Changed);
    /// assert!(!lead.is_deleted());
    /// # Ok(())
    /// # }
    /// ```
    fn restore<C>(&mut self, conn: &mut C, context: impl Into<Context>) -> Result<Outcome>
    where
        C: LoadConnection<Backend: Dialect>,
        for<'a> Self::KeyBinds<'a>: KeyBinds<C::Backend>,
    {
        let context = context.into();
        let (outcome, stamp) = run(change::<Self, _>(
            Blocking(conn),
            &self.key_binds(),
            Action::Restore,
            &context,
        ))?;
        self.set_stamp(&stamp);
        Ok(outcome)
    }

    /// The audit rows of this record, oldest first: `SELECT .. FROM soft_delete_audit WHERE model = 't' AND record_id = <key>`, after
    /// a `SELECT` of the key as the row has it.
    ///
    /// A row whose key another row had before it has the acts since that one was removed; a row that is gone has all of its key.
    ///
    /// # Errors
    /// [`SchemaMissing`](crate::Error::SchemaMissing), [`Unreadable`](crate::Error::Unreadable),
    /// [`Database`](crate::Error::Database).
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> soft_delete_diesel::Result<()> {
    /// # let mut conn = connection();
    /// let mut lead = Lead { id: 1, deleted_at: None };
    /// lead.soft_delete(&mut conn, Actor::new("bob").because("spam"))?;
    /// let acts = lead.history(&mut conn)?;
    /// assert_eq!((acts[0].actor.as_str(), acts[0].reason.as_deref()), ("bob", Some("spam")));
    /// # Ok(())
    /// # }
    /// ```
    fn history<C>(&self, conn: &mut C) -> Result<Vec<AuditRecord>>
    where
        C: LoadConnection<Backend: Dialect>,
        for<'a> Self::KeyBinds<'a>: KeyBinds<C::Backend>,
    {
        run(history::<Self, _>(Blocking(conn), &self.key_binds()))
    }

    /// Marks the row with this key deleted; see [`soft_delete`](SoftDeleteDsl::soft_delete).
    ///
    /// The key is what Diesel's `find` would take: a value, or a tuple for a composite key.
    ///
    /// # Errors
    /// As [`soft_delete`](SoftDeleteDsl::soft_delete).
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> soft_delete_diesel::Result<()> {
    /// # let mut conn = connection();
    /// assert!(Lead::soft_delete_by_id(&mut conn, 2, Actor::new("bob"))?.is_changed());
    /// assert!(Lead::soft_delete_by_id(&mut conn, 99, Actor::new("bob")).unwrap_err().is_not_found());
    /// # Ok(())
    /// # }
    /// ```
    fn soft_delete_by_id<C, K>(conn: &mut C, id: K, context: impl Into<Context>) -> Result<Outcome>
    where
        C: LoadConnection<Backend: Dialect>,
        Self::KeyColumns: BindKey<K>,
        KeyOf<Self, K>: KeyBinds<C::Backend>,
    {
        let (key, context) = (Self::KeyColumns::bind_key(id), context.into());
        Ok(run(change::<Self, _>(
            Blocking(conn),
            &key,
            Action::SoftDelete,
            &context,
        ))?
        .0)
    }

    /// Brings the row with this key back; see [`restore`](SoftDeleteDsl::restore).
    ///
    /// # Errors
    /// As [`restore`](SoftDeleteDsl::restore).
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> soft_delete_diesel::Result<()> {
    /// # let mut conn = connection();
    /// // Inside a transaction of yours the error type can be this crate's.
    /// conn.transaction::<_, Error, _>(|conn| {
    ///     Lead::soft_delete_by_id(conn, 2, Actor::new("bob"))?;
    ///     Lead::restore_by_id(conn, 2, Actor::new("bob"))
    /// })?;
    /// assert_eq!(Lead::active().count().get_result(&mut conn), Ok(2));
    /// # Ok(())
    /// # }
    /// ```
    fn restore_by_id<C, K>(conn: &mut C, id: K, context: impl Into<Context>) -> Result<Outcome>
    where
        C: LoadConnection<Backend: Dialect>,
        Self::KeyColumns: BindKey<K>,
        KeyOf<Self, K>: KeyBinds<C::Backend>,
    {
        let (key, context) = (Self::KeyColumns::bind_key(id), context.into());
        Ok(run(change::<Self, _>(Blocking(conn), &key, Action::Restore, &context))?.0)
    }

    /// The audit rows of the record with this key, oldest first, also after it was removed for good.
    ///
    /// # Errors
    /// As [`history`](SoftDeleteDsl::history).
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> soft_delete_diesel::Result<()> {
    /// # let mut conn = connection();
    /// Lead::soft_delete_by_id(&mut conn, 2, Actor::new("bob"))?;
    /// assert_eq!(Lead::history_by_id(&mut conn, 2)?.len(), 1);
    /// assert!(Lead::history_by_id(&mut conn, 1)?.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    fn history_by_id<C, K>(conn: &mut C, id: K) -> Result<Vec<AuditRecord>>
    where
        C: LoadConnection<Backend: Dialect>,
        Self::KeyColumns: BindKey<K>,
        KeyOf<Self, K>: KeyBinds<C::Backend>,
    {
        let key = Self::KeyColumns::bind_key(id);
        run(history::<Self, _>(Blocking(conn), &key))
    }

    /// Marks all active rows that meet a condition deleted: `UPDATE t SET deleted_at = <now>, .. WHERE (<condition>) AND deleted_at IS NULL`.
    ///
    /// One operation, one transaction, two statements however many rows (one on PostgreSQL). The condition is any Diesel
    /// expression on the table; it is put in brackets, so that an `OR` cannot reach deleted rows. Hooks see the ids in pages
    /// of a thousand, inside the transaction and after it.
    ///
    /// # Errors
    /// As [`soft_delete`](SoftDeleteDsl::soft_delete), without `NotFound`: no row is an answer too.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> soft_delete_diesel::Result<()> {
    /// # let mut conn = connection();
    /// let gone = Callback::soft_delete_where(&mut conn, callbacks::lead_id.eq(1), Actor::new("bob"))?;
    /// assert_eq!(gone.rows(), 2);
    /// # Ok(())
    /// # }
    /// ```
    fn soft_delete_where<C, P>(conn: &mut C, predicate: P, context: impl Into<Context>) -> Result<Operation>
    where
        Self: InOperations,
        C: LoadConnection<Backend: Dialect>,
        P: AppearsOnTable<Self::Table, SqlType: BoolOrNullableBool>
            + NonAggregate
            + QueryFragment<C::Backend>
            + Send
            + Sync,
    {
        let context = context.into();
        run(change_where::<Self, _>(
            Blocking(conn),
            &predicate,
            Action::SoftDelete,
            &context,
        ))
    }

    /// Brings all deleted rows that meet a condition back: `UPDATE t SET deleted_at = NULL, .. WHERE (<condition>) AND deleted_at IS NOT NULL`.
    ///
    /// One operation, one transaction, two statements however many rows (one on PostgreSQL). The condition is any Diesel
    /// expression on the table; it is put in brackets, so that an `OR` cannot reach active rows. Hooks see the ids in pages
    /// of a thousand, inside the transaction and after it.
    ///
    /// # Errors
    /// As [`restore`](SoftDeleteDsl::restore), without `NotFound` and `Purged`.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> soft_delete_diesel::Result<()> {
    /// # let mut conn = connection();
    /// Callback::soft_delete_where(&mut conn, callbacks::lead_id.eq(1), Actor::new("bob"))?;
    /// let back = Callback::restore_where(&mut conn, callbacks::id.gt(10), Actor::new("bob"))?;
    /// assert_eq!(back.rows(), 1);
    /// # Ok(())
    /// # }
    /// ```
    fn restore_where<C, P>(conn: &mut C, predicate: P, context: impl Into<Context>) -> Result<Operation>
    where
        Self: InOperations,
        C: LoadConnection<Backend: Dialect>,
        P: AppearsOnTable<Self::Table, SqlType: BoolOrNullableBool>
            + NonAggregate
            + QueryFragment<C::Backend>
            + Send
            + Sync,
    {
        let context = context.into();
        run(change_where::<Self, _>(
            Blocking(conn),
            &predicate,
            Action::Restore,
            &context,
        ))
    }

    /// Marks the rows with these keys deleted, those that still are active: `UPDATE t SET deleted_at = <now>, .. WHERE id IN (?, ..) AND deleted_at IS NULL`.
    ///
    /// One operation and one transaction, with a statement for each 4,000 keys. A key without a row is passed over.
    ///
    /// # Errors
    /// As [`soft_delete_where`](SoftDeleteDsl::soft_delete_where).
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> soft_delete_diesel::Result<()> {
    /// # let mut conn = connection();
    /// let gone = Callback::soft_delete_by_ids(&mut conn, [10, 11, 99], Actor::new("bob"))?;
    /// assert_eq!(gone.rows(), 2);
    /// # Ok(())
    /// # }
    /// ```
    fn soft_delete_by_ids<C, K>(
        conn: &mut C,
        ids: impl IntoIterator<Item = K>,
        context: impl Into<Context>,
    ) -> Result<Operation>
    where
        Self: InOperations,
        C: LoadConnection<Backend: Dialect>,
        Self::KeyColumns: BindKey<K>,
        KeyOf<Self, K>: KeyBinds<C::Backend>,
    {
        let keys: Vec<_> = ids.into_iter().map(Self::KeyColumns::bind_key).collect();
        run(change_by_ids::<Self, _, _>(
            Blocking(conn),
            &keys,
            Action::SoftDelete,
            &context.into(),
        ))
    }

    /// Brings the rows with these keys back, those that are deleted, with what went along with them.
    ///
    /// One operation and one transaction, with statements for each 4,000 keys. A key without a row is passed over.
    ///
    /// # Errors
    /// As [`restore_where`](SoftDeleteDsl::restore_where).
    fn restore_by_ids<C, K>(
        conn: &mut C,
        ids: impl IntoIterator<Item = K>,
        context: impl Into<Context>,
    ) -> Result<Operation>
    where
        Self: InOperations,
        C: LoadConnection<Backend: Dialect>,
        Self::KeyColumns: BindKey<K>,
        KeyOf<Self, K>: KeyBinds<C::Backend>,
    {
        let keys: Vec<_> = ids.into_iter().map(Self::KeyColumns::bind_key).collect();
        run(change_by_ids::<Self, _, _>(
            Blocking(conn),
            &keys,
            Action::Restore,
            &context.into(),
        ))
    }

    /// What [`restore`](SoftDeleteDsl::restore) of this row would bring back, and what stands in its way. Nothing is changed.
    ///
    /// # Errors
    /// [`SchemaMissing`](crate::Error::SchemaMissing), [`Database`](crate::Error::Database).
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> soft_delete_diesel::Result<()> {
    /// # let mut conn = connection();
    /// let mut lead = Lead { id: 1, deleted_at: None };
    /// lead.soft_delete(&mut conn, Actor::new("bob"))?;
    /// let plan = lead.restore_plan(&mut conn, Actor::new("support"))?;
    /// assert!(plan.is_possible() && plan.rows() == 1);
    /// # Ok(())
    /// # }
    /// ```
    fn restore_plan<C>(&self, conn: &mut C, context: impl Into<Context>) -> Result<RestorePlan>
    where
        C: LoadConnection<Backend: Dialect>,
        for<'a> Self::KeyBinds<'a>: KeyBinds<C::Backend>,
    {
        let key = self.key_binds();
        run(plan::<Self, _>(Blocking(conn), Rows::Key(&key), &context.into()))
    }

    /// What [`restore_by_id`](SoftDeleteDsl::restore_by_id) would bring back; see [`restore_plan`](SoftDeleteDsl::restore_plan).
    ///
    /// # Errors
    /// As [`restore_plan`](SoftDeleteDsl::restore_plan).
    fn restore_plan_by_id<C, K>(conn: &mut C, id: K, context: impl Into<Context>) -> Result<RestorePlan>
    where
        C: LoadConnection<Backend: Dialect>,
        Self::KeyColumns: BindKey<K>,
        KeyOf<Self, K>: KeyBinds<C::Backend>,
    {
        let key = Self::KeyColumns::bind_key(id);
        run(plan::<Self, _>(Blocking(conn), Rows::Key(&key), &context.into()))
    }

    /// What [`restore_where`](SoftDeleteDsl::restore_where) would bring back; see [`restore_plan`](SoftDeleteDsl::restore_plan).
    ///
    /// # Errors
    /// As [`restore_plan`](SoftDeleteDsl::restore_plan).
    fn restore_plan_where<C, P>(
        conn: &mut C,
        predicate: P,
        context: impl Into<Context>,
    ) -> Result<RestorePlan>
    where
        Self: InOperations,
        C: LoadConnection<Backend: Dialect>,
        P: AppearsOnTable<Self::Table, SqlType: BoolOrNullableBool>
            + NonAggregate
            + QueryFragment<C::Backend>
            + Send
            + Sync,
    {
        run(plan::<Self, _>(
            Blocking(conn),
            Rows::Matching(&predicate),
            &context.into(),
        ))
    }

    /// Removes this deleted row for good before its time, with everything below it: `DELETE FROM t WHERE <key> AND deleted_at IS NOT NULL`.
    ///
    /// Rows below it over `cascade` go too if they are deleted, whenever that was, and so do the rows that any of them `owns`.
    /// One audit row for each row of a model. It needs a reason.
    ///
    /// # Errors
    /// [`NotDeleted`](crate::Error::NotDeleted) when the row is active, [`StillReferenced`](crate::Error::StillReferenced) when
    /// rows below it are active or kept by `restrict`, [`PartOfFamily`](crate::Error::PartOfFamily) when it would come back with a row
    /// that is not removed with it, [`Blocked`](crate::Error::Blocked) when another table refers to one of
    /// them, [`Held`](crate::Error::Held) when one of them is held, [`ReasonRequired`](crate::Error::ReasonRequired), [`NotFound`](crate::Error::NotFound),
    /// [`Purged`](crate::Error::Purged), [`Vetoed`](crate::Error::Vetoed),
    /// [`SchemaMissing`](crate::Error::SchemaMissing), [`Database`](crate::Error::Database). Nothing was removed then.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> soft_delete_diesel::Result<()> {
    /// # let mut conn = connection();
    /// let mut lead = Lead { id: 1, deleted_at: None };
    /// let admin = || Actor::new("admin").because("GDPR request 12");
    /// assert!(lead.force_delete(&mut conn, admin()).is_err()); // it is active
    /// lead.soft_delete(&mut conn, admin())?;
    /// assert_eq!(lead.force_delete(&mut conn, admin())?.rows(), 1);
    /// assert!(lead.restore(&mut conn, admin()).is_err_and(|error| error.is_purged()));
    /// # Ok(())
    /// # }
    /// ```
    fn force_delete<C>(&self, conn: &mut C, context: impl Into<Context>) -> Result<Operation>
    where
        C: LoadConnection<Backend: Dialect>,
        for<'a> Self::KeyBinds<'a>: KeyBinds<C::Backend>,
    {
        let key = self.key_binds();
        run(force_delete::<Self, _>(Blocking(conn), &key, &context.into()))
    }

    /// Removes the deleted row with this key for good; see [`force_delete`](SoftDeleteDsl::force_delete).
    ///
    /// # Errors
    /// As [`force_delete`](SoftDeleteDsl::force_delete).
    fn force_delete_by_id<C, K>(conn: &mut C, id: K, context: impl Into<Context>) -> Result<Operation>
    where
        C: LoadConnection<Backend: Dialect>,
        Self::KeyColumns: BindKey<K>,
        KeyOf<Self, K>: KeyBinds<C::Backend>,
    {
        let key = Self::KeyColumns::bind_key(id);
        run(force_delete::<Self, _>(Blocking(conn), &key, &context.into()))
    }

    /// Removes all deleted rows that meet a condition for good; see [`force_delete`](SoftDeleteDsl::force_delete).
    ///
    /// # Errors
    /// As [`force_delete`](SoftDeleteDsl::force_delete), without `NotDeleted`, `NotFound` and `Purged`: active rows are
    /// passed over, and no row is an answer too.
    fn force_delete_where<C, P>(conn: &mut C, predicate: P, context: impl Into<Context>) -> Result<Operation>
    where
        Self: InOperations,
        C: LoadConnection<Backend: Dialect>,
        P: AppearsOnTable<Self::Table, SqlType: BoolOrNullableBool>
            + NonAggregate
            + QueryFragment<C::Backend>
            + Send
            + Sync,
    {
        run(force_delete_where::<Self, _>(
            Blocking(conn),
            &predicate,
            &context.into(),
        ))
    }
}

impl<M: Model> SoftDeleteDsl for M {}
