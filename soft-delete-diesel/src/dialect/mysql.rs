//! MySQL and MariaDB: no partial indexes, no writing CTEs, snapshots that writes do not share.

use super::syntax::{Around, Index, IndexedRows, ReadOnly, Syntax};
use crate::{ColumnKind, Descriptor};

pub(crate) struct Mysql;

impl Syntax for Mysql {
    fn cast(&self, kind: ColumnKind) -> Around {
        match kind {
            ColumnKind::SmallInt | ColumnKind::Integer | ColumnKind::BigInt => ("CAST(", " AS SIGNED)"),
            ColumnKind::UnsignedInteger | ColumnKind::UnsignedBigInt => ("CAST(", " AS UNSIGNED)"),
            ColumnKind::Timestamp | ColumnKind::ZonedTimestamp => ("CAST(", " AS DATETIME(6))"),
            ColumnKind::Binary => ("UNHEX(", ")"),
            _ => ("", ""),
        }
    }

    fn text(&self, kind: ColumnKind) -> Around {
        match kind {
            ColumnKind::Binary => ("LOWER(HEX(", "))"),
            ColumnKind::Timestamp | ColumnKind::ZonedTimestamp => {
                ("DATE_FORMAT(", ", '%Y-%m-%d %H:%i:%s.%f')")
            }
            ColumnKind::Text | ColumnKind::Citext => ("CONVERT(", " USING utf8mb4)"),
            _ => ("CAST(", " AS CHAR)"),
        }
    }

    fn joined_by_comma(&self) -> (&'static str, &'static str, &'static str) {
        ("CONCAT(", ", ',', ", ")")
    }

    fn audit_time(&self) -> ColumnKind {
        ColumnKind::Timestamp
    }

