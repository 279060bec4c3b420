//! Whether the children of a row are found without reading their whole table.

use super::Findings;
use crate::{
    Check, Descriptor, Relation, Result, Severity, TableName,
    executor::Executor,
    statement::{AboutTable, AskedOf, TextRow},
};

struct Index {
    columns: Vec<String>,
    condition: String,
}

impl Index {
    fn read(mut row: TextRow) -> Self {
        let columns = row.take(3).unwrap_or_default();
        Self {
            columns: columns.split(',').map(ToOwned::to_owned).collect(),
            condition: row.take(4).unwrap_or_default(),
        }
    }

    // Whether it finds the children of a row: the columns stand first in it, in whatever order, and no child is left out.
    fn leads_to_all_of(&self, relation: &Relation) -> bool {
        let columns = relation.foreign_key();
        let first = self.columns.get(..columns.len()).unwrap_or_default();
        let is_first = |column: &String| first.iter().any(|found| found.eq_ignore_ascii_case(column));
        !first.is_empty() && columns.iter().all(is_first) && self.is_of_all(relation)
    }

    // One on the rows that refer to anything at all has every child; of rows under a condition an index may have those alone.
    fn is_of_all(&self, relation: &Relation) -> bool {
        let condition = self.condition.to_lowercase();
        let condition = condition.rsplit(" where ").next().unwrap_or_default();
        let condition = condition.replace(['"', '`', '[', ']', '(', ')'], "");
        let refers = |column: &String| condition.trim() == format!("{} is not null", column.to_lowercase());
        condition.is_empty() || relation.is_conditional() || relation.foreign_key().iter().any(refers)
    }
}

/// Names the relations of a model whose columns have no index in the child's table: with each row that is deleted, restored or
/// removed its children are looked for. Of the databases only MySQL and MariaDB make one for a foreign key by themselves.
pub(super) async fn examine<E: Executor>(
    executor: &mut E,
    model: &'static Descriptor,
    findings: &mut Findings,
) -> Result<()> {
    for relation in model.relations() {
        let child = relation.child_table();
        if executor
            .rows(&AboutTable::new(child, AskedOf::Columns))
            .await?
            .is_empty()
        {
            continue;
        }
        let indexes = executor.rows(&AboutTable::new(child, AskedOf::Indexes)).await?;
        let is_indexed = indexes
            .into_iter()
            .map(Index::read)
            .any(|index| index.leads_to_all_of(relation));
        if !is_indexed && !is_its_key(relation) {
            add(model, relation, child, findings);
        }
    }
    Ok(())
}

// SQLite has no index for a key that is the number of the row.
fn is_its_key(relation: &Relation) -> bool {
    let key = relation.child().map(Descriptor::key_columns).unwrap_or_default();
    matches!((key, relation.foreign_key()), ([key], [column]) if key.name().eq_ignore_ascii_case(column))
}

fn add(model: &Descriptor, relation: &Relation, child: &TableName, findings: &mut Findings) {
    let columns = relation.foreign_key();
    let remedy = findings.database.syntax().create_child_index(child, columns);
    // Two relations over the same columns want the same index.
    if findings.list.iter().any(|known| known.remedy == remedy) {
        return;
    }
    let evidence = format!(
        "no index begins with {}: the rows of {child} that refer to one of {} are found by reading the whole table",
        columns.join(", "),
        model.name()
    );
    findings.add(
        Severity::Warning,
        Check::ChildIndex,
        &child.to_string(),
        evidence,
        remedy,
    );
}
