//! Removing deleted rows for good before their time, with everything below them.

use soft_delete_core::{Action, Context};

use super::{
    Target, absence,
    along::{Acts, counted},
    back_reference, failure,
    foreign_keys::{changes, dangerous_key},
    gate,
    group_removal::{self, Care, Removed, blocked},
    hooks,
    one_model::came_or_went,
    record_id, removal_check, set,
    transaction::{self, Work, write_first},
    triggers,
};
use crate::{
    Descriptor, Dialect, Error, ModelRows, Operation, RelationKind, Result,
    executor::Executor,
    family::are_removed_together,
    foreign_key::ForeignKey,
    statement::{
        CountFlaggedActive, CountHeld, CountRows, CountWithHead, Instant, LockRows, OperationRef, Reach,
        Referring, Rows, State, TakeOver, Touch, Way,
    },
};

/// Removes deleted rows, all or nothing; never an active one, and never one that is held.
pub(crate) async fn force_delete<E: Executor>(
    executor: &mut E,
    model: &'static Descriptor,
    rows: &Rows<'_, E::DB>,
    context: &Context,
) -> Result<Operation> {
    let acts = Acts::new(Action::ForceDelete, model, context)?;
    let work = Removal { acts: &acts, rows };
    match transaction::repeated(executor, &work).await {
        Ok(Removed { rows, owned }) => {
            let mut operation = set::finish(executor, &acts.acts, &rows).await;
            operation.models.extend(owned.into_iter().map(|owned| ModelRows {
                model: owned.table,
                rows: owned.rows,
            }));
            Ok(operation)
        }
        // A deferred foreign key speaks up at the commit.
        Err(error) => Err(failure::missing_schema(executor, blocked(model, error)).await),
    }
}

/// As [`force_delete`] of the row with this key, which must be there and deleted.
pub(crate) async fn force_delete_one<E: Executor>(
    executor: &mut E,
    target: &Target<'_, E::DB>,
    context: &Context,
) -> Result<Operation> {
    let rows = Rows::Key(target.key);
    let operation = force_delete(executor, target.model, &rows, context).await?;
    if operation.is_changed() {
        return Ok(operation);
    }
    let state = State {
        model: target.model,
        key: target.key,
    };
    match executor.rows(&state).await?.pop() {
        Some(_) => Err(Error::NotDeleted {
            model: target.model.name().to_owned(),
            id: record_id::without_log(executor, target).await?.text,
        }),
        None => Err(absence::missing(executor, target, Action::ForceDelete).await),
    }
}

struct Removal<'a, DB: Dialect> {
    acts: &'a Acts<'a>,
    rows: &'a Rows<'a, DB>,
}

impl<E: Executor> Work<E> for Removal<'_, E::DB> {
    type Answer = Removed;

    fn is_one_statement(&self) -> bool {
        false
    }

    async fn run(&self, executor: &mut E) -> Result<Removed> {
        let family = &self.acts.relatives.below;
        let reach = Reach {
            family,
            roots: self.rows,
            way: Way::Removal,
        };
        let mut removed = Removed::of(family);
        let locked = self.lock(executor).await?;
        if locked == 0 {
            return Ok(removed);
        }
        let facts = removal_check::refuse_undecided(executor, &reach).await?;
        self.refuse_part_of_family(executor, &reach).await?;
        self.refuse_referred(executor, &reach).await?;
        self.refuse_flagged(executor, &reach).await?;
        let locked_of = self.refuse_held(executor, &reach, locked).await?;
        let care = Care {
            owned_may_stay: true,
            ..Care::default()
        };
        let keys: Vec<&[ForeignKey]> = family
            .models
            .iter()
            .map(|model| facts.keys_into(&model.table))
            .collect();
        let order = back_reference::order(family, &keys);
        let references = back_reference::find(executor, family, &order, &keys).await?;
        // Rows that the database changed by these keys would be in no audit row and no report.
        if let Some((parent, key)) = references.fixed.iter().find(|(_, key)| changes(key)) {
            return Err(dangerous_key(&family.models[*parent].table, key));
        }
        let acts = &self.acts.acts;
        let operation = OperationRef::of(&acts[0]);
        let taken = Rows::DeletedIn(&operation);
        let mut reach = reach;
        if references.change_rows() {
            // The caller's condition may be about what changes.
            if matches!(self.rows, Rows::Matching(_) | Rows::KeysWithin(..))
                && family.models[0].is_in_operations()
            {
                let rows = self.rows;
                executor.execute(&TakeOver { act: &acts[0], rows }).await?;
                reach.roots = &taken;
            }
            references.set_null(executor, acts, &reach).await?;
        }
        for group in order.iter().map(|group| &family.groups[*group]) {
            group_removal::remove(executor, acts, &reach, group, &care, &mut removed).await?;
        }
        for (member, expected) in locked_of.into_iter().enumerate() {
            let gone = removed.rows[member];
            if gone < expected {
                return Err(triggers::kept(executor, family.models[member], expected - gone).await);
            }
            if gone > expected {
                return Err(came_or_went());
            }
        }
        for (act, rows) in self.acts.acts.iter().zip(&removed.rows) {
            if *rows > 0 {
                hooks::before_set(executor, act).await?;
            }
        }
        Ok(removed)
    }
}

