//! MySQL and MariaDB: the storage engine's own tables where the user may see them, and `information_schema`, which hides what one has no
//! right on.

use super::{Facts, FactsSql, Mysql};

macro_rules! table {
    () => {
        ["'table', CONVERT(tab.TABLE_SCHEMA USING utf8mb4), CONVERT(tab.TABLE_NAME USING utf8mb4), CASE WHEN tab.TABLE_TYPE LIKE '%VIEW%' THEN 'view' ELSE 'table' END, CASE WHEN tab.TABLE_TYPE LIKE '%VIEW%' OR COALESCE(eng.TRANSACTIONS, 'NO') = 'YES' THEN NULL ELSE CONVERT(COALESCE(tab.ENGINE, 'unknown') USING utf8mb4) END, '0', NULL, NULL, NULL, NULL, NULL FROM information_schema.TABLES tab LEFT JOIN information_schema.ENGINES eng ON eng.ENGINE = tab.ENGINE WHERE tab.TABLE_SCHEMA = COALESCE(",
         ", DATABASE()) AND tab.TABLE_NAME = ", ""]
    };
}

macro_rules! triggers {
    () => {
        ["'trigger', CONVERT(TRIGGER_NAME USING utf8mb4), CONVERT(ACTION_STATEMENT USING utf8mb4), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM information_schema.TRIGGERS WHERE EVENT_MANIPULATION = 'DELETE' AND EVENT_OBJECT_SCHEMA = COALESCE(",
         ", DATABASE()) AND EVENT_OBJECT_TABLE = ", ""]
    };
}

// The grants of the account and of its role; whoever has the right of another way (PUBLIC, partial revokes) is told that it is missing.
macro_rules! mine {
    () => {
        "IN (CONCAT('''', SUBSTRING_INDEX(CURRENT_USER(), '@', 1), '''@''', SUBSTRING_INDEX(CURRENT_USER(), '@', -1), ''''), CONCAT('''', COALESCE(CURRENT_ROLE(), ''), '''@'''''), CONCAT('''', COALESCE(CURRENT_ROLE(), ''), '''@''%'''), CONCAT('''', COALESCE(CURRENT_ROLE(), ''), ''''))"
    };
}

macro_rules! hidden_triggers {
    () => {
        ["'hidden', 'the triggers of the table', 'TRIGGER on it', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM (SELECT COALESCE(",
         ", DATABASE()) AS space, ",
         concat!(
            " AS name) AS whose WHERE NOT EXISTS (SELECT 1 FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE = 'TRIGGER' AND GRANTEE ", mine!(),
            ") AND NOT EXISTS (SELECT 1 FROM information_schema.SCHEMA_PRIVILEGES WHERE PRIVILEGE_TYPE = 'TRIGGER' AND CONVERT(whose.space USING utf8mb4) COLLATE utf8mb4_bin LIKE CONVERT(TABLE_SCHEMA USING utf8mb4) COLLATE utf8mb4_bin AND GRANTEE ", mine!(),
            ") AND NOT EXISTS (SELECT 1 FROM information_schema.TABLE_PRIVILEGES WHERE PRIVILEGE_TYPE = 'TRIGGER' AND CONVERT(TABLE_SCHEMA USING utf8mb4) COLLATE utf8mb4_bin = CONVERT(whose.space USING utf8mb4) COLLATE utf8mb4_bin AND CONVERT(TABLE_NAME USING utf8mb4) COLLATE utf8mb4_bin = CONVERT(whose.name USING utf8mb4) COLLATE utf8mb4_bin AND GRANTEE ", mine!(), ")"
         )]
    };
}

