//! SQLite: times are text, one writer at a time, types are suggestions.

use super::syntax::{Around, Index, IndexedRows, ReadOnly, Syntax, TextTimes, child_index_name};
use crate::{ColumnKind, Descriptor, TableName};

pub(crate) struct Sqlite;

impl Syntax for Sqlite {
    fn cast(&self, kind: ColumnKind) -> Around {
        match kind {
            kind if kind.is_integer() => ("CAST(", " AS INTEGER)"),
            // SQLite 3.41 or newer.
            ColumnKind::Binary => ("unhex(", ")"),
            // As Diesel writes it: the zone is always UTC.
            ColumnKind::ZonedTimestamp => ("(", " || '+00:00')"),
            _ => ("", ""),
        }
    }

    fn stored(&self, kind: ColumnKind) -> Around {
        match kind {
            // The text is all there is.
            ColumnKind::ZonedTimestamp => ("", ""),
            _ => self.cast(kind),
        }
    }

    fn text(&self, kind: ColumnKind) -> Around {
        match kind {
            ColumnKind::Binary => ("lower(hex(", "))"),
            _ => ("CAST(", " AS TEXT)"),
        }
    }

    fn joined_by_comma(&self) -> (&'static str, &'static str, &'static str) {
        ("", " || ',' || ", "")
    }

    fn audit_time(&self) -> ColumnKind {
        ColumnKind::Timestamp
    }

    fn audit_day(&self) -> &'static str {
        "COALESCE(strftime('%Y-%m-%d', at), substr(at, 1, 10))"
    }

    fn audit_id(&self) -> ColumnKind {
        ColumnKind::Text
    }

    fn lists_rows(&self) -> bool {
        true
    }

    fn names_without_schema(&self) -> &'static [Around] {
        &[
            ("('main.' || ", ")"),
            (
                "(SELECT name FROM main.sqlite_master WHERE type = 'table' AND lower(name) = lower(",
                "))",
            ),
            (
                "(SELECT 'main.' || name FROM main.sqlite_master WHERE type = 'table' AND lower(name) = lower(",
                "))",
            ),
        ]
    }

    fn name_with_schema(&self) -> [&'static str; 3] {
        ["CASE WHEN lower(", ") = 'main' THEN ", " END"]
    }

    fn any_letters(&self) -> Around {
        (
            "SELECT named.model FROM soft_delete_holds AS named WHERE named.model COLLATE NOCASE IN (",
            ")",
        )
    }

    fn key_collations(&self) -> [&'static str; 3] {
        [
            "SELECT NULL, NULL, part.coll FROM (SELECT COALESCE(",
            ", 'main') AS space, ",
            " AS name) AS here, pragma_index_list(here.name, here.space) AS idx, pragma_index_xinfo(idx.name, here.space) AS part WHERE idx.origin = 'pk' AND part.key = 1 AND part.coll <> 'BINARY'",
        ]
    }

    fn compares_by_left_side(&self) -> bool {
        true
    }

    fn now(&self) -> &'static str {
        "strftime('%Y-%m-%d %H:%M:%f', 'now')"
    }

    fn seconds_from_now(&self) -> Around {
        ("strftime('%Y-%m-%d %H:%M:%f', 'now', '+", " seconds')")
    }

    fn read_only(&self) -> ReadOnly {
        ReadOnly {
            before: Some("PRAGMA query_only = ON"),
            inside: None,
            after: Some("PRAGMA query_only = OFF"),
        }
    }

    fn text_times(&self) -> Option<TextTimes> {
        Some(TextTimes {
            instant: INSTANT,
            // What it understands it writes in its own form, which a time with another offset and a day that is none do not have.
            begins_with_second: "instr({}, datetime({})) = 1",
            // Without it a column of the type TIMESTAMP tries to make numbers of the texts that it is compared with.
            bare: "+",
        })
    }

    fn counts_tables_quickly(&self) -> bool {
        // By pages of the smallest index, without a look at their rows.
        true
    }

    fn enforces_foreign_keys(&self) -> &'static str {
        "SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys"
    }

    fn table_exists(&self) -> Around {
        (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name = ",
            "",
        )
    }

    fn migrations(&self) -> &'static [(&'static str, &'static str, &'static str)] {
        &[
            (
                "0001_audit",
                include_str!("../../migrations/sqlite/0001_audit.up.sql"),
                include_str!("../../migrations/sqlite/0001_audit.down.sql"),
            ),
            (
                "0002_holds",
                include_str!("../../migrations/sqlite/0002_holds.up.sql"),
                include_str!("../../migrations/sqlite/0002_holds.down.sql"),
            ),
            (
                "0003_runs",
                include_str!("../../migrations/sqlite/0003_runs.up.sql"),
                include_str!("../../migrations/sqlite/0003_runs.down.sql"),
            ),
        ]
    }

    fn create_migrations_table(&self) -> &'static str {
        "CREATE TABLE IF NOT EXISTS soft_delete_migrations (version TEXT NOT NULL PRIMARY KEY, applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)"
    }

    fn record_migration(&self) -> Around {
        (
            "INSERT INTO soft_delete_migrations (version) VALUES (",
            ") ON CONFLICT DO NOTHING",
        )
    }

    fn quoted(&self, identifier: &str) -> String {
        format!("\"{}\"", identifier.replace('"', "\"\""))
    }

    fn column_type(&self, kind: ColumnKind) -> &'static str {
        match kind {
            ColumnKind::SmallInt
            | ColumnKind::Integer
            | ColumnKind::BigInt
            | ColumnKind::UnsignedInteger
            | ColumnKind::UnsignedBigInt => "INTEGER",
            ColumnKind::Bool => "BOOLEAN",
            ColumnKind::Binary => "BLOB",
            ColumnKind::Timestamp => "TIMESTAMP",
            ColumnKind::ZonedTimestamp => "TIMESTAMPTZ",
            ColumnKind::Text | ColumnKind::Citext | ColumnKind::Uuid => "TEXT",
        }
    }

    fn create_index(&self, model: &Descriptor, index: &Index) -> String {
        // The index is created in the schema of its table, and only its own name may carry that schema.
        let (schema, table) = (self.quoted_schema(model), self.quoted(model.table.name()));
        let (name, columns) = (self.quoted(&index.name), self.quoted_list(&index.columns));
        let deleted_at = self.quoted(model.deleted_at.name());
        match index.rows {
            IndexedRows::Deleted => {
                format!("CREATE INDEX {schema}{name} ON {table} ({columns}) WHERE {deleted_at} IS NOT NULL;")
            }
            IndexedRows::Active => {
                format!(
                    "CREATE UNIQUE INDEX {schema}{name} ON {table} ({columns}) WHERE {deleted_at} IS NULL;"
                )
            }
        }
    }

    fn create_child_index(&self, child: &TableName, columns: &[String]) -> String {
        // As above: the schema stands with the index.
        let (schema, table) = (self.quoted_prefix(child), self.quoted(child.name()));
        let (name, columns) = (
            self.quoted(&child_index_name(child, columns)),
            self.quoted_list(columns),
        );
        format!("CREATE INDEX {schema}{name} ON {table} ({columns});")
    }

    fn drop_index(&self, model: &Descriptor, index: &Index) -> String {
        format!(
            "DROP INDEX {}{};",
            self.quoted_schema(model),
            self.quoted(&index.name)
        )
    }
}

