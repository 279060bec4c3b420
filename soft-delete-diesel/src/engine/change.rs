//! Soft delete and restore of one row: the same compare-and-set, in two directions.

use soft_delete_core::{Action, Context, Outcome};

use super::{
    Target, absence,
    along::{Acts, Tree},
    hooks, parents, plan, policies, telemetry,
    transaction::{Work, records_at_once, repeated, write_first},
};
use crate::{
    Result, Stamp,
    executor::Executor,
    statement::{Act, Change, ChangeAndRecord, Lock, Reach, Record, Rows, State, TextRow, Touch, Waits, Way},
};

/// Marks the row deleted or takes the mark away, with its audit row and all that goes along, all or nothing.
///
/// Answers what happened and the deletion columns as they are now.
pub(crate) async fn change<E: Executor>(
    executor: &mut E,
    target: &Target<'_, E::DB>,
    action: Action,
    context: &Context,
) -> Result<(Outcome, Stamp)> {
    let acts = Acts::new(action, target.model, context)?;
    let work = OneRow {
        target,
        acts: &acts,
        with_parents: context.wants_parents(),
    };
    match repeated(executor, &work).await {
        Ok(Attempt::Changed { shown, rows }) => {
            for (number, (act, rows)) in acts.acts.iter().zip(rows).enumerate() {
                if number == 0 {
                    telemetry::acted(act, rows);
                    hooks::after(act, &shown);
                } else if rows > 0 {
                    hooks::after_set(executor, act, rows).await;
                }
            }
            Ok((Outcome::Changed, Stamp::of(&acts.acts[0])))
        }
        Ok(Attempt::Unchanged(stamp)) => Ok((Outcome::Unchanged, stamp)),
        Ok(Attempt::Missing) => Err(absence::missing(executor, target, action).await),
        Err(error) => {
            let roots = [Rows::Key(target.key)];
            let error = plan::with_its_row(executor, acts.relatives, &roots, error).await;
            Err(absence::explain(executor, target, action, error).await)
        }
    }
}

enum Attempt {
    Changed {
        /// The ids that the hook of the row's model was shown.
        shown: Vec<String>,
        /// How many rows each act changed.
        rows: Vec<u64>,
    },
    Unchanged(Stamp),
    Missing,
}

struct OneRow<'a, 'c, DB: crate::Dialect> {
    target: &'a Target<'a, DB>,
    acts: &'a Acts<'c>,
    with_parents: bool,
}

impl<E: Executor> Work<E> for OneRow<'_, '_, E::DB> {
    type Answer = Attempt;

    fn is_one_statement(&self) -> bool {
        let model = self.target.model;
        self.is_alone() && model.hooks.is_none() && (records_at_once::<E>() || !model.audited)
    }

    async fn run(&self, executor: &mut E) -> Result<Attempt> {
        let (target, act) = (self.target, &self.acts.acts[0]);
        let mut shown = Vec::new();
        if act.model.hooks.is_some() {
            shown = changeable_ids(executor, target, act).await?;
            if !shown.is_empty() {
                hooks::before(act, &shown)?;
            }
        }
        let rows = if self.is_alone() {
            vec![change_alone(executor, target, self.acts).await?]
        } else {
            let tree = Tree {
                acts: self.acts,
                roots: &[Rows::Key(target.key)],
                with_parents: self.with_parents,
                shown: true,
            };
            tree.run(executor).await?
        };
        if rows[0] > 0 {
            return Ok(Attempt::Changed { shown, rows });
        }
        let state = State {
            model: act.model,
            key: target.key,
        };
        let Some(row) = executor.rows(&state).await?.pop() else {
            return Ok(Attempt::Missing);
        };
        if self.is_alone() && act.action == Action::Restore {
            self.refuse_deleted_parents(executor).await?;
        }
        let stamp = Stamp::read(act.model, row)?;
        // It could have been changed, and was not.
        if stamp.deleted_at.is_some() == (act.action == Action::Restore) {
            if let Some(error) = policies::kept(executor, act.model).await? {
                return Err(error);
            }
        }
        Ok(Attempt::Unchanged(stamp))
    }
}

impl<DB: crate::Dialect> OneRow<'_, '_, DB> {
    // Whether one statement changes all that there is to be changed.
    fn is_alone(&self) -> bool {
        let action = self.acts.acts[0].action;
        self.acts.relatives.are_none_for(action, self.with_parents)
    }

    // What kept a row from coming back, if it is still deleted. An active row has no deletion to be looked at.
    async fn refuse_deleted_parents<E: Executor<DB = DB>>(&self, executor: &mut E) -> Result<()> {
        let roots = Rows::Key(self.target.key);
        let below = Reach {
            family: &self.acts.relatives.below,
            roots: &roots,
            way: Way::Restoration(Waits::Always),
        };
        parents::refuse_deleted(executor, self.acts.relatives, &below, false).await
    }
}

// A row that nothing goes along with: its audit row is written from the key that is at hand.
async fn change_alone<E: Executor>(
    executor: &mut E,
    target: &Target<'_, E::DB>,
    acts: &Acts<'_>,
) -> Result<u64> {
    let (act, key) = (&acts.acts[0], Rows::Key(target.key));
    let under_parents = Rows::UnderActiveParents(&key, acts.relatives);
    let waits = act.action == Action::Restore && acts.relatives.have_parents();
    let rows = if waits { under_parents } else { key };
    let change = Change {
        act,
        rows: &rows,
        keeps_operation: false,
    };
    if act.model.audited && records_at_once::<E>() {
        return Ok(executor.execute(&ChangeAndRecord(change)).await? as u64);
    }
    let changed = executor.execute(&change).await?;
    if changed > 0 && act.model.audited {
        let key = target.key;
        executor.execute(&Record { act, key }).await?;
    }
    Ok(changed as u64)
}

// The ids that a hook is shown: the row's, if the act would change it. It stays locked until the transaction ends.
async fn changeable_ids<E: Executor>(
    executor: &mut E,
    target: &Target<'_, E::DB>,
    act: &Act<'_>,
) -> Result<Vec<String>> {
    write_first(executor, &Touch(act.model)).await?;
    let rows = executor
        .rows(&Lock {
            model: act.model,
            key: target.key,
        })
        .await?;
    let changeable = |mut row: TextRow| {
        let deleted = row.take(1).is_some();
        row.take(0)
            .filter(|_| deleted == (act.action != Action::SoftDelete))
    };
    Ok(rows.into_iter().filter_map(changeable).collect())
}
