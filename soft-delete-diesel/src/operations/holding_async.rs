//! Holds on records, models and operations, on connections that are awaited.

use std::future::Future;

use diesel_async::AsyncConnection;
use soft_delete_core::Context;

use super::holding::record;
use crate::{
    BindKey, DeletionId, Dialect, Hold, KeyBinds, KeyOf, Model, Page, Result,
    engine::{self, Asked},
    executor::Async,
};

/// Protecting a model's rows from removal, on the connections of diesel-async: `HoldDsl`, awaited.
pub trait AsyncHoldDsl: Model {
    /// Holds this record; see [`HoldDsl::hold`](crate::HoldDsl::hold).
    ///
    /// # Errors
    /// As [`HoldDsl::hold`](crate::HoldDsl::hold).
    fn hold<C>(
        &self,
        conn: &mut C,
        context: impl Into<Context> + Send,
    ) -> impl Future<Output = Result<Hold>> + Send
    where
        Self: Sync,
        C: AsyncConnection<Backend: Dialect>,
        for<'a> Self::KeyBinds<'a>: KeyBinds<C::Backend>,
    {
        async move {
            let (key, context) = (self.key_binds(), context.into());
            engine::hold(&mut Async(conn), &record::<Self, _>(&key), &context).await
        }
    }

    /// Lifts all holds on this record; see [`HoldDsl::release`](crate::HoldDsl::release).
    ///
    /// # Errors
    /// As [`HoldDsl::release`](crate::HoldDsl::release).
    fn release<C>(
        &self,
        conn: &mut C,
        context: impl Into<Context> + Send,
    ) -> impl Future<Output = Result<u64>> + Send
    where
        Self: Sync,
        C: AsyncConnection<Backend: Dialect>,
        for<'a> Self::KeyBinds<'a>: KeyBinds<C::Backend>,
    {
        async move {
            let (key, context) = (self.key_binds(), context.into());
            engine::release(&mut Async(conn), &record::<Self, _>(&key), &context).await
        }
    }

    /// The holds on this record; see [`HoldDsl::holds`](crate::HoldDsl::holds).
    ///
    /// # Errors
    /// As [`HoldDsl::holds`](crate::HoldDsl::holds).
    fn holds<C>(&self, conn: &mut C) -> impl Future<Output = Result<Vec<Hold>>> + Send
    where
        Self: Sync,
        C: AsyncConnection<Backend: Dialect>,
        for<'a> Self::KeyBinds<'a>: KeyBinds<C::Backend>,
    {
        async move {
            let key = self.key_binds();
            engine::holds_on(&mut Async(conn), &record::<Self, _>(&key)).await
        }
    }

    /// Holds the record with this key; see [`HoldDsl::hold`](crate::HoldDsl::hold).
    ///
    /// # Errors
    /// As [`HoldDsl::hold`](crate::HoldDsl::hold).
    fn hold_by_id<C, K>(
        conn: &mut C,
        id: K,
        context: impl Into<Context> + Send,
    ) -> impl Future<Output = Result<Hold>> + Send
    where
        C: AsyncConnection<Backend: Dialect>,
        K: Send,
        Self::KeyColumns: BindKey<K>,
        KeyOf<Self, K>: KeyBinds<C::Backend>,
    {
        async move {
            let (key, context) = (Self::KeyColumns::bind_key(id), context.into());
            engine::hold(&mut Async(conn), &record::<Self, _>(&key), &context).await
        }
    }

    /// Lifts all holds on the record with this key; see [`HoldDsl::release`](crate::HoldDsl::release).
    ///
    /// # Errors
    /// As [`HoldDsl::release`](crate::HoldDsl::release).
    fn release_by_id<C, K>(
        conn: &mut C,
        id: K,
        context: impl Into<Context> + Send,
    ) -> impl Future<Output = Result<u64>> + Send
    where
        C: AsyncConnection<Backend: Dialect>,
        K: Send,
        Self::KeyColumns: BindKey<K>,
        KeyOf<Self, K>: KeyBinds<C::Backend>,
    {
        async move {
            let (key, context) = (Self::KeyColumns::bind_key(id), context.into());
            engine::release(&mut Async(conn), &record::<Self, _>(&key), &context).await
        }
    }

    /// Holds every row of the model; see [`HoldDsl::hold_model`](crate::HoldDsl::hold_model).
    ///
    /// # Errors
    /// As [`HoldDsl::hold`](crate::HoldDsl::hold).
    fn hold_model<C>(
        conn: &mut C,
        context: impl Into<Context> + Send,
    ) -> impl Future<Output = Result<Hold>> + Send
    where
        C: AsyncConnection<Backend: Dialect>,
    {
        async move {
            let context = context.into();
            engine::hold(&mut Async(conn), &Asked::Model(Self::descriptor()), &context).await
        }
    }

    /// Lifts the holds on the whole model; see [`HoldDsl::release_model`](crate::HoldDsl::release_model).
    ///
    /// # Errors
    /// As [`HoldDsl::release`](crate::HoldDsl::release).
    fn release_model<C>(
        conn: &mut C,
        context: impl Into<Context> + Send,
    ) -> impl Future<Output = Result<u64>> + Send
    where
        C: AsyncConnection<Backend: Dialect>,
    {
        async move {
            let context = context.into();
            engine::release(&mut Async(conn), &Asked::Model(Self::descriptor()), &context).await
        }
    }
}

impl<M: Model> AsyncHoldDsl for M {}

/// As [`hold_operation`](crate::hold_operation), on a connection of diesel-async.
///
/// # Errors
/// As [`hold_operation`](crate::hold_operation).
pub async fn hold_operation_async<C>(
    conn: &mut C,
    operation: DeletionId,
    context: impl Into<Context> + Send,
) -> Result<Hold>
where
    C: AsyncConnection<Backend: Dialect>,
{
    let context = context.into();
    engine::hold(&mut Async(conn), &Asked::Operation(operation), &context).await
}

/// As [`release_operation`](crate::release_operation), on a connection of diesel-async.
///
/// # Errors
/// As [`release_operation`](crate::release_operation).
pub async fn release_operation_async<C>(
    conn: &mut C,
    operation: DeletionId,
    context: impl Into<Context> + Send,
) -> Result<u64>
where
    C: AsyncConnection<Backend: Dialect>,
{
    let context = context.into();
    engine::release(&mut Async(conn), &Asked::Operation(operation), &context).await
}

/// As [`release`](crate::release), on a connection of diesel-async.
///
/// # Errors
/// As [`release`](crate::release).
pub async fn release_async<C>(
    conn: &mut C,
    hold: DeletionId,
    context: impl Into<Context> + Send,
) -> Result<()>
where
    C: AsyncConnection<Backend: Dialect>,
{
    let context = context.into();
    engine::release_one(&mut Async(conn), hold, &context).await
}

/// As [`holds`](crate::holds), on a connection of diesel-async.
///
/// # Errors
/// As [`holds`](crate::holds).
pub async fn holds_async<C>(conn: &mut C, page: Page) -> Result<Vec<Hold>>
where
    C: AsyncConnection<Backend: Dialect>,
{
    engine::holds(&mut Async(conn), page).await
}