// A text of the form `2026-01-15 12:00:00`, with a `T` or a space, a fraction of any length, and an offset (`Z`, `+02:00`, `-0800`,
// `+02`) or none, which is UTC. SQLite's own functions judge the calendar and apply the offset; they cut what is smaller than a
// millisecond, so that the fraction is taken from the text. They take the 30th of February for the 2nd of March: only a day that
// stays what it is is one.
const INSTANT: &str = concat!(
    "(SELECT CASE WHEN julianday(said) IS NOT NULL AND strftime('%Y-%m-%d %H:%M:%S', base, '+0 days') = base ",
    "THEN strftime('%Y-%m-%d %H:%M:%S', base || zone) || rtrim(substr(said, 20, length(said) - 19 - length(zone)), 'Z 0.') END ",
    "FROM (SELECT said, replace(substr(said, 1, 19), 'T', ' ') AS base, ",
    "CASE WHEN substr(said, 20) GLOB '*[+-][0-9][0-9]:[0-9][0-9]' THEN substr(said, -6) ELSE '' END AS zone ",
    "FROM (SELECT CASE WHEN substr({}, 20) GLOB '*[+-][0-9][0-9]' THEN {} || ':00' ",
    "WHEN substr({}, 20) GLOB '*[+-][0-9][0-9][0-9][0-9]' THEN substr({}, 1, length({}) - 2) || ':' || substr({}, -2) ",
    "ELSE {} END AS said) WHERE said GLOB ",
    "'[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9][ T][0-9][0-9]:[0-9][0-9]:[0-9][0-9]*'))"
);
