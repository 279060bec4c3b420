//! The SQL that makes a case: its tables, its rows, and what the database does by itself.

use soft_delete::Database;

use super::schema::{
    Case, Deletion, Extra, FIRST_IN_PART, Flag, ForeignKey, Key, Mark, Part, Row, Rule, Table, Target, When,
    number_of, operation_id,
};

/// The statements, in their order.
pub fn statements(case: &Case) -> Vec<String> {
    let mut all = Vec::new();
    for table in &case.tables {
        all.extend(create(case, table));
    }
    match case.database {
        Database::Postgres => {
            for table in &case.tables {
                for key in table.foreign_keys.iter().filter(|key| key.rule.is_some()) {
                    let constraint = format!("{}_f{}", table.name(), key.name);
                    let name = case.sql_name(table);
                    let key = constraint_of(case, key);
                    all.push(format!("ALTER TABLE {name} ADD CONSTRAINT {constraint} {key}"));
                }
            }
        }
        // A table may refer to one that is made after it.
        Database::Mysql => {
            all.insert(0, "SET foreign_key_checks = 0".to_owned());
            all.push("SET foreign_key_checks = 1".to_owned());
        }
        _ => {}
    }
    all.extend(case.rows.iter().map(|row| insert(case, row)));
    all.extend(case.rows.iter().filter_map(|row| refer(case, row)));
    for table in &case.tables {
        for extra in &table.extras {
            all.extend(extra_of(case, table, *extra));
        }
    }
    all
}

/// A condition that only this row of the table meets.
pub fn is_row(table: &Table, n: i64) -> String {
    let pairs = table.key.columns().iter().zip(table.key.values(n));
    let pairs: Vec<String> = pairs
        .map(|(column, value)| format!("{column} = {value}"))
        .collect();
    pairs.join(" AND ")
}

fn key_type(key: Key, column: &str, database: Database) -> String {
    match (key, column) {
        (Key::AnyCase, "code") if database == Database::Sqlite => "VARCHAR(20) COLLATE NOCASE".to_owned(),
        (_, "code") => "VARCHAR(20)".to_owned(),
        _ => "BIGINT".to_owned(),
    }
}

fn create(case: &Case, table: &Table) -> Vec<String> {
    let (time, id) = match case.database {
        Database::Postgres => ("TIMESTAMP", "UUID"),
        Database::Mysql => ("DATETIME(6)", "CHAR(36)"),
        _ => ("TIMESTAMP", "TEXT"),
    };
    let mut parts = Vec::new();
    for column in table.key.columns() {
        parts.push(format!(
            "{column} {} NOT NULL",
            key_type(table.key, column, case.database)
        ));
    }
    if table.has_number {
        parts.push("number BIGINT NOT NULL UNIQUE".to_owned());
    }
    for key in &table.foreign_keys {
        let parent = case.table(key.parent);
        let columns = case.columns(key);
        for (at, (own, column)) in columns.iter().zip(case.parent_columns(key)).enumerate() {
            // Like a program that knows nothing of the parent's collation.
            let kind = key_type(
                if parent.key == Key::AnyCase {
                    Key::Text
                } else {
                    parent.key
                },
                column,
                case.database,
            );
            let default = match (key.rule, key.target) {
                (Some(Rule::SetDefault), Target::Primary) => format!(" DEFAULT {}", parent.key.values(1)[at]),
                _ => String::new(),
            };
            parts.push(format!("{own} {kind} NULL{default}"));
        }
    }
    parts.push("note VARCHAR(20)".to_owned());
    if table.deletion != Deletion::None {
        parts.push(format!("deleted_at {time} NULL"));
    }
    if table.deletion == Deletion::TimeAndOperation {
        parts.push(format!("deletion_id {id} NULL"));
    }
    match (table.flag, case.database) {
        (None, _) => {}
        (Some(Flag::Bool), Database::Postgres) => {
            parts.push("is_deleted BOOLEAN NOT NULL DEFAULT FALSE".to_owned())
        }
        (Some(Flag::Bool), _) => parts.push("is_deleted BOOLEAN NOT NULL DEFAULT 0".to_owned()),
        (Some(Flag::Integer), _) => parts.push("is_deleted INTEGER NOT NULL DEFAULT 0".to_owned()),
    }
    parts.push(format!("PRIMARY KEY ({})", table.key.columns().join(", ")));
    if case.database != Database::Postgres {
        let keys = table.foreign_keys.iter().filter(|key| key.rule.is_some());
        parts.extend(keys.map(|key| constraint_of(case, key)));
    }
    let name = case.sql_name(table);
    let ending = match table.part {
        Some(Part::Partition) => " PARTITION BY RANGE (id)",
        _ if case.database == Database::Mysql && !table.has_transactions => " ENGINE = MyISAM",
        _ => "",
    };
    let mut all = vec![format!("CREATE TABLE {name} ({}){ending}", parts.join(", "))];
    match table.part {
        None => {}
        Some(Part::Partition) => {
            all.push(format!(
                "CREATE TABLE {name}_first PARTITION OF {name} FOR VALUES FROM (MINVALUE) TO ({FIRST_IN_PART})"
            ));
            all.push(format!(
                "CREATE TABLE {name}_part PARTITION OF {name} FOR VALUES FROM ({FIRST_IN_PART}) TO (MAXVALUE)"
            ));
        }
        Some(Part::Inheritance) => {
            all.push(format!(
                "CREATE TABLE {name}_part (PRIMARY KEY (id)) INHERITS ({name})"
            ));
        }
    }
    all
}

