//! Foreign keys of rows that refer to others which are removed with them, and before them: a person who refers to the main one of
//! their addresses. They are set to NULL first.

use diesel::result::{DatabaseErrorKind, Error as Diesel};

use super::{database, failure};
use crate::{
    Column, Descriptor, Error, Relation, Result,
    executor::Executor,
    family::Family,
    foreign_key::{ForeignKey, Rule},
    schema_facts::does_more,
    statement::{AboutTable, Act, AskedOf, Attempt, Reach, SetNull},
};

/// A foreign key between members of a family, against the order in which their rows are removed.
pub(super) struct BackReference {
    /// The member that is referred to.
    parent: usize,
    /// The member whose rows refer, which are removed later.
    child: usize,
    key: ForeignKey,
    /// The column of the key that is set to NULL, after which none of it refers; `None` where no database enforces the key.
    column: Option<String>,
}

/// The keys against the order of removal.
#[derive(Default)]
pub(super) struct BackReferences {
    /// Those that are set to NULL.
    pub(super) nullable: Vec<BackReference>,
    /// Those that cannot be, with the member that they refer to.
    pub(super) fixed: Vec<(usize, ForeignKey)>,
}

impl BackReferences {
    /// Whether it is this key into this member, of rows of that one.
    pub(super) fn has_key(&self, key: &ForeignKey, parent: usize, child: usize) -> bool {
        let is_it = |one: &BackReference| (one.parent, one.child) == (parent, child) && one.key == *key;
        self.nullable.iter().any(is_it)
    }

    /// Whether rows are written before they are removed.
    pub(super) fn change_rows(&self) -> bool {
        self.nullable.iter().any(|one| one.column.is_some())
    }

    /// Sets the keys of all rows that are reached to NULL.
    pub(super) async fn set_null<E: Executor>(
        &self,
        executor: &mut E,
        acts: &[Act<'_>],
        reach: &Reach<'_, E::DB>,
    ) -> Result<()> {
        for reference in &self.nullable {
            let Some(column) = &reference.column else { continue };
            let along = reach.rows_at(reference.child);
            let set_null = SetNull {
                act: &acts[reference.child],
                columns: std::slice::from_ref(column),
                rows: reach.first_rows(&along),
            };
            let written = executor.execute(&set_null).await;
            written.map_err(|error| {
                refused(
                    reach.family.models[reference.parent],
                    &reference.key,
                    error.into(),
                )
            })?;
        }
        Ok(())
    }
}

// A row that may not be written keeps what it refers to, as it would by its key.
fn refused(parent: &Descriptor, key: &ForeignKey, error: Error) -> Error {
    use DatabaseErrorKind::{CheckViolation, ExclusionViolation, NotNullViolation, UniqueViolation};
    match error {
        Error::Database(source @ Diesel::DatabaseError(kind, _))
            if matches!(
                kind,
                CheckViolation | ExclusionViolation | NotNullViolation | UniqueViolation
            ) || failure::is_foreign_key(&source) =>
        {
            Error::Blocked {
                model: parent.name().to_owned(),
                constraint: key.constraint.clone(),
                source,
            }
        }
        other => other,
    }
}

/// The order in which the groups of a family are removed; `keys` are the foreign keys into each member.
///
/// Groups without anything left that refers to them come first. Where groups refer to each other there is no such order: the one
/// that cascades to none comes first, and the keys that this leaves against the order are set to NULL or keep the rows they refer to.
pub(super) fn order(family: &Family, keys: &[&[ForeignKey]]) -> Vec<usize> {
    let group_of = |member: usize| {
        let mut groups = family.groups.iter();
        groups
            .position(|group| group.members.contains(&member))
            .unwrap_or_default()
    };
    let mut steps: Vec<(usize, usize)> = family
        .links
        .iter()
        .map(|link| (group_of(link.child), group_of(link.parent)))
        .collect();
    for (parent, into) in keys.iter().enumerate() {
        for key in *into {
            let mut models = family.models.iter();
            let child = models.position(|model| model.table.is_same_as(&key.child));
            steps.extend(child.map(|child| (group_of(child), group_of(parent))));
        }
    }
    let mut waiting: Vec<usize> = (0..family.groups.len()).rev().collect();
    let mut order = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let is_free = |group: &usize| {
            let mut steps = steps.iter();
            !steps.any(|(child, parent)| parent == group && child != group && waiting.contains(child))
        };
        let next = waiting.iter().position(is_free).unwrap_or_default();
        order.push(waiting.remove(next));
    }
    order
}

