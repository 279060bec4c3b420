//! PostgreSQL: strict types, and one statement can do it all.

use super::syntax::{Around, Index, IndexedRows, Syntax};
use crate::{ColumnKind, Descriptor};

pub(crate) struct Postgres;

impl Syntax for Postgres {
    fn cast(&self, kind: ColumnKind) -> Around {
        match kind {
            ColumnKind::SmallInt => ("CAST(", " AS SMALLINT)"),
            ColumnKind::Integer => ("CAST(", " AS INTEGER)"),
            ColumnKind::BigInt => ("CAST(", " AS BIGINT)"),
            ColumnKind::Uuid => ("CAST(", " AS UUID)"),
            ColumnKind::Timestamp => ("CAST(", " AS TIMESTAMP)"),
            // Whatever the session's time zone is, the text is UTC.
            ColumnKind::ZonedTimestamp => ("(CAST(", " AS TIMESTAMP) AT TIME ZONE 'UTC')"),
            ColumnKind::Text | ColumnKind::Binary | ColumnKind::Bool => ("", ""),
        }
    }

    fn text(&self, kind: ColumnKind) -> Around {
        match kind {
            ColumnKind::Binary => ("encode(", ", 'hex')"),
            // Whatever the session's date style is; the era keeps years before Christ from being misread.
            ColumnKind::Timestamp => ("to_char(", ", 'YYYY-MM-DD HH24:MI:SS.US AD')"),
            ColumnKind::ZonedTimestamp => ("to_char(", " AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US AD')"),
            _ => ("CAST(", " AS TEXT)"),
        }
    }

    fn joined_by_comma(&self) -> (&'static str, &'static str, &'static str) {
        ("", " || ',' || ", "")
    }

    fn audit_time(&self) -> ColumnKind {
        ColumnKind::ZonedTimestamp
    }

    fn audit_id(&self) -> ColumnKind {
        ColumnKind::Uuid
    }

    fn locked(&self) -> &'static str {
        " FOR UPDATE"
    }

    fn shared(&self) -> &'static str {
        " FOR SHARE"
    }

    fn stores_nul(&self) -> bool {
        false
    }

    fn changes_and_records_at_once(&self) -> bool {
        true
    }

    fn table_exists(&self) -> Around {
        (
            "SELECT CAST(oid AS TEXT) FROM pg_class WHERE oid = to_regclass(",
            ")",
        )
    }

    fn migrations(&self) -> &'static [(&'static str, &'static str, &'static str)] {
        &[
            (
                "0001_audit",
                include_str!("../../migrations/postgres/0001_audit.up.sql"),
                include_str!("../../migrations/postgres/0001_audit.down.sql"),
            ),
            (
                "0002_holds",
                include_str!("../../migrations/postgres/0002_holds.up.sql"),
                include_str!("../../migrations/postgres/0002_holds.down.sql"),
            ),
        ]
    }

    fn create_migrations_table(&self) -> &'static str {
        "CREATE TABLE IF NOT EXISTS soft_delete_migrations (version TEXT NOT NULL PRIMARY KEY, applied_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP)"
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
            ColumnKind::Text => "TEXT",
            ColumnKind::SmallInt => "SMALLINT",
            ColumnKind::Integer => "INTEGER",
            ColumnKind::BigInt => "BIGINT",
            ColumnKind::Uuid => "UUID",
            ColumnKind::Binary => "BYTEA",
            ColumnKind::Bool => "BOOLEAN",
            ColumnKind::Timestamp => "TIMESTAMP",
            ColumnKind::ZonedTimestamp => "TIMESTAMPTZ",
        }
    }

    fn create_index(&self, model: &Descriptor, index: &Index) -> String {
        // The index is created in the schema of its table; its own name must not carry one.
        let (table, name) = (self.quoted_table(model), self.quoted(&index.name));
        let (columns, deleted_at) = (
            self.quoted_list(&index.columns),
            self.quoted(model.deleted_at.name()),
        );
        match index.rows {
            IndexedRows::Deleted => {
                format!("CREATE INDEX {name} ON {table} ({columns}) WHERE {deleted_at} IS NOT NULL;")
            }
            IndexedRows::Active => {
                format!("CREATE UNIQUE INDEX {name} ON {table} ({columns}) WHERE {deleted_at} IS NULL;")
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