fn constraint_of(case: &Case, key: &ForeignKey) -> String {
    let parent = case.table(key.parent);
    let parent = match case.database {
        // Where the child is elsewhere, a name alone would be one there.
        Database::Mysql if !parent.is_elsewhere => format!("{}.{}", case.home, parent.name()),
        _ => case.sql_name(parent),
    };
    let part = if key.target == Target::Part { "_part" } else { "" };
    let rule = match key.rule {
        Some(Rule::Restrict) => " ON DELETE RESTRICT",
        Some(Rule::Cascade) => " ON DELETE CASCADE",
        Some(Rule::SetNull) => " ON DELETE SET NULL",
        Some(Rule::SetDefault) => " ON DELETE SET DEFAULT",
        Some(Rule::NoAction) | None => "",
    };
    let deferred = if key.is_deferred {
        " DEFERRABLE INITIALLY DEFERRED"
    } else {
        ""
    };
    format!(
        "FOREIGN KEY ({}) REFERENCES {parent}{part} ({}){rule}{deferred}",
        case.columns(key).join(", "),
        case.parent_columns(key).join(", ")
    )
}

fn insert(case: &Case, row: &Row) -> String {
    let table = case.table(row.table);
    let mut columns: Vec<&str> = table.key.columns().to_vec();
    let mut values = table.key.values(row.n);
    if table.has_number {
        columns.push("number");
        values.push(number_of(row.n).to_string());
    }
    let references: Vec<String> = table
        .foreign_keys
        .iter()
        .flat_map(|key| case.columns(key))
        .collect();
    for column in &references {
        columns.push(column);
        values.push("NULL".to_owned());
    }
    if let Some(Mark { at, operation }) = row.mark {
        columns.push("deleted_at");
        values.push(format!("'{}'", written(at)));
        if let Some(operation) = operation {
            columns.push("deletion_id");
            values.push(format!("'{}'", operation_id(operation)));
        }
    }
    if let Some(flag) = table.flag {
        columns.push("is_deleted");
        let is_word = flag == Flag::Bool && case.database == Database::Postgres;
        values.push(match (is_word, row.is_flagged) {
            (true, is_flagged) => is_flagged.to_string(),
            (false, is_flagged) => u8::from(is_flagged).to_string(),
        });
    }
    let in_part = table.part == Some(Part::Inheritance) && row.n >= FIRST_IN_PART;
    let part = if in_part { "_part" } else { "" };
    let name = case.sql_name(table);
    format!(
        "INSERT INTO {name}{part} ({}) VALUES ({})",
        columns.join(", "),
        values.join(", ")
    )
}

// The foreign keys are set when all rows are there: they may lead in a cycle.
fn refer(case: &Case, row: &Row) -> Option<String> {
    let table = case.table(row.table);
    let mut sets = Vec::new();
    for key in &table.foreign_keys {
        let Some(&to) = row.parents.get(&key.name) else {
            continue;
        };
        let parent = case.table(key.parent);
        let values = match key.target {
            Target::Number => vec![number_of(to).to_string()],
            _ if parent.key == Key::AnyCase && row.n % 2 == 0 => vec![format!("'K{to}'")],
            _ => parent.key.values(to),
        };
        let columns = case.columns(key).into_iter().zip(values);
        sets.extend(columns.map(|(column, value)| format!("{column} = {value}")));
    }
    let name = case.sql_name(table);
    (!sets.is_empty()).then(|| {
        format!(
            "UPDATE {name} SET {} WHERE {}",
            sets.join(", "),
            is_row(table, row.n)
        )
    })
}

