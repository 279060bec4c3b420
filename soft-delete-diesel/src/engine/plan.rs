//! Looking ahead at a restore, with the selection that the restore itself uses.

use soft_delete_core::Context;

use super::{along::counted, failure, gone, parents, unchecked};
use crate::{
    DeletedParentRow, Descriptor, Error, ModelRows, RestoreConflict, RestorePlan, Result,
    executor::Executor,
    family::Relatives,
    statement::{ButFor, Conflicts, CountRows, Reach, Rows, Waits, Way},
};

/// What a restore of these rows would bring back, and what stands in its way.
pub(crate) async fn restore_plan<E: Executor>(
    executor: &mut E,
    model: &'static Descriptor,
    rows: &Rows<'_, E::DB>,
    context: &Context,
) -> Result<RestorePlan> {
    match look(executor, model, rows, context.wants_parents()).await {
        Ok(plan) => Ok(plan),
        Err(error) => Err(failure::missing_schema(executor, error).await),
    }
}

async fn look<E: Executor>(
    executor: &mut E,
    model: &'static Descriptor,
    rows: &Rows<'_, E::DB>,
    with_parents: bool,
) -> Result<RestorePlan> {
    let relatives = model.relatives();
    let below = |waits| Reach {
        family: &relatives.below,
        roots: rows,
        way: Way::Restoration(waits),
    };
    let may_come = below(Waits::Never);
    let above = Reach {
        family: &relatives.above,
        roots: rows,
        way: Way::Parents(ButFor::Below(&may_come)),
    };
    let below = below(if with_parents {
        Waits::Unless(&above)
    } else {
        Waits::Always
    });
    let mut plan = RestorePlan::default();
    for member in 0..relatives.below.models.len() {
        look_at(executor, &below, member, &mut plan).await?;
    }
    if with_parents {
        for member in 0..relatives.above.models.len() {
            if member > 0 || relatives.above.group_of(0).is_circle {
                look_at(executor, &above, member, &mut plan).await?;
            }
        }
    } else {
        match parents::refuse_deleted(executor, relatives, &below, false).await {
            Err(Error::ParentDeleted { model, id, .. }) => {
                plan.deleted_parents.push(DeletedParentRow { model, id });
            }
            other => other?,
        }
    }
    plan.gone = gone::with(executor, model, rows).await?;
    Ok(plan)
}

async fn look_at<E: Executor>(
    executor: &mut E,
    reach: &Reach<'_, E::DB>,
    member: usize,
    plan: &mut RestorePlan,
) -> Result<()> {
    let model = reach.family.models[member];
    let along = reach.rows_at(member);
    let rows = reach.first_rows(&along);
    let found = counted(
        executor
            .rows(&CountRows {
                model,
                rows,
                deleted: true,
            })
            .await?,
    )?;
    if found == 0 {
        return Ok(());
    }
    match plan.models.iter_mut().find(|known| known.model == model.name()) {
        Some(known) => known.rows += found,
        None => plan.models.push(ModelRows {
            model: model.name().to_owned(),
            rows: found,
        }),
    }
    plan.conflicts.extend(conflicts(executor, model, rows).await?);
    if plan.unchecked.iter().all(|key| key.model != model.name()) {
        plan.unchecked.extend(unchecked::keys(executor, model).await?);
    }
    Ok(())
}

/// Names the row that a restore of a set stumbled over, which the database does not.
///
/// Everything was rolled back before, so that the selection finds the same rows again.
pub(super) async fn with_its_row<E: Executor>(
    executor: &mut E,
    relatives: &'static Relatives,
    roots: &[Rows<'_, E::DB>],
    error: Error,
) -> Error {
    match error {
        Error::Conflict {
            model,
            id: None,
            constraint,
            source,
        } => {
            let id = stumbled_over(executor, relatives, roots, &model).await;
            Error::Conflict {
                model,
                id,
                constraint,
                source,
            }
        }
        other => other,
    }
}

async fn stumbled_over<E: Executor>(
    executor: &mut E,
    relatives: &'static Relatives,
    roots: &[Rows<'_, E::DB>],
    model: &str,
) -> Option<String> {
    let family = &relatives.below;
    let member = family.models.iter().position(|known| known.name() == model)?;
    for rows in roots {
        let reach = Reach {
            family,
            roots: rows,
            way: Way::Restoration(Waits::Never),
        };
        let along = reach.rows_at(member);
        let first = first_taken(executor, family.models[member], reach.first_rows(&along)).await;
        if first.is_some() {
            return first;
        }
    }
    None
}

/// The first of these rows whose unique values are taken. The conflict is what matters; without its name it is still one.
pub(super) async fn first_taken<E: Executor>(
    executor: &mut E,
    model: &'static Descriptor,
    rows: &Rows<'_, E::DB>,
) -> Option<String> {
    let found = conflicts(executor, model, rows).await.ok()?;
    found.into_iter().next().map(|first| first.id)
}

/// The unique values of these rows that are taken.
pub(super) async fn conflicts<E: Executor>(
    executor: &mut E,
    model: &'static Descriptor,
    rows: &Rows<'_, E::DB>,
) -> Result<Vec<RestoreConflict>> {
    let mut conflicts = Vec::new();
    for columns in &model.unique {
        for with_active in [true, false] {
            let pairs = Conflicts {
                model,
                columns,
                rows,
                with_active,
            };
            for mut pair in executor.rows(&pairs).await? {
                conflicts.push(RestoreConflict {
                    model: model.name().to_owned(),
                    columns: columns.clone(),
                    id: pair.take(0).unwrap_or_default(),
                    taken_by: pair.take(1).unwrap_or_default(),
                });
            }
        }
    }
    Ok(conflicts)
}
