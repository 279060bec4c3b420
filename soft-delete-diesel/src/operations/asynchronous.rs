//! The operations on connections that are awaited.

use std::future::Future;

use diesel::{
    expression::{AppearsOnTable, NonAggregate},
    query_builder::QueryFragment,
    sql_types::BoolOrNullableBool,
};
use diesel_async::AsyncConnection;
use soft_delete_core::{Action, Context, Outcome};

use super::{change, change_by_ids, change_where, force_delete, force_delete_where, history, plan};
use crate::{
    AuditRecord, BindKey, Dialect, InOperations, KeyBinds, KeyOf, Model, Operation, RestorePlan, Result,
    executor::Async, statement::Rows,
};

/// What can be done to a model's rows on the connections of diesel-async and pools of them.
///
/// Every operation is atomic: it runs in one transaction, or in a savepoint inside the caller's, and its audit row
/// (table `soft_delete_audit`) is part of it. Like every transaction of diesel-async, an
/// operation must not be dropped half way: let it finish, or spawn it.
///
/// ```
/// # mod hidden {
/// # include!("../doctest_setup.rs");
/// # pub(crate) const TABLES: &str = SCHEMA;
/// # pub(crate) fn lead() -> Lead { Lead { id: 1, deleted_at: None } }
/// # }
/// use diesel_async::{AsyncConnection, SimpleAsyncConnection, sync_connection_wrapper::SyncConnectionWrapper};
/// use soft_delete_diesel::{AsyncSoftDeleteDsl, migrations};
/// # use diesel::SqliteConnection;
/// # use soft_delete_core::{Actor, Outcome};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut conn = SyncConnectionWrapper::<SqliteConnection>::establish(":memory:").await?;
/// migrations::run_async(&mut conn).await?;
/// # conn.batch_execute(hidden::TABLES).await?;
/// let mut lead = hidden::lead();
/// assert_eq!(lead.soft_delete(&mut conn, Actor::new("bob").because("spam")).await?, Outcome::Changed);
/// assert_eq!(lead.history(&mut conn).await?.len(), 1);
/// # Ok(())
/// # }
/// ```
pub trait AsyncSoftDeleteDsl: Model {
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
    fn soft_delete<C>(
        &mut self,
        conn: &mut C,
        context: impl Into<Context> + Send,
    ) -> impl Future<Output = Result<Outcome>> + Send
    where
        C: AsyncConnection<Backend: Dialect>,
        for<'a> Self::KeyBinds<'a>: KeyBinds<C::Backend>,
    {
        async move {
            let context = context.into();
            let (outcome, stamp) =
                change::<Self, _>(Async(conn), &self.key_binds(), Action::SoftDelete, &context).await?;
            self.set_stamp(&stamp);
            Ok(outcome)
        }
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
    fn restore<C>(
        &mut self,
        conn: &mut C,
        context: impl Into<Context> + Send,
    ) -> impl Future<Output = Result<Outcome>> + Send
    where
        C: AsyncConnection<Backend: Dialect>,
        for<'a> Self::KeyBinds<'a>: KeyBinds<C::Backend>,
    {
        async move {
            let context = context.into();
            let (outcome, stamp) =
                change::<Self, _>(Async(conn), &self.key_binds(), Action::Restore, &context).await?;
            self.set_stamp(&stamp);
            Ok(outcome)
        }
    }

    /// The audit rows of this record, oldest first: `SELECT .. FROM soft_delete_audit WHERE model = 't' AND record_id = <key>`.
    ///
    /// # Errors
    /// [`SchemaMissing`](crate::Error::SchemaMissing), [`Unreadable`](crate::Error::Unreadable),
    /// [`Database`](crate::Error::Database).
    fn history<C>(&self, conn: &mut C) -> impl Future<Output = Result<Vec<AuditRecord>>> + Send
    where
        C: AsyncConnection<Backend: Dialect>,
        for<'a> Self::KeyBinds<'a>: KeyBinds<C::Backend>,
        Self: Sync,
    {
        async move { history::<Self, _>(Async(conn), &self.key_binds()).await }
    }

    /// Marks the row with this key deleted; see [`soft_delete`](AsyncSoftDeleteDsl::soft_delete).
    ///
    /// The key is what Diesel's `find` would take: a value, or a tuple for a composite key.
    ///
    /// # Errors
    /// As [`soft_delete`](AsyncSoftDeleteDsl::soft_delete).
    fn soft_delete_by_id<C, K>(
        conn: &mut C,
        id: K,
        context: impl Into<Context> + Send,
    ) -> impl Future<Output = Result<Outcome>> + Send
    where
        C: AsyncConnection<Backend: Dialect>,
        K: Send,
        Self::KeyColumns: BindKey<K>,
        KeyOf<Self, K>: KeyBinds<C::Backend>,
    {
        async move {
            let (key, context) = (Self::KeyColumns::bind_key(id), context.into());
            Ok(change::<Self, _>(Async(conn), &key, Action::SoftDelete, &context)
                .await?
                .0)
        }
    }

    /// Brings the row with this key back; see [`restore`](AsyncSoftDeleteDsl::restore).
    ///
    /// # Errors
    /// As [`restore`](AsyncSoftDeleteDsl::restore).
    fn restore_by_id<C, K>(
        conn: &mut C,
        id: K,
        context: impl Into<Context> + Send,
    ) -> impl Future<Output = Result<Outcome>> + Send
    where
        C: AsyncConnection<Backend: Dialect>,
        K: Send,
        Self::KeyColumns: BindKey<K>,
        KeyOf<Self, K>: KeyBinds<C::Backend>,
    {
        async move {
            let (key, context) = (Self::KeyColumns::bind_key(id), context.into());
            Ok(change::<Self, _>(Async(conn), &key, Action::Restore, &context)
                .await?
                .0)
        }
    }

    /// The audit rows of the record with this key, oldest first, also after it was removed for good.
    ///
    /// # Errors
    /// As [`history`](AsyncSoftDeleteDsl::history).
    fn history_by_id<C, K>(conn: &mut C, id: K) -> impl Future<Output = Result<Vec<AuditRecord>>> + Send
    where
        C: AsyncConnection<Backend: Dialect>,
        K: Send,
        Self::KeyColumns: BindKey<K>,
        KeyOf<Self, K>: KeyBinds<C::Backend>,
    {
        async move {
            let key = Self::KeyColumns::bind_key(id);
            history::<Self, _>(Async(conn), &key).await
        }
    }

    /// Marks all active rows that meet a condition deleted: `UPDATE t SET deleted_at = <now>, .. WHERE (<condition>) AND deleted_at IS NULL`.
    ///
    /// One operation, one transaction, two statements however many rows (one on PostgreSQL). The condition is any Diesel
    /// expression on the table; it is put in brackets, so that an `OR` cannot reach deleted rows. Hooks see the ids in pages
    /// of a thousand, inside the transaction and after it.
    ///
    /// # Errors
    /// As [`soft_delete`](AsyncSoftDeleteDsl::soft_delete), without `NotFound`: no row is an answer too.
    fn soft_delete_where<C, P>(
        conn: &mut C,
        predicate: P,
        context: impl Into<Context> + Send,
    ) -> impl Future<Output = Result<Operation>> + Send
    where
        Self: InOperations,
        C: AsyncConnection<Backend: Dialect>,
        P: AppearsOnTable<Self::Table, SqlType: BoolOrNullableBool>
            + NonAggregate
            + QueryFragment<C::Backend>
            + Send
            + Sync,
    {
        async move {
            let context = context.into();
            change_where::<Self, _>(Async(conn), &predicate, Action::SoftDelete, &context).await
        }
    }

    /// Brings all deleted rows that meet a condition back: `UPDATE t SET deleted_at = NULL, .. WHERE (<condition>) AND deleted_at IS NOT NULL`.
    ///
    /// One operation, one transaction, two statements however many rows (one on PostgreSQL). The condition is any Diesel
    /// expression on the table; it is put in brackets, so that an `OR` cannot reach active rows. Hooks see the ids in pages
    /// of a thousand, inside the transaction and after it.
    ///
    /// # Errors
    /// As [`restore`](AsyncSoftDeleteDsl::restore), without `NotFound` and `Purged`.
    fn restore_where<C, P>(
        conn: &mut C,
        predicate: P,
        context: impl Into<Context> + Send,
    ) -> impl Future<Output = Result<Operation>> + Send
    where
        Self: InOperations,
        C: AsyncConnection<Backend: Dialect>,
        P: AppearsOnTable<Self::Table, SqlType: BoolOrNullableBool>
            + NonAggregate
            + QueryFragment<C::Backend>
            + Send
            + Sync,
    {
        async move {
            let context = context.into();
            change_where::<Self, _>(Async(conn), &predicate, Action::Restore, &context).await
        }
    }

    /// Marks the rows with these keys deleted, those that still are active: `UPDATE t SET deleted_at = <now>, .. WHERE id IN (?, ..) AND deleted_at IS NULL`.
    ///
    /// One operation and one transaction, with a statement for each 4,000 keys. A key without a row is passed over.
    ///
    /// # Errors
    /// As [`soft_delete_where`](AsyncSoftDeleteDsl::soft_delete_where).
    ///
    fn soft_delete_by_ids<C, K>(
        conn: &mut C,
        ids: impl IntoIterator<Item = K> + Send,
        context: impl Into<Context> + Send,
    ) -> impl Future<Output = Result<Operation>> + Send
    where
        Self: InOperations,
        C: AsyncConnection<Backend: Dialect>,
        Self::KeyColumns: BindKey<K>,
        KeyOf<Self, K>: KeyBinds<C::Backend>,
    {
        // Before anything is awaited: what ids come from need not live on.
        let keys: Vec<_> = ids.into_iter().map(Self::KeyColumns::bind_key).collect();
        async move { change_by_ids::<Self, _, _>(Async(conn), &keys, Action::SoftDelete, &context.into()).await }
    }

    /// Brings the rows with these keys back, those that are deleted, with what went along with them.
    ///
    /// One operation and one transaction, with statements for each 4,000 keys. A key without a row is passed over.
    ///
    /// # Errors
    /// As [`restore_where`](AsyncSoftDeleteDsl::restore_where).
    fn restore_by_ids<C, K>(
        conn: &mut C,
        ids: impl IntoIterator<Item = K> + Send,
        context: impl Into<Context> + Send,
    ) -> impl Future<Output = Result<Operation>> + Send
    where
        Self: InOperations,
        C: AsyncConnection<Backend: Dialect>,
        Self::KeyColumns: BindKey<K>,
        KeyOf<Self, K>: KeyBinds<C::Backend>,
    {
        // Before anything is awaited: what ids come from need not live on.
        let keys: Vec<_> = ids.into_iter().map(Self::KeyColumns::bind_key).collect();
        async move { change_by_ids::<Self, _, _>(Async(conn), &keys, Action::Restore, &context.into()).await }
    }

    /// What [`restore`](AsyncSoftDeleteDsl::restore) of this row would bring back, and what stands in its way. Nothing is changed.
    ///
    /// # Errors
    /// [`SchemaMissing`](crate::Error::SchemaMissing), [`Database`](crate::Error::Database).
    ///
    fn restore_plan<C>(
        &self,
        conn: &mut C,
        context: impl Into<Context> + Send,
    ) -> impl Future<Output = Result<RestorePlan>> + Send
    where
        Self: Sync,
        C: AsyncConnection<Backend: Dialect>,
        for<'a> Self::KeyBinds<'a>: KeyBinds<C::Backend>,
    {
        async move {
            let (key, context) = (self.key_binds(), context.into());
            plan::<Self, _>(Async(conn), Rows::Key(&key), &context).await
        }
    }

    /// What [`restore_by_id`](AsyncSoftDeleteDsl::restore_by_id) would bring back; see [`restore_plan`](AsyncSoftDeleteDsl::restore_plan).
    ///
    /// # Errors
    /// As [`restore_plan`](AsyncSoftDeleteDsl::restore_plan).
    fn restore_plan_by_id<C, K>(
        conn: &mut C,
        id: K,
        context: impl Into<Context> + Send,
    ) -> impl Future<Output = Result<RestorePlan>> + Send
    where
        C: AsyncConnection<Backend: Dialect>,
        K: Send,
        Self::KeyColumns: BindKey<K>,
        KeyOf<Self, K>: KeyBinds<C::Backend>,
    {
        async move {
            let (key, context) = (Self::KeyColumns::bind_key(id), context.into());
            plan::<Self, _>(Async(conn), Rows::Key(&key), &context).await
        }
    }

    /// What [`restore_where`](AsyncSoftDeleteDsl::restore_where) would bring back; see [`restore_plan`](AsyncSoftDeleteDsl::restore_plan).
    ///
    /// # Errors
    /// As [`restore_plan`](AsyncSoftDeleteDsl::restore_plan).
    fn restore_plan_where<C, P>(
        conn: &mut C,
        predicate: P,
        context: impl Into<Context> + Send,
    ) -> impl Future<Output = Result<RestorePlan>> + Send
    where
        Self: InOperations,
        C: AsyncConnection<Backend: Dialect>,
        P: AppearsOnTable<Self::Table, SqlType: BoolOrNullableBool>
            + NonAggregate
            + QueryFragment<C::Backend>
            + Send
            + Sync,
    {
        async move {
            let context = context.into();
            plan::<Self, _>(Async(conn), Rows::Matching(&predicate), &context).await
        }
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
    fn force_delete<C>(
        &self,
        conn: &mut C,
        context: impl Into<Context> + Send,
    ) -> impl Future<Output = Result<Operation>> + Send
    where
        Self: Sync,
        C: AsyncConnection<Backend: Dialect>,
        for<'a> Self::KeyBinds<'a>: KeyBinds<C::Backend>,
    {
        async move {
            let (key, context) = (self.key_binds(), context.into());
            force_delete::<Self, _>(Async(conn), &key, &context).await
        }
    }

    /// Removes the deleted row with this key for good; see [`force_delete`](AsyncSoftDeleteDsl::force_delete).
    ///
    /// # Errors
    /// As [`force_delete`](AsyncSoftDeleteDsl::force_delete).
    fn force_delete_by_id<C, K>(
        conn: &mut C,
        id: K,
        context: impl Into<Context> + Send,
    ) -> impl Future<Output = Result<Operation>> + Send
    where
        C: AsyncConnection<Backend: Dialect>,
        K: Send,
        Self::KeyColumns: BindKey<K>,
        KeyOf<Self, K>: KeyBinds<C::Backend>,
    {
        async move {
            let (key, context) = (Self::KeyColumns::bind_key(id), context.into());
            force_delete::<Self, _>(Async(conn), &key, &context).await
        }
    }

    /// Removes all deleted rows that meet a condition for good; see [`force_delete`](AsyncSoftDeleteDsl::force_delete).
    ///
    /// # Errors
    /// As [`force_delete`](AsyncSoftDeleteDsl::force_delete), without `NotDeleted`, `NotFound` and `Purged`: active rows are
    /// passed over, and no row is an answer too.
    fn force_delete_where<C, P>(
        conn: &mut C,
        predicate: P,
        context: impl Into<Context> + Send,
    ) -> impl Future<Output = Result<Operation>> + Send
    where
        Self: InOperations,
        C: AsyncConnection<Backend: Dialect>,
        P: AppearsOnTable<Self::Table, SqlType: BoolOrNullableBool>
            + NonAggregate
            + QueryFragment<C::Backend>
            + Send
            + Sync,
    {
        async move {
            let context = context.into();
            force_delete_where::<Self, _>(Async(conn), &predicate, &context).await
        }
    }
}

impl<M: Model> AsyncSoftDeleteDsl for M {}
