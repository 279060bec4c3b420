//! Foreign keys of rows that refer to others which are removed with them, and before them: a person who refers to the main one of
//! their addresses. They are set to NULL first.

use crate::{
    Column, Descriptor, Relation, Result,
    executor::Executor,
    family::Family,
    foreign_key::{ForeignKey, Rule},
    statement::{AboutTable, Act, AskedOf, Reach, SetNull},
};

/// A foreign key between members of a family, against the order in which their rows are removed.
pub(super) struct BackReference {
    /// The member that is referred to.
    parent: usize,
    /// The member whose rows refer, which are removed later.
    child: usize,
    key: ForeignKey,
    /// The columns of the key that are set to NULL; without any, nothing refers as far as the database goes.
    columns: Vec<String>,
}

impl BackReference {
    /// Whether it is this key into this member, of rows of that one.
    pub(super) fn is(&self, key: &ForeignKey, parent: usize, child: usize) -> bool {
        (self.parent, self.child) == (parent, child) && self.key == *key
    }
}

/// Finds the keys that are against this order of the family's groups and can be set to NULL; `keys` are the foreign keys into each
/// member. Asks the catalog for the columns of a table only where there is such a key.
pub(super) async fn find<E: Executor>(
    executor: &mut E,
    family: &'static Family,
    order: &[usize],
    keys: &[&[ForeignKey]],
) -> Result<Vec<BackReference>> {
    let place = |member: usize| {
        let mut groups = order.iter();
        groups.position(|group| family.groups[*group].members.contains(&member))
    };
    let mut found = Vec::new();
    for (parent, into) in keys.iter().enumerate() {
        for key in *into {
            let mut models = family.models.iter();
            let child = models.position(|model| model.table.is_same_as(&key.child));
            let Some(child) = child.filter(|child| place(*child) > place(parent)) else {
                continue;
            };
            let mut columns = Vec::new();
            if key.rule != Rule::Ignores {
                let fixed = fixed_columns(family, child, keys[child]);
                columns = nullable_columns(executor, family.models[child]).await?;
                let is_free = |column: &String| {
                    let is_same = |other: &&str| other.eq_ignore_ascii_case(column);
                    key.columns.iter().map(String::as_str).any(|own| is_same(&own))
                        && !fixed.iter().any(is_same)
                };
                columns.retain(is_free);
                if columns.is_empty() {
                    continue;
                }
            }
            found.push(BackReference {
                parent,
                child,
                key: key.clone(),
                columns,
            });
        }
    }
    Ok(found)
}

/// Sets the keys of all rows that are reached to NULL.
pub(super) async fn set_null<E: Executor>(
    executor: &mut E,
    acts: &[Act<'_>],
    reach: &Reach<'_, E::DB>,
    references: &[BackReference],
) -> Result<()> {
    for reference in references.iter().filter(|one| !one.columns.is_empty()) {
        let along = reach.rows_at(reference.child);
        let set_null = SetNull {
            act: &acts[reference.child],
            columns: &reference.columns,
            rows: reach.first_rows(&along),
        };
        executor.execute(&set_null).await?;
    }
    Ok(())
}

// What tells rows and their families, and what others refer to: none of it may change on the way.
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
