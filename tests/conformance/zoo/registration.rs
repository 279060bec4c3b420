//! What the library is told of a case.

use soft_delete::{
    Column, ColumnKind, Database, Descriptor, Registry, TableName, TableRelation, discover,
    discover_foreign_keys,
};

use super::{
    schema::{Case, Declared, Deletion, Flag, Key, Kind, Table, Target},
    site::Site,
};

/// The registry of a case; a refusal is an answer as well.
pub fn registry<S: Site>(case: &Case, site: &mut S) -> Result<Registry, String> {
    let mut found = Vec::new();
    if case.is_discovered {
        found = discover(site.conn(), "deleted_at").map_err(|error| error.to_string())?;
    }
    let mut models = Vec::new();
    for table in case.tables.iter().filter(|table| table.is_registered) {
        let known = found.iter().find(|known| *known.name() == named(case, table));
        models.push(match known {
            Some(known) => known.descriptor(&known.roles("deleted_at"))?,
            None if case.is_discovered => continue,
            None => by_hand(case, table),
        });
    }
    let is_known = |number: usize| {
        models
            .iter()
            .any(|model| *model.table() == named(case, case.table(number)))
    };
    let relations = case.relations.iter().filter(|one| is_known(one.parent));
    let mut relations: Vec<TableRelation> = relations.map(|one| relation(case, one)).collect();
    if case.is_discovered {
        let keys = discover_foreign_keys(site.conn(), &found).map_err(|error| error.to_string())?;
        for key in keys {
            let number = |name: &TableName| {
                let mut tables = case.tables.iter();
                tables
                    .find(|table| named(case, table) == *name)
                    .map(|table| table.number)
            };
            let (Some(parent), Some(child)) = (number(&key.parent), number(&key.child)) else {
                continue;
            };
            let is_declared =
                |one: &&Declared| (one.parent, one.child, &one.columns) == (parent, child, &key.columns);
            if is_known(parent) && is_known(child) && !case.relations.iter().any(|one| is_declared(&one)) {
                let reference = TableRelation::reference(key.parent, key.child, key.columns);
                relations.push(reference.references(key.parent_columns));
            }
        }
    }
    Registry::new()
        .with_tables(models, &relations)
        .map_err(|error| error.to_string())
}

pub fn named(case: &Case, table: &Table) -> TableName {
    let name = TableName::new(table.name());
    if table.is_elsewhere {
        name.in_schema(case.elsewhere.clone())
    } else {
        name
    }
}

fn by_hand(case: &Case, table: &Table) -> Descriptor {
    let mut model = Descriptor::new(
        named(case, table),
        Column::new("deleted_at", ColumnKind::Timestamp),
    );
    let kind = match table.key {
        Key::Text | Key::AnyCase => ColumnKind::Text,
        Key::Number | Key::Pair => ColumnKind::BigInt,
    };
    for column in table.key.columns() {
        model = model.key(Column::new(*column, kind));
    }
    if table.deletion == Deletion::TimeAndOperation {
        let kind = if case.database == Database::Postgres {
            ColumnKind::Uuid
        } else {
            ColumnKind::Text
        };
        model = model.deletion_id(Column::new("deletion_id", kind));
    }
    match table.flag {
        Some(Flag::Bool) => model.is_deleted(Column::new("is_deleted", ColumnKind::Bool)),
        Some(Flag::Integer) => model.is_deleted(Column::new("is_deleted", ColumnKind::Integer)),
        None => model,
    }
}

fn relation(case: &Case, declared: &Declared) -> TableRelation {
    let [parent, child] = [declared.parent, declared.child].map(|number| named(case, case.table(number)));
    let relation = match declared.kind {
        Kind::Cascade => TableRelation::cascade(parent, child, &declared.columns),
        Kind::Restrict => TableRelation::restrict(parent, child, &declared.columns),
        Kind::Owns => TableRelation::owns(parent, child, &declared.columns),
    };
    let key = case.foreign_key(declared.child, &declared.columns);
    let is_to_number = key.is_some_and(|key| key.parent == declared.parent && key.target == Target::Number);
    if is_to_number && declared.names_columns() {
        return relation.references(["number"]);
    }
    relation
}
