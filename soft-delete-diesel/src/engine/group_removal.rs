//! Removing rows for good, one group of models after another, the innermost first.

use super::{
    along::counted,
    failure,
    one_model::{came_or_went, change_rows, record_ahead},
    triggers,
};
use crate::{
    Descriptor, Error, Relation, RelationKind, Result,
    executor::Executor,
    family::{Family, Group, Link},
    statement::{Act, Change, OperationRef, Reach, Referring, RemoveOwned, Rows, SetNull, TakeOver},
};

/// What was removed of a family.
pub(super) struct Removed {
    /// How many rows of each member.
    pub(super) rows: Vec<u64>,
    /// How many rows of tables without deletion columns went along, with the member that they belonged to.
    pub(super) owned: Vec<Owned>,
}

/// Rows of a table without deletion columns that went with their owners.
pub(super) struct Owned {
    pub(super) member: usize,
    pub(super) table: String,
    pub(super) rows: u64,
}

impl Removed {
    /// Nothing yet.
    pub(super) fn of(family: &Family) -> Self {
        Self {
            rows: vec![0; family.models.len()],
            owned: Vec::new(),
        }
    }

    /// The owned rows of a member.
    pub(super) fn owned_by(&self, member: usize) -> u64 {
        let owned = self.owned.iter().filter(|owned| owned.member == member);
        owned.map(|owned| owned.rows).sum()
    }
}

/// A foreign key besides the cascades, by which rows of a member refer to others of its own table.
pub(super) struct Besides<'a> {
    pub(super) member: usize,
    pub(super) foreign_key: &'a [String],
}

/// What is looked after besides the cascades.
#[derive(Default)]
pub(super) struct Care<'a> {
    pub(super) besides: Vec<Besides<'a>>,
    /// Whether a trigger may keep rows that are owned, of which a foreign key would then be set to NULL.
    pub(super) owned_may_stay: bool,
}

/// Removes the rows of a group that are reached, with what they own. There is an act for each member of the family, in its order.
pub(super) async fn remove<E: Executor>(
    executor: &mut E,
    acts: &[Act<'_>],
    reach: &Reach<'_, E::DB>,
    group: &Group,
    care: &Care<'_>,
    removed: &mut Removed,
) -> Result<()> {
    if group.is_circle {
        return remove_circle(executor, acts, reach, group, care, removed).await;
    }
    let member = group.members[0];
    let along = reach.rows_at(member);
    let rows = reach.first_rows(&along);
    let model = reach.family.models[member];
    remove_owned(executor, model, member, rows, care, removed).await?;
    let change = Change {
        act: &acts[member],
        rows,
        keeps_operation: false,
    };
    let gone = change_rows(executor, change).await;
    removed.rows[member] = gone.map_err(|error| blocked(model, error))?;
    Ok(())
}

// Rows of a circle are found by way of each other, so all of them are recorded and marked before the first is removed.
async fn remove_circle<E: Executor>(
    executor: &mut E,
    acts: &[Act<'_>],
    reach: &Reach<'_, E::DB>,
    group: &Group,
    care: &Care<'_>,
    removed: &mut Removed,
) -> Result<()> {
    let family = reach.family;
    let mut recorded = vec![0; acts.len()];
    for member in group.members.iter().copied() {
        let rows = reach.rows_at(member);
        recorded[member] = record_ahead(executor, &acts[member], &rows).await?;
    }
    let operation = OperationRef::of(&acts[0]);
    let marked = Rows::DeletedIn(&operation);
    // The model that was asked for last: its rows are told by what they are before the mark.
    for member in group.members.iter().copied().rev() {
        let act = &acts[member];
        let rows = reach.rows_at(member);
        executor.execute(&TakeOver { act, rows: &rows }).await?;
    }
    for key in care
        .besides
        .iter()
        .filter(|key| group.members.contains(&key.member))
    {
        let set_null = SetNull {
            act: &acts[key.member],
            columns: key.foreign_key,
            rows: &marked,
        };
        executor.execute(&set_null).await?;
    }
    let order = set_null(executor, acts, family, group, &marked).await?;
    for member in order {
        let model = family.models[member];
        remove_owned(executor, model, member, &marked, care, removed).await?;
        let change = Change {
            act: &acts[member],
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

// Foreign keys that may be NULL are set to it; by the others the members are ordered, children first.
async fn set_null<E: Executor>(
    executor: &mut E,
    acts: &[Act<'_>],
    family: &'static Family,
    group: &Group,
    marked: &Rows<'_, E::DB>,
) -> Result<Vec<usize>> {
    let inside = |member: usize| group.members.contains(&member);
    let links = family.links.iter();
    let (loose, firm): (Vec<&Link>, Vec<&Link>) = links
        .filter(|link| inside(link.parent) && inside(link.child))
        .partition(|link| link.is_nullable);
    for link in loose {
        let set_null = SetNull {
            act: &acts[link.child],
            columns: link.foreign_key,
            rows: marked,
        };
        executor.execute(&set_null).await?;
    }
    let mut waiting = group.members.clone();
    let mut order = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let has_children = |parent: usize| {
            let mut firm = firm.iter();
            firm.any(|link| link.parent == parent && link.child != parent && waiting.contains(&link.child))
        };
        // Rows that always refer to each other could never have been inserted, unless the database checks at the end only.
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
    member: usize,
    rows: &Rows<'_, E::DB>,
    care: &Care<'_>,
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
        if care.owned_may_stay {
            refuse_owned_that_stay(executor, owner, relation, rows).await?;
        }
        if gone > 0 {
            removed.owned.push(Owned {
                member,
                table: relation.child_table().to_string(),
                rows: gone as u64,
            });
        }
    }
    Ok(())
}

/// Refuses where a trigger has kept rows that were to go with these: of those nothing would be told, whatever a foreign key then did
/// with them.
pub(super) async fn refuse_owned_that_stay<E: Executor>(
    executor: &mut E,
    parent: &'static Descriptor,
    relation: &'static Relation,
    rows: &Rows<'_, E::DB>,
) -> Result<()> {
    let referring = Referring {
        parent,
        relation,
        rows,
    };
    let stay = counted(executor.rows(&referring).await?)?;
    if stay == 0 {
        return Ok(());
    }
    let table = relation.child_table();
    // Without a trigger they came or went meanwhile.
    Err(match triggers::of_table(executor, table).await {
        Some(trigger) => Error::KeptByTrigger {
            model: table.to_string(),
            rows: stay,
            trigger,
        },
        None => came_or_went(),
    })
}

/// A foreign key that refused, with the model whose rows it kept.
pub(super) fn blocked(model: &Descriptor, error: Error) -> Error {
    match error {
        Error::Database(source) if failure::is_foreign_key(&source) => Error::Blocked {
            model: model.name().to_owned(),
            constraint: failure::foreign_key(&source),
            source,
        },
        other => other,
    }
}