// InnoDB writes names as they are in files: `db/table`, with signs as `@0020`.
macro_rules! innodb_keys {
    ($keys:literal, $columns:literal) => {
        [concat!(
            "'key', CONVERT(own.ID USING utf8mb4), CASE WHEN own.child_space = CONVERT(DATABASE() USING utf8mb4) COLLATE utf8mb4_bin THEN NULL ELSE own.child_space END, own.child, CONVERT(col.FOR_COL_NAME USING utf8mb4), CONVERT(col.REF_COL_NAME USING utf8mb4), CASE WHEN own.TYPE & 1 THEN 'CASCADE' WHEN own.TYPE & 2 THEN 'SET NULL' ELSE 'NO ACTION' END, '', CAST(col.POS AS CHAR), CONVERT(own.full_id USING utf8mb4), own.child_space FROM (SELECT con.ID AS full_id, SUBSTRING(con.ID, LOCATE('/', con.ID) + 1) AS ID, con.TYPE, CONVERT(CAST(CAST(SUBSTRING_INDEX(con.FOR_NAME, '/', 1) AS BINARY) AS CHAR CHARACTER SET filename) USING utf8mb4) COLLATE utf8mb4_bin AS child_space, CONVERT(CAST(CAST(SUBSTRING(con.FOR_NAME, LOCATE('/', con.FOR_NAME) + 1) AS BINARY) AS CHAR CHARACTER SET filename) USING utf8mb4) AS child FROM information_schema.", $keys,
            " con INNER JOIN (SELECT CONCAT(CONVERT(CAST(CONVERT(COALESCE("
         ),
         ", DATABASE()) USING filename) AS BINARY) USING utf8mb4), '/', CONVERT(CAST(CONVERT(",
         concat!(
            " USING filename) AS BINARY) USING utf8mb4)) AS name) AS parent ON CASE WHEN @@lower_case_table_names = 0 THEN CONVERT(con.REF_NAME USING utf8mb4) COLLATE utf8mb4_bin = CONVERT(parent.name USING utf8mb4) COLLATE utf8mb4_bin ELSE LOWER(CONVERT(con.REF_NAME USING utf8mb4)) COLLATE utf8mb4_bin = LOWER(CONVERT(parent.name USING utf8mb4)) COLLATE utf8mb4_bin END) AS own INNER JOIN information_schema.", $columns,
            " col ON col.ID = own.full_id"
         )]
    };
}

macro_rules! keys_that_are_seen {
    () => {
        ["'key', CONVERT(con.CONSTRAINT_NAME USING utf8mb4), CONVERT(CASE WHEN con.TABLE_SCHEMA = DATABASE() THEN NULL ELSE con.TABLE_SCHEMA END USING utf8mb4), CONVERT(con.TABLE_NAME USING utf8mb4), CONVERT(con.COLUMN_NAME USING utf8mb4), CONVERT(con.REFERENCED_COLUMN_NAME USING utf8mb4), CONVERT(rule.DELETE_RULE USING utf8mb4), '', CAST(con.ORDINAL_POSITION AS CHAR), CONVERT(CONCAT(con.CONSTRAINT_SCHEMA, '/', con.CONSTRAINT_NAME) USING utf8mb4), CONVERT(con.TABLE_SCHEMA USING utf8mb4) FROM information_schema.KEY_COLUMN_USAGE con INNER JOIN information_schema.REFERENTIAL_CONSTRAINTS rule ON rule.CONSTRAINT_SCHEMA = con.CONSTRAINT_SCHEMA AND rule.CONSTRAINT_NAME = con.CONSTRAINT_NAME AND rule.TABLE_NAME = con.TABLE_NAME WHERE con.REFERENCED_TABLE_SCHEMA = COALESCE(",
         ", DATABASE()) AND con.REFERENCED_TABLE_NAME = ", ""]
    };
}

macro_rules! hidden_keys {
    () => {
        ["'hidden', 'the foreign keys of tables that it has no right on', 'PROCESS', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM (SELECT COALESCE(",
         ", DATABASE()) AS space, ",
         " AS name) AS whose"]
    };
}

const ENFORCED: &str = "SELECT '0', 'enforced', CASE WHEN @@foreign_key_checks THEN '1' ELSE '0' END, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL";

impl Facts for Mysql {
    fn choice(&self) -> Option<&'static str> {
        Some(concat!(
            "SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE = 'PROCESS' AND GRANTEE ",
            mine!(),
            ") THEN '2' WHEN VERSION() LIKE '%MariaDB%' THEN '0' ELSE '1' END"
        ))
    }

    fn questions(&self) -> &'static [FactsSql] {
        &[
            FactsSql {
                about_all: None,
                about_each: &[
                    table!(),
                    innodb_keys!("INNODB_SYS_FOREIGN", "INNODB_SYS_FOREIGN_COLS"),
                    triggers!(),
                    hidden_triggers!(),
                ],
                besides: ENFORCED,
            },
            // MySQL 8 calls them otherwise.
            FactsSql {
                about_all: None,
                about_each: &[
                    table!(),
                    innodb_keys!("INNODB_FOREIGN", "INNODB_FOREIGN_COLS"),
                    triggers!(),
                    hidden_triggers!(),
                ],
                besides: ENFORCED,
            },
            // Without the right PROCESS, InnoDB's tables are refused.
            FactsSql {
                about_all: None,
                about_each: &[
                    table!(),
                    keys_that_are_seen!(),
                    hidden_keys!(),
                    triggers!(),
                    hidden_triggers!(),
                ],
                besides: ENFORCED,
            },
        ]
    }
}
