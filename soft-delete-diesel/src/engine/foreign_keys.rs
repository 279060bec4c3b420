//! What refers to a model's rows, by the catalog and by what the model says, and what keeps the database from doing more with them
//! than is decided.

use super::facts;
use crate::{
    Descriptor, Error, Registry, Relation, RelationKind, Result, TableName,
    executor::Executor,
    foreign_key::{ForeignKey, Rule},
    schema_facts::{Danger, SchemaFacts, TableFacts},
    statement::EnforcesForeignKeys,
};

/// Whether this session has the database enforce foreign keys; what it does not say clearly is a yes.
pub(super) async fn are_enforced<E: Executor>(executor: &mut E) -> Result<bool> {
    let answer = executor.rows(&EnforcesForeignKeys).await?.pop();
    Ok(answer.and_then(|mut row| row.take(0)).as_deref() != Some("0"))
}

/// The schema facts of these models and of all tables that they name.
pub(super) async fn facts_of<E: Executor>(
    executor: &mut E,
    models: impl IntoIterator<Item = &'static Descriptor>,
) -> Result<SchemaFacts> {
    let mut tables: Vec<TableName> = Vec::new();
    for model in models {
        let named = model.relations.iter().map(Relation::child_table);
        for table in std::iter::once(&model.table).chain(named) {
            if !tables.contains(table) {
                tables.push(table.clone());
            }
        }
    }
    facts::read(executor, tables).await
}

/// The foreign keys into a model's table, but for those of rows that it owns. Refuses by name what makes the database do more than
/// it is told to: rules, triggers, policies, foreign keys that change rows of unknown tables, and whatever this user may not see.
pub(super) fn into_model(
    facts: &SchemaFacts,
    registry: &Registry,
    model: &'static Descriptor,
) -> Result<Vec<ForeignKey>> {
    let (keys, mut dangers) = examined(facts, registry, model);
    if dangers.is_empty() {
        Ok(keys)
    } else {
        Err(dangers.swap_remove(0))
    }
}

/// The foreign keys into a model's table, but for those of rows that it owns, and everything for which no row of it may be removed.
pub(super) fn examined(
    facts: &SchemaFacts,
    registry: &Registry,
    model: &'static Descriptor,
) -> (Vec<ForeignKey>, Vec<Error>) {
    let own = known(facts, &model.table);
    let mut dangers = dangers(model, &own);
    let mut keys = own.foreign_keys;
    for relation in &model.relations {
        dangers.extend(check_columns(facts, model, relation, &keys).err());
        let (child, columns) = (relation.child_table(), relation.foreign_key());
        let parent_columns = relation.parent_columns(model);
        let is_this = |key: &ForeignKey| {
            facts.is_same(child, &key.canonical_child) && key.pairs(columns, &parent_columns)
        };
        if relation.kind() == RelationKind::Owns {
            dangers.extend(owned_dangers(facts, model, child));
            // Rows that are owned under a condition are a part of those that refer.
            keys.retain(|key| relation.is_conditional() || !is_this(key));
        } else if !keys.iter().any(is_this) {
            keys.push(undeclared(child, columns, &parent_columns));
        }
    }
    let is_known = |key: &ForeignKey| {
        let mut models = registry.models();
        !key.is_indirect && models.any(|known| facts.is_same(&known.table, &key.canonical_child))
    };
    // Rows of known tables are asked one by one; a key of an unknown table, or whose rows cannot be seen, is refused as a whole.
    let is_asked = |key: &ForeignKey| is_known(key) && key.hidden_rows.is_none();
    let unasked = keys.iter().filter(|key| changes(key) && !is_asked(key));
    dangers.extend(unasked.map(|key| dangerous_key(&model.table, key)));
    (keys, dangers)
}

/// What is known of a table; nothing is known of one that was not asked about.
pub(super) fn known(facts: &SchemaFacts, table: &TableName) -> TableFacts {
    facts
        .of(table)
        .cloned()
        .unwrap_or_else(|| TableFacts::unknown(table.clone()))
}

/// Why the database may do more, or less, than it is told when rows of a table are removed.
pub(super) fn dangers(model: &Descriptor, facts: &TableFacts) -> Vec<Error> {
    let dangers = facts.dangers(&model.harmless_triggers).into_iter();
    let error = |danger: Danger| Error::DangerousTable {
        model: model.name().to_owned(),
        table: facts.name.to_string(),
        cause: danger.cause,
        help: danger.help,
    };
    dangers.map(error).collect()
}

/// As [`dangers`], of a table that the model owns. Its rows go without being looked at one by one, so nothing may refer to them that
/// the database would change.
pub(super) fn owned_dangers(facts: &SchemaFacts, model: &Descriptor, owned: &TableName) -> Vec<Error> {
    let owned = known(facts, owned);
    let mut dangers = dangers(model, &owned);
    let keys = owned.foreign_keys.iter().filter(|key| changes(key));
    dangers.extend(keys.map(|key| dangerous_key(&owned.name, key)));
    dangers
}

/// A relation goes by the key of the model; a foreign key over the same columns that refers to others is another relation.
pub(super) fn check_columns(
    facts: &SchemaFacts,
    model: &Descriptor,
    relation: &Relation,
    keys: &[ForeignKey],
) -> Result<()> {
    let (child, columns) = (relation.child_table(), relation.foreign_key());
    let parent_columns = relation.parent_columns(model);
    let mut over = keys
        .iter()
        .filter(|key| facts.is_same(child, &key.canonical_child) && key.is_over(columns))
        .peekable();
    let Some(first) = over.peek().copied() else {
        return Ok(());
    };
    if over.any(|key| key.pairs(columns, &parent_columns)) {
        return Ok(());
    }
    Err(Error::MismatchedRelation {
        model: model.name().to_owned(),
        child: child.to_string(),
        columns: columns.join(", "),
        constraint: first.constraint.clone(),
        references: first.parent_columns.join(", "),
    })
}

pub(super) fn parent_columns(model: &Descriptor) -> Vec<String> {
    model.key.iter().map(|column| column.name().to_owned()).collect()
}

// A relation that the database does not enforce: nothing happens by itself.
fn undeclared(child: &TableName, columns: &[String], parent_columns: &[&str]) -> ForeignKey {
    ForeignKey {
        constraint: format!("{child}.{}", columns.join(",")),
        child: child.clone(),
        canonical_child: child.clone(),
        columns: columns.to_vec(),
        parent_columns: parent_columns.iter().copied().map(ToOwned::to_owned).collect(),
        rule: Rule::Ignores,
        is_deferred: false,
        is_partial: false,
        hidden_rows: None,
        is_indirect: false,
    }
}

pub(super) fn changes(key: &ForeignKey) -> bool {
    matches!(key.rule, Rule::Changes(_))
}

/// What the database would change by this key, as an error.
pub(super) fn dangerous_key(parent: &TableName, key: &ForeignKey) -> Error {
    let rule = match &key.rule {
        Rule::Changes(rule) => rule.clone(),
        Rule::Refuses | Rule::Ignores => "NO ACTION".to_owned(),
    };
    Error::DangerousForeignKey {
        model: parent.to_string(),
        child: key.child.to_string(),
        constraint: key.constraint.clone(),
        rule,
    }
}
