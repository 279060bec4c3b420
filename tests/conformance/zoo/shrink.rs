//! Making a case smaller.

use super::schema::{Case, Deletion, Key, Mark, Rule, Step};

/// All cases that have one thing less, the largest things first.
pub fn smaller(case: &Case) -> Vec<Case> {
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut Case)| {
        let mut smaller = case.clone();
        change(&mut smaller);
        all.push(smaller);
    };
    for table in &case.tables {
        with(&|smaller| drop_table(smaller, table.number));
    }
    for at in 0..case.steps.len() {
        with(&|smaller| drop(smaller.steps.remove(at)));
    }
    for row in &case.rows {
        with(&|smaller| drop_row(smaller, row.table, row.n));
    }
    for table in &case.tables {
        for key in &table.foreign_keys {
            with(&|smaller| drop_key(smaller, table.number, key.name));
        }
    }
    for at in 0..case.relations.len() {
        with(&|smaller| drop(smaller.relations.remove(at)));
    }
    for (at, table) in case.tables.iter().enumerate() {
        for extra in 0..table.extras.len() {
            with(&|smaller| _ = smaller.tables[at].extras.remove(extra));
        }
        if table.is_registered
            && !case
                .relations
                .iter()
                .any(|one| one.parent == table.number || one.child == table.number)
        {
            with(&|smaller| smaller.tables[at].is_registered = false);
        }
        if table.part.is_some() {
            with(&|smaller| smaller.tables[at].part = None);
        }
        if table.flag.is_some() {
            with(&|smaller| smaller.tables[at].flag = None);
        }
        if table.is_elsewhere {
            with(&|smaller| smaller.tables[at].is_elsewhere = false);
        }
        if table.is_hidden {
            with(&|smaller| smaller.tables[at].is_hidden = false);
        }
        if !table.has_transactions {
            with(&|smaller| smaller.tables[at].has_transactions = true);
        }
        if table.has_number {
            with(&|smaller| smaller.tables[at].has_number = false);
        }
        if table.key != Key::Number {
            with(&|smaller| smaller.tables[at].key = Key::Number);
        }
        if table.deletion == Deletion::TimeAndOperation {
            with(&|smaller| smaller.tables[at].deletion = Deletion::Time);
        }
        for key in 0..table.foreign_keys.len() {
            if table.foreign_keys[key].is_deferred {
                with(&|smaller| smaller.tables[at].foreign_keys[key].is_deferred = false);
            }
            if table.foreign_keys[key].rule != Some(Rule::NoAction) {
                with(&|smaller| smaller.tables[at].foreign_keys[key].rule = Some(Rule::NoAction));
            }
        }
    }
    for (at, row) in case.rows.iter().enumerate() {
        for name in row.parents.keys() {
            with(&|smaller| _ = smaller.rows[at].parents.remove(name));
        }
        if let Some(Mark {
            at: when,
            operation: Some(_),
        }) = row.mark
        {
            with(&|smaller| {
                smaller.rows[at].mark = Some(Mark {
                    at: when,
                    operation: None,
                })
            });
        }
    }
    for (at, step) in case.steps.iter().enumerate() {
        let fewer = |rows: &[i64]| rows.len() > 1;
        match step {
            Step::Delete { rows, .. } | Step::Restore { rows, .. } | Step::Force { rows, .. }
                if fewer(rows) =>
            {
                with(&|smaller| {
                    if let Step::Delete { rows, .. } | Step::Restore { rows, .. } | Step::Force { rows, .. } =
                        &mut smaller.steps[at]
                    {
                        rows.pop();
                    }
                });
            }
            Step::Cleanup {
                after_dry_run: true, ..
            } => with(&|smaller| {
                if let Step::Cleanup { after_dry_run, .. } = &mut smaller.steps[at] {
                    *after_dry_run = false;
                }
            }),
            _ => {}
        }
    }
    if case.is_restricted {
        with(&|smaller| smaller.is_restricted = false);
    }
    if case.is_discovered {
        with(&|smaller| smaller.is_discovered = false);
    }
    all.retain(is_sound);
    all
}

// A change may have taken away what something else stands on.
fn is_sound(case: &Case) -> bool {
    use super::schema::Target;
    let fits = |key: &super::schema::ForeignKey| match key.target {
        Target::Number => case.table(key.parent).has_number,
        Target::Part => case.table(key.parent).part.is_some(),
        Target::Primary => true,
    };
    let columns = |child: usize| -> Vec<String> { case.all_columns(case.table(child)) };
    let operations = |table: &usize| case.table(*table).deletion == Deletion::TimeAndOperation;
    !case.tables.is_empty()
        && case
            .tables
            .iter()
            .all(|table| table.foreign_keys.iter().all(fits))
        && case.relations.iter().all(|one| {
            one.columns
                .iter()
                .all(|column| columns(one.child).contains(column))
        })
        && case.rows.iter().all(|row| {
            row.mark
                .is_none_or(|mark| mark.operation.is_none() || operations(&row.table))
        })
}

fn drop_table(case: &mut Case, number: usize) {
    let names: Vec<(usize, usize)> = case
        .tables
        .iter()
        .flat_map(|table| table.foreign_keys.iter().map(|key| (table.number, key)))
        .filter(|(_, key)| key.parent == number)
        .map(|(child, key)| (child, key.name))
        .collect();
    for (child, name) in names {
        drop_key(case, child, name);
    }
    case.relations
        .retain(|one| one.parent != number && one.child != number);
    case.rows.retain(|row| row.table != number);
    case.steps.retain(|step| match step {
        Step::Hold { table, .. }
        | Step::HoldModel(table)
        | Step::Delete { table, .. }
        | Step::Restore { table, .. }
        | Step::Force { table, .. }
        | Step::ForceAll { table, .. }
        | Step::Cleanup {
            model: Some(table), ..
        } => *table != number,
        _ => true,
    });
    case.tables.retain(|table| table.number != number);
    for table in &mut case.tables {
        use super::schema::Extra::{DeleteOther, RuleAlso, UpdateOther};
        table.extras.retain(
            |extra| !matches!(extra, DeleteOther(to) | UpdateOther(to) | RuleAlso(to) if *to == number),
        );
    }
}

fn drop_row(case: &mut Case, table: usize, n: i64) {
    let tables = case.tables.clone();
    case.rows.retain(|row| (row.table, row.n) != (table, n));
    for row in &mut case.rows {
        let own = tables
            .iter()
            .find(|one| one.number == row.table)
            .expect("its table");
        row.parents.retain(|name, to| {
            let key = own.foreign_keys.iter().find(|key| key.name == *name);
            key.is_some_and(|key| (key.parent, *to) != (table, n))
        });
    }
}

fn drop_key(case: &mut Case, table: usize, name: usize) {
    let prefix = format!("f{name}_");
    case.relations
        .retain(|one| one.child != table || !one.columns.iter().any(|column| column.starts_with(&prefix)));
    for row in case.rows.iter_mut().filter(|row| row.table == table) {
        row.parents.remove(&name);
    }
    for own in case.tables.iter_mut().filter(|own| own.number == table) {
        own.foreign_keys.retain(|key| key.name != name);
    }
}