/// Finds the keys that are against this order of the family's groups; `keys` are the foreign keys into each member. Only where there is
/// such a key it asks for the columns of the table, what triggers and rules do when they are written, and for the right to it.
///
/// What tells rows and their families, and what others refer to, is never set to NULL.
pub(super) async fn find<E: Executor>(
    executor: &mut E,
    family: &'static Family,
    order: &[usize],
    keys: &[&[ForeignKey]],
) -> Result<BackReferences> {
    let place = |member: usize| {
        let mut groups = order.iter();
        groups.position(|group| family.groups[*group].members.contains(&member))
    };
    let mut found = BackReferences::default();
    for (parent, into) in keys.iter().enumerate() {
        for key in *into {
            let mut models = family.models.iter();
            let child = models.position(|model| model.table.is_same_as(&key.child));
            let Some(child) = child.filter(|child| place(*child) > place(parent)) else {
                continue;
            };
            let mut column = None;
            if key.rule != Rule::Ignores {
                let model = family.models[child];
                column =
                    free_column(executor, model, key, &fixed_columns(family, child, keys[child])).await?;
                if column.is_none() {
                    found.fixed.push((parent, key.clone()));
                    continue;
                }
            }
            found.nullable.push(BackReference {
                parent,
                child,
                key: key.clone(),
                column,
            });
        }
    }
    Ok(found)
}

// The last column of the key that may be set to NULL: tenants and the like stand first.
async fn free_column<E: Executor>(
    executor: &mut E,
    model: &'static Descriptor,
    key: &ForeignKey,
    fixed: &[&str],
) -> Result<Option<String>> {
    let is_same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
    let nullable = nullable_columns(executor, model).await?;
    let mut columns = key.columns.iter().rev();
    let column = columns.find(|column| {
        nullable.iter().any(|one| is_same(one, column)) && !fixed.iter().any(|one| is_same(one, column))
    });
    let Some(column) = column else { return Ok(None) };
    let may_be =
        !does_more_on_update(executor, model).await? && is_permitted(executor, model, column).await?;
    Ok(may_be.then(|| column.clone()))
}

async fn does_more_on_update<E: Executor>(executor: &mut E, model: &'static Descriptor) -> Result<bool> {
    let catalogue = database(executor).await?.catalogue();
    let about = AboutTable::new(&model.table, AskedOf::OnUpdate);
    for mut row in executor.rows(&about).await? {
        let name = row.take(0).unwrap_or_default();
        if model.harmless_triggers.contains(&name) {
            continue;
        }
        let Some(definition) = row.take(1) else {
            return Ok(true);
        };
        if catalogue
            .body_on_update(definition)
            .is_some_and(|body| does_more(&body))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn is_permitted<E: Executor>(
    executor: &mut E,
    model: &'static Descriptor,
    column: &str,
) -> Result<bool> {
    executor.begin().await?;
    let answer = executor.execute(&Attempt::SetNull(&model.table, column)).await;
    // Nothing was changed.
    let _ = executor.rollback().await;
    Ok(answer.is_ok())
}

// What identifies rows and their families, and what others refer to: none of it may change before the rows are removed.
fn fixed_columns<'k>(family: &'static Family, member: usize, into: &'k [ForeignKey]) -> Vec<&'k str> {
    let model = family.models[member];
    let own = model.named_columns().map(Column::name);
    let cascades = family.links.iter().filter(move |link| link.child == member);
    let of_cascades = cascades.flat_map(|link| link.foreign_key.iter().map(String::as_str));
    let relations = model.relations.iter();
    let of_relations = relations.flat_map(move |relation: &'static Relation| relation.parent_columns(model));
    let referred = into
        .iter()
        .flat_map(|key| key.parent_columns.iter().map(String::as_str));
    own.chain(of_cascades)
        .chain(of_relations)
        .chain(referred)
        .collect()
}

/// The columns of a model's table that may be NULL and are not computed.
pub(super) async fn nullable_columns<E: Executor>(
    executor: &mut E,
    model: &'static Descriptor,
) -> Result<Vec<String>> {
    let columns = AboutTable::new(&model.table, AskedOf::Columns);
    let rows = executor.rows(&columns).await?.into_iter();
    Ok(rows
        .filter_map(|mut row| {
            let (name, nullable, generated) = (row.take(0)?, row.take(2), row.take(3));
            (nullable.as_deref() == Some("1") && generated.as_deref() != Some("1")).then_some(name)
        })
        .collect())
}
