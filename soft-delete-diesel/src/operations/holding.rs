//! Holds on records, models and operations, on connections that block.

use diesel::connection::LoadConnection;
use soft_delete_core::Context;

use crate::{
    BindKey, DeletionId, Dialect, Hold, KeyBinds, KeyOf, Model, Page, Result,
    engine::{self, Asked, Target},
    executor::{Blocking, run},
};

/// Protecting a model's rows from removal, on Diesel's own connections; the async twin is `AsyncHoldDsl`.
///
/// A hold is a row of the table `soft_delete_holds`, with reason, actor and an optional end (`Context::until`). While it is in
/// force nothing removes what it is on: not `force_delete`, and no cleanup. Rows may be held while they are active, and stay
/// held when they are deleted. Placing and lifting are audited (`hold`, `release`); for a whole model the audit's
/// `record_id` is `*`, for an operation its `model` is `*` and its `record_id` the operation's identity.
pub trait HoldDsl: Model {
    /// Holds this record: `INSERT INTO soft_delete_holds ..`, with the row locked until it is done.
    ///
    /// Several holds on one record are several reasons to keep it; it is free when the last one is lifted.
    ///
    /// # Errors
    /// [`ReasonRequired`](crate::Error::ReasonRequired), [`HoldIsOver`](crate::Error::HoldIsOver) for an end in the past,
    /// [`NotFound`](crate::Error::NotFound) and [`Purged`](crate::Error::Purged) when there is no row,
    /// [`SchemaMissing`](crate::Error::SchemaMissing), [`Database`](crate::Error::Database).
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # use soft_delete_diesel::HoldDsl;
    /// # fn main() -> soft_delete_diesel::Result<()> {
    /// # let mut conn = connection();
    /// let mut lead = Lead { id: 1, deleted_at: None };
    /// let hold = lead.hold(&mut conn, Actor::new("legal").because("case 17"))?;
    /// lead.soft_delete(&mut conn, Actor::new("bob"))?;
    /// let refused = lead.force_delete(&mut conn, Actor::new("bob").because("full disk"));
    /// assert!(refused.is_err_and(|error| error.is_held()));
    /// soft_delete_diesel::release(&mut conn, hold.id, Actor::new("legal").because("settled"))?;
    /// lead.force_delete(&mut conn, Actor::new("bob").because("full disk"))?;
    /// # Ok(())
    /// # }
    /// ```
    fn hold<C>(&self, conn: &mut C, context: impl Into<Context>) -> Result<Hold>
    where
        C: LoadConnection<Backend: Dialect>,
        for<'a> Self::KeyBinds<'a>: KeyBinds<C::Backend>,
    {
        let key = self.key_binds();
        run(engine::hold(
            &mut Blocking(conn),
            &record::<Self, _>(&key),
            &context.into(),
        ))
    }

    /// Lifts all holds on this record; answers how many there were. Holds on its model or operation stay.
    ///
    /// # Errors
    /// [`SchemaMissing`](crate::Error::SchemaMissing), [`Database`](crate::Error::Database).
    fn release<C>(&self, conn: &mut C, context: impl Into<Context>) -> Result<u64>
    where
        C: LoadConnection<Backend: Dialect>,
        for<'a> Self::KeyBinds<'a>: KeyBinds<C::Backend>,
    {
        let key = self.key_binds();
        run(engine::release(
            &mut Blocking(conn),
            &record::<Self, _>(&key),
            &context.into(),
        ))
    }

    /// The holds on this record, oldest first; those on its model or operation are told by [`holds`](crate::holds).
    ///
    /// # Errors
    /// [`SchemaMissing`](crate::Error::SchemaMissing), [`Database`](crate::Error::Database).
    fn holds<C>(&self, conn: &mut C) -> Result<Vec<Hold>>
    where
        C: LoadConnection<Backend: Dialect>,
        for<'a> Self::KeyBinds<'a>: KeyBinds<C::Backend>,
    {
        let key = self.key_binds();
        run(engine::holds_on(&mut Blocking(conn), &record::<Self, _>(&key)))
    }

