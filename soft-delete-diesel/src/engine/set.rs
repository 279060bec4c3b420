//! Soft delete and restore of sets of rows: one operation, one transaction, however many rows.

use soft_delete_core::{Action, Context};

use super::{
    along::{Acts, Tree},
    failure, hooks, one_model, plan, transaction,
};
use crate::{
    Descriptor, Result,
    executor::Executor,
    operation::{ModelRows, Operation},
    statement::{Act, Rows},
};

/// Marks rows of a model and what goes along with them deleted, or takes the marks away, all or nothing.
///
/// The rows come in as many parts as the caller has; each part takes statements of its own.
pub(crate) async fn change_set<E: Executor>(
    executor: &mut E,
    model: &'static Descriptor,
    roots: &[Rows<'_, E::DB>],
    action: Action,
    context: &Context,
) -> Result<Operation> {
    let acts = Acts::new(action, model, context)?;
    let tree = Tree {
        acts: &acts,
        roots,
        with_parents: context.wants_parents(),
        shown: false,
    };
    if roots.is_empty() {
        return Ok(told(&acts.acts, &[]));
    }
    match transaction::repeated(executor, &tree).await {
        Ok(changed) => Ok(finish(executor, &acts.acts, &changed).await),
        Err(error) => {
            let error = one_model::conflict(&acts.acts[0], error);
            let error = plan::with_its_row(executor, acts.relatives, roots, error).await;
            Err(failure::missing_schema(executor, error).await)
        }
    }
}

/// Tells the log and the hooks of acts that are committed, and the caller what they did.
pub(super) async fn finish<E: Executor>(executor: &mut E, acts: &[Act<'_>], changed: &[u64]) -> Operation {
    for (act, rows) in acts.iter().zip(changed) {
        if *rows > 0 {
            hooks::after_set(executor, act, *rows).await;
        }
    }
    told(acts, changed)
}

fn told(acts: &[Act<'_>], changed: &[u64]) -> Operation {
    let models = acts.iter().zip(changed).filter(|(_, rows)| **rows > 0);
    let models = models.map(|(act, rows)| ModelRows {
        model: act.model.name.clone(),
        rows: *rows,
    });
    Operation {
        id: acts[0].operation,
        models: models.collect(),
        gone: Vec::new(),
    }
}
