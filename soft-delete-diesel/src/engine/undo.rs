//! Taking a whole operation back, in every model that it reached.

use soft_delete_core::{Action, Context};

use super::{
    along::restore_members, checks, failure, gone, hooks, one_model::change_rows, parents, plan, set,
    transaction,
};
use crate::{
    DeletionId, Descriptor, Error, Registry, Result,
    executor::Executor,
    operation::Operation,
    statement::{
        Act, ButFor, Change, DeletedParent, OperationModels, OperationRef, Reach, Rows, Touch, Waits, Way,
        parse_time, readable,
    },
};

/// Brings back what is left of an operation.
pub(crate) async fn undo<E: Executor>(
    executor: &mut E,
    registry: &Registry,
    operation: DeletionId,
    context: &Context,
) -> Result<Operation> {
    registry.check()?;
    let id = operation;
    let (operation, models, told) = match told_by_audit(executor, registry, operation).await {
        Ok(told) => told,
        Err(error) => return Err(failure::missing_schema(executor, error).await),
    };
    let Some((first, others)) = models.split_first() else {
        return Err(Error::UnknownOperation { id: operation.text });
    };
    let mut acts = vec![Act::new(Action::Restore, first, context)];
    let others: Vec<Act<'_>> = others.iter().map(|model| acts[0].on(model)).collect();
    acts.extend(others);
    if context.wants_parents() {
        for parent in models
            .iter()
            .flat_map(|model| &model.relatives().above.models[1..])
        {
            if acts.iter().all(|act| act.model.name() != parent.name()) {
                let act = acts[0].on(parent);
                acts.push(act);
            }
        }
    }
    for act in &acts {
        checks::check(act)?;
    }
    let work = Undo {
        acts: &acts,
        reached: models.len(),
        operation: &operation,
        with_parents: context.wants_parents(),
    };
    match transaction::repeated(executor, &work).await {
        Ok(changed) => {
            let mut undone = set::finish(executor, &acts, &changed).await;
            if undone.rows() < told {
                // It is committed: what cannot be read any more undoes nothing.
                let gone = gone::of(executor, std::slice::from_ref(&operation)).await;
                let gone = gone.ok().and_then(|mut gone| gone.remove(&id));
                undone.gone = gone.unwrap_or_default().models;
            }
            Ok(undone)
        }
        Err(Error::Conflict {
            model,
            id: None,
            constraint,
            source,
        }) => {
            let rows = Rows::DeletedIn(&operation);
            let id = plan::first_taken(executor, registry.model(&model)?, &rows).await;
            Err(Error::Conflict {
                model,
                id,
                constraint,
                source,
            })
        }
        Err(error) => Err(failure::missing_schema(executor, error).await),
    }
}

// The models that the operation reached, and how many rows it is told to have deleted. One that the registry does not hold would stay behind without a word.
async fn told_by_audit<E: Executor>(
    executor: &mut E,
    registry: &Registry,
    id: DeletionId,
) -> Result<(OperationRef, Vec<&'static Descriptor>, u64)> {
    let mut operation = OperationRef::new(id);
    let mut reached = Vec::new();
    let mut rows = 0;
    for mut row in executor.rows(&OperationModels(&operation)).await? {
        deleted_something(&operation, row.take(2).unwrap_or_default())?;
        let at = row.take(1).unwrap_or_default();
        let at = readable("soft_delete_audit", "at", at, parse_time)?;
        let count = row.take(3).unwrap_or_default();
        rows += readable::<u64, _>("soft_delete_audit", "COUNT(*)", count, str::parse)?;
        reached.push((registry.recorded(&row.take(0).unwrap_or_default())?, at));
    }
    if let Some((_, at)) = reached.first() {
        operation = OperationRef::at(id, *at);
    }
    let reached = reached.into_iter().map(|(model, _)| model);
    // Without audit rows of its own a model may still have been reached.
    let silent = registry
        .models()
        .filter(|model| !model.audited && model.deletion_id.is_some());
    let mut models: Vec<&'static Descriptor> = reached.collect();
    if !models.is_empty() {
        models.extend(silent);
    }
    Ok((operation, models, rows))
}

/// Refuses an operation that did something else.
pub(super) fn deleted_something(operation: &OperationRef, action: String) -> Result<()> {
    let action: Action = readable("soft_delete_audit", "action", action, str::parse)?;
    if action == Action::SoftDelete {
        return Ok(());
    }
    Err(Error::NotADeletion {
        id: operation.text.clone(),
        action,
    })
}

struct Undo<'a> {
    acts: &'a [Act<'a>],
    /// How many of the acts are on models that the operation reached; the others are on parents.
    reached: usize,
    operation: &'a OperationRef,
    with_parents: bool,
}

impl<E: Executor> transaction::Work<E> for Undo<'_> {
    type Answer = Vec<u64>;

    fn is_one_statement(&self) -> bool {
        false
    }

    async fn run(&self, executor: &mut E) -> Result<Vec<u64>> {
        let rows = Rows::DeletedIn(self.operation);
        let mut changed = vec![0; self.acts.len()];
        transaction::write_first(executor, &Touch(self.acts[0].model)).await?;
        for act in &self.acts[..self.reached] {
            if self.with_parents {
                let above = Reach {
                    family: &act.model.relatives().above,
                    roots: &rows,
                    way: Way::Parents(ButFor::DeletedIn(self.operation)),
                };
                parents::hold(executor, &above).await?;
                let below = Reach {
                    family: &act.model.relatives().below,
                    roots: &rows,
                    way: Way::Restoration(Waits::Never),
                };
                parents::refuse_left_deleted(executor, &above, &below).await?;
                restore_members(executor, self.acts, &above, &mut changed).await?;
            } else {
                self.refuse_deleted_parents(executor, act.model, &rows).await?;
            }
        }
        for (place, act) in self.acts[..self.reached].iter().enumerate() {
            let change = Change {
                act,
                rows: &rows,
                keeps_operation: false,
            };
            changed[place] += change_rows(executor, change).await?;
        }
        for (act, rows) in self.acts.iter().zip(&changed) {
            if *rows > 0 {
                hooks::before_set(executor, act).await?;
            }
        }
        Ok(changed)
    }
}

impl Undo<'_> {
    async fn refuse_deleted_parents<E: Executor>(
        &self,
        executor: &mut E,
        model: &'static Descriptor,
        rows: &Rows<'_, E::DB>,
    ) -> Result<()> {
        let above = &model.relatives().above;
        let deleted_in = Rows::DeletedIn(self.operation);
        for link in above.links_into(0) {
            let parent = above.models[link.parent];
            let comes_back = self.acts[..self.reached]
                .iter()
                .any(|act| act.model.name() == parent.name());
            let looked_for = DeletedParent {
                parent,
                child: model,
                relation: link.relation,
                rows,
                deleted: true,
                except: comes_back.then_some(&deleted_in),
                locks: true,
            };
            parents::refuse(executor, &looked_for).await?;
        }
        Ok(())
    }
}
