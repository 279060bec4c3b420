//! SQLite: times are text, one writer at a time, types are suggestions.

use super::syntax::{Around, Index, IndexedRows, ReadOnly, Syntax};
use crate::{ColumnKind, Descriptor};

pub(crate) struct Sqlite;

impl Syntax for Sqlite {
    fn cast(&self, kind: ColumnKind) -> Around {
        match kind {
            ColumnKind::SmallInt | ColumnKind::Integer | ColumnKind::BigInt => ("CAST(", " AS INTEGER)"),
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
        "substr(at, 1, 10)"
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

    fn written_time(&self) -> Option<&'static str> {
        // Another separator or zone sorts wrongly among the others.
        Some(" GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9]*'")
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
            ColumnKind::SmallInt | ColumnKind::Integer | ColumnKind::BigInt => "INTEGER",
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

    fn drop_index(&self, model: &Descriptor, index: &Index) -> String {
        format!(
            "DROP INDEX {}{};",
            self.quoted_schema(model),
            self.quoted(&index.name)
        )
    }
}
