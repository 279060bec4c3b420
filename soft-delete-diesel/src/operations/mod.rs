//! The operations of a model, on blocking and on async connections: same names, same meaning.

#[cfg(feature = "async")]
mod asynchronous;
mod blocking;

#[cfg(feature = "async")]
pub use asynchronous::AsyncSoftDeleteDsl;
pub use blocking::SoftDeleteDsl;

use soft_delete_core::{Action, Context, Outcome};

use crate::{
    AuditRecord, Error, KeyBinds, Model, Result, Stamp,
    engine::{self, Target},
    executor::Executor,
};

// The two traits differ only in how they wait, so what they do stands here once.

async fn change<M: Model, E: Executor>(
    mut executor: E,
    key: &dyn KeyBinds<E::DB>,
    action: Action,
    context: &Context,
) -> Result<(Outcome, Stamp)> {
    let model = M::descriptor();
    let actor = context.actor().as_str();
    if action == Action::SoftDelete && !M::actor_fits(actor) {
        // The column might take it, the Rust field would not: refused before anything is written.
        return Err(Error::ActorMismatch {
            model: model.name().to_owned(),
            column: model
                .deleted_by
                .as_ref()
                .map(|column| column.name().to_owned())
                .unwrap_or_default(),
            expected: model
                .deleted_by
                .as_ref()
                .map_or("nothing", |column| column.kind().in_words()),
            actor: actor.to_owned(),
        });
    }
    engine::change(&mut executor, &Target { model, key }, action, context).await
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