/// A time as the application writes it; the clock of the case shows noon of 2026-01-15.
pub const fn written(at: When) -> &'static str {
    match at {
        When::LongAgo => "2025-06-01 08:00:00",
        When::Recently => "2026-01-10 08:00:00",
        When::AlmostWest => "2025-12-16 09:00:00-08:00",
    }
}

fn extra_of(case: &Case, table: &Table, extra: Extra) -> Vec<String> {
    let name = case.sql_name(table);
    let number = table.number;
    let other = |other: usize| case.sql_name(case.table(other));
    let before = |event: &str, condition: Option<String>| match case.database {
        Database::Postgres => {
            let condition = condition.map_or_else(String::new, |condition| format!("WHEN ({condition}) "));
            vec![
                "CREATE OR REPLACE FUNCTION zoo_ignores() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'".to_owned(),
                format!("CREATE TRIGGER zoo_{number}_ignores_{event} BEFORE {event} ON {name} FOR EACH ROW {condition}EXECUTE FUNCTION zoo_ignores()"),
            ]
        }
        _ => {
            let condition = condition.map_or_else(String::new, |condition| format!("WHEN {condition} "));
            vec![format!(
                "CREATE TRIGGER zoo_{number}_ignores_{event} BEFORE {event} ON {name} {condition}BEGIN SELECT RAISE(IGNORE); END"
            )]
        }
    };
    let after = |does: String| match case.database {
        Database::Postgres => vec![
            format!(
                "CREATE OR REPLACE FUNCTION zoo_{number}_does() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN {does}; RETURN NULL; END'"
            ),
            format!(
                "CREATE TRIGGER zoo_{number}_after AFTER DELETE ON {name} FOR EACH ROW EXECUTE FUNCTION zoo_{number}_does()"
            ),
        ],
        Database::Mysql => vec![format!(
            "CREATE TRIGGER {name}_after AFTER DELETE ON {name} FOR EACH ROW {does}"
        )],
        _ => vec![format!(
            "CREATE TRIGGER zoo_{number}_after AFTER DELETE ON {name} BEGIN {does}; END"
        )],
    };
    let old = |n: i64| {
        let pairs = table.key.columns().iter().zip(table.key.values(n));
        let pairs: Vec<String> = pairs
            .map(|(column, value)| format!("OLD.{column} = {value}"))
            .collect();
        pairs.join(" AND ")
    };
    let is_old = || {
        let pairs: Vec<String> = table
            .key
            .columns()
            .iter()
            .map(|column| format!("{column} = OLD.{column}"))
            .collect();
        pairs.join(" AND ")
    };
    let with_policies = |policies: &[&str]| {
        let mut all = vec![format!("ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")];
        all.extend(
            policies
                .iter()
                .enumerate()
                .map(|(at, policy)| format!("CREATE POLICY zoo_{at} ON {name} {policy}")),
        );
        all
    };
    match extra {
        Extra::IgnoreDelete(only) => before("DELETE", only.map(old)),
        Extra::IgnoreUpdate => before("UPDATE", None),
        Extra::DeleteOther(to) => after(format!("DELETE FROM {}", other(to))),
        Extra::UpdateOther(to) => after(format!(
            "UPDATE {} SET note = {}changed{}",
            other(to),
            quote(case),
            quote(case)
        )),
        Extra::RuleNothing => vec![format!(
            "CREATE RULE zoo_rule AS ON DELETE TO {name} DO INSTEAD NOTHING"
        )],
        Extra::RuleUpdate => {
            let returning: Vec<String> = case
                .all_columns(table)
                .iter()
                .map(|column| format!("OLD.{column}"))
                .collect();
            vec![format!(
                "CREATE RULE zoo_rule AS ON DELETE TO {name} DO INSTEAD UPDATE {name} SET deleted_at = now() WHERE {} RETURNING {}",
                is_old(),
                returning.join(", ")
            )]
        }
        Extra::RuleAlso(to) => vec![format!(
            "CREATE RULE zoo_rule AS ON DELETE TO {name} DO ALSO DELETE FROM {}",
            other(to)
        )],
        Extra::RuleUpdateNothing => vec![format!(
            "CREATE RULE zoo_rule AS ON UPDATE TO {name} DO INSTEAD NOTHING"
        )],
        Extra::HideFirst => with_policies(&[&format!("USING (NOT ({}))", is_row(table, 1))]),
        Extra::NoDelete => with_policies(&[
            "FOR SELECT USING (true)",
            "FOR UPDATE USING (true)",
            "FOR INSERT WITH CHECK (true)",
        ]),
    }
}

// Inside a function's body, which is a string on PostgreSQL.
const fn quote(case: &Case) -> &'static str {
    match case.database {
        Database::Postgres => "''",
        _ => "'",
    }
}
