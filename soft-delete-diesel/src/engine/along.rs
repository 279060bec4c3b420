//! An act on rows of a model and on everything that goes along with them.

use soft_delete_core::{Action, Context};

use super::{
    checks, hooks,
    one_model::change_rows,
    parents,
    transaction::{self, Work},
};
use crate::{
    Descriptor, Dialect, Error, RelationKind, Result,
    executor::Executor,
    family::{Family, Relatives},
    statement::{
        Act, ActiveChildren, ButFor, Change, Forget, LockRows, OperationRef, Reach, Rows, TextRow, Touch,
        Waits, Way,
    },
};

/// The acts of one operation: one for each model that it may reach, the one it is asked for first.
pub(super) struct Acts<'a> {
    pub(super) acts: Vec<Act<'a>>,
    pub(super) relatives: &'static Relatives,
}

impl<'a> Acts<'a> {
    /// Refuses what a model or the clock cannot carry, before anything is asked of the database.
    pub(super) fn new(action: Action, model: &'static Descriptor, context: &'a Context) -> Result<Self> {
        let relatives = model.relatives();
        let first = Act::new(action, model, context);
        let mut others: Vec<&'static Descriptor> = relatives.below.models[1..].to_vec();
        if action == Action::Restore && context.wants_parents() {
            for parent in &relatives.above.models[1..] {
                if others.iter().all(|known| known.name() != parent.name()) {
                    others.push(parent);
                }
            }
        }
        let others: Vec<Act<'_>> = others.into_iter().map(|model| first.on(model)).collect();
        let mut acts = vec![first];
        acts.extend(others);
        for act in &acts {
            checks::check(act)?;
        }
        Ok(Self { acts, relatives })
    }
}

/// The rows that are asked for, a part at a time where they are too many for one statement.
pub(super) struct Tree<'a, DB: Dialect> {
    pub(super) acts: &'a Acts<'a>,
    pub(super) roots: &'a [Rows<'a, DB>],
    pub(super) with_parents: bool,
    /// The hook of the first model was shown its rows already.
    pub(super) shown: bool,
}

impl<E: Executor> Work<E> for Tree<'_, E::DB> {
    /// How many rows each act changed.
    type Answer = Vec<u64>;

    fn is_one_statement(&self) -> bool {
        let act = &self.acts.acts[0];
        self.roots.len() == 1
            && self.acts.relatives.are_none_for(act.action, self.with_parents)
            && !(act.action == Action::Restore && self.acts.relatives.have_parents())
            && act.model.hooks.is_none()
            && (transaction::records_at_once::<E>() || !act.model.audited)
    }

    async fn run(&self, executor: &mut E) -> Result<Vec<u64>> {
        let mut changed = vec![0; self.acts.acts.len()];
        match self.acts.acts[0].action {
            Action::SoftDelete => self.delete(executor, &mut changed).await?,
            _ => self.restore(executor, &mut changed).await?,
        }
        for (number, (act, rows)) in self.acts.acts.iter().zip(&changed).enumerate() {
            if *rows > 0 && !(number == 0 && self.shown) {
                hooks::before_set(executor, act).await?;
            }
        }
        Ok(changed)
    }
}

