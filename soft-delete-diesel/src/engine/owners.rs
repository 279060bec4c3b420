//! Whether rows that a model owns can tell whose they are.

use crate::{
    Descriptor, Error, Relation, RelationKind, Result,
    executor::Executor,
    foreign_key::ForeignKey,
    schema_facts::SchemaFacts,
    statement::{AboutTable, AskedOf},
};

/// Refuses owned rows with a column beside the foreign key that tells which table it refers to, unless the relation says what
/// stands in it, or the database itself knows that it refers to this table alone.
pub(super) async fn refuse_ambiguous<E: Executor>(
    executor: &mut E,
    facts: &SchemaFacts,
    owner: &'static Descriptor,
) -> Result<()> {
    let relations = owner.relations.iter();
    for relation in
        relations.filter(|relation| relation.kind() == RelationKind::Owns && !relation.is_conditional())
    {
        let Some((column, type_column)) = told_by_a_type(executor, relation).await? else {
            continue;
        };
        let is_kept = |key: &ForeignKey| {
            facts.is_same(relation.child_table(), &key.canonical_child) && key.is_over(relation.foreign_key())
        };
        let mut keys = facts
            .of(&owner.table)
            .into_iter()
            .flat_map(|facts| &facts.foreign_keys);
        if !keys.any(is_kept) {
            return Err(Error::AmbiguousOwner {
                owner: owner.name().to_owned(),
                child: relation.child_table().to_string(),
                column,
                type_column,
            });
        }
    }
    Ok(())
}

// A column of the foreign key, and the one that tells which table it refers to. Only a name that could have one is looked up.
async fn told_by_a_type<E: Executor>(
    executor: &mut E,
    relation: &Relation,
) -> Result<Option<(String, String)>> {
    let candidates = relation.foreign_key().iter().flat_map(|column| {
        let types = type_columns(column).into_iter();
        types.map(move |type_column| (column, type_column))
    });
    let candidates: Vec<(&String, String)> = candidates.collect();
    if candidates.is_empty() {
        return Ok(None);
    }
    let columns = AboutTable::new(relation.child_table(), AskedOf::Columns);
    for mut row in executor.rows(&columns).await? {
        let name = row.take(0).unwrap_or_default();
        let told = candidates
            .iter()
            .find(|(_, wanted)| name.eq_ignore_ascii_case(wanted));
        if let Some((column, _)) = told {
            return Ok(Some(((*column).clone(), name)));
        }
    }
    Ok(None)
}

// `commentable_id` and `commentable_type` of Rails and Laravel, `commentableId` and `commentableType`, `object_id` and
// `content_type_id` of Django.
fn type_columns(column: &str) -> Vec<String> {
    let lower = column.to_ascii_lowercase();
    let Some(stem) = lower.strip_suffix("id") else {
        return Vec::new();
    };
    if stem.trim_end_matches('_').is_empty() {
        return Vec::new();
    }
    let mut types = vec![format!("{stem}type")];
    if lower == "object_id" {
        types.push("content_type_id".to_owned());
    }
    types
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_stands_beside_an_id() {
        assert_eq!(type_columns("commentable_id"), ["commentable_type"]);
        assert_eq!(type_columns("commentableId"), ["commentabletype"]);
        assert_eq!(type_columns("object_id"), ["object_type", "content_type_id"]);
        for other in ["id", "_id", "number", "lead"] {
            assert!(type_columns(other).is_empty(), "{other}");
        }
    }
}