impl<DB: Dialect> Removal<'_, DB> {
    // The rows that were asked for stay as they are from here on, in the hands of this transaction.
    async fn lock<E: Executor<DB = DB>>(&self, executor: &mut E) -> Result<u64> {
        let model = self.acts.acts[0].model;
        write_first(executor, &Touch(model)).await?;
        gate::close(executor).await?;
        let locked = LockRows {
            model,
            rows: self.rows,
            deleted: true,
        };
        counted(executor.rows(&locked).await?)
    }

    // What would come back with other rows is not removed without them.
    async fn refuse_part_of_family<E: Executor<DB = DB>>(
        &self,
        executor: &mut E,
        reach: &Reach<'_, DB>,
    ) -> Result<()> {
        let model = self.acts.acts[0].model;
        let above = &model.relatives().above;
        for link in above.links_into(0) {
            let parent = above.models[link.parent];
            if !are_removed_together(parent, link.relation) {
                continue;
            }
            let removed = reach.rows_at(0);
            let apart = CountWithHead {
                model,
                rows: self.rows,
                parent,
                relation: link.relation,
                removed: (parent.name() == model.name()).then_some(&removed),
            };
            let rows = counted(executor.rows(&apart).await?)?;
            if rows > 0 {
                return Err(Error::PartOfFamily {
                    model: model.name().to_owned(),
                    rows,
                    parent: parent.name().to_owned(),
                });
            }
        }
        Ok(())
    }

    // What is active below, and what a restriction keeps, is for people to look at first.
    async fn refuse_referred<E: Executor<DB = DB>>(
        &self,
        executor: &mut E,
        reach: &Reach<'_, DB>,
    ) -> Result<()> {
        let mut children: Vec<(String, u64)> = Vec::new();
        for (member, model) in reach.family.models.iter().copied().enumerate() {
            let along = reach.rows_at(member);
            let rows = reach.first_rows(&along);
            if matches!(rows, Rows::Along(..)) {
                let active = CountRows {
                    model,
                    rows,
                    deleted: false,
                };
                note(
                    &mut children,
                    model.name(),
                    counted(executor.rows(&active).await?)?,
                );
            }
            let restrictions = model.relations.iter();
            for relation in restrictions.filter(|relation| relation.kind() == RelationKind::Restrict) {
                let referring = Referring {
                    parent: model,
                    relation,
                    rows,
                };
                let name = relation.child_table().to_string();
                note(&mut children, &name, counted(executor.rows(&referring).await?)?);
            }
        }
        if children.is_empty() {
            return Ok(());
        }
        Err(Error::StillReferenced {
            model: reach.family.models[0].name().to_owned(),
            children,
        })
    }

    // An application may go by the flag alone: a row that it holds for active is never removed.
    async fn refuse_flagged<E: Executor<DB = DB>>(
        &self,
        executor: &mut E,
        reach: &Reach<'_, DB>,
    ) -> Result<()> {
        for (member, model) in reach.family.models.iter().copied().enumerate() {
            let Some(flag) = &model.is_deleted else {
                continue;
            };
            let along = reach.rows_at(member);
            let flagged = CountFlaggedActive {
                model,
                flag,
                rows: reach.first_rows(&along),
            };
            let rows = counted(executor.rows(&flagged).await?)?;
            if rows > 0 {
                return Err(Error::FlaggedActive {
                    model: model.name().to_owned(),
                    flag: flag.name().to_owned(),
                    rows,
                });
            }
        }
        Ok(())
    }

    // Nobody can place a hold while the gate is closed, so what is not held here cannot become so in between. Answers how many rows there
    // are of each member, which stay as they are from here on.
    async fn refuse_held<E: Executor<DB = DB>>(
        &self,
        executor: &mut E,
        reach: &Reach<'_, DB>,
        roots: u64,
    ) -> Result<Vec<u64>> {
        let mut locked = vec![roots; reach.family.models.len()];
        let now = Instant::new(self.acts.acts[0].at);
        for (member, model) in reach.family.models.iter().copied().enumerate() {
            let along = reach.rows_at(member);
            let rows = reach.first_rows(&along);
            if member > 0 || rows.is_in_circle() {
                let below = LockRows {
                    model,
                    rows,
                    deleted: true,
                };
                locked[member] = counted(executor.rows(&below).await?)?;
            }
            let held = CountHeld {
                model,
                rows,
                now: &now,
            };
            let rows = counted(executor.rows(&held).await?)?;
            if rows > 0 {
                return Err(Error::Held {
                    model: model.name().to_owned(),
                    rows,
                });
            }
        }
        Ok(locked)
    }
}

fn note(children: &mut Vec<(String, u64)>, name: &str, rows: u64) {
    if rows > 0 {
        children.push((name.to_owned(), rows));
    }
}
