//! What refers to a model's rows, by the catalogue and by what the model says.

use crate::{
    Descriptor, Error, Registry, RelationKind, Result, TableName,
    executor::Executor,
    foreign_key::{ForeignKey, Rule},
    statement::{EnforcesForeignKeys, ForeignKeysInto, TextRow},
};

/// Whether this session has the database enforce foreign keys; what it does not say clearly is a yes.
pub(super) async fn are_enforced<E: Executor>(executor: &mut E) -> Result<bool> {
    let answer = executor.rows(&EnforcesForeignKeys).await?.pop();
    Ok(answer.and_then(|mut row| row.take(0)).as_deref() != Some("0"))
}

/// The foreign keys into a model's table, but for those of rows that it owns; dangerous ones are refused by name.
pub(super) async fn into_model<E: Executor>(
    executor: &mut E,
    registry: &Registry,
    model: &'static Descriptor,
    enforced: bool,
) -> Result<Vec<ForeignKey>> {
    let key: Vec<String> = model.key.iter().map(|column| column.name().to_owned()).collect();
    let mut keys = keys_into(executor, &model.table, &key, enforced).await?;
    for relation in &model.relations {
        let (child, columns) = (relation.child_table(), relation.foreign_key());
        if relation.kind() == RelationKind::Owns {
            refuse_dangerous(executor, relation.child_table(), enforced).await?;
            keys.retain(|key| !key.is_over(child, columns));
        } else if !keys.iter().any(|key| key.is_over(child, columns)) {
            keys.push(ForeignKey {
                constraint: format!("{child}.{}", columns.join(",")),
                child: child.clone(),
                columns: columns.to_vec(),
                parent_columns: key.clone(),
                rule: Rule::Ignores,
            });
        }
    }
    let is_known = |key: &ForeignKey| registry.models().any(|known| known.table.is_same_as(&key.child));
    let unknown = keys.iter().filter(|key| !is_known(key));
    refuse_first(&model.table, unknown)?;
    Ok(keys)
}

// Rows that are owned go without being looked at, so nothing may hang on them that the database would change.
async fn refuse_dangerous<E: Executor>(executor: &mut E, owned: &TableName, enforced: bool) -> Result<()> {
    let keys = keys_into(executor, owned, &[], enforced).await?;
    refuse_first(owned, keys.iter())
}

fn refuse_first<'k>(parent: &TableName, mut keys: impl Iterator<Item = &'k ForeignKey>) -> Result<()> {
    keys.find_map(|key| match &key.rule {
        Rule::Changes(rule) => Some(Err(Error::DangerousForeignKey {
            model: parent.to_string(),
            child: key.child.to_string(),
            constraint: key.constraint.clone(),
            rule: rule.clone(),
        })),
        _ => None,
    })
    .unwrap_or(Ok(()))
}

/// The foreign keys into a table, each with its columns in order.
pub(super) async fn keys_into<E: Executor>(
    executor: &mut E,
    parent: &TableName,
    parent_key: &[String],
    enforced: bool,
) -> Result<Vec<ForeignKey>> {
    let mut keys: Vec<ForeignKey> = Vec::new();
    for row in executor.rows(&ForeignKeysInto::new(parent)).await? {
        let part = Part::read(row, enforced);
        let known = keys
            .iter_mut()
            .find(|key| key.child == part.child && key.constraint == part.constraint);
        // On SQLite, which names none, two foreign keys over the same columns are told as one.
        match known {
            Some(key) if !key.columns.contains(&part.column) => {
                let place = key.columns.len();
                key.parent_columns.push(part.parent_column(parent_key, place));
                key.columns.push(part.column);
            }
            Some(_) => {}
            None => keys.push(ForeignKey {
                parent_columns: vec![part.parent_column(parent_key, 0)],
                constraint: part.constraint,
                child: part.child,
                columns: vec![part.column],
                rule: part.rule,
            }),
        }
    }
    Ok(keys)
}

// One column of a foreign key.
struct Part {
    constraint: String,
    child: TableName,
    column: String,
    parent: Option<String>,
    rule: Rule,
}

impl Part {
    fn read(mut row: TextRow, enforced: bool) -> Self {
        let mut field = |index| row.take(index);
        let (constraint, schema, child) = (field(0), field(1), field(2).unwrap_or_default());
        let (column, parent, rule) = (field(3), field(4), field(5).unwrap_or_default());
        let table = TableName::new(child);
        Self {
            constraint: constraint.unwrap_or_default(),
            child: match schema {
                Some(schema) => table.in_schema(schema),
                None => table,
            },
            column: column.unwrap_or_default(),
            parent,
            rule: match rule.as_str() {
                "RESTRICT" | "NO ACTION" if enforced => Rule::Refuses,
                "RESTRICT" | "NO ACTION" => Rule::Ignores,
                _ => Rule::Changes(rule),
            },
        }
    }

    fn parent_column(&self, parent_key: &[String], place: usize) -> String {
        let by_key = || parent_key.get(place).cloned();
        self.parent.clone().or_else(by_key).unwrap_or_default()
    }
}
