//! Removing deleted rows for good before their time, with everything below them.

use diesel::result::{DatabaseErrorKind, Error as Diesel};
use soft_delete_core::{Action, Context};

use super::{
    Target, absence,
    along::{Acts, counted},
    failure, gate, hooks,
    one_model::{change_rows, record_ahead},
    record_id, removal_check, set,
    transaction::{self, Work, write_first},
    triggers,
};
use crate::{
    Descriptor, Dialect, Error, ModelRows, Operation, RelationKind, Result,
    executor::Executor,
    family::{Family, Group, Link},
    statement::{
        Change, CountFlaggedActive, CountHeld, CountRows, Instant, LetGo, LockRows, OperationRef, Reach,
        Referring, RemoveOwned, Rows, State, TakeOver, Touch, Way,
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
            operation.models.extend(owned);
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

struct Removed {
    /// How many rows each act removed.
    rows: Vec<u64>,
    /// Rows of tables without deletion columns that went along.
    owned: Vec<ModelRows>,
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
        let mut removed = Removed {
            rows: vec![0; self.acts.acts.len()],
            owned: Vec::new(),
        };
        let locked = self.lock(executor).await?;
        if locked == 0 {
            return Ok(removed);
        }
        removal_check::refuse_undecided(executor, &reach).await?;
        self.refuse_referred(executor, &reach).await?;
        self.refuse_flagged(executor, &reach).await?;
        self.refuse_held(executor, &reach).await?;
        for group in family.groups.iter().rev() {
            if group.is_circle {
                self.remove_circle(executor, &reach, group, &mut removed).await?;
            } else {
                let member = group.members[0];
                let along = reach.rows_at(member);
                let rows = reach.first_rows(&along);
                remove_owned(executor, family.models[member], rows, &mut removed).await?;
                removed.rows[member] = self.remove(executor, member, rows).await?;
            }
        }
        if removed.rows[0] < locked {
            let model = self.acts.acts[0].model;
            return Err(triggers::kept(executor, model, locked - removed.rows[0]).await);
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

    // Nobody can place a hold while the gate is closed, so what is not held here cannot become so in between.
    async fn refuse_held<E: Executor<DB = DB>>(&self, executor: &mut E, reach: &Reach<'_, DB>) -> Result<()> {
        let now = Instant::new(self.acts.acts[0].at);
        for (member, model) in reach.family.models.iter().copied().enumerate() {
            let along = reach.rows_at(member);
            let rows = reach.first_rows(&along);
            if member > 0 {
                let below = LockRows {
                    model,
                    rows,
                    deleted: true,
                };
                executor.rows(&below).await?;
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
        Ok(())
    }

    async fn remove<E: Executor<DB = DB>>(
        &self,
        executor: &mut E,
        member: usize,
        rows: &Rows<'_, DB>,
    ) -> Result<u64> {
        let change = Change {
            act: &self.acts.acts[member],
            rows,
            keeps_operation: false,
        };
        change_rows(executor, change)
            .await
            .map_err(|error| blocked(self.acts.acts[member].model, error))
    }

    // Rows of a circle are found by way of each other, so all of them are recorded and marked before the first is removed.
    async fn remove_circle<E: Executor<DB = DB>>(
        &self,
        executor: &mut E,
        reach: &Reach<'_, DB>,
        group: &Group,
        removed: &mut Removed,
    ) -> Result<()> {
        let family = reach.family;
        let mut recorded = vec![0; self.acts.acts.len()];
        for member in group.members.iter().copied() {
            let rows = reach.rows_at(member);
            recorded[member] = record_ahead(executor, &self.acts.acts[member], &rows).await?;
        }
        let operation = OperationRef::of(&self.acts.acts[0]);
        let marked = Rows::DeletedIn(&operation);
        // The model that was asked for last: its rows are told by what they are before the mark.
        for member in group.members.iter().copied().rev() {
            let act = &self.acts.acts[member];
            let rows = reach.rows_at(member);
            executor.execute(&TakeOver { act, rows: &rows }).await?;
        }
        let order = let_go(executor, family, group, &operation).await?;
        for member in order {
            let model = family.models[member];
            remove_owned(executor, model, &marked, removed).await?;
            let change = Change {
                act: &self.acts.acts[member],
                rows: &marked,
                keeps_operation: false,
            };
            let gone = executor.execute(&change).await;
            let gone = gone.map_err(|error| blocked(model, error.into()))? as u64;
            if model.audited && gone != recorded[member] {
                let kept = recorded[member].saturating_sub(gone);
                return Err(triggers::kept(executor, model, kept).await);
            }
            removed.rows[member] = gone;
        }
        Ok(())
    }
}

// Foreign keys that may be NULL let go; by the others the members are ordered, children first.
async fn let_go<E: Executor>(
    executor: &mut E,
    family: &'static Family,
    group: &Group,
    operation: &OperationRef,
) -> Result<Vec<usize>> {
    let inside = |member: usize| group.members.contains(&member);
    let links = family.links.iter();
    let (loose, firm): (Vec<&Link>, Vec<&Link>) = links
        .filter(|link| inside(link.parent) && inside(link.child))
        .partition(|link| link.is_nullable);
    for link in loose {
        let child = family.models[link.child];
        executor
            .execute(&LetGo {
                child,
                link,
                operation,
            })
            .await?;
    }
    let mut waiting = group.members.clone();
    let mut order = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let has_children = |parent: usize| {
            let mut firm = firm.iter();
            firm.any(|link| link.parent == parent && link.child != parent && waiting.contains(&link.child))
        };
        // Rows that can never let go could never have been inserted, unless the database checks at the end only.
        let next = waiting
            .iter()
            .position(|member| !has_children(*member))
            .unwrap_or_default();
        order.push(waiting.remove(next));
    }
    Ok(order)
}

async fn remove_owned<E: Executor>(
    executor: &mut E,
    owner: &'static Descriptor,
    rows: &Rows<'_, E::DB>,
    removed: &mut Removed,
) -> Result<()> {
    let relations = owner.relations.iter();
    for relation in relations.filter(|relation| relation.kind() == RelationKind::Owns) {
        let removal = RemoveOwned {
            owner,
            relation,
            rows,
        };
        let gone = executor.execute(&removal).await;
        let gone = gone.map_err(|error| blocked(owner, error.into()))?;
        if gone > 0 {
            removed.owned.push(ModelRows {
                model: relation.child_table().to_string(),
                rows: gone as u64,
            });
        }
    }
    Ok(())
}

fn note(children: &mut Vec<(String, u64)>, name: &str, rows: u64) {
    if rows > 0 {
        children.push((name.to_owned(), rows));
    }
}

fn blocked(model: &Descriptor, error: Error) -> Error {
    match error {
        Error::Database(source @ Diesel::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _)) => {
            Error::Blocked {
                model: model.name().to_owned(),
                constraint: failure::foreign_key(&source),
                source,
            }
        }
        other => other,
    }
}
