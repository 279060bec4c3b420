//! The operations of a model, on blocking and on async connections: same names, same meaning.

#[cfg(feature = "async")]
mod asynchronous;
mod blocking;
mod holding;
#[cfg(feature = "async")]
mod holding_async;

#[cfg(feature = "async")]
pub use asynchronous::AsyncSoftDeleteDsl;
pub use blocking::SoftDeleteDsl;
pub use holding::{HoldDsl, hold_operation, holds, release, release_operation};
#[cfg(feature = "async")]
pub use holding_async::{
    AsyncHoldDsl, hold_operation_async, holds_async, release_async, release_operation_async,
};

use diesel::query_builder::QueryFragment;
use soft_delete_core::{Action, Context, Outcome};

use crate::{
    AuditRecord, Error, KeyBinds, Model, Operation, RestorePlan, Result, Stamp,
    engine::{self, Target},
    executor::Executor,
    statement::Rows,
};

// The two traits differ only in how they wait, so what they do stands here once.

async fn change<M: Model, E: Executor>(
    mut executor: E,
    key: &dyn KeyBinds<E::DB>,
    action: Action,
    context: &Context,
) -> Result<(Outcome, Stamp)> {
    let model = M::descriptor();
    actor_fits::<M>(action, context)?;
    engine::change(&mut executor, &Target { model, key }, action, context).await
}

async fn change_where<M: Model, E: Executor>(
    mut executor: E,
    predicate: &(dyn QueryFragment<E::DB> + Send + Sync),
    action: Action,
    context: &Context,
) -> Result<Operation> {
    actor_fits::<M>(action, context)?;
    engine::change_set(
        &mut executor,
        M::descriptor(),
        &[Rows::Matching(predicate)],
        action,
        context,
    )
    .await
}

// Statements take so many keys at the most: every database allows some ten thousand parameters, and a key may be written
// several times.
const KEYS_AT_ONCE: usize = 4_000;

async fn change_by_ids<M: Model, E: Executor, K: KeyBinds<E::DB>>(
    mut executor: E,
    keys: &[K],
    action: Action,
    context: &Context,
) -> Result<Operation> {
    actor_fits::<M>(action, context)?;
    let model = M::descriptor();
    let keys: Vec<&dyn KeyBinds<E::DB>> = keys.iter().map(|key| key as _).collect();
    let parts = keys.chunks(KEYS_AT_ONCE / model.key_columns().len().max(1));
    let parts: Vec<Rows<'_, E::DB>> = parts.map(Rows::Keys).collect();
    engine::change_set(&mut executor, model, &parts, action, context).await
}

async fn force_delete<M: Model, E: Executor>(
    mut executor: E,
    key: &dyn KeyBinds<E::DB>,
    context: &Context,
) -> Result<Operation> {
    let model = M::descriptor();
    engine::force_delete_one(&mut executor, &Target { model, key }, context).await
}

async fn force_delete_where<M: Model, E: Executor>(
    mut executor: E,
    predicate: &(dyn QueryFragment<E::DB> + Send + Sync),
    context: &Context,
) -> Result<Operation> {
    engine::force_delete(
        &mut executor,
        M::descriptor(),
        &Rows::Matching(predicate),
        context,
    )
    .await
}

async fn plan<M: Model, E: Executor>(
    mut executor: E,
    rows: Rows<'_, E::DB>,
    context: &Context,
) -> Result<RestorePlan> {
    engine::restore_plan(&mut executor, M::descriptor(), &rows, context).await
}

async fn history<M: Model, E: Executor>(
    mut executor: E,
    key: &dyn KeyBinds<E::DB>,
) -> Result<Vec<AuditRecord>> {
    engine::history(
        &mut executor,
        &Target {
            model: M::descriptor(),
            key,
        },
    )
    .await
}

// The column might take the actor where the Rust field would not: refused before anything is written.
fn actor_fits<M: Model>(action: Action, context: &Context) -> Result<()> {
    let (model, actor) = (M::descriptor(), context.actor().as_str());
    match &model.deleted_by {
        Some(column) if action == Action::SoftDelete && !M::actor_fits(actor) => Err(Error::ActorMismatch {
            model: model.name().to_owned(),
            column: column.name().to_owned(),
            expected: column.kind().in_words(),
            actor: actor.to_owned(),
        }),
        _ => Ok(()),
    }
}