impl<DB: Dialect> Tree<'_, DB> {
    // From the rows that are asked for outwards: each model's rows are told by the marks on the rows before them.
    async fn delete<E: Executor<DB = DB>>(&self, executor: &mut E, changed: &mut [u64]) -> Result<()> {
        let acts = &self.acts.acts;
        let family = &self.acts.relatives.below;
        let operation = OperationRef::of(&acts[0]);
        for rows in self.roots {
            let reach = Reach {
                family,
                roots: rows,
                way: Way::Deletion(&operation),
            };
            changed[0] += change_rows(executor, self.change(0, reach.first_rows(&reach.rows_at(0)))).await?;
        }
        // Who the rows before are is told by their marks from here on.
        let reach = Reach {
            family,
            roots: &self.roots[0],
            way: Way::Deletion(&operation),
        };
        for group in &family.groups {
            for member in group.members.iter().copied().filter(|member| *member > 0) {
                let leads_here = |parent: usize| changed[parent] > 0 || group.members.contains(&parent);
                if changed[0] > 0 && family.links_into(member).any(|link| leads_here(link.parent)) {
                    let rows = reach.rows_at(member);
                    changed[member] = change_rows(executor, self.change(member, &rows)).await?;
                }
            }
        }
        self.refuse_restricted(executor, family, &operation, changed)
            .await
    }

    // From the outermost rows inwards: what goes along is told by the rows before it while they are still deleted.
    async fn restore<E: Executor<DB = DB>>(&self, executor: &mut E, changed: &mut [u64]) -> Result<()> {
        let relatives = self.acts.relatives;
        for rows in self.roots {
            let below = |waits| Reach {
                family: &relatives.below,
                roots: rows,
                way: Way::Restoration(waits),
            };
            if relatives.are_none_for(Action::Restore, self.with_parents) {
                if self.roots.len() == 1 {
                    parents::refuse_deleted(executor, relatives, &below(Waits::Always), false).await?;
                }
                changed[0] += change_rows(executor, self.change(0, rows)).await?;
                continue;
            }
            if self.lock(executor, rows).await? == 0 {
                continue;
            }
            let (may_come, below) = (below(Waits::Never), below(Waits::Always));
            if self.with_parents {
                let above = Reach {
                    family: &relatives.above,
                    roots: rows,
                    way: Way::Parents(ButFor::Below(&may_come)),
                };
                parents::hold(executor, &above).await?;
                parents::refuse_left_deleted(executor, &above, &may_come).await?;
                restore_members(executor, &self.acts.acts, &above, changed).await?;
            } else if self.roots.len() == 1 {
                parents::refuse_deleted(executor, relatives, &below, true).await?;
            }
            parents::hold(executor, &may_come).await?;
            if self.roots.len() == 1 {
                parents::refuse_apart(executor, &below).await?;
            }
            restore_members(executor, &self.acts.acts, &below, changed).await?;
        }
        if self.roots.len() > 1 && !self.with_parents {
            // Rows of one part may hang on rows of another, so they are looked at when all are back.
            for rows in self.roots {
                parents::refuse_left_behind(executor, relatives, rows).await?;
            }
        }
        Ok(())
    }

    fn change<'c>(&'c self, place: usize, rows: &'c Rows<'c, DB>) -> Change<'c, DB> {
        Change {
            act: &self.acts.acts[place],
            rows,
            keeps_operation: false,
        }
    }

    // A transaction that will write begins by writing, which SQLite asks for.
    async fn lock<E: Executor<DB = DB>>(&self, executor: &mut E, rows: &Rows<'_, DB>) -> Result<u64> {
        let model = self.acts.acts[0].model;
        transaction::write_first(executor, &Touch(model)).await?;
        let locked = LockRows {
            model,
            rows,
            deleted: true,
        };
        counted(executor.rows(&locked).await?)
    }

    async fn refuse_restricted<E: Executor<DB = DB>>(
        &self,
        executor: &mut E,
        family: &'static Family,
        operation: &OperationRef,
        changed: &[u64],
    ) -> Result<()> {
        let mut children: Vec<(String, u64)> = Vec::new();
        for (parent, _) in family.models.iter().zip(changed).filter(|(_, rows)| **rows > 0) {
            let restrictions = parent.relations.iter();
            for relation in restrictions.filter(|relation| relation.kind() == RelationKind::Restrict) {
                let Some(child) = relation.child() else { continue };
                // Only rows that were asked for can be of a model that does not tell the operation.
                let parts = if parent.is_in_operations() {
                    &self.roots[..1]
                } else {
                    self.roots
                };
                let mut active = 0;
                for rows in parts {
                    let looked_for = ActiveChildren {
                        parent,
                        child,
                        relation,
                        operation,
                        rows,
                    };
                    active += counted(executor.rows(&looked_for).await?)?;
                }
                if active > 0 {
                    children.push((child.name().to_owned(), active));
                }
            }
        }
        if children.is_empty() {
            return Ok(());
        }
        Err(Error::Restricted {
            model: family.models[0].name().to_owned(),
            children,
        })
    }
}

/// Brings back what is reached, each model by its act.
pub(super) async fn restore_members<E: Executor>(
    executor: &mut E,
    acts: &[Act<'_>],
    reach: &Reach<'_, E::DB>,
    changed: &mut [u64],
) -> Result<()> {
    for group in reach.family.groups.iter().rev() {
        let is_up = matches!(reach.way, Way::Parents(_));
        let several = group.members.len() > 1;
        for member in group.members.iter().copied().rev() {
            if is_up && member == 0 && !group.is_circle {
                continue;
            }
            let name = reach.family.models[member].name();
            let Some(place) = acts.iter().position(|act| act.model.name() == name) else {
                continue;
            };
            let rows = reach.rows_at(member);
            let change = Change {
                act: &acts[place],
                rows: reach.first_rows(&rows),
                keeps_operation: several && (is_up || member > 0),
            };
            changed[place] += change_rows(executor, change).await?;
        }
        for member in group.members.iter().copied().filter(|_| several) {
            executor.execute(&Forget(reach.family.models[member])).await?;
        }
    }
    Ok(())
}

/// The number in a row that counts.
pub(super) fn counted(rows: Vec<TextRow>) -> Result<u64> {
    let count = rows
        .into_iter()
        .next()
        .and_then(|mut row| row.take(0))
        .unwrap_or_default();
    crate::statement::readable("the database", "COUNT(*)", count, str::parse)
}