    /// Holds the record with this key; see [`hold`](HoldDsl::hold).
    ///
    /// # Errors
    /// As [`hold`](HoldDsl::hold).
    fn hold_by_id<C, K>(conn: &mut C, id: K, context: impl Into<Context>) -> Result<Hold>
    where
        C: LoadConnection<Backend: Dialect>,
        Self::KeyColumns: BindKey<K>,
        KeyOf<Self, K>: KeyBinds<C::Backend>,
    {
        let key = Self::KeyColumns::bind_key(id);
        run(engine::hold(
            &mut Blocking(conn),
            &record::<Self, _>(&key),
            &context.into(),
        ))
    }

    /// Lifts all holds on the record with this key; see [`release`](HoldDsl::release).
    ///
    /// # Errors
    /// As [`release`](HoldDsl::release).
    fn release_by_id<C, K>(conn: &mut C, id: K, context: impl Into<Context>) -> Result<u64>
    where
        C: LoadConnection<Backend: Dialect>,
        Self::KeyColumns: BindKey<K>,
        KeyOf<Self, K>: KeyBinds<C::Backend>,
    {
        let key = Self::KeyColumns::bind_key(id);
        run(engine::release(
            &mut Blocking(conn),
            &record::<Self, _>(&key),
            &context.into(),
        ))
    }

    /// Holds every row of the model, those to come as well.
    ///
    /// # Errors
    /// As [`hold`](HoldDsl::hold).
    fn hold_model<C>(conn: &mut C, context: impl Into<Context>) -> Result<Hold>
    where
        C: LoadConnection<Backend: Dialect>,
    {
        let asked = Asked::Model(Self::descriptor());
        run(engine::hold(&mut Blocking(conn), &asked, &context.into()))
    }

    /// Lifts the holds on the whole model; those on single records stay.
    ///
    /// # Errors
    /// As [`release`](HoldDsl::release).
    fn release_model<C>(conn: &mut C, context: impl Into<Context>) -> Result<u64>
    where
        C: LoadConnection<Backend: Dialect>,
    {
        let asked = Asked::Model(Self::descriptor());
        run(engine::release(&mut Blocking(conn), &asked, &context.into()))
    }
}

impl<M: Model> HoldDsl for M {}

pub(super) fn record<M: Model, DB: Dialect>(key: &dyn KeyBinds<DB>) -> Asked<'_, DB> {
    Asked::Record(Target {
        model: M::descriptor(),
        key,
    })
}

/// Holds every row that an operation deleted, in all models, as long as it is deleted.
///
/// # Errors
/// As [`HoldDsl::hold`], [`UnknownOperation`](crate::Error::UnknownOperation) and
/// [`NotADeletion`](crate::Error::NotADeletion).
pub fn hold_operation<C>(conn: &mut C, operation: DeletionId, context: impl Into<Context>) -> Result<Hold>
where
    C: LoadConnection<Backend: Dialect>,
{
    run(engine::hold(
        &mut Blocking(conn),
        &Asked::Operation(operation),
        &context.into(),
    ))
}

/// Lifts the holds on an operation; answers how many there were.
///
/// # Errors
/// As [`HoldDsl::release`].
pub fn release_operation<C>(conn: &mut C, operation: DeletionId, context: impl Into<Context>) -> Result<u64>
where
    C: LoadConnection<Backend: Dialect>,
{
    run(engine::release(
        &mut Blocking(conn),
        &Asked::Operation(operation),
        &context.into(),
    ))
}

/// Lifts one hold, whatever it is on.
///
/// # Errors
/// [`UnknownHold`](crate::Error::UnknownHold), [`SchemaMissing`](crate::Error::SchemaMissing),
/// [`Database`](crate::Error::Database).
pub fn release<C>(conn: &mut C, hold: DeletionId, context: impl Into<Context>) -> Result<()>
where
    C: LoadConnection<Backend: Dialect>,
{
    run(engine::release_one(&mut Blocking(conn), hold, &context.into()))
}

/// A page of all holds, oldest first: `SELECT .. FROM soft_delete_holds WHERE id > <last> ORDER BY id LIMIT ..`
///
/// Holds whose end is over are listed too, until they are lifted.
///
/// # Errors
/// [`PageSize`](crate::Error::PageSize), [`SchemaMissing`](crate::Error::SchemaMissing),
/// [`Database`](crate::Error::Database).
pub fn holds<C>(conn: &mut C, page: Page) -> Result<Vec<Hold>>
where
    C: LoadConnection<Backend: Dialect>,
{
    run(engine::holds(&mut Blocking(conn), page))
}
