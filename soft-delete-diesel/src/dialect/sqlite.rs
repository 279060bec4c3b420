//! SQLite: times are text, one writer at a time, types are suggestions.

use super::syntax::{Around, Syntax};
use crate::{ColumnKind, Descriptor};

pub(crate) struct Sqlite;

impl Syntax for Sqlite {
    fn cast(&self, kind: ColumnKind) -> Around {
        match kind {
            ColumnKind::SmallInt | ColumnKind::Integer | ColumnKind::BigInt => ("CAST(", " AS INTEGER)"),
            // As Diesel writes it: the zone is always UTC.
            ColumnKind::ZonedTimestamp => ("(", " || '+00:00')"),
            _ => ("", ""),
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

    fn audit_id(&self) -> ColumnKind {
        ColumnKind::Text
    }

    fn table_exists(&self) -> Around {
        (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name = ",
            "",
        )
    }

    fn migrations(&self) -> &'static [(&'static str, &'static str, &'static str)] {
        &[(
            "0001_audit",
            include_str!("../../migrations/sqlite/0001_audit.up.sql"),
            include_str!("../../migrations/sqlite/0001_audit.down.sql"),
        )]
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
            ColumnKind::Text | ColumnKind::Uuid => "TEXT",
        }
    }

    fn create_index(&self, model: &Descriptor, index: &str, columns: &str) -> String {
        // The index is created in the schema of its table, and only there may the schema be named.
        let schema = model
            .table
            .schema()
            .map(|schema| format!("{}.", self.quoted(schema)))
            .unwrap_or_default();
        let table = self.quoted(model.table.name());
        let deleted_at = self.quoted(model.deleted_at.name());
        format!(
            "CREATE INDEX {schema}{} ON {table} ({columns}) WHERE {deleted_at} IS NOT NULL;",
            self.quoted(index)
        )
    }

    fn drop_index(&self, model: &Descriptor, index: &str) -> String {
        let schema = model
            .table
            .schema()
            .map(|schema| format!("{}.", self.quoted(schema)))
            .unwrap_or_default();
        format!("DROP INDEX {schema}{};", self.quoted(index))
    }
}
