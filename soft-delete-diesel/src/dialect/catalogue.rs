//! What each database's own catalogue tells of a table, and how it is asked.

use super::{mysql::Mysql, postgres::Postgres, sqlite::Sqlite};
use crate::schema_facts::words_of;

/// A question about a table: SQL around its schema (or NULL) and its name, both bound.
pub(in crate::dialect) type AboutTable = [&'static str; 3];

// No row of any table.
const NOTHING: AboutTable = [
    "SELECT NULL FROM (SELECT CAST(",
    " AS CHAR(1)) AS space, CAST(",
    " AS CHAR(1)) AS name) AS asked WHERE 1 = 0",
];

/// How one database is asked about its tables.
pub(crate) trait Catalogue: Sync {
    /// A row for each column: its name, its type in the database's words, `1` if it can be NULL, `1` if it is generated.
    fn columns(&self) -> AboutTable;

    /// A row for each column of each table that has this column, which is bound before the last piece: the schema where it must be
    /// named, the table, the column, its type, `1` if it can be NULL, its place in the primary key, and `1` if it is generated.
    fn tables_with(&self) -> [&'static str; 2];

    /// A row for each column that is stored and not computed: its name, and its type in the database's words.
    #[cfg(feature = "archive")]
    fn stored_columns(&self) -> AboutTable;

    /// A row for each index: its name, `1` if it is unique, `1` if it is the primary key's, its columns with commas, and the
    /// condition of a partial one.
    fn indexes(&self) -> AboutTable;

    /// A row for each trigger: its name.
    fn triggers(&self) -> AboutTable;

    /// A row for each trigger that may keep a row from being removed without an error: its name.
    fn keeping_triggers(&self) -> AboutTable {
        NOTHING
    }

    /// A row for each trigger, and each rule that rewrites an `UPDATE`: its name, and what the catalogue keeps of what it does, if that
    /// can be read.
    fn on_update(&self) -> AboutTable;

    /// What a trigger does on UPDATE, out of what the catalogue keeps of it; `None` if it has nothing to do with UPDATE.
    fn body_on_update(&self, definition: String) -> Option<String> {
        Some(definition)
    }

    /// A row for a table of which the database itself keeps what is removed.
    fn history(&self) -> AboutTable {
        NOTHING
    }

    /// A row for each unique key but the primary one, and each exclusion constraint: its name, its columns with commas (nothing
    /// for an expression), its definition, `1` for an exclusion constraint.
    fn restore_keys(&self) -> AboutTable;
}

impl Catalogue for Postgres {
    fn on_update(&self) -> AboutTable {
        // UPDATE (16).
        [
            "WITH asked AS (SELECT class.oid FROM pg_class class INNER JOIN pg_namespace space ON space.oid = class.relnamespace WHERE space.nspname = COALESCE(",
            ", CASE WHEN pg_table_is_visible(class.oid) THEN space.nspname END) AND class.relname = ",
            ") SELECT trg.tgname::text, CASE WHEN lang.lanname IN ('c', 'internal') THEN NULL ELSE proc.prosrc END FROM asked INNER JOIN pg_trigger trg ON trg.tgrelid = asked.oid AND NOT trg.tgisinternal AND trg.tgenabled <> 'D' AND (trg.tgtype & 16) <> 0 INNER JOIN pg_proc proc ON proc.oid = trg.tgfoid INNER JOIN pg_language lang ON lang.oid = proc.prolang UNION ALL SELECT rule.rulename::text, NULL FROM asked INNER JOIN pg_rewrite rule ON rule.ev_class = asked.oid AND rule.ev_type = '2' AND rule.ev_enabled <> 'D'",
        ]
    }

    fn columns(&self) -> AboutTable {
        [
            "SELECT col.attname::text, format_type(col.atttypid, col.atttypmod), CASE WHEN col.attnotnull THEN '0' ELSE '1' END, CASE WHEN col.attgenerated = '' THEN '0' ELSE '1' END FROM pg_attribute col INNER JOIN pg_class class ON class.oid = col.attrelid INNER JOIN pg_namespace space ON space.oid = class.relnamespace WHERE col.attnum > 0 AND NOT col.attisdropped AND space.nspname = COALESCE(",
            ", CASE WHEN pg_table_is_visible(class.oid) THEN space.nspname END) AND class.relname = ",
            " ORDER BY col.attnum",
        ]
    }

    #[cfg(feature = "archive")]
    fn stored_columns(&self) -> AboutTable {
        [
            "SELECT col.attname::text, format_type(col.atttypid, col.atttypmod) FROM pg_attribute col INNER JOIN pg_class class ON class.oid = col.attrelid INNER JOIN pg_namespace space ON space.oid = class.relnamespace WHERE col.attnum > 0 AND NOT col.attisdropped AND col.attgenerated = '' AND space.nspname = COALESCE(",
            ", CASE WHEN pg_table_is_visible(class.oid) THEN space.nspname END) AND class.relname = ",
            " ORDER BY col.attnum",
        ]
    }

    fn tables_with(&self) -> [&'static str; 2] {
        [
            "SELECT CASE WHEN pg_table_is_visible(class.oid) THEN NULL ELSE space.nspname END::text, class.relname::text, col.attname::text, format_type(col.atttypid, col.atttypmod), CASE WHEN col.attnotnull THEN '0' ELSE '1' END, (SELECT CAST(part.place AS TEXT) FROM pg_index idx CROSS JOIN LATERAL unnest(idx.indkey) WITH ORDINALITY AS part (number, place) WHERE idx.indrelid = class.oid AND idx.indisprimary AND part.number = col.attnum), CASE WHEN col.attgenerated = '' THEN '0' ELSE '1' END FROM pg_attribute col INNER JOIN pg_class class ON class.oid = col.attrelid INNER JOIN pg_namespace space ON space.oid = class.relnamespace WHERE col.attnum > 0 AND NOT col.attisdropped AND class.relkind IN ('r', 'p') AND NOT class.relispartition AND space.nspname NOT IN ('pg_catalog', 'information_schema') AND EXISTS (SELECT 1 FROM pg_attribute mark WHERE mark.attrelid = class.oid AND NOT mark.attisdropped AND mark.attname = ",
            ") ORDER BY space.nspname, class.relname, col.attnum",
        ]
    }

    fn indexes(&self) -> AboutTable {
        [
            "SELECT own.relname::text, CASE WHEN idx.indisunique THEN '1' ELSE '0' END, CASE WHEN idx.indisprimary THEN '1' ELSE '0' END, (SELECT string_agg(COALESCE(col.attname::text, ''), ',' ORDER BY part.place) FROM unnest(idx.indkey) WITH ORDINALITY AS part (number, place) LEFT JOIN pg_attribute col ON col.attrelid = idx.indrelid AND col.attnum = part.number WHERE part.place <= idx.indnkeyatts), COALESCE(pg_get_expr(idx.indpred, idx.indrelid), '') FROM pg_index idx INNER JOIN pg_class own ON own.oid = idx.indexrelid INNER JOIN pg_class class ON class.oid = idx.indrelid INNER JOIN pg_namespace space ON space.oid = class.relnamespace WHERE space.nspname = COALESCE(",
            ", CASE WHEN pg_table_is_visible(class.oid) THEN space.nspname END) AND class.relname = ",
            " ORDER BY own.relname",
        ]
    }

    fn triggers(&self) -> AboutTable {
        [
            "SELECT trg.tgname::text FROM pg_trigger trg INNER JOIN pg_class class ON class.oid = trg.tgrelid INNER JOIN pg_namespace space ON space.oid = class.relnamespace WHERE NOT trg.tgisinternal AND space.nspname = COALESCE(",
            ", CASE WHEN pg_table_is_visible(class.oid) THEN space.nspname END) AND class.relname = ",
            " ORDER BY trg.tgname",
        ]
    }

    fn keeping_triggers(&self) -> AboutTable {
        // Row level (1), BEFORE (2), DELETE (8).
        [
            "SELECT trg.tgname::text FROM pg_trigger trg INNER JOIN pg_class class ON class.oid = trg.tgrelid INNER JOIN pg_namespace space ON space.oid = class.relnamespace WHERE NOT trg.tgisinternal AND trg.tgenabled <> 'D' AND (trg.tgtype & 11) = 11 AND space.nspname = COALESCE(",
            ", CASE WHEN pg_table_is_visible(class.oid) THEN space.nspname END) AND class.relname = ",
            " ORDER BY trg.tgname",
        ]
    }

    fn restore_keys(&self) -> AboutTable {
        [
            "SELECT own.relname::text, (SELECT string_agg(COALESCE(col.attname::text, ''), ',' ORDER BY part.place) FROM unnest(idx.indkey) WITH ORDINALITY AS part (number, place) LEFT JOIN pg_attribute col ON col.attrelid = idx.indrelid AND col.attnum = part.number WHERE part.place <= idx.indnkeyatts), pg_get_indexdef(idx.indexrelid) || COALESCE((SELECT ' ' || pg_get_constraintdef(con.oid) FROM pg_constraint con WHERE con.conindid = idx.indexrelid AND con.contype = 'x'), ''), CASE WHEN idx.indisexclusion THEN '1' ELSE '0' END FROM pg_index idx INNER JOIN pg_class own ON own.oid = idx.indexrelid INNER JOIN pg_class class ON class.oid = idx.indrelid INNER JOIN pg_namespace space ON space.oid = class.relnamespace WHERE (idx.indisunique OR idx.indisexclusion) AND NOT idx.indisprimary AND space.nspname = COALESCE(",
            ", CASE WHEN pg_table_is_visible(class.oid) THEN space.nspname END) AND class.relname = ",
            " ORDER BY own.relname",
        ]
    }
}

impl Catalogue for Mysql {
    fn on_update(&self) -> AboutTable {
        [
            "SELECT CONVERT(TRIGGER_NAME USING utf8mb4), CONVERT(ACTION_STATEMENT USING utf8mb4) FROM information_schema.TRIGGERS WHERE EVENT_MANIPULATION = 'UPDATE' AND EVENT_OBJECT_SCHEMA = COALESCE(",
            ", DATABASE()) AND EVENT_OBJECT_TABLE = ",
            "",
        ]
    }

    fn columns(&self) -> AboutTable {
        [
            "SELECT CONVERT(COLUMN_NAME USING utf8mb4), CONVERT(COLUMN_TYPE USING utf8mb4), CASE WHEN IS_NULLABLE = 'YES' THEN '1' ELSE '0' END, CASE WHEN COALESCE(GENERATION_EXPRESSION, '') = '' THEN '0' ELSE '1' END FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = COALESCE(",
            ", DATABASE()) AND TABLE_NAME = ",
            " ORDER BY ORDINAL_POSITION",
        ]
    }

    #[cfg(feature = "archive")]
    fn stored_columns(&self) -> AboutTable {
        [
            "SELECT CONVERT(COLUMN_NAME USING utf8mb4), CONVERT(COLUMN_TYPE USING utf8mb4) FROM information_schema.COLUMNS WHERE COALESCE(GENERATION_EXPRESSION, '') = '' AND TABLE_SCHEMA = COALESCE(",
            ", DATABASE()) AND TABLE_NAME = ",
            " ORDER BY ORDINAL_POSITION",
        ]
    }

    fn tables_with(&self) -> [&'static str; 2] {
        [
            "SELECT NULL, CONVERT(col.TABLE_NAME USING utf8mb4), CONVERT(col.COLUMN_NAME USING utf8mb4), CONVERT(col.COLUMN_TYPE USING utf8mb4), CASE WHEN col.IS_NULLABLE = 'YES' THEN '1' ELSE '0' END, (SELECT CAST(part.SEQ_IN_INDEX AS CHAR) FROM information_schema.STATISTICS part WHERE part.TABLE_SCHEMA = col.TABLE_SCHEMA AND part.TABLE_NAME = col.TABLE_NAME AND part.INDEX_NAME = 'PRIMARY' AND part.COLUMN_NAME = col.COLUMN_NAME), CASE WHEN COALESCE(col.GENERATION_EXPRESSION, '') = '' THEN '0' ELSE '1' END FROM information_schema.COLUMNS col INNER JOIN information_schema.TABLES tab ON tab.TABLE_SCHEMA = col.TABLE_SCHEMA AND tab.TABLE_NAME = col.TABLE_NAME INNER JOIN information_schema.COLUMNS mark ON mark.TABLE_SCHEMA = col.TABLE_SCHEMA AND mark.TABLE_NAME = col.TABLE_NAME WHERE tab.TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') AND col.TABLE_SCHEMA = DATABASE() AND mark.COLUMN_NAME = ",
            " ORDER BY col.TABLE_NAME, col.ORDINAL_POSITION",
        ]
    }

    fn indexes(&self) -> AboutTable {
        [
            "SELECT CONVERT(INDEX_NAME USING utf8mb4), CASE WHEN NON_UNIQUE = 0 THEN '1' ELSE '0' END, CASE WHEN INDEX_NAME = 'PRIMARY' THEN '1' ELSE '0' END, CONVERT(GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX) USING utf8mb4), '' FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = COALESCE(",
            ", DATABASE()) AND TABLE_NAME = ",
            " GROUP BY INDEX_NAME, NON_UNIQUE ORDER BY INDEX_NAME",
        ]
    }

    fn triggers(&self) -> AboutTable {
        [
            "SELECT CONVERT(TRIGGER_NAME USING utf8mb4) FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = COALESCE(",
            ", DATABASE()) AND EVENT_OBJECT_TABLE = ",
            " ORDER BY TRIGGER_NAME",
        ]
    }

    fn history(&self) -> AboutTable {
        [
            "SELECT CONVERT(TABLE_NAME USING utf8mb4) FROM information_schema.TABLES WHERE TABLE_TYPE = 'SYSTEM VERSIONED' AND TABLE_SCHEMA = COALESCE(",
            ", DATABASE()) AND TABLE_NAME = ",
            "",
        ]
    }

    // A functional key part of MySQL 8 has no column, and MariaDB has no column that tells its expression.
    fn restore_keys(&self) -> AboutTable {
        [
            "SELECT CONVERT(part.INDEX_NAME USING utf8mb4), CONVERT(GROUP_CONCAT(COALESCE(part.COLUMN_NAME, '') ORDER BY part.SEQ_IN_INDEX) USING utf8mb4), CONVERT(GROUP_CONCAT(CASE WHEN part.COLUMN_NAME IS NULL THEN '*' ELSE CONCAT(part.COLUMN_NAME, ' ', COALESCE(col.GENERATION_EXPRESSION, '')) END) USING utf8mb4), '0' FROM information_schema.STATISTICS part LEFT JOIN information_schema.COLUMNS col ON col.TABLE_SCHEMA = part.TABLE_SCHEMA AND col.TABLE_NAME = part.TABLE_NAME AND col.COLUMN_NAME = part.COLUMN_NAME WHERE part.NON_UNIQUE = 0 AND part.INDEX_NAME <> 'PRIMARY' AND part.TABLE_SCHEMA = COALESCE(",
            ", DATABASE()) AND part.TABLE_NAME = ",
            " GROUP BY part.INDEX_NAME ORDER BY part.INDEX_NAME",
        ]
    }
}

impl Catalogue for Sqlite {
    fn on_update(&self) -> AboutTable {
        [
            "WITH asked (space, name) AS (SELECT COALESCE(",
            ", 'main'), ",
            ") SELECT known.name, known.sql FROM asked INNER JOIN (SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' UNION ALL SELECT name, tbl_name, sql FROM sqlite_temp_master WHERE type = 'trigger') AS known ON lower(known.tbl_name) = lower(asked.name)",
        ]
    }

    // The catalogue keeps the whole statement: `CREATE TRIGGER .. UPDATE [OF ..] ON .. BEGIN .. END`.
    fn body_on_update(&self, definition: String) -> Option<String> {
        let words = words_of(&definition);
        let on = words.iter().position(|word| word == "ON")?;
        if !words[..on].iter().any(|word| word == "UPDATE") {
            return None;
        }
        let body = words.iter().skip(on).skip_while(|word| *word != "BEGIN");
        Some(body.map(String::as_str).collect::<Vec<_>>().join(" "))
    }

    fn columns(&self) -> AboutTable {
        [
            "WITH asked (space, name) AS (SELECT COALESCE(",
            ", 'main'), ",
            ") SELECT col.name, lower(col.type), CASE WHEN col.\"notnull\" THEN '0' ELSE '1' END, CASE WHEN col.hidden IN (2, 3) THEN '1' ELSE '0' END FROM asked, pragma_table_xinfo(asked.name, asked.space) AS col ORDER BY col.cid",
        ]
    }

    #[cfg(feature = "archive")]
    fn stored_columns(&self) -> AboutTable {
        [
            "WITH asked (space, name) AS (SELECT COALESCE(",
            ", 'main'), ",
            ") SELECT col.name, lower(col.type) FROM asked, pragma_table_xinfo(asked.name, asked.space) AS col WHERE col.hidden NOT IN (2, 3) ORDER BY col.cid",
        ]
    }

    fn tables_with(&self) -> [&'static str; 2] {
        [
            "SELECT NULL, tab.name, col.name, lower(col.type), CASE WHEN col.\"notnull\" THEN '0' ELSE '1' END, CASE WHEN col.pk > 0 THEN CAST(col.pk AS TEXT) END, CASE WHEN col.hidden IN (2, 3) THEN '1' ELSE '0' END FROM sqlite_master tab, pragma_table_xinfo(tab.name) col, pragma_table_xinfo(tab.name) mark WHERE tab.type = 'table' AND tab.sql NOT LIKE 'CREATE VIRTUAL%' AND tab.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND mark.name = ",
            " ORDER BY tab.name, col.cid",
        ]
    }

    fn indexes(&self) -> AboutTable {
        [
            "WITH asked (space, name) AS (SELECT COALESCE(",
            ", 'main'), ",
            ") SELECT idx.name, CAST(idx.\"unique\" AS TEXT), CASE WHEN idx.origin = 'pk' THEN '1' ELSE '0' END, (SELECT group_concat(part.name) FROM (SELECT name FROM pragma_index_info(idx.name, asked.space) ORDER BY seqno) AS part), CASE WHEN idx.partial THEN COALESCE((SELECT sql FROM sqlite_master WHERE type = 'index' AND sqlite_master.name = idx.name), '') ELSE '' END FROM asked, pragma_index_list(asked.name, asked.space) AS idx ORDER BY idx.name",
        ]
    }

    fn triggers(&self) -> AboutTable {
        [
            "WITH asked (space, name) AS (SELECT COALESCE(",
            ", 'main'), ",
            ") SELECT sqlite_master.name FROM asked, sqlite_master WHERE sqlite_master.type = 'trigger' AND lower(sqlite_master.tbl_name) = lower(asked.name) ORDER BY sqlite_master.name",
        ]
    }

    fn keeping_triggers(&self) -> AboutTable {
        [
            "WITH asked (space, name) AS (SELECT COALESCE(",
            ", 'main'), ",
            ") SELECT sqlite_master.name FROM asked, sqlite_master WHERE sqlite_master.type = 'trigger' AND lower(sqlite_master.tbl_name) = lower(asked.name) AND sqlite_master.sql LIKE '%RAISE%IGNORE%' ORDER BY sqlite_master.name",
        ]
    }

    // A generated column is a part of the definition, in the words of the table.
    fn restore_keys(&self) -> AboutTable {
        [
            "WITH asked (space, name) AS (SELECT COALESCE(",
            ", 'main'), ",
            ") SELECT idx.name, (SELECT group_concat(COALESCE(part.name, '')) FROM (SELECT name FROM pragma_index_info(idx.name, asked.space) ORDER BY seqno) AS part), COALESCE((SELECT sql FROM sqlite_master WHERE type = 'index' AND sqlite_master.name = idx.name), (SELECT group_concat(COALESCE(part.name, '*')) FROM pragma_index_info(idx.name, asked.space) AS part), '') || CASE WHEN EXISTS (SELECT 1 FROM pragma_index_info(idx.name, asked.space) part INNER JOIN pragma_table_xinfo(asked.name, asked.space) col ON col.name = part.name WHERE col.hidden IN (2, 3)) THEN '*' ELSE '' END, '0' FROM asked, pragma_index_list(asked.name, asked.space) AS idx WHERE idx.\"unique\" = 1 AND idx.origin <> 'pk' ORDER BY idx.name",
        ]
    }
}
