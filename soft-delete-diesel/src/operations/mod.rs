//! The operations of a model, on blocking and on async connections: same names, same meaning.

#[cfg(feature = "async")]
mod asynchronous;
mod blocking;

#[cfg(feature = "async")]
pub use asynchronous::AsyncSoftDeleteDsl;
pub use blocking::SoftDeleteDsl;

use diesel::query_builder::QueryFragment;
use soft_delete_core::{Action, Context, Outcome};

use crate::{
    AuditRecord, Error, KeyBinds, Model, Operation, Result, Stamp,
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
        &[M::descriptor()],
        &Rows::Matching(predicate),
        action,
        context,
    )
    .await
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
