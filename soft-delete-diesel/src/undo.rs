//! Taking a whole operation back.

use diesel::connection::LoadConnection;
use soft_delete_core::Context;

use crate::{
    DeletionId, Dialect, Operation, Registry, Result, engine,
    executor::{Blocking, run},
};

/// Brings back every row that an operation deleted and that is still deleted, in all models of the registry.
///
/// One transaction: per model `UPDATE t SET deleted_at = NULL, .. WHERE deletion_id = ?`, and the audit rows. What was
/// restored or removed since stays as it is. The answer counts the rows; nothing left to undo is no error.
///
/// # Errors
/// [`UnknownOperation`](crate::Error::UnknownOperation) when the audit trail does not tell of it,
/// [`NotADeletion`](crate::Error::NotADeletion) when it did something else,
/// [`ParentDeleted`](crate::Error::ParentDeleted) when a row that one of the rows hangs on stays deleted,
/// [`UnknownModel`](crate::Error::UnknownModel) and [`UnregisteredRelation`](crate::Error::UnregisteredRelation) when the
/// registry does not hold what it reached,
/// [`Conflict`](crate::Error::Conflict) when an active row holds a unique value of one of the rows,
/// [`Vetoed`](crate::Error::Vetoed), [`SchemaMissing`](crate::Error::SchemaMissing),
/// [`Database`](crate::Error::Database). Nothing was changed then.
///
/// ```
/// # include!("doctest_setup.rs");
/// # use soft_delete_diesel::{Registry, undo};
/// # fn main() -> soft_delete_diesel::Result<()> {
/// # let mut conn = connection();
/// let registry = Registry::new().with::<Lead>().with::<Callback>();
/// let deleted = Callback::soft_delete_where(&mut conn, callbacks::lead_id.eq(1), Actor::new("bob"))?;
/// assert_eq!(undo(&mut conn, &registry, deleted.id, Actor::new("support"))?.rows(), 2);
/// assert_eq!(undo(&mut conn, &registry, deleted.id, Actor::new("support"))?.rows(), 0);
/// # Ok(())
/// # }
/// ```
pub fn undo<C>(
    conn: &mut C,
    registry: &Registry,
    operation: DeletionId,
    context: impl Into<Context>,
) -> Result<Operation>
where
    C: LoadConnection<Backend: Dialect>,
{
    run(engine::undo(
        &mut Blocking(conn),
        registry,
        operation,
        &context.into(),
    ))
}

/// As [`undo`], on a connection of diesel-async.
///
/// # Errors
/// As [`undo`].
#[cfg(feature = "async")]
pub async fn undo_async<C>(
    conn: &mut C,
    registry: &Registry,
    operation: DeletionId,
    context: impl Into<Context> + Send,
) -> Result<Operation>
where
    C: diesel_async::AsyncConnection<Backend: Dialect>,
{
    engine::undo(
        &mut crate::executor::Async(conn),
        registry,
        operation,
        &context.into(),
    )
    .await
}
