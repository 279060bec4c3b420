//! SQLite: its pragmas as tables, and the text of its triggers.

use super::{Facts, FactsSql, Sqlite};
use crate::schema_facts::words_of;

impl Facts for Sqlite {
    fn questions(&self) -> &'static [FactsSql] {
        &[FactsSql {
            about_all: Some(["WITH asked (place, space, name) AS (", AFTER]),
            about_each: &[],
            besides: "",
        }]
    }

    fn version(&self) -> Option<&'static str> {
        Some("SELECT CAST(schema_version AS TEXT) FROM pragma_schema_version")
    }

    // The catalog keeps the whole statement: `CREATE TRIGGER .. DELETE ON .. BEGIN .. END`.
    fn body_on_delete(&self, definition: String) -> Option<String> {
        let words = words_of(&definition);
        let on = words.iter().position(|word| word == "ON")?;
        if words
            .get(on.checked_sub(1)?)
            .is_none_or(|event| event != "DELETE")
        {
            return None;
        }
        let body = words.iter().skip(on).skip_while(|word| *word != "BEGIN");
        Some(body.map(String::as_str).collect::<Vec<_>>().join(" "))
    }
}

// A name without a schema is looked for as SQLite does: in `temp`, in `main`, in what is attached. Triggers of other files than
// `main` cannot be looked up by a bound name.
const AFTER: &str = "), \
found (place, space, name, type) AS (SELECT asked.place, tab.schema, tab.name, tab.type FROM asked INNER JOIN pragma_table_list AS tab ON lower(tab.name) = lower(asked.name) AND tab.schema = COALESCE(asked.space, (SELECT first.schema FROM pragma_table_list AS first WHERE lower(first.name) = lower(asked.name) ORDER BY CASE first.schema WHEN 'temp' THEN 0 WHEN 'main' THEN 1 ELSE 2 END LIMIT 1))) \
SELECT '0', 'enforced', (SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL \
UNION ALL SELECT place, 'table', space, lower(name), CASE type WHEN 'view' THEN 'view' ELSE 'table' END, NULL, '0', NULL, NULL, NULL, NULL, NULL FROM found \
UNION ALL SELECT found.place, 'key', child.name || '.' || (SELECT group_concat(part.\"from\", ',') FROM pragma_foreign_key_list(child.name, child.schema) AS part WHERE part.id = link.id), CASE WHEN found.space = 'main' THEN NULL ELSE found.space END, child.name, link.\"from\", COALESCE(link.\"to\", (SELECT own.name FROM pragma_table_info(found.name, found.space) AS own WHERE own.pk = link.seq + 1)), link.on_delete, '', CAST(link.seq AS TEXT), CAST(link.id AS TEXT), found.space FROM found INNER JOIN pragma_table_list AS child ON child.schema = found.space AND child.type = 'table' INNER JOIN pragma_foreign_key_list(child.name, child.schema) AS link ON lower(link.\"table\") = lower(found.name) \
UNION ALL SELECT found.place, 'trigger', trg.name, trg.sql, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM found INNER JOIN (SELECT 'main' AS space, name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' UNION ALL SELECT 'temp', name, tbl_name, sql FROM sqlite_temp_master WHERE type = 'trigger') AS trg ON lower(trg.tbl_name) = lower(found.name) AND (trg.space = found.space OR trg.space = 'temp') \
UNION ALL SELECT found.place, 'hidden', 'the triggers of an attached file', 'no right, but open that file by itself', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM found WHERE found.space NOT IN ('main', 'temp')";
