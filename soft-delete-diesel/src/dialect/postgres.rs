//! PostgreSQL: strict types, and one statement can do it all.

use super::syntax::{Around, Index, IndexedRows, ReadOnly, Syntax};
use crate::{ColumnKind, Descriptor};

pub(crate) struct Postgres;

impl Syntax for Postgres {
    fn cast(&self, kind: ColumnKind) -> Around {
        match kind {
            ColumnKind::SmallInt => ("CAST(", " AS SMALLINT)"),
            ColumnKind::Integer => ("CAST(", " AS INTEGER)"),
            ColumnKind::BigInt | ColumnKind::UnsignedInteger => ("CAST(", " AS BIGINT)"),
            ColumnKind::UnsignedBigInt => ("CAST(", " AS NUMERIC)"),
            ColumnKind::Uuid => ("CAST(", " AS UUID)"),
            ColumnKind::Timestamp => ("CAST(", " AS TIMESTAMP)"),
            // Whatever the session's time zone is, the text is UTC.
            ColumnKind::ZonedTimestamp => ("(CAST(", " AS TIMESTAMP) AT TIME ZONE 'UTC')"),
            ColumnKind::Binary => ("decode(", ", 'hex')"),
            // Bound as plain text it would be compared as such.
            ColumnKind::Citext => ("CAST(", " AS citext)"),
            ColumnKind::Text | ColumnKind::Bool => ("", ""),
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

    fn audit_day(&self) -> &'static str {
        "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
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

    fn skip_locked(&self) -> &'static str {
        " FOR UPDATE SKIP LOCKED"
    }

    fn names_without_schema(&self) -> &'static [Around] {
        // The collation of names is another one, under which the index of the holds would be of no use.
        &[(
            "(SELECT (space.nspname || '.' || class.relname) COLLATE \"default\" FROM pg_class class INNER JOIN pg_namespace space ON space.oid = class.relnamespace WHERE class.oid = to_regclass(quote_ident(",
            ")))",
        )]
    }

    fn name_with_schema(&self) -> [&'static str; 3] {
        // Visible under that name here, or the only table that has it.
        [
            "(SELECT class.relname::text COLLATE \"default\" FROM pg_class class INNER JOIN pg_namespace space ON space.oid = class.relnamespace WHERE class.relkind IN ('r', 'p') AND space.nspname = ",
            " AND class.relname = ",
            " AND (pg_table_is_visible(class.oid) OR NOT EXISTS (SELECT 1 FROM pg_class other WHERE other.relname = class.relname AND other.oid <> class.oid AND other.relkind IN ('r', 'p'))))",
        ]
    }

    fn other_tables_of_holds(&self) -> &'static str {
        "SELECT space.nspname::text FROM pg_class class INNER JOIN pg_namespace space ON space.oid = class.relnamespace WHERE class.relname = 'soft_delete_holds' AND class.relkind IN ('r', 'p') AND class.oid <> to_regclass('soft_delete_holds') ORDER BY 1"
    }

    fn key_collations(&self) -> [&'static str; 3] {
        [
            "SELECT NULL, space.nspname::text, coll.collname::text FROM pg_index key INNER JOIN pg_attribute att ON att.attrelid = key.indrelid AND att.attnum = ANY (key.indkey) INNER JOIN pg_collation coll ON coll.oid = att.attcollation INNER JOIN pg_namespace space ON space.oid = coll.collnamespace WHERE key.indisprimary AND NOT coll.collisdeterministic AND key.indrelid = to_regclass(COALESCE(quote_ident(",
            ") || '.', '') || quote_ident(",
            "))",
        ]
    }

    fn now(&self) -> &'static str {
        "clock_timestamp()"
    }

    fn seconds_from_now(&self) -> Around {
        ("clock_timestamp() + ", " * INTERVAL '1 second'")
    }

    fn has_kinds_of_times(&self) -> bool {
        true
    }

    fn slowing_setting(&self) -> Option<&'static str> {
        // The planner, who cannot know how few rows a batch looks at, has every batch compiled, which takes far longer.
        Some("jit")
    }

    fn read_only(&self) -> ReadOnly {
        ReadOnly {
            before: None,
            inside: Some("SET TRANSACTION READ ONLY"),
            after: None,
        }
    }

    fn estimated_rows(&self) -> Option<[&'static str; 3]> {
        Some([
            "SELECT CAST(CAST(class.reltuples AS BIGINT) AS TEXT) FROM pg_class class INNER JOIN pg_namespace space ON space.oid = class.relnamespace WHERE space.nspname = COALESCE(",
            ", CASE WHEN pg_table_is_visible(class.oid) THEN space.nspname END) AND class.relname = ",
            "",
        ])
    }

    fn current_user(&self) -> &'static str {
        "SELECT quote_ident(current_user)"
    }

    // `LIKE` refuses nondeterministic collations before PostgreSQL 18.
    fn searchable(&self) -> &'static str {
        " COLLATE \"default\""
    }

    fn enforces_foreign_keys(&self) -> &'static str {
        "SELECT CASE WHEN current_setting('session_replication_role') = 'replica' THEN '0' ELSE '1' END"
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
            (
                "0003_runs",
                include_str!("../../migrations/postgres/0003_runs.up.sql"),
                include_str!("../../migrations/postgres/0003_runs.down.sql"),
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
            ColumnKind::Citext => "CITEXT",
            ColumnKind::SmallInt => "SMALLINT",
            ColumnKind::Integer => "INTEGER",
            ColumnKind::BigInt | ColumnKind::UnsignedInteger => "BIGINT",
            ColumnKind::UnsignedBigInt => "NUMERIC(20)",
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
