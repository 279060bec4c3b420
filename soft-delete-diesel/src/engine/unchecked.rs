//! Unique keys that a plan of a restore cannot look at, and the restore itself will check.

use crate::{
    Column, Descriptor, Result, UncheckedKey,
    executor::Executor,
    statement::{AboutTable, AskedOf},
};

/// The unique keys and exclusion constraints of a table that a restore can run into and the plan does not compare.
///
/// A restore writes the deletion columns alone, so a key counts only if its definition names one of them. One query of the
/// catalogue.
pub(super) async fn keys<E: Executor>(
    executor: &mut E,
    model: &'static Descriptor,
) -> Result<Vec<UncheckedKey>> {
    let about = AboutTable::new(&model.table, AskedOf::RestoreKeys);
    let rows = executor.rows(&about).await?.into_iter();
    let keys = rows.map(|mut row| Key {
        name: row.take(0).unwrap_or_default(),
        columns: row
            .take(1)
            .unwrap_or_default()
            .split(',')
            .map(ToOwned::to_owned)
            .collect(),
        definition: row.take(2).unwrap_or_default().to_ascii_lowercase(),
        is_exclusion: row.take(3).as_deref() == Some("1"),
    });
    let unchecked = keys.filter(|key| key.depends_on(model) && !key.is_compared(model));
    Ok(unchecked
        .map(|key| UncheckedKey {
            model: model.name().to_owned(),
            constraint: key.name,
        })
        .collect())
}

struct Key {
    name: String,
    /// Empty for an expression.
    columns: Vec<String>,
    /// In the database's words, or what is known of it; a `*` where it is not.
    definition: String,
    is_exclusion: bool,
}

impl Key {
    fn depends_on(&self, model: &Descriptor) -> bool {
        let is_named = |column: &Column| self.definition.contains(&column.name().to_ascii_lowercase());
        self.definition.contains('*') || written(model).any(is_named)
    }

    // NULL in a plain column of the key is in nobody's way, unless the key says that it is.
    fn is_compared(&self, model: &Descriptor) -> bool {
        let has = |name: &str| {
            self.columns
                .iter()
                .any(|column| column.eq_ignore_ascii_case(name))
        };
        if self.is_exclusion || self.definition.contains("nulls not distinct") {
            return false;
        }
        let mut cleared = written(model).filter(|column| model.is_deleted.as_ref() != Some(*column));
        let is_plain = self.columns.iter().all(|column| !column.is_empty());
        let covers = |unique: &Vec<String>| unique.iter().all(|column| has(column));
        cleared.any(|column| has(column.name())) || (is_plain && model.unique.iter().any(covers))
    }
}

// The columns that a restore writes.
fn written(model: &Descriptor) -> impl Iterator<Item = &Column> {
    let others = [
        &model.deleted_by,
        &model.deletion_reason,
        &model.deletion_id,
        &model.purge_after,
        &model.is_deleted,
    ];
    std::iter::once(&model.deleted_at).chain(others.into_iter().flatten())
}