    fn audit_day(&self) -> &'static str {
        "DATE_FORMAT(at, '%Y-%m-%d')"
    }

    fn audit_id(&self) -> ColumnKind {
        ColumnKind::Text
    }

    fn latest(&self) -> &'static str {
        " LOCK IN SHARE MODE"
    }

    fn shared(&self) -> &'static str {
        " LOCK IN SHARE MODE"
    }

    fn locked(&self) -> &'static str {
        " FOR UPDATE"
    }

    fn skip_locked(&self) -> &'static str {
        " FOR UPDATE SKIP LOCKED"
    }

    fn subqueries_lock(&self) -> bool {
        true
    }

    fn compares_rows(&self) -> bool {
        false
    }

    fn foreign_keys_mix_collations(&self) -> bool {
        false
    }

    fn names_without_schema(&self) -> &'static [Around] {
        &[("CONCAT(DATABASE(), '.', ", ")")]
    }

    fn name_with_schema(&self) -> [&'static str; 3] {
        ["CASE WHEN DATABASE() = ", " THEN ", " END"]
    }

    fn key_collations(&self) -> [&'static str; 3] {
        [
            "SELECT CONVERT(CHARACTER_SET_NAME USING utf8mb4), NULL, CONVERT(COLLATION_NAME USING utf8mb4) FROM information_schema.COLUMNS WHERE COLUMN_KEY = 'PRI' AND COLLATION_NAME IS NOT NULL AND TABLE_SCHEMA = COALESCE(",
            ", DATABASE()) AND TABLE_NAME = ",
            "",
        ]
    }

    fn now(&self) -> &'static str {
        "UTC_TIMESTAMP(6)"
    }

    fn seconds_from_now(&self) -> Around {
        ("UTC_TIMESTAMP(6) + INTERVAL ", " SECOND")
    }

    fn session_time_zone(&self) -> Option<&'static str> {
        // A TIMESTAMP is; a DATETIME is not. Diesel's types do not always tell which of the two a column is.
        Some("SELECT CONVERT(@@session.time_zone USING utf8mb4), CONVERT(@@system_time_zone USING utf8mb4)")
    }

    fn read_only(&self) -> ReadOnly {
        ReadOnly {
            before: Some("SET TRANSACTION READ ONLY"),
            inside: None,
            after: None,
        }
    }

    fn estimated_rows(&self) -> Option<[&'static str; 3]> {
        Some([
            "SELECT CAST(TABLE_ROWS AS CHAR) FROM information_schema.TABLES WHERE TABLE_SCHEMA = COALESCE(",
            ", DATABASE()) AND TABLE_NAME = ",
            "",
        ])
    }

    fn current_user(&self) -> &'static str {
        "SELECT CONCAT(QUOTE(SUBSTRING_INDEX(CURRENT_USER(), '@', 1)), '@', QUOTE(SUBSTRING_INDEX(CURRENT_USER(), '@', -1)))"
    }

    fn enforces_foreign_keys(&self) -> &'static str {
        "SELECT CASE WHEN @@foreign_key_checks THEN '1' ELSE '0' END"
    }

    fn changes_by_join(&self) -> bool {
        // `UPDATE .. WHERE x IN (SELECT ..)` tries every row of the table.
        true
    }

    fn table_exists(&self) -> Around {
        (
            "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ",
            "",
        )
    }

    fn is_marked(&self, deleted: bool) -> Around {
        // Not `IS NULL` alone, for which InnoDB may take the index on deleted rows instead of the primary key: two
        // transactions that lock the two in different order end in a deadlock.
        (
            "(",
            if deleted {
                " IS NOT NULL) IS TRUE"
            } else {
                " IS NULL) IS TRUE"
            },
        )
    }

    fn migrations(&self) -> &'static [(&'static str, &'static str, &'static str)] {
        &[
            (
                "0001_audit",
                include_str!("../../migrations/mysql/0001_audit.up.sql"),
                include_str!("../../migrations/mysql/0001_audit.down.sql"),
            ),
            (
                "0002_holds",
                include_str!("../../migrations/mysql/0002_holds.up.sql"),
                include_str!("../../migrations/mysql/0002_holds.down.sql"),
            ),
            (
                "0003_runs",
                include_str!("../../migrations/mysql/0003_runs.up.sql"),
                include_str!("../../migrations/mysql/0003_runs.down.sql"),
            ),
        ]
    }

    fn create_migrations_table(&self) -> &'static str {
        "CREATE TABLE IF NOT EXISTS soft_delete_migrations (version VARCHAR(100) NOT NULL PRIMARY KEY, applied_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6))"
    }

    fn record_migration(&self) -> Around {
        (
            "INSERT IGNORE INTO soft_delete_migrations (version) VALUES (",
            ")",
        )
    }

    fn quoted(&self, identifier: &str) -> String {
        format!("`{}`", identifier.replace('`', "``"))
    }

    fn column_type(&self, kind: ColumnKind) -> &'static str {
        match kind {
            ColumnKind::Text | ColumnKind::Citext => "LONGTEXT",
            ColumnKind::SmallInt => "SMALLINT",
            ColumnKind::Integer => "INTEGER",
            ColumnKind::BigInt => "BIGINT",
            ColumnKind::UnsignedInteger => "INTEGER UNSIGNED",
            ColumnKind::UnsignedBigInt => "BIGINT UNSIGNED",
            ColumnKind::Uuid => "CHAR(36) CHARACTER SET ascii",
            ColumnKind::Binary => "LONGBLOB",
            ColumnKind::Bool => "BOOLEAN",
            // Without the six MySQL rounds to seconds, up to half a second into the future.
            ColumnKind::Timestamp | ColumnKind::ZonedTimestamp => "DATETIME(6)",
        }
    }

    fn create_index(&self, model: &Descriptor, index: &Index) -> String {
        let (table, name) = (self.quoted_table(model), self.quoted(&index.name));
        let columns = self.quoted_list(&index.columns);
        match index.rows {
            IndexedRows::Deleted => format!("CREATE INDEX {name} ON {table} ({columns});"),
            // NULL differs from NULL, so rows without the 1 of the active ones never collide.
            IndexedRows::Active => format!("CREATE UNIQUE INDEX {name} ON {table} ({columns}, {ACTIVE});"),
        }
    }

    fn drop_index(&self, model: &Descriptor, index: &Index) -> String {
        format!(
            "DROP INDEX {} ON {};",
            self.quoted(&index.name),
            self.quoted_table(model)
        )
    }

    fn active_column(&self, model: &Descriptor) -> Option<(String, String)> {
        let (table, deleted_at) = (self.quoted_table(model), self.quoted(model.deleted_at.name()));
        Some((
            format!(
                "ALTER TABLE {table} ADD COLUMN {ACTIVE} TINYINT GENERATED ALWAYS AS (CASE WHEN {deleted_at} IS NULL THEN 1 END) VIRTUAL;"
            ),
            format!("ALTER TABLE {table} DROP COLUMN {ACTIVE};"),
        ))
    }
}

// 1 in an active row, NULL in a deleted one.
const ACTIVE: &str = "`soft_delete_active`";
